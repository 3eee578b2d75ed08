//! The ways to read the log: pages, scans, neighbours.
//!
//! A [`Snapshot`] sees one moment. Its rows come by SQL; of its blocks the [`Catalogue`] says which
//! may hold a hit, and an [`Opening`] opens them. [`Matches`] merges both.

mod cache;
mod catalogue;
mod context;
mod damage;
mod ends;
mod found;
mod fronts;
mod matches;
mod opening;
mod page;
mod parts;
mod rows;
mod scan;
mod snapshot;
mod span;

pub(super) use cache::{DecodedCache, PartCache};
pub(super) use catalogue::{Catalogue, Entry, Extras};
pub(super) use damage::Damage;
pub(super) use ends::Looks;
pub(super) use opening::{Haste, Opening};
pub(super) use rows::RowHits;
pub(super) use scan::{Scanned, scan_between};
pub(super) use snapshot::Snapshot;
pub(super) use span::{Rank, Span};
