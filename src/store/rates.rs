//! How busy sources are at the moment.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::aggregate::counted_sources;
use super::entity::{Instant, block, log};
use super::read::Snapshot;
use super::{Store, StoreError};
use crate::filter::{Filter, Test, TimeRange};
use crate::log::{Timestamp, now};

/// Records counted, about and at most: of a busier log, the newest so many speak for the window.
const MOST_RECORDS: i64 = 500_000;

impl Store {
    /// Records a second of each of these sources, over the last `window`. Sources that sent
    /// nothing are left out.
    pub async fn source_rates(
        &self,
        ids: &[i32],
        window: Duration,
    ) -> Result<BTreeMap<i32, f64>, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let now = now();
            let start = TimeDelta::from_std(window)
                .ok()
                .and_then(|window| now.checked_sub_signed(window))
                .unwrap_or(Timestamp::MIN_UTC);
            let head = snapshot.head_after(0).await?;
            let oldest = head.last_id - MOST_RECORDS;
            let (first, since) = match oldest > head.first_id {
                true => received_from(&snapshot, oldest).await?.unwrap_or((oldest, start)),
                false => (head.first_id, start),
            };
            let recent = TimeRange { from: Some(start), to: None };
            let recent = Filter::from(Test::ReceivedAt(recent));
            let newest = Filter::from(Test::Id(first..=i64::MAX));
            let counts = counted_sources(&snapshot, &recent.and(newest)).await?;
            // The whole window, unless the records counted do not reach back so far.
            let span = (now - since.max(start)).to_std().unwrap_or_default();
            let seconds = span.as_secs_f64().max(0.001);
            let rate = |id: &i32| Some((*id, *counts.get(id)? as f64 / seconds));
            Ok(ids.iter().filter_map(rate).collect())
        })
        .await
    }
}

/// When the record at a position came in; of one in a block, where the block begins and when its
/// first one came in.
async fn received_from(
    snapshot: &Snapshot<'_>,
    id: i64,
) -> Result<Option<(i64, Timestamp)>, StoreError> {
    let block: Option<(i64, Instant)> = block::Entity::find()
        .select_only()
        .columns([block::Column::FirstId, block::Column::ReceivedFrom])
        .filter(block::Column::FirstId.lte(id))
        .filter(block::Column::LastId.gte(id))
        .order_by_desc(block::Column::FirstId)
        .into_tuple()
        .one(&snapshot.transaction)
        .await?;
    if let Some((first_id, Instant(at))) = block {
        return Ok(Some((first_id, at)));
    }
    let row: Option<(i64, Instant)> = log::Entity::find_by_id(id)
        .select_only()
        .columns([log::Column::Id, log::Column::ReceivedAt])
        .into_tuple()
        .one(&snapshot.transaction)
        .await?;
    Ok(row.map(|(id, Instant(at))| (id, at)))
}
