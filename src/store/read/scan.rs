//! Scans: what a reader that follows the log gets from the store.

use sea_orm::{ColumnTrait, Condition};

use super::super::entity::log;
use super::super::{Direction, Order, Position, Scan, Store, StoreError};
use super::snapshot::{Rows, Snapshot};
use crate::filter::{Filter, Matcher};

/// Positions one scan looks at, at most.
const WINDOW: i64 = 16_384;
/// Rows read at a time.
const CHUNK: usize = 2_048;
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
            let lost = u64::try_from(first - after - 1).unwrap_or(0);
            let end = end.min(first - 1 + WINDOW);
            let narrowed = snapshot.narrow(filter).await?;
            let matcher = Matcher::new(filter);
            let mut rows = Rows {
                condition: Condition::all()
                    .add(narrowed.condition)
                    .add(log::Column::Id.between(first, end)),
                order: Order::Arrival,
                direction: Direction::OldestFirst,
                past: None,
                before: None,
            };
            let chunk = limit.min(CHUNK);
            let mut logs = Vec::new();
            let (mut hit_bytes, mut text_bytes) = (0, 0);
            loop {
                let found = snapshot.rows(&rows, chunk).await?;
                for log in found.logs {
                    let place = Position::of(&log);
                    if matcher.matches(&log) {
                        hit_bytes += log.size();
                        logs.push(log);
                        if logs.len() >= limit || hit_bytes >= ENOUGH_HITS {
                            return Ok(Scan { logs, scanned_to: place.id, lost });
                        }
                    }
                    rows.past = Some(place);
                }
                if found.ended {
                    return Ok(Scan { logs, scanned_to: end, lost });
                }
                text_bytes += found.bytes;
                if text_bytes >= ENOUGH_TEXT
                    && let Some(place) = rows.past
                {
                    return Ok(Scan { logs, scanned_to: place.id, lost });
                }
            }
        })
        .await
    }
}
