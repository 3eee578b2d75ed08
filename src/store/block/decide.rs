//! What the catalogue says of a filter: that every record of a block passes, or none, or that it
//! must be opened to know.

use std::ops::RangeInclusive;

use crate::filter::Filter;
use crate::log::{SourceKey, Timestamp};

/// What is known of some records of a block.
#[derive(Clone, Debug)]
pub(in crate::store) struct Cell<'a> {
    pub ids: RangeInclusive<i64>,
    /// Both ends included; several where the records lie in several stretches.
    pub times: &'a [(Timestamp, Timestamp)],
    pub received: (Timestamp, Timestamp),
    /// As in [`Summary::severities`](super::Summary::severities).
    pub severities: i32,
    /// As in [`Summary::facilities`](super::Summary::facilities).
    pub facilities: i32,
    /// Every source of the records, and perhaps more.
    pub sources: &'a [&'a SourceKey],
}

/// Whether the filter lets every one of these records pass (`Some(true)`), or none of them
/// (`Some(false)`). `None`: they must be looked at.
pub(in crate::store) fn decide(_filter: &Filter, _cell: &Cell<'_>) -> Option<bool> {
    todo!()
}
