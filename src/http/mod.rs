//! The HTTP face: GraphQL on every transport, exports, health, metrics, and the pages at `/`,
//! `/graphiql` and `/setup`.

mod assets;
mod authorize;
mod cors;
mod export;
mod graphql;
mod headers;
mod health;
mod negotiate;
mod operation;
mod options;
mod origin;
mod outcome;
mod pages;
mod peer;
mod serve;
mod slot;
mod sockets;
mod sse;
mod stall;
mod trace;
mod websocket;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;

use crate::telemetry::Figures;
use options::Patience;
use origin::Origins;
use sockets::Sockets;

pub use options::Options;
pub use serve::serve;
pub use slot::SchemaSlot;

/// What the routes answer from. Clones are cheap and share it.
#[derive(Clone, Debug)]
pub struct HttpContext {
    /// Executes operations; while it is empty `/graphql` answers 503.
    schema: SchemaSlot,
    /// This process's metrics and health.
    figures: Figures,
    options: Arc<Options>,
    patience: Patience,
    origins: Arc<Origins>,
    sockets: Sockets,
}

impl HttpContext {
    /// A context with no open connection yet.
    pub fn new(schema: SchemaSlot, figures: Figures, options: Options) -> HttpContext {
        let origins = Origins::new(
            options.public_url.as_deref(),
            &options.allowed_origins,
            options.tls.is_some(),
        );
        HttpContext {
            schema,
            figures,
            patience: Patience::default(),
            origins: Arc::new(origins),
            sockets: Sockets::new(options.max_sockets, options.max_sockets_per_user),
            options: Arc::new(options),
        }
    }
}

/// Every route.
fn router(context: HttpContext) -> Router {
    let guard = from_fn_with_state(context.clone(), cors::guard);
    let graphql = get(graphql::get).post(graphql::post).fallback(graphql::not_allowed);
    let export = get(export::get).head(export::head).fallback(export::not_allowed);
    let page = || headers::policy(headers::PAGE);
    let dashboard = pages::DASHBOARD
        .iter()
        .fold(Router::new(), |pages, path| pages.route(path, get(pages::dashboard).layer(page())));
    dashboard
        .route("/graphiql", get(pages::graphiql).layer(page()))
        .route("/setup", get(pages::setup).layer(page()))
        .route("/assets/{*path}", get(assets::asset).layer(page()))
        .route("/graphql", graphql.layer(guard))
        .route("/export/{secret}", export)
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .fallback(pages::not_found)
        .layer(from_fn_with_state(context.clone(), headers::secure))
        .layer(from_fn(trace::name))
        .with_state(context)
}
