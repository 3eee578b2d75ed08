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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::HttpContext;
use super::peer::OtherEnd;
use super::router;
use super::stall::Impatient;

/// The longest head of a request, in bytes: a query in the address counts. A longer one gets the
/// status 431.
const MAX_HEAD: usize = 64 << 10;
/// How much of an answer is gathered before it is written, in bytes.
const MAX_BUFFER: usize = 128 << 10;
/// The pause after the system had no room for another connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);

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
        stopping: CancellationToken::new(),
        connections: TaskTracker::new(),
        context,
    };
    tokio::select! {
        never = server.accept(&listener) => match never {},
        () = stop => {}
    }
    drop(listener);
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
    stopping: CancellationToken,
    connections: TaskTracker,
}

impl Server {
    async fn accept(&self, listener: &TcpListener) -> Infallible {
        loop {
            let Ok(permit) = self.room.clone().acquire_owned().await else {
                // Nobody closes the semaphore.
                std::future::pending::<()>().await;
                continue;
            };
            match listener.accept().await {
                Ok((socket, address)) => self.begin(socket, address, permit),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "an HTTP connection could not be accepted");
                    tokio::time::sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
    }

    /// Serves a connection in a task of its own, which holds the permit to its end.
    fn begin(&self, socket: TcpStream, address: SocketAddr, permit: OwnedSemaphorePermit) {
        // A batch of a tail is one small message: it must not wait for the next one.
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let socket = Impatient::new(socket, self.context.patience.stall);
        let other_end = OtherEnd::new(address);
        let stopping = self.stopping.clone();
        let routes = self.routes.clone();
        let header_timeout = self.context.options.header_timeout;
        let tls = self.context.options.tls.clone();
        self.connections.spawn(async move {
            let _permit = permit;
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

/// Whether the error is about the connection that was to be accepted, not about us.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
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
