//! Tailwater: a log server with a GraphQL face.
//!
//! The folders tell the way of the data: `ingest` → `queue` → `writer` (with `parse` and `store`)
//! → `live` → `api` and `http`. See ARCHITECTURE.md.

// The strategies shared with the tests in `tests/` name the crate as those do.
#[cfg(test)]
extern crate self as tailwater;

pub mod accept;
pub mod api;
pub mod app;
pub mod auth;
pub mod client;
pub mod config;
pub mod filter;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
pub mod ingest;
pub mod live;
pub mod log;
pub mod parse;
pub mod queue;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod user;
pub mod writer;
