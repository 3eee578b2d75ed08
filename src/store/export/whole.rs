//! Blocks that an export takes as they are: the catalogue says that every record of theirs passes,
//! so nobody needs to open them.

use std::fmt;
use std::sync::Arc;

use ::parquet::file::metadata::ParquetMetaData;
use bytes::Bytes;

use crate::filter::Filter;
use crate::log::SourceKey;
use crate::store::block::{Block, FULL_BYTES, decide};
use crate::store::read::{Catalogue, Entry, Extras, Snapshot, Span};
use crate::store::{Damaged, Direction, Order, Position, StoreError};

/// Bytes of text from which on a block is taken as it is, however few its records are.
const LARGE: u64 = FULL_BYTES as u64 / 2;

/// Sources of a block that are looked at one by one, at most.
const MOST_SOURCES: usize = 100;

/// A block that an export takes as it is.
pub struct WholeBlock {
    /// Its Parquet file, and what its footer says.
    pub(super) file: Bytes,
    pub(super) metadata: ParquetMetaData,
}

impl fmt::Debug for WholeBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WholeBlock").field("records", &self.records()).finish_non_exhaustive()
    }
}

impl WholeBlock {
    /// How many records it holds.
    pub fn records(&self) -> u64 {
        u64::try_from(self.metadata.file_metadata().num_rows()).unwrap_or(0)
    }
}

/// What comes next in the log.
pub(super) enum Ahead {
    /// A block to take as it is, and its last position.
    Block(WholeBlock, i64),
    /// That block cannot be read.
    Damaged(Damaged),
    /// What must be looked at, up to this position.
    Mixed(i64),
}

/// Looks what begins at `first`, as far as `end`, for blocks of at least `least` records.
pub(super) async fn look_ahead(
    snapshot: &Snapshot<'_>,
    filter: &Filter,
    first: i64,
    end: i64,
    least: u64,
) -> Result<Ahead, StoreError> {
    let span = Span {
        past: Some(Position::of_id(first - 1)),
        before: Some(Position::of_id(end + 1)),
        ..Span::all(Order::Arrival, Direction::OldestFirst)
    };
    let extras = Extras { sources: true, ..Extras::default() };
    let entries = Catalogue::of(snapshot, filter, span, extras).await?.next().await?;
    let fits = |entry: &&Entry| entry.first_id >= first && entry.last_id <= end;
    let is_large = |entry: &&Entry| entry.records() >= least || entry.raw_bytes >= LARGE;
    let whole =
        entries.iter().filter(fits).filter(is_large).find(|entry| passes(snapshot, filter, entry));
    match whole {
        Some(entry) if entry.first_id == first => taken(snapshot, entry).await,
        Some(entry) => Ok(Ahead::Mixed(entry.first_id - 1)),
        // What follows those entries is looked at in the next step.
        None => Ok(Ahead::Mixed(entries.last().map_or(end, |last| last.last_id.min(end)))),
    }
}

/// Whether every record of the block passes, by the catalogue alone.
fn passes(snapshot: &Snapshot<'_>, filter: &Filter, entry: &Entry) -> bool {
    let Ok(counts) = entry.sources() else { return false };
    let known = snapshot.dictionary().read();
    let sources: Option<Vec<&SourceKey>> =
        counts.iter().map(|(id, _)| known.get(id).map(Arc::as_ref)).collect();
    let Some(sources) = sources else { return false };
    match decide(filter, &entry.cell(&sources)) {
        Some(outcome) => outcome,
        // Of several hosts, each may pass by another part of the filter.
        None if sources.len() <= MOST_SOURCES => sources.iter().all(|source| {
            let of_source = filter.on_source(source);
            decide(&of_source, &entry.cell(std::slice::from_ref(source))) == Some(true)
        }),
        None => false,
    }
}

async fn taken(snapshot: &Snapshot<'_>, entry: &Entry) -> Result<Ahead, StoreError> {
    Ok(match snapshot.whole_block(entry).await?.and_then(|block| whole(entry, &block)) {
        Ok(block) => Ahead::Block(block, entry.last_id),
        Err(damaged) => {
            snapshot.note(&damaged);
            Ahead::Damaged(damaged)
        }
    })
}

fn whole(entry: &Entry, block: &Block) -> Result<WholeBlock, Damaged> {
    let metadata = block.metadata().map_err(|error| entry.damaged(error))?;
    let file = block.file().ok_or_else(|| entry.damaged("a part is missing"))?;
    Ok(WholeBlock { file: file.into(), metadata })
}
