//! The GraphQL schema: what a client can ask, and how it is answered from the store, the live
//! feed and the filter language. It knows nothing of HTTP.

mod account;
mod answer;
mod asker;
mod connection;
mod cursor;
mod damage;
mod document;
mod enums;
mod errors;
mod executor;
mod export;
mod filter;
mod following;
mod histogram;
mod limits;
mod log;
mod mutation;
mod operation;
mod pipeline;
mod query;
mod reader;
mod recall;
mod scalars;
mod scope;
mod source;
mod source_loader;
mod storage;
mod subscription;
mod top;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};

#[cfg(any(test, fuzzing))]
pub(crate) use document::fuzzing;

pub use answer::{Answer, json};
pub use asker::{Asker, Cookies};
pub use errors::{ApiError, Code};
pub use executor::TailwaterSchema;
pub use export::{BrokenOff, Download, Exports, FileHead, NoDownload};
pub use limits::{Introspection, Limits};
pub use pipeline::{QueueDepth, ReadQueueDepth};
pub use storage::Retention;

use crate::auth::Auth;
use crate::live::{Hub, Nodes};
use crate::store::Store;
use crate::telemetry::Figures;
use account::PersonLoader;
use mutation::Mutation;
use pipeline::Stations;
use query::Query;
use reader::LockedLog;
use subscription::Subscription;

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
    /// How much of the log is kept.
    pub retention: Retention,
    /// Where clients find us, if the operator says so: `https://logs.example`.
    pub public_url: Option<String>,
}

impl fmt::Debug for ApiContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiContext").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The schema, ready to execute operations. Must be called within a Tokio runtime.
pub fn schema(context: ApiContext) -> TailwaterSchema {
    let ApiContext { auth, store, hub, nodes, queue, figures, limits, retention, public_url } =
        context;
    let log = LockedLog::new(store.clone(), hub, auth.clone());
    let exports = Exports::new(auth.clone(), log.clone(), public_url.as_deref());
    let people = Arc::new(DataLoader::new(PersonLoader::new(store), tokio::spawn));
    let build = || {
        builder()
            .limit_complexity(limits.complexity)
            .data(log.clone())
            .data(people.clone())
            .data(auth.clone())
            .data(exports.clone())
            .data(Stations { nodes: nodes.clone(), queue: queue.clone(), retention })
            .data(figures.clone())
    };
    let open = build().finish();
    let silent = build().disable_introspection().disable_suggestions().finish();
    TailwaterSchema::new(open, silent, auth, log, exports, limits)
}

/// The schema in the schema definition language, as it is kept in `schema.graphql`.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().prefer_single_line_descriptions();
    builder().finish().sdl_with_options(options)
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
}
