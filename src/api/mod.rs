//! The GraphQL schema: what a client can ask, and how it is answered from the store, the live
//! feed and the filter language. It knows nothing of HTTP.

mod asker;
mod connection;
mod cursor;
mod document;
mod enums;
mod errors;
mod executor;
mod filter;
mod histogram;
mod limits;
mod log;
mod pipeline;
mod query;
mod scalars;
mod source;
mod subscription;
mod top;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{EmptyMutation, SDLExportOptions, Schema};
use futures_util::future::BoxFuture;

pub use asker::{Asker, Cookies};
pub use errors::{ApiError, Code};
pub use executor::TailwaterSchema;
pub use limits::{Introspection, Limits};
pub use pipeline::QueueDepth;

use crate::auth::Auth;
use crate::live::{Hub, Nodes};
use crate::store::Store;
use crate::telemetry::Figures;
use query::Query;
use source::SourceLoader;
use subscription::Subscription;

/// Asks how much waits in the queue; `None` when the queue cannot say at the moment.
pub type ReadQueueDepth = Arc<dyn Fn() -> BoxFuture<'static, Option<QueueDepth>> + Send + Sync>;

/// What the schema answers from.
#[derive(Clone)]
pub struct ApiContext {
    /// Who may.
    pub auth: Auth,
    /// The log at rest.
    pub store: Store,
    /// The newest records, shared by every tail.
    pub hub: Hub,
    /// What every node says of itself.
    pub nodes: Nodes,
    /// How to ask the queue; `None` where this process has none.
    pub queue: Option<ReadQueueDepth>,
    /// Where open tails are counted.
    pub figures: Figures,
    /// How much one operation may ask for.
    pub limits: Limits,
}

impl fmt::Debug for ApiContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiContext").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The schema, ready to execute operations. Must be called within a Tokio runtime.
pub fn schema(context: ApiContext) -> TailwaterSchema {
    let limits = context.limits;
    let auth = context.auth.clone();
    let sources = DataLoader::new(SourceLoader::new(context.store.clone()), tokio::spawn);
    let schema = Schema::build(Query, EmptyMutation, Subscription)
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .data(sources)
        .data(context)
        .finish();
    TailwaterSchema::new(schema, auth, limits.selections)
}

/// The schema in the schema definition language, as it is kept in `schema.graphql`.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().prefer_single_line_descriptions();
    Schema::build(Query, EmptyMutation, Subscription).finish().sdl_with_options(options)
}
