//! What the store can be asked, and what it answers.

use std::fmt;

use uuid::Uuid;

use crate::filter::{Field, Filter};
use crate::log::{Log, SourceKey, Timestamp};

/// Where the log begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub database: Uuid,
    /// The newest position; 0 while the log is empty.
    pub last_id: i64,
    /// The oldest position that is kept; `last_id + 1` while nothing is.
    pub first_id: i64,
}

/// An order of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By the sender's time, then by position.
    Timestamp,
    /// By position.
    Arrival,
}

/// Which end of an order comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    NewestFirst,
    OldestFirst,
}

/// A place in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Of no meaning in [`Order::Arrival`].
    pub timestamp: Timestamp,
    pub id: i64,
}

impl Position {
    /// A place in [`Order::Arrival`].
    pub fn of_id(id: i64) -> Self {
        Position { timestamp: Timestamp::UNIX_EPOCH, id }
    }

    /// The place of a record.
    pub fn of(log: &Log) -> Self {
        Position { timestamp: log.entry.timestamp, id: log.id }
    }
}

/// Which hits, in which order, and how many.
#[derive(Clone, Debug)]
pub struct PageRequest<'a> {
    pub filter: &'a Filter,
    pub order: Order,
    pub direction: Direction,
    /// Start just past this place, in the direction.
    pub past: Option<Position>,
    /// And end just before this place.
    pub before: Option<Position>,
    /// The caller holds it to what memory allows.
    pub limit: usize,
}

/// One page of hits.
#[derive(Debug)]
pub struct Page {
    pub logs: Vec<Log>,
    /// At least one more hit follows in the direction.
    pub more: bool,
    /// Blocks that may hold hits and cannot be read.
    pub damaged: Vec<Damaged>,
}

/// What a cursor reader gets from the store.
#[derive(Debug)]
pub struct Scan {
    /// Matches in id order.
    pub logs: Vec<Log>,
    /// Everything up to here has been looked at: the reader's next `after`.
    pub scanned_to: i64,
    /// Records between the reader's cursor and `scanned_to` that are gone: removed by retention,
    /// or in a block that cannot be read.
    pub lost: u64,
}

/// A block that cannot be read. The records of every other one can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// Its first position.
    pub first_id: i64,
    /// Its last position.
    pub last_id: i64,
    /// What is wrong with it: for the log, never for a client.
    pub reason: String,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the block of records {} to {} is damaged", self.first_id, self.last_id)
    }
}

/// An answer, and the blocks that it would also have been taken from if they could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer<T> {
    pub value: T,
    pub damaged: Vec<Damaged>,
}

/// How much is stored, and in which form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// Records stored as plain rows.
    pub rows: u64,
    /// Blocks.
    pub blocks: u64,
    /// Records stored in blocks.
    pub block_records: u64,
    /// Records that are rows, or in blocks that are not in their final form: what sealing has
    /// still to do.
    pub unsealed: u64,
    /// Bytes of text of the records in blocks.
    pub raw_bytes: u64,
    /// Bytes that the records take at rest: of blocks with their catalogue, and of rows about.
    pub bytes: u64,
    /// Bytes of disk that the database takes, everything in it counted.
    pub disk_bytes: u64,
    /// When the oldest record kept came in; none while there is none.
    pub oldest: Option<Timestamp>,
    /// The oldest position kept; `last_id + 1` while nothing is.
    pub first_id: i64,
    /// The newest position.
    pub last_id: i64,
}

/// What a histogram tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistogramField {
    Severity,
    Host,
    App,
}

/// A step of a histogram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub start: Timestamp,
    /// The severity's name in lower case, the host or the app; null where a record has none, and
    /// in a histogram that tells nothing apart.
    pub key: Option<String>,
    pub count: u64,
}

/// A field whose values can be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopField {
    Severity,
    Facility,
    Text(Field),
}

/// How often a value occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueCount {
    /// Null for the records that do not have the field. Severities and facilities by their
    /// lower-case names.
    pub value: Option<String>,
    pub count: u64,
}

/// A row of `source`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub id: i32,
    pub key: SourceKey,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// Its records, ever; a few seconds behind the log.
    pub count: u64,
}

/// Which sources. All conditions hold together.
#[derive(Clone, Debug, Default)]
pub struct SourceFilter {
    /// Exactly this host.
    pub host: Option<String>,
    /// Exactly this app.
    pub app: Option<String>,
    /// A case-insensitive substring of host, app or address.
    pub text: Option<String>,
}

/// An order of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceOrder {
    /// Oldest first.
    Id,
    /// Last heard of first.
    LastSeen,
    /// Busiest first.
    Count,
}
