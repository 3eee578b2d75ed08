//! Tailwater: a log server with a GraphQL face.
//!
//! The folders tell the way of the data: `ingest` → `queue` → `writer` (with `parse` and `store`)
//! → `live` → `api` and `http`. See ARCHITECTURE.md.


pub mod log;
