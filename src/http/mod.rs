//! The HTTP face: GraphQL on every transport, health, metrics, and the pages at `/`, `/graphiql`
//! and `/setup`.

mod assets;
mod graphql;
mod health;
mod pages;
mod slot;
mod sockets;
mod sse;
mod websocket;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use crate::telemetry::Figures;
use sockets::Sockets;

pub use slot::SchemaSlot;

/// The longest body that a request may have unless told otherwise, in bytes.
pub const DEFAULT_BODY_LIMIT: usize = 1 << 20;

/// What the routes answer from.
#[derive(Clone, Debug)]
pub struct HttpContext {
    /// Executes operations; while it is empty `/graphql` answers 503.
    pub schema: SchemaSlot,
    /// This process's metrics and health.
    pub figures: Figures,
    /// The longest body that a request may have, in bytes.
    pub body_limit: usize,
    sockets: Sockets,
}

impl HttpContext {
    /// A context with the default limits.
    pub fn new(schema: SchemaSlot, figures: Figures) -> HttpContext {
        HttpContext { schema, figures, body_limit: DEFAULT_BODY_LIMIT, sockets: Sockets::default() }
    }
}

/// Every route.
fn router(context: HttpContext) -> Router {
    let body_limit = context.body_limit;
    Router::new()
        .route("/", get(pages::home))
        .route("/graphiql", get(pages::graphiql))
        .route("/setup", get(pages::setup))
        .route("/assets/{*path}", get(assets::asset))
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(body_limit))
        .with_state(context)
}

/// Serves the routes until `stop` is done, then answers what it has begun, closes the WebSockets
/// and returns. Open subscriptions end when the hub closes: close it before.
///
/// # Errors
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    context: HttpContext,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // A batch of a tail is one small message: it must not wait for the next one.
    let listener = listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let sockets = context.sockets.clone();
    axum::serve(listener, router(context)).with_graceful_shutdown(stop).await?;
    sockets.close().await;
    Ok(())
}
