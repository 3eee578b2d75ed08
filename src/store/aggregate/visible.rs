//! Who sends, as somebody knows it who sees only a part of the log.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::super::entity::{Instant, log};
use super::super::read::Snapshot;
use super::super::{Source, Store, StoreError};
use super::{MOST_GROUPS, for_each, hold_to_limit, unsigned};
use crate::filter::Filter;

impl Store {
    /// The sources of the records that the matcher accepts, by id; first and last seen and count
    /// are of those records alone.
    ///
    /// # Errors
    /// [`StoreError::TooManyValues`] when there are more sources than fit in memory.
    pub async fn visible_sources(&self, scope: &Filter) -> Result<Vec<Source>, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let narrowed = snapshot.narrow(scope).await?;
            if narrowed.exact {
                return by_source(self, &snapshot, narrowed.condition).await;
            }
            let mut sources: BTreeMap<i32, Source> = BTreeMap::new();
            for_each(&snapshot, scope, |log| {
                let seen = log.entry.received_at;
                let source = sources.entry(log.source_id).or_insert_with(|| Source {
                    id: log.source_id,
                    key: (*log.source).clone(),
                    first_seen: seen,
                    last_seen: seen,
                    count: 0,
                });
                source.first_seen = source.first_seen.min(seen);
                source.last_seen = source.last_seen.max(seen);
                source.count += 1;
                hold_to_limit(sources.len())
            })
            .await?;
            Ok(sources.into_values().collect())
        })
        .await
    }
}

/// The sources of an exact filter, counted by the database.
async fn by_source(
    store: &Store,
    snapshot: &Snapshot<'_>,
    condition: Condition,
) -> Result<Vec<Source>, StoreError> {
    let rows: Vec<(i32, Instant, Instant, i64)> = log::Entity::find()
        .select_only()
        .column(log::Column::SourceId)
        .column_as(log::Column::ReceivedAt.min(), "first_seen")
        .column_as(log::Column::ReceivedAt.max(), "last_seen")
        .column_as(log::Column::Id.count(), "records")
        .filter(condition)
        .group_by(log::Column::SourceId)
        .order_by_asc(log::Column::SourceId)
        .limit(MOST_GROUPS as u64 + 1)
        .into_tuple()
        .all(&snapshot.transaction)
        .await?;
    hold_to_limit(rows.len())?;
    store.dictionary().refresh(&snapshot.transaction).await?;
    let known = store.dictionary().read();
    rows.into_iter()
        .map(|(id, first_seen, last_seen, records)| {
            let key = known
                .get(&id)
                .ok_or_else(|| StoreError::Internal(format!("there is no source {id}")))?;
            Ok(Source {
                id,
                key: (**key).clone(),
                first_seen: first_seen.0,
                last_seen: last_seen.0,
                count: unsigned(records),
            })
        })
        .collect()
}
