//! Scans: what a reader that follows the log gets from the store.

use super::super::{Damaged, Direction, Order, Position, Scan, Store, StoreError};
use super::matches::Matches;
use super::snapshot::Snapshot;
use super::span::Span;
use crate::filter::Filter;
use crate::log::Log;

/// Positions that one scan passes over, at most.
const WINDOW: i64 = 1 << 21;
/// Bytes of hits after which a scan ends early.
const ENOUGH_HITS: usize = 4 << 20;
/// Text that one scan looks at, about: then it ends early, so that it ends in time.
const ENOUGH_TEXT: usize = 32 << 20;

impl Store {
    /// Reads on from a cursor: positions after `after`, up to and including `up_to`, at most
    /// `limit` matches, and bounded work a call: `scanned_to` may be short of `up_to` with few
    /// logs or none. Calling it again from `scanned_to` misses nothing and repeats nothing.
    pub async fn scan(
        &self,
        filter: &Filter,
        after: i64,
        up_to: i64,
        limit: usize,
    ) -> Result<Scan, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let head = snapshot.head_after(after).await?;
            let end = up_to.min(head.last_id);
            if after >= end || limit == 0 {
                return Ok(Scan { logs: Vec::new(), scanned_to: after, lost: 0 });
            }
            let first = head.first_id.min(end + 1);
            let end = end.min(first.saturating_add(WINDOW - 1));
            let Scanned { logs, scanned_to, damaged } =
                scan_between(&snapshot, filter, first, end, limit).await?;
            let unreadable = damaged
                .iter()
                .map(|block| block.last_id.min(scanned_to) - block.first_id.max(first) + 1);
            let lost = first - after - 1 + unreadable.map(|count| count.max(0)).sum::<i64>();
            Ok(Scan { logs, scanned_to, lost: u64::try_from(lost).unwrap_or(0) })
        })
        .await
    }
}

/// What a stretch of positions gave, as far as it was looked at.
pub(in crate::store) struct Scanned {
    /// Matches in id order.
    pub logs: Vec<Log>,
    /// Everything up to here has been looked at.
    pub scanned_to: i64,
    /// Blocks that cannot be read; some may lie past `scanned_to`.
    pub damaged: Vec<Damaged>,
}

/// Reads the positions from `first` up to and including `end`, at most `limit` matches, and bounded
/// work.
pub(in crate::store) async fn scan_between(
    snapshot: &Snapshot<'_>,
    filter: &Filter,
    first: i64,
    end: i64,
    limit: usize,
) -> Result<Scanned, StoreError> {
    let span = Span {
        past: Some(Position::of_id(first - 1)),
        before: Some(Position::of_id(end + 1)),
        ..Span::all(Order::Arrival, Direction::OldestFirst)
    };
    let mut matches = Matches::of(snapshot, filter, span, limit).await?;
    let (mut logs, mut bytes) = (Vec::new(), 0);
    while logs.len() < limit
        && bytes < ENOUGH_HITS
        && matches.work() < ENOUGH_TEXT
        && let Some(found) = matches.next().await?
    {
        bytes += found.iter().map(Log::size).sum::<usize>();
        logs.extend(found);
    }
    let scanned_to = match (matches.first().await?, logs.last()) {
        (_, Some(last)) if logs.len() >= limit => last.id,
        (Some(next), _) => span.id_of(next) - 1,
        (None, _) => end,
    };
    Ok(Scanned { logs, scanned_to, damaged: matches.into_damaged() })
}
