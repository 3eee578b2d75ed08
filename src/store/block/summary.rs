//! What the catalogue says of a block.

use crate::log::Timestamp;
use crate::store::StoreError;

/// Up to four stretches of time, both ends included, in order and apart, that hold every
/// timestamp of a block: one sender with a wild clock must not spoil the time range of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals(pub [(Timestamp, Timestamp); 4]);

/// What lets a query skip a block, or answer without opening it.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub first_id: i64,
    pub last_id: i64,
    /// Bytes of text of its records.
    pub raw_bytes: u64,
    pub times: Intervals,
    /// The earliest and the latest time of receipt.
    pub received: (Timestamp, Timestamp),
    /// Bit `n`: a record has the severity of code `n`. Bit 8: a record has none.
    pub severities: i32,
    /// Bit `n`: a record has the facility of code `n`. Bit 24: a record has none.
    pub facilities: i32,
    /// Records of each source, by source id.
    pub sources: Vec<(i32, u32)>,
    /// Records of each minute (since the Unix epoch, rounded down) and severity code (8: none),
    /// in order.
    pub minutes: Vec<(i64, u8, u32)>,
    /// A bitmap of the trigrams of the folded messages.
    pub trigrams: Vec<u8>,
}

impl Summary {
    /// How many records it holds.
    pub fn records(&self) -> u64 {
        u64::try_from(self.last_id - self.first_id + 1).unwrap_or(0)
    }

    /// The bitmap of source ids, as the catalogue keeps it.
    pub fn source_bitmap(&self) -> Vec<u8> {
        todo!()
    }

    /// `source_counts`, as the catalogue keeps it.
    pub fn write_sources(&self) -> Vec<u8> {
        todo!()
    }

    /// Reads `source_counts` back.
    pub fn read_sources(_bytes: &[u8]) -> Result<Vec<(i32, u32)>, StoreError> {
        todo!()
    }

    /// `minutes`, as the catalogue keeps it.
    pub fn write_minutes(&self) -> Vec<u8> {
        todo!()
    }

    /// Reads `minutes` back.
    pub fn read_minutes(_bytes: &[u8]) -> Result<Vec<(i64, u8, u32)>, StoreError> {
        todo!()
    }
}
