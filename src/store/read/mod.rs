//! The ways to read the log: pages, scans, neighbours.

mod context;
mod matches;
mod page;
mod scan;
mod snapshot;

pub(super) use matches::Matches;
pub(super) use snapshot::Snapshot;
