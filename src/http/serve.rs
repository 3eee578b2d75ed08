//! Accepts connections and serves each, until told to stop.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::HttpContext;
use super::peer::OtherEnd;
use super::router;
use super::stall::Impatient;
use crate::accept::{Acceptor, Share, Shares};

/// The longest head of a request, in bytes: a query in the address counts. A longer one gets the
/// status 431.
const MAX_HEAD: usize = 64 << 10;
/// How much of an answer is gathered before it is written, in bytes.
const MAX_BUFFER: usize = 128 << 10;
/// What the figures call the listener.
const NAME: &str = "http";
/// How much the kernel may hold of what is not on its way yet, in bytes. It takes more only when half of that
/// has gone, so that how it takes it tells how the other side reads.
const UNSENT: u32 = 64 << 10;

/// Serves the routes until `stop` is done, then answers what it has begun, closes the WebSockets
/// and returns. Open subscriptions end when the hub closes: close it before.
///
/// Over [`Options::max_connections`](super::Options::max_connections) no more are accepted: they
/// wait in the listener's backlog.
///
/// # Errors
/// None at the moment: what cannot be accepted is tried again.
pub async fn serve(
    listener: TcpListener,
    context: HttpContext,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let server = Server {
        routes: router(context.clone()),
        room: Arc::new(Semaphore::new(context.options.max_connections)),
        shares: Shares::new(context.options.max_connections_per_address),
        stopping: CancellationToken::new(),
        connections: TaskTracker::new(),
        context,
    };
    let acceptor = Acceptor::new(listener, NAME, server.context.figures.clone());
    tokio::select! {
        never = server.accept(acceptor) => match never {},
        () = stop => {}
    }
    server.stopping.cancel();
    server.connections.close();
    server.connections.wait().await;
    server.context.sockets.close().await;
    Ok(())
}

/// What all connections share.
struct Server {
    routes: Router,
    context: HttpContext,
    /// A permit for every connection there may be.
    room: Arc<Semaphore>,
    /// How many of them each address has.
    shares: Shares,
    stopping: CancellationToken,
    connections: TaskTracker,
}

/// A connection's place among all, and among those of its address.
struct Place {
    _share: Option<Share>,
    _permit: OwnedSemaphorePermit,
}

impl Server {
    async fn accept(&self, mut acceptor: Acceptor) -> Infallible {
        let refused = self.context.figures.connections_refused.of(NAME);
        loop {
            let Ok(permit) = self.room.clone().acquire_owned().await else {
                // Nobody closes the semaphore.
                std::future::pending::<()>().await;
                continue;
            };
            let (socket, address) = acceptor.accept().await;
            match self.place(OtherEnd::new(address), permit) {
                Some(place) => self.begin(socket, address, place),
                None => {
                    refused.inc();
                    tracing::debug!(%address, "too many connections of this address: closed");
                }
            }
        }
    }

    /// A place for a connection; `None` when its address has as many as it may.
    fn place(&self, other_end: OtherEnd, permit: OwnedSemaphorePermit) -> Option<Place> {
        // Behind a proxy are many.
        let counts = !other_end.is_trusted(&self.context.options.trusted_proxies);
        let share = if counts { Some(self.shares.enter(other_end.0)?) } else { None };
        Some(Place { _share: share, _permit: permit })
    }

    /// Serves a connection in a task of its own, which holds its place to its end.
    fn begin(&self, socket: TcpStream, address: SocketAddr, place: Place) {
        // A batch of a tail is one small message: it must not wait for the next one.
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        if let Err(error) = SockRef::from(&socket).set_tcp_notsent_lowat(UNSENT) {
            tracing::debug!(%error, "TCP_NOTSENT_LOWAT could not be set");
        }
        let socket = Impatient::new(socket, self.context.patience.stall);
        let other_end = OtherEnd::new(address);
        let stopping = self.stopping.clone();
        let routes = self.routes.clone();
        let header_timeout = self.context.options.header_timeout;
        let tls = self.context.options.tls.clone();
        self.connections.spawn(async move {
            let _place = place;
            let Some(tls) = tls else {
                return serve_connection(socket, other_end, routes, header_timeout, stopping).await;
            };
            match stopping.run_until_cancelled(tls.accept(socket)).await {
                Some(Ok(socket)) => {
                    serve_connection(socket, other_end, routes, header_timeout, stopping).await;
                }
                Some(Err(error)) => tracing::debug!(%address, %error, "no TLS"),
                None => {}
            }
        });
    }
}

/// Answers the requests of a connection, the begun one too when told to stop. A connection that
/// becomes a WebSocket is over for us.
async fn serve_connection<S>(
    socket: S,
    other_end: OtherEnd,
    routes: Router,
    header_timeout: Duration,
    stopping: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(other_end);
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}
