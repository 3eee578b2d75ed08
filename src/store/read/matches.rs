//! The matcher over narrowed rows, chunk by chunk.

use super::super::{Direction, Order, Position, StoreError};
use super::snapshot::{Rows, Snapshot};
use crate::filter::{Filter, Matcher};
use crate::log::Log;

/// Text of one chunk that is aimed at, so that long records do not fill the memory.
const CHUNK_BYTES: usize = 4 << 20;
const SMALLEST_CHUNK: usize = 64;
const LARGEST_CHUNK: usize = 8192;

/// What matches a filter in one snapshot, in one order, read in chunks.
pub(crate) struct Matches<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    matcher: Matcher,
    rows: Rows,
    chunk: usize,
    ended: bool,
}

impl<'s, 'a> Matches<'s, 'a> {
    /// `expected` hits are wanted: that many rows are read at first.
    pub async fn of(
        snapshot: &'s Snapshot<'a>,
        filter: &'s Filter,
        order: Order,
        direction: Direction,
        expected: usize,
    ) -> Result<Self, StoreError> {
        let narrowed = snapshot.narrow(filter).await?;
        let rows =
            Rows { condition: narrowed.condition, order, direction, past: None, before: None };
        let chunk = if narrowed.exact { expected } else { expected.saturating_mul(2) };
        Ok(Matches {
            snapshot,
            matcher: Matcher::new(filter),
            rows,
            chunk: chunk.clamp(SMALLEST_CHUNK, LARGEST_CHUNK),
            ended: false,
        })
    }

    /// Only what lies strictly between these places, in the direction.
    pub fn between(mut self, past: Option<Position>, before: Option<Position>) -> Self {
        self.rows.past = past;
        self.rows.before = before;
        self
    }

    /// The next hits, perhaps none; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Log>>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let mut logs = self.snapshot.rows(&self.rows, self.chunk).await?;
        self.ended = logs.len() < self.chunk;
        if let Some(last) = logs.last() {
            self.rows.past = Some(Position::of(last));
        }
        let bytes: usize = logs.iter().map(weight).sum();
        let average = bytes / logs.len().max(1) + 1;
        self.chunk =
            (self.chunk * 2).min(CHUNK_BYTES / average).clamp(SMALLEST_CHUNK, LARGEST_CHUNK);
        logs.retain(|log| self.matcher.matches(log));
        Ok(Some(logs))
    }
}

/// About how many bytes a record takes in memory.
pub(crate) fn weight(log: &Log) -> usize {
    size_of::<Log>() + log.entry.message.len() + log.entry.attributes.as_json().len()
}
