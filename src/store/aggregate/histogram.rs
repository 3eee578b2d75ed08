//! Counts over time.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use sea_orm::sea_query::{Alias, Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect};

use super::super::entity::{Instant, log};
use super::super::read::{Extras, Snapshot};
use super::super::{Answer, Bucket, HistogramField, Store, StoreError};
use super::asked::{Known, Minute};
use super::walk::{Count, Sources, over_blocks, over_rows};
use super::{MOST_GROUPS, hold_to_limit, severity_name, unsigned};
use crate::filter::{ColumnSet, Columns, Filter, Test, TimeRange};
use crate::log::{Log, SourceKey, Timestamp, timestamp_from_micros};

/// Equal steps of time.
#[derive(Clone, Copy)]
struct Steps {
    from: Timestamp,
    /// Microseconds, at least one.
    width: i64,
    count: i64,
}

/// A step (by its start) and a key.
type Place = (Timestamp, Option<String>);

/// A count for each step and key.
type Counts = BTreeMap<Place, u64>;

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
    ) -> Result<Answer<Vec<Bucket>>, StoreError> {
        let steps = Steps {
            from,
            width: i64::try_from(width.as_micros()).unwrap_or(i64::MAX).clamp(1, i64::MAX),
            count: i64::try_from(buckets).unwrap_or(i64::MAX),
        };
        let within = TimeRange { from: Some(from), to: Some(steps.start(steps.count)) };
        let filter = filter.clone().and(Test::Timestamp(within).into());
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let mut counts = of_rows(self, &snapshot, &filter, steps, by).await?;
            let count = InSteps { steps, by };
            let damaged = over_blocks(&snapshot, &filter, count, |part| {
                for (place, records) in part {
                    *counts.entry(place).or_default() += records;
                }
                hold_to_limit(counts.len())
            })
            .await?;
            let bucket = |((start, key), count)| Bucket { start, key, count };
            Ok(Answer { value: counts.into_iter().map(bucket).collect(), damaged })
        })
        .await
    }
}

/// The count of blocks.
struct InSteps {
    steps: Steps,
    by: Option<HistogramField>,
}

impl Count for InSteps {
    type Part = Vec<(Place, u64)>;

    fn extras(&self) -> Extras {
        let sources = self.is_by_source();
        Extras { sources, minutes: !sources }
    }

    /// Minutes that lie in one step; sources, where the whole block does.
    fn by_catalogue(&self, known: &Known<'_>, sources: &Sources) -> Option<Self::Part> {
        if !self.is_by_source() {
            let in_step = |minute: Minute| {
                let place = (self.steps.start_for(minute.times)?, self.code_key(minute.severity));
                Some((place, u64::from(minute.records)))
            };
            return known.passing_minutes()?.into_iter().map(in_step).collect();
        }
        let times = known.entry.times.0;
        let start = self.steps.start_for((times.first()?.0, times.last()?.1))?;
        let counted = |(id, records)| {
            let key = self.source_key(sources.get(&id)?);
            Some(((start, key), u64::from(records)))
        };
        known.passing_sources()?.into_iter().map(counted).collect()
    }

    fn columns(&self) -> ColumnSet {
        ColumnSet::TIMESTAMP.and(match self.by {
            None => ColumnSet::NONE,
            Some(HistogramField::Severity) => ColumnSet::SEVERITY,
            Some(HistogramField::Host | HistogramField::App) => ColumnSet::SOURCE,
        })
    }

    fn in_block(&self, columns: &Columns<'_>, _: &[i32], places: &[u32]) -> Self::Part {
        let times = columns.timestamps.unwrap_or_default();
        let codes = columns.severities.unwrap_or_default();
        let (sources, keys) = columns.sources.unwrap_or_default();
        let mut counts: HashMap<(i64, u32), u64> = HashMap::new();
        for place in places {
            let place = *place as usize;
            let Some(at) = times.get(place) else { continue };
            let part = match self.by {
                None => Some(0),
                Some(HistogramField::Severity) => codes.get(place).copied().map(u32::from),
                Some(HistogramField::Host | HistogramField::App) => sources.get(place).copied(),
            };
            *counts.entry((self.steps.step_at(*at), part.unwrap_or_default())).or_default() += 1;
        }
        let key = |part: u32| match self.by {
            None => None,
            Some(HistogramField::Severity) => self.code_key(u8::try_from(part).ok()?),
            Some(_) => self.source_key(keys.get(part as usize)?),
        };
        let named = |((step, part), records)| ((self.steps.start(step), key(part)), records);
        counts.into_iter().map(named).collect()
    }
}

impl InSteps {
    fn is_by_source(&self) -> bool {
        matches!(self.by, Some(HistogramField::Host | HistogramField::App))
    }

    /// The key of records with a severity's code.
    fn code_key(&self, code: u8) -> Option<String> {
        self.by.and_then(|_| severity_name(code))
    }

    /// The key of a source's records.
    fn source_key(&self, source: &SourceKey) -> Option<String> {
        self.by.and_then(|by| source_key(source, by))
    }
}

impl Steps {
    fn start(self, step: i64) -> Timestamp {
        let offset = self.width.saturating_mul(step);
        timestamp_from_micros(self.from.timestamp_micros().saturating_add(offset))
    }

    fn step_of(self, at: Timestamp) -> i64 {
        self.step_at(at.timestamp_micros())
    }

    fn step_at(self, micros: i64) -> i64 {
        micros.saturating_sub(self.from.timestamp_micros()).div_euclid(self.width)
    }

    /// The start of the step that both instants lie in, if they do.
    fn start_for(self, (first, last): (Timestamp, Timestamp)) -> Option<Timestamp> {
        let step = self.step_of(first);
        (step == self.step_of(last)).then(|| self.start(step))
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
        HistogramField::Host | HistogramField::App => source_key(&log.source, by),
    }
}

fn source_key(source: &SourceKey, by: HistogramField) -> Option<String> {
    match by {
        HistogramField::Severity => None,
        HistogramField::Host => source.host.clone(),
        HistogramField::App => source.app.clone(),
    }
}

/// The count of rows.
async fn of_rows(
    store: &Store,
    snapshot: &Snapshot<'_>,
    filter: &Filter,
    steps: Steps,
    by: Option<HistogramField>,
) -> Result<Counts, StoreError> {
    let narrowed = snapshot.narrow(filter).await?;
    if narrowed.exact {
        return grouped(store, snapshot, narrowed.condition, steps, by).await;
    }
    let mut counts = Counts::new();
    over_rows(snapshot, filter, |log| {
        let start = steps.start(steps.step_of(log.entry.timestamp));
        *counts.entry((start, by.and_then(|by| key_of(log, by)))).or_default() += 1;
        hold_to_limit(counts.len())
    })
    .await?;
    Ok(counts)
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
            Some(HistogramField::Severity) => {
                part.and_then(|code| severity_name(u8::try_from(code).ok()?))
            }
            Some(by) => source(part).and_then(|key| source_key(key, by)),
        };
        *counts.entry((steps.start(step), key)).or_default() += unsigned(records);
    }
    Ok(counts)
}
