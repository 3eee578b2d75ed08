//! A TCP proxy in the hands of a test, which cuts, slows, stalls and heals the wire, lets
//! connections die without a word, and lets the test overhear what they carry.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What the wire does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Whole,
    /// What is sent arrives so much later.
    Slow(Duration),
    /// What the client sends arrives; what the server answers waits.
    Unanswered,
    /// Connections stay open and nothing moves.
    Stalled,
    /// Connections stay open and what is sent is gone: see [`Proxy::let_die`].
    Dead,
    /// New connections are closed at once.
    Cut,
}

#[derive(Clone, Copy)]
struct Wire {
    mode: Mode,
    /// How often it was cut: a connection that was made before a cut is over, healed or not.
    cuts: u64,
    /// How often its connections died, healed or not.
    deaths: u64,
}

impl Wire {
    /// Whether a connection that was made when the wire was so has been cut or has died.
    fn is_over_for(self, made: Wire) -> bool {
        (self.cuts, self.deaths) != (made.cuts, made.deaths)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToServer,
    ToClient,
}

impl Mode {
    fn carries(self, direction: Direction) -> bool {
        match self {
            Mode::Whole | Mode::Slow(_) => true,
            Mode::Unanswered => direction == Direction::ToServer,
            Mode::Stalled | Mode::Dead | Mode::Cut => false,
        }
    }
}

/// Hears one direction of one connection, in order.
pub type Ear = Box<dyn FnMut(&[u8]) + Send>;

/// Makes the ears of a connection: the first hears what goes to the server, before the server gets
/// it; the second what the server sends, whether it arrives or not.
pub type Listeners = Arc<dyn Fn() -> (Ear, Ear) + Send + Sync>;

/// A proxy for one server; ends with all its connections when dropped.
pub struct Proxy {
    address: SocketAddr,
    wire: watch::Sender<Wire>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// A proxy on a free port of loopback.
    pub async fn start(server: SocketAddr) -> Self {
        Self::start_overheard(server, Arc::new(|| (Box::new(|_| {}), Box::new(|_| {})))).await
    }

    /// The same, with somebody who listens.
    pub async fn start_overheard(server: SocketAddr, listeners: Listeners) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (wire, state) = watch::channel(Wire { mode: Mode::Whole, cuts: 0, deaths: 0 });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, server, state, listeners));
        Proxy { address, wire, _tasks: tasks }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes every connection, and new ones at once until it is healed.
    pub fn cut(&self) {
        self.wire
            .send_modify(|wire| *wire = Wire { mode: Mode::Cut, cuts: wire.cuts + 1, ..*wire });
    }

    /// Leaves connections open and moves nothing.
    pub fn stall(&self) {
        self.set(Mode::Stalled);
    }

    /// Holds back what the server answers.
    pub fn hold_answers(&self) {
        self.set(Mode::Unanswered);
    }

    /// Makes the wire long: what is sent arrives so much later.
    pub fn slow_down(&self, delay: Duration) {
        self.set(Mode::Slow(delay));
    }

    /// Makes every connection half-open, as a router does that was switched off or has forgotten
    /// them: whatever the client sends is gone, nothing comes back, and nobody says that it is over,
    /// not even when the wire is healed. New connections go the same way until then. The server's
    /// side is closed when the wire is healed, as its keep-alives would do in the end.
    pub fn let_die(&self) {
        self.wire.send_modify(|wire| {
            *wire = Wire { mode: Mode::Dead, deaths: wire.deaths + 1, ..*wire };
        });
    }

    /// Lets everything through again.
    pub fn heal(&self) {
        self.set(Mode::Whole);
    }

    fn set(&self, mode: Mode) {
        self.wire.send_modify(|wire| wire.mode = mode);
    }
}

async fn accept(
    listener: TcpListener,
    server: SocketAddr,
    wire: watch::Receiver<Wire>,
    listeners: Listeners,
) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        let made = *wire.borrow();
        match made.mode {
            Mode::Cut => {}
            Mode::Dead => drop(connections.spawn(swallow(client, wire.clone(), made))),
            _ => drop(connections.spawn(connect(client, server, wire.clone(), made, listeners()))),
        }
    }
}

/// Carries one connection until an end closes it or the wire is cut.
async fn connect(
    client: TcpStream,
    server: SocketAddr,
    mut wire: watch::Receiver<Wire>,
    made: Wire,
    (hears_client, hears_server): (Ear, Ear),
) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (upward, downward) = (wire.clone(), wire.clone());
    let died = tokio::select! {
        // First, so that a cut loses what was held back even when it is healed at once.
        biased;
        now = wire.wait_for(|wire| wire.is_over_for(made)) => {
            now.is_ok_and(|wire| wire.cuts == made.cuts)
        }
        () = carry(&mut from_client, &mut to_server, upward, Direction::ToServer, hears_client) => false,
        () = carry(&mut from_server, &mut to_client, downward, Direction::ToClient, hears_server) => false,
    };
    if died {
        let mut healed = wire.clone();
        let client = from_client.reunite(to_client).expect("the halves of one connection");
        tokio::join!(swallow(client, wire, made), async move {
            let _ = healed.wait_for(|wire| wire.mode != Mode::Dead).await;
            drop((from_server, to_server));
        });
    }
}

/// Takes whatever the client sends and never answers, until the client gives up or is cut off.
async fn swallow(mut client: TcpStream, mut wire: watch::Receiver<Wire>, made: Wire) {
    let mut buffer = vec![0; 64 << 10];
    let taking = async { while let Ok(1..) = client.read(&mut buffer).await {} };
    tokio::select! {
        () = taking => {}
        _ = wire.wait_for(|wire| wire.cuts != made.cuts) => {}
    }
}

async fn carry(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    mut wire: watch::Receiver<Wire>,
    direction: Direction,
    mut ear: Ear,
) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        ear(&buffer[..length]);
        // What was read while the wire was stalled goes on when it is whole again.
        let mode = match wire.wait_for(|wire| wire.mode.carries(direction)).await {
            Ok(wire) => wire.mode,
            Err(_) => return,
        };
        if let Mode::Slow(delay) = mode {
            tokio::time::sleep(delay).await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
