//! The second form of the log: a contiguous range of ids as one Parquet file, beside what lets a
//! query skip it. Everything here is pure but the conditions of `prune`: bytes in, records out.

mod bitmap;
mod codec;
mod counts;
mod cut;
mod decide;
mod decode;
mod decoded;
mod encode;
mod file;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod intervals;
mod named;
mod pages;
mod prune;
mod schema;
mod selector;
mod senders;
mod summary;
#[cfg(test)]
mod tests;
mod text;

use bytes::Bytes;

pub use codec::BlockCodec;
pub(super) use cut::cut;
pub(super) use decide::{Cell, decide};
pub(super) use decode::BlockReader;
pub(super) use decoded::Decoded;
pub(super) use encode::{encode, side_by_side};
pub(super) use intervals::Intervals;
pub(super) use prune::prune;
pub(super) use schema::{PROPERTIES, WRITTEN};
pub(super) use selector::Selector;
pub(super) use summary::Summary;

use crate::filter::ColumnSet;
use crate::log::{Entry, SourceKey};

/// The version of the file that a block is: of its parts and the footer.
pub(super) const FILE_FORMAT: i16 = 1;
/// The version of what the catalogue says of a block. Since 2, the bitmap of its messages knows the
/// [seams](bitmap) of their words.
pub(super) const FORMAT: i16 = 2;
const WITH_SEAMS: i16 = 2;
/// Records of a full block, at most.
pub(super) const FULL_ROWS: usize = 16_384;
/// Bytes of text of a full block, about: one record more may be over it.
pub(super) const FULL_BYTES: usize = 4 << 20;

/// A piece of a block's Parquet file. One after another, in this order, and then the footer, they
/// are the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i16)]
pub(super) enum Part {
    /// The magic number and the short columns: id, timestamp, received_at, severity, facility,
    /// host, app, address, procid, msgid.
    Fields = 0,
    Message = 1,
    Attributes = 2,
}

impl Part {
    /// Every part, in the order of the file.
    pub const ALL: [Part; 3] = [Part::Fields, Part::Message, Part::Attributes];

    /// The parts that hold these columns.
    pub fn of(columns: ColumnSet) -> impl Iterator<Item = Part> {
        Part::ALL.into_iter().filter(move |part| columns.touches(part.columns()))
    }

    /// The columns it holds.
    pub fn columns(self) -> ColumnSet {
        match self {
            Part::Message => ColumnSet::MESSAGE,
            Part::Attributes => ColumnSet::ATTRIBUTES,
            Part::Fields => ColumnSet::ALL.without(ColumnSet::MESSAGE.and(ColumnSet::ATTRIBUTES)),
        }
    }
}

/// A record on its way into a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub source_id: i32,
    pub source: &'a SourceKey,
    pub entry: &'a Entry,
}

/// A block, made.
#[derive(Debug)]
pub(super) struct Encoded {
    pub summary: Summary,
    /// In the order of [`Part::ALL`].
    pub parts: [Vec<u8>; 3],
    pub footer: Vec<u8>,
}

/// A block as it was read back, with the parts that were asked for.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub first_id: i64,
    pub last_id: i64,
    pub format: i16,
    pub footer: Bytes,
    /// In the order of [`Part::ALL`].
    pub parts: [Option<Bytes>; 3],
    /// What was decoded before.
    pub decoded: Decoded,
}

/// The checksum of a part or a footer: CRC-32 (IEEE 802.3).
pub(super) fn checksum(bytes: &[u8]) -> i64 {
    i64::from(crc32fast::hash(bytes))
}
