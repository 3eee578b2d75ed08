//! Pages: the next hits in an order, past a place.

use super::super::{Page, PageRequest, Store, StoreError};
use super::matches::Matches;
use super::snapshot::Snapshot;
use crate::log::Log;

/// Bytes of records after which a page is full, whatever its limit.
const PAGE_BYTES: usize = 16 << 20;

impl Store {
    /// The next hits in an order, past a place. It works until the page is full (of 16 MiB, if
    /// that is less than its limit) or the log ends, and no longer than the read time-out.
    pub async fn page(&self, request: PageRequest<'_>) -> Result<Page, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let wanted = request.limit.saturating_add(1);
            let mut matches =
                Matches::of(&snapshot, request.filter, request.order, request.direction, wanted)
                    .await?
                    .between(request.past, request.before);
            let mut logs = Vec::new();
            let mut bytes = 0;
            while let Some(found) = matches.next().await? {
                for log in found {
                    if logs.len() >= request.limit || bytes >= PAGE_BYTES {
                        return Ok(Page { logs, more: true, damaged: Vec::new() });
                    }
                    bytes += log.size();
                    logs.push(log);
                }
            }
            Ok(Page { logs, more: false, damaged: Vec::new() })
        })
        .await
    }

    /// The record at a position; `None` when there is none, or none any more.
    pub async fn log(&self, id: i64) -> Result<Option<Log>, StoreError> {
        self.reading(async { Snapshot::begin(self).await?.row(id).await }).await
    }
}
