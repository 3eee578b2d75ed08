//! How busy sources are at the moment.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{Instant, log};
use super::read::Snapshot;
use super::{Store, StoreError};
use crate::log::{Timestamp, now};

/// Records counted, at most: of a busier log, the newest so many speak for the window.
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
            let oldest = head.first_id.max(head.last_id - MOST_RECORDS);
            let Some((first, since)) = first_since(&snapshot, oldest, head.last_id, start).await?
            else {
                return Ok(BTreeMap::new());
            };
            let counts: Vec<(i32, i64)> = log::Entity::find()
                .select_only()
                .column(log::Column::SourceId)
                .column_as(log::Column::Id.count(), "records")
                .filter(
                    Condition::all()
                        .add(log::Column::Id.gte(first))
                        .add(log::Column::SourceId.is_in(ids.iter().copied())),
                )
                .group_by(log::Column::SourceId)
                .into_tuple()
                .all(&snapshot.transaction)
                .await?;
            // The whole window, unless the records counted do not reach back so far.
            let counted_back = (now - since).to_std().unwrap_or_default();
            let cut = first == oldest && first > head.first_id;
            let span = if cut { counted_back.min(window) } else { window };
            let seconds = span.as_secs_f64().max(0.001);
            Ok(counts.into_iter().map(|(id, count)| (id, count as f64 / seconds)).collect())
        })
        .await
    }
}

/// The first position from `low` to `high` that was received at `since` or later, and when that
/// was. Positions are in the order of receipt but for moments, so halving finds it.
async fn first_since(
    snapshot: &Snapshot<'_>,
    mut low: i64,
    mut high: i64,
    since: Timestamp,
) -> Result<Option<(i64, Timestamp)>, StoreError> {
    let mut found = None;
    while low <= high {
        let middle = low + (high - low) / 2;
        let row: Option<(i64, Instant)> = log::Entity::find()
            .select_only()
            .columns([log::Column::Id, log::Column::ReceivedAt])
            .filter(log::Column::Id.gte(middle))
            .order_by_asc(log::Column::Id)
            .limit(1)
            .into_tuple()
            .one(&snapshot.transaction)
            .await?;
        match row {
            Some((id, Instant(at))) if at >= since => {
                found = Some((id, at));
                high = middle - 1;
            }
            Some((id, _)) => low = id + 1,
            None => high = middle - 1,
        }
    }
    Ok(found)
}
