//! A TCP proxy in the hands of a test, which cuts, stalls and heals the wire.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What the wire does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Whole,
    /// What the client sends arrives; what the server answers waits.
    Unanswered,
    /// Connections stay open and nothing moves.
    Stalled,
    /// New connections are closed at once.
    Cut,
}

#[derive(Clone, Copy)]
struct Wire {
    mode: Mode,
    /// How often it was cut: a connection that was made before a cut is over, healed or not.
    cuts: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToServer,
    ToClient,
}

impl Mode {
    fn carries(self, direction: Direction) -> bool {
        match self {
            Mode::Whole => true,
            Mode::Unanswered => direction == Direction::ToServer,
            Mode::Stalled | Mode::Cut => false,
        }
    }
}

/// A proxy for one server; ends with all its connections when dropped.
pub struct Proxy {
    address: SocketAddr,
    wire: watch::Sender<Wire>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// A proxy on a free port of loopback.
    pub async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (wire, state) = watch::channel(Wire { mode: Mode::Whole, cuts: 0 });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, server, state));
        Proxy { address, wire, _tasks: tasks }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes every connection, and new ones at once until it is healed.
    pub fn cut(&self) {
        self.wire.send_modify(|wire| *wire = Wire { mode: Mode::Cut, cuts: wire.cuts + 1 });
    }

    /// Leaves connections open and moves nothing.
    pub fn stall(&self) {
        self.set(Mode::Stalled);
    }

    /// Holds back what the server answers.
    pub fn hold_answers(&self) {
        self.set(Mode::Unanswered);
    }

    /// Lets everything through again.
    pub fn heal(&self) {
        self.set(Mode::Whole);
    }

    fn set(&self, mode: Mode) {
        self.wire.send_modify(|wire| wire.mode = mode);
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, wire: watch::Receiver<Wire>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        let Wire { mode, cuts } = *wire.borrow();
        if mode != Mode::Cut {
            connections.spawn(connect(client, server, wire.clone(), cuts));
        }
    }
}

/// Carries one connection until an end closes it or the wire is cut.
async fn connect(
    client: TcpStream,
    server: SocketAddr,
    mut wire: watch::Receiver<Wire>,
    cuts: u64,
) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (upward, downward) = (wire.clone(), wire.clone());
    tokio::select! {
        // First, so that a cut loses what was held back even when it is healed at once.
        biased;
        _ = wire.wait_for(|wire| wire.cuts != cuts) => {}
        () = carry(from_client, to_server, upward, Direction::ToServer) => {}
        () = carry(from_server, to_client, downward, Direction::ToClient) => {}
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut wire: watch::Receiver<Wire>,
    direction: Direction,
) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        // What was read while the wire was stalled goes on when it is whole again.
        let open = wire.wait_for(|wire| wire.mode.carries(direction)).await.is_ok();
        if !open || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
