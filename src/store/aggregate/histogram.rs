//! Counts over time.

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::sea_query::{Alias, Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect};

use super::super::entity::{Instant, log};
use super::super::read::Snapshot;
use super::super::{Bucket, HistogramField, Store, StoreError};
use super::{MOST_GROUPS, for_each, hold_to_limit, unsigned};
use crate::filter::{Filter, Test, TimeRange};
use crate::log::{Log, Severity, Timestamp, timestamp_from_micros};

/// Equal steps of time.
#[derive(Clone, Copy)]
struct Steps {
    from: Timestamp,
    /// Microseconds, at least one.
    width: i64,
    count: i64,
}

/// A count for each step (by its start) and key.
type Counts = BTreeMap<(Timestamp, Option<String>), u64>;

impl Store {
    /// Counts in `buckets` steps of `width` from `from` on; only steps and keys with a count,
    /// ordered by start and then by key.
    ///
    /// # Errors
    /// [`StoreError::TooManyValues`] when there are more steps and keys than fit in memory.
    pub async fn histogram(
        &self,
        filter: &Filter,
        from: Timestamp,
        width: Duration,
        buckets: usize,
        by: Option<HistogramField>,
    ) -> Result<Vec<Bucket>, StoreError> {
        let steps = Steps {
            from,
            width: i64::try_from(width.as_micros()).unwrap_or(i64::MAX).clamp(1, i64::MAX),
            count: i64::try_from(buckets).unwrap_or(i64::MAX),
        };
        let within = TimeRange { from: Some(from), to: Some(steps.start(steps.count)) };
        let filter = filter.clone().and(Test::Timestamp(within).into());
        let counts = self
            .reading(async {
                let snapshot = Snapshot::begin(self).await?;
                let narrowed = snapshot.narrow(&filter).await?;
                if narrowed.exact {
                    return grouped(self, &snapshot, narrowed.condition, steps, by).await;
                }
                let mut counts = Counts::new();
                for_each(&snapshot, &filter, |log| {
                    let start = steps.start(steps.step_of(log.entry.timestamp));
                    *counts.entry((start, by.and_then(|by| key_of(log, by)))).or_default() += 1;
                    hold_to_limit(counts.len())
                })
                .await?;
                Ok(counts)
            })
            .await?;
        Ok(counts.into_iter().map(|((start, key), count)| Bucket { start, key, count }).collect())
    }
}

impl Steps {
    fn start(self, step: i64) -> Timestamp {
        let offset = self.width.saturating_mul(step);
        timestamp_from_micros(self.from.timestamp_micros().saturating_add(offset))
    }

    fn step_of(self, at: Timestamp) -> i64 {
        (at - self.from).num_microseconds().unwrap_or(i64::MAX).div_euclid(self.width)
    }

    /// The number of a row's step.
    fn expression(self, backend: DbBackend) -> Expr {
        let timestamp = Expr::col(log::Column::Timestamp);
        let from = Expr::val(Instant::on(backend, self.from));
        let width = Expr::val(self.width);
        match backend {
            // Exact: the epoch of an interval is a numeric with its microseconds.
            DbBackend::Postgres => Expr::cust_with_exprs(
                "floor(extract(epoch from ($1 - $2)) * 1000000 / $3)::bigint",
                [timestamp, from, width],
            ),
            // Integers; the filter leaves no row before the first step.
            _ => timestamp.sub(from).div(width),
        }
    }
}

fn key_of(log: &Log, by: HistogramField) -> Option<String> {
    match by {
        HistogramField::Severity => log.entry.severity.map(|severity| severity.name().to_owned()),
        HistogramField::Host => log.source.host.clone(),
        HistogramField::App => log.source.app.clone(),
    }
}

/// The counts of an exact filter, made by the database: by severity code or by source, which are
/// then put under their keys.
async fn grouped(
    store: &Store,
    snapshot: &Snapshot<'_>,
    condition: sea_orm::Condition,
    steps: Steps,
    by: Option<HistogramField>,
) -> Result<Counts, StoreError> {
    let step = Alias::new("step");
    let part = Alias::new("part");
    let number = |column: log::Column| Expr::col(column).cast_as("integer");
    let part_of = match by {
        None => Expr::val(0).cast_as("integer"),
        Some(HistogramField::Severity) => number(log::Column::Severity),
        Some(HistogramField::Host | HistogramField::App) => number(log::Column::SourceId),
    };
    let rows: Vec<(i64, Option<i32>, i64)> = log::Entity::find()
        .select_only()
        .column_as(steps.expression(snapshot.backend()), "step")
        .column_as(part_of, "part")
        .column_as(log::Column::Id.count(), "records")
        .filter(condition)
        .group_by(Expr::col(step))
        .group_by(Expr::col(part))
        .limit(MOST_GROUPS as u64 + 1)
        .into_tuple()
        .all(&snapshot.transaction)
        .await?;
    hold_to_limit(rows.len())?;
    if matches!(by, Some(HistogramField::Host | HistogramField::App)) {
        store.dictionary().refresh(&snapshot.transaction).await?;
    }
    let sources = store.dictionary().read();
    let source = |part: Option<i32>| part.and_then(|id| sources.get(&id));
    let mut counts = Counts::new();
    for (step, part, records) in rows {
        let key = match by {
            None => None,
            Some(HistogramField::Severity) => part
                .and_then(|code| Severity::from_code(u8::try_from(code).ok()?))
                .map(|severity| severity.name().to_owned()),
            Some(HistogramField::Host) => source(part).and_then(|key| key.host.clone()),
            Some(HistogramField::App) => source(part).and_then(|key| key.app.clone()),
        };
        *counts.entry((steps.start(step), key)).or_default() += unsigned(records);
    }
    Ok(counts)
}
