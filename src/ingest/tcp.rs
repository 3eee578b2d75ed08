//! The TCP listener: accepts connections, in the clear or over TLS, and looks after them until it is
//! told to stop.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use socket2::{Domain, Protocol, SockRef, TcpKeepalive, Type};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::accept::{Acceptor, Share, Shares};
use crate::log::Transport;
use crate::queue::Publisher;
use crate::telemetry::Figures;
use crate::tls::Tls;

use super::Limits;
use super::budget::Budget;
use super::collector::Collector;
use super::connection::{self, Ended, Origin};
use super::outlet::Outlet;

/// Connections that the kernel completes before we accept them.
const BACKLOG: i32 = 1_024;
/// A silent peer is asked after this time whether it is still there,
const KEEPALIVE_TIME: Duration = Duration::from_secs(60);
/// then so often,
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// and given up after so many questions without an answer.
const KEEPALIVE_RETRIES: u32 = 4;
/// Refused connections are reported no more often than this.
const REFUSED_INTERVAL: Duration = Duration::from_secs(10);
/// How long a handshake may go on after we were told to stop: its lines may have arrived already.
const HANDSHAKE_GRACE: Duration = Duration::from_millis(100);
/// How long our farewell may take on a connection over TLS.
const FAREWELL: Duration = Duration::from_secs(1);

/// A bound TCP listener.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
}

impl Listener {
    /// The address it listens on.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Binds a TCP listener; `[::]` takes IPv4 too. Needs a Tokio runtime.
///
/// # Errors
/// The address is taken or not ours.
pub fn bind(address: SocketAddr) -> io::Result<Listener> {
    let socket =
        socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        socket.set_only_v6(false)?;
    }
    // Connections of an earlier run that are still closing do not hold the address.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(Listener { listener: TcpListener::from_std(socket.into())? })
}

/// Accepts and reads until `stop`; then accepts no more, reads what has arrived on each connection,
/// hands it over and returns. A full queue stops the reading. Dropping the future loses what was
/// read and not handed over.
pub async fn run(
    listener: Listener,
    publisher: Publisher,
    figures: Figures,
    limits: Limits,
    stop: CancellationToken,
) {
    receive(listener, None, publisher, figures, limits, stop).await;
}

/// As [`run`], with TLS on every connection (RFC 5425). A connection has its place among
/// [`Limits::max_connections`] from before its handshake on, and handshakes wait for nobody else.
pub async fn run_tls(
    listener: Listener,
    tls: Tls,
    publisher: Publisher,
    figures: Figures,
    limits: Limits,
    stop: CancellationToken,
) {
    receive(listener, Some(tls), publisher, figures, limits, stop).await;
}

async fn receive(
    listener: Listener,
    tls: Option<Tls>,
    publisher: Publisher,
    figures: Figures,
    limits: Limits,
    stop: CancellationToken,
) {
    let name = if tls.is_some() { "tls" } else { "tcp" };
    let connections = figures.connections.clone();
    let refused = figures.connections_refused.of(name);
    let handshakes = tls.map(|tls| Handshakes { tls, failed: figures.handshakes_failed.of(name) });
    let acceptor = Acceptor::new(listener.listener, name, figures.clone());
    let outlet = Outlet::new(name, publisher, figures, &limits);
    let stop = stop.child_token();
    let house = House {
        handshakes,
        collector: Arc::new(Collector::new(outlet, &limits)),
        vacancies: Arc::new(Semaphore::new(limits.max_connections.min(Semaphore::MAX_PERMITS))),
        shares: Shares::new(limits.max_connections_per_address),
        budget: Budget::new(limits.unfinished_bytes),
        limits: Arc::new(limits),
        connections,
        refused,
        stop: stop.clone(),
    };
    let collect = async {
        if house.collector.run().await.is_err() {
            // Nobody takes what would be read.
            stop.cancel();
        }
    };
    let receive = async {
        house.receive(acceptor).await;
        house.collector.finish();
    };
    tokio::join!(collect, receive);
}

/// What the connections of a listener share.
struct House {
    /// What each connection begins with; `None`: in the clear.
    handshakes: Option<Handshakes>,
    collector: Arc<Collector>,
    vacancies: Arc<Semaphore>,
    shares: Shares,
    budget: Budget,
    limits: Arc<Limits>,
    connections: Gauge,
    refused: Counter,
    stop: CancellationToken,
}

impl House {
    /// Accepts until told to stop, and returns when the last connection has ended.
    async fn receive(&self, mut acceptor: Acceptor) {
        let mut guests = JoinSet::new();
        let mut refusals = Refusals::new(self.refused.clone());
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                Some(_) = guests.join_next() => {}
                (stream, peer) = acceptor.accept() => match self.place(peer) {
                    Some(place) => {
                        guests.spawn(self.serve(stream, peer, place));
                    }
                    None => refusals.add(peer),
                }
            }
        }
        drop(acceptor);
        while guests.join_next().await.is_some() {}
    }

    /// A place for a connection; `None` when there are too many, in all or of its address.
    fn place(&self, peer: SocketAddr) -> Option<Place> {
        let share = self.shares.enter(peer.ip())?;
        let vacancy = self.vacancies.clone().try_acquire_owned().ok()?;
        Some(Place { _share: share, _vacancy: vacancy })
    }

    fn serve(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        place: Place,
    ) -> impl Future<Output = ()> + Send + 'static {
        let handshakes = self.handshakes.clone();
        let collector = self.collector.clone();
        let limits = self.limits.clone();
        let share = self.budget.share();
        let stop = self.stop.clone();
        let open = Open::new(self.connections.clone(), place);
        async move {
            keep_alive(&stream);
            let of = |transport| Origin { peer: peer.ip().to_canonical(), transport };
            let ended = if let Some(handshakes) = handshakes {
                let Some(mut stream) = handshakes.accept(stream, peer, &stop).await else { return };
                let origin = of(Transport::Tls);
                let ended =
                    connection::serve(&mut stream, origin, &collector, share, &limits, &stop).await;
                // So that the peer can tell our end from one that somebody between us made.
                let _ = timeout(FAREWELL, stream.shutdown()).await;
                ended
            } else {
                let origin = of(Transport::Tcp);
                connection::serve(stream, origin, &collector, share, &limits, &stop).await
            };
            match ended {
                Ended::Broken(error) => tracing::debug!(%peer, %error, "connection broken"),
                ended => tracing::debug!(%peer, ?ended, "connection closed"),
            }
            drop(open);
        }
    }
}

/// How connections over TLS begin.
#[derive(Clone)]
struct Handshakes {
    tls: Tls,
    failed: Counter,
}

impl Handshakes {
    /// Shakes hands; `None` when that fails, or we are to stop.
    async fn accept(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        stop: &CancellationToken,
    ) -> Option<TlsStream<TcpStream>> {
        let give_up = async {
            stop.cancelled().await;
            sleep(HANDSHAKE_GRACE).await;
        };
        tokio::select! {
            biased;
            accepted = self.tls.accept(stream) => match accepted {
                Ok(stream) => Some(stream),
                Err(error) => {
                    self.failed.inc();
                    tracing::debug!(%peer, %error, "no TLS handshake");
                    None
                }
            },
            () = give_up => None,
        }
    }
}

/// A connection's place among all, and among those of its address.
struct Place {
    _share: Share,
    _vacancy: OwnedSemaphorePermit,
}

/// A connection that is counted as open, and has its place, for as long as this lives.
struct Open {
    connections: Gauge,
    _place: Place,
}

impl Open {
    fn new(connections: Gauge, place: Place) -> Self {
        connections.inc();
        Open { connections, _place: place }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.connections.dec();
    }
}

/// Connections closed as they came because there were too many, and when that was last said.
struct Refusals {
    total: Counter,
    said: Option<Instant>,
}

impl Refusals {
    fn new(total: Counter) -> Self {
        Refusals { total, said: None }
    }

    fn add(&mut self, peer: SocketAddr) {
        self.total.inc();
        if self.said.is_none_or(|said| said.elapsed() >= REFUSED_INTERVAL) {
            self.said = Some(Instant::now());
            let refused = self.total.get();
            tracing::warn!(%peer, refused, "too many connections, in all or of this address: refused");
        }
    }
}

fn keep_alive(stream: &TcpStream) {
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_TIME)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_RETRIES);
    if let Err(error) = SockRef::from(stream).set_tcp_keepalive(&keepalive) {
        tracing::debug!(%error, "keep-alives cannot be switched on");
    }
}
