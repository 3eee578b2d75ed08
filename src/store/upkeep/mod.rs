//! Keeping the log small: sealing rows and small blocks into full ones, removing what retention
//! no longer keeps, and giving the disk back. The writer calls it, in the background.

mod expire;
mod partitions;
mod reclaim;
mod remove;
mod seal;
mod segments;
mod storage;

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::block;
use crate::log::{Log, Timestamp};

pub(super) use partitions::Partitions;
pub(super) use storage::StorageCache;

/// Records of a full block, at most.
pub const FULL_BLOCK_RECORDS: u64 = block::FULL_ROWS as u64;
/// Bytes of text of a full block, about.
pub const FULL_BLOCK_BYTES: u64 = block::FULL_BYTES as u64;

/// The form in which a contiguous range of records is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Rows,
    /// A block that may still be merged with what lies beside it.
    SmallBlock,
}

/// A contiguous range of records that is not in its final form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub first_id: i64,
    pub last_id: i64,
    pub form: Form,
    /// Bytes of text, about.
    pub raw_bytes: u64,
    /// When the first of them came in.
    pub received_from: Timestamp,
}

impl Segment {
    /// How many they are.
    pub fn records(&self) -> u64 {
        u64::try_from(self.last_id - self.first_id + 1).unwrap_or(0)
    }
}

/// A contiguous range that is to become blocks: whole segments, side by side.
#[derive(Clone, Debug)]
pub struct Sealing {
    pub range: RangeInclusive<i64>,
    /// The records of the range, where they are still in memory; else they are read.
    pub logs: Option<Vec<Arc<Log>>>,
    /// The last block of the range is final too, however small it is.
    pub is_final: bool,
}

/// How much of the log is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Nothing that came in before.
    pub since: Option<Timestamp>,
    /// About so many bytes (see [`Storage::bytes`](super::Storage)).
    pub bytes: Option<u64>,
}

/// What retention removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    pub blocks: u64,
    pub records: u64,
    pub bytes: u64,
}
