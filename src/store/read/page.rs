//! Pages: the next hits in an order, past a place.

use super::super::{Direction, Order, Page, PageRequest, Position, Store, StoreError};
use super::matches::Matches;
use super::snapshot::Snapshot;
use super::span::Span;
use crate::filter::Filter;
use crate::log::Log;

/// Bytes of records after which a page is full, whatever its limit.
const PAGE_BYTES: usize = 16 << 20;

impl Store {
    /// The next hits in an order, past a place. It works until the page is full (of 16 MiB, if
    /// that is less than its limit) or the log ends, and no longer than the read time-out.
    pub async fn page(&self, request: PageRequest<'_>) -> Result<Page, StoreError> {
        let PageRequest { filter, order, direction, past, before, limit } = request;
        let span = Span { order, direction, past, before };
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let mut matches = Matches::of(&snapshot, filter, span, limit.saturating_add(1)).await?;
            let (mut logs, mut bytes) = (Vec::new(), 0);
            while let Some(found) = matches.next().await? {
                for log in found {
                    if logs.len() >= limit || bytes >= PAGE_BYTES {
                        return Ok(Page { logs, more: true, damaged: matches.into_damaged() });
                    }
                    bytes += log.size();
                    logs.push(log);
                }
            }
            Ok(Page { logs, more: false, damaged: matches.into_damaged() })
        })
        .await
    }

    /// The record at a position; `None` when there is none, or none any more.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when it lies in a block that cannot be read.
    pub async fn log(&self, id: i64) -> Result<Option<Log>, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            if let Some(log) = snapshot.row(id).await? {
                return Ok(Some(log));
            }
            let span = Span {
                past: Some(Position::of_id(id.saturating_sub(1))),
                before: Some(Position::of_id(id.saturating_add(1))),
                ..Span::all(Order::Arrival, Direction::OldestFirst)
            };
            let mut matches = Matches::of(&snapshot, &Filter::ALL, span, 1).await?;
            while let Some(found) = matches.next().await? {
                if let Some(log) = found.into_iter().next() {
                    return Ok(Some(log));
                }
            }
            matches.into_damaged().pop().map_or(Ok(None), |block| Err(StoreError::Damaged(block)))
        })
        .await
    }
}
