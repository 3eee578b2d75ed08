//! The matcher over narrowed rows, chunk by chunk.

use super::super::{Direction, Order, Position, StoreError};
use super::snapshot::{CHUNK_BYTES, Chunk, Rows, Snapshot};
use crate::filter::{Filter, Matcher};
use crate::log::Log;

const SMALLEST_CHUNK: usize = 64;
/// While nothing is known of their length yet.
const FIRST_CHUNK: usize = 256;
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
            chunk: chunk.clamp(SMALLEST_CHUNK, FIRST_CHUNK),
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
        let Chunk { mut logs, bytes, ended } = self.snapshot.rows(&self.rows, self.chunk).await?;
        self.ended = ended;
        if let Some(last) = logs.last() {
            self.rows.past = Some(Position::of(last));
        }
        let average = bytes / logs.len().max(1) + 1;
        self.chunk =
            (self.chunk * 4).min(CHUNK_BYTES / average).clamp(SMALLEST_CHUNK, LARGEST_CHUNK);
        logs.retain(|log| self.matcher.matches(log));
        Ok(Some(logs))
    }
}
