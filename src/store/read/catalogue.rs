//! The catalogue of blocks: which of them may hold a hit, in the order in which they can.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::super::block::{Cell, FULL_ROWS, Intervals, Summary, prune};
use super::super::entity::{Instant, block};
use super::super::{Damaged, Direction, Order, StoreError};
use super::cache::BlockKey;
use super::snapshot::Snapshot;
use super::span::{Rank, Span, Times};
use crate::filter::Filter;
use crate::log::{SourceKey, Timestamp, timestamp_from_micros};

/// Entries read at first.
const FIRST_CHUNK: u64 = 16;
const LARGEST_CHUNK: u64 = 1024;

/// What the catalogue says of a block.
#[derive(Clone, Debug)]
pub(in crate::store) struct Entry {
    pub first_id: i64,
    pub last_id: i64,
    pub format: i16,
    /// Bytes of text of its records.
    pub raw_bytes: u64,
    /// Bytes at rest.
    pub stored_bytes: u64,
    pub times: Intervals,
    pub received: (Timestamp, Timestamp),
    /// As in [`Summary::severities`].
    pub severities: i32,
    /// As in [`Summary::facilities`].
    pub facilities: i32,
    /// Of the footer.
    pub checksum: i64,
    /// The order of the catalogue: no record of this entry, or of a later one, comes before it.
    pub bound: Rank,
    /// No record of this entry comes before it.
    pub first_place: Rank,
    source_counts: Option<Vec<u8>>,
    minutes: Option<Vec<u8>>,
}

/// Which of the longer columns are read too.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::store) struct Extras {
    pub sources: bool,
    pub minutes: bool,
}

impl Entry {
    /// How many records it holds.
    pub fn records(&self) -> u64 {
        u64::try_from(self.last_id - self.first_id + 1).unwrap_or(0)
    }

    /// Its name where it is kept in memory.
    pub fn key(&self) -> BlockKey {
        let Entry { first_id, last_id, checksum, .. } = *self;
        BlockKey { first_id, last_id, checksum }
    }

    /// Records of each source; none when they were not asked for.
    pub fn sources(&self) -> Result<Vec<(i32, u32)>, Damaged> {
        let bytes = self.source_counts.as_deref();
        bytes.map_or(Ok(Vec::new()), Summary::read_sources).map_err(|error| self.damaged(error))
    }

    /// Records of each minute and severity; none when they were not asked for.
    pub fn minutes(&self) -> Result<Vec<(i64, u8, u32)>, Damaged> {
        let bytes = self.minutes.as_deref();
        bytes.map_or(Ok(Vec::new()), Summary::read_minutes).map_err(|error| self.damaged(error))
    }

    /// What is known of all its records, for `decide`. `sources` are those of the entry.
    pub fn cell<'a>(&'a self, sources: &'a [&'a SourceKey]) -> Cell<'a> {
        Cell {
            ids: self.first_id..=self.last_id,
            times: &self.times.0,
            received: self.received,
            severities: self.severities,
            facilities: self.facilities,
            sources,
        }
    }

    /// The block cannot be read.
    pub fn damaged(&self, reason: impl ToString) -> Damaged {
        Damaged { first_id: self.first_id, last_id: self.last_id, reason: reason.to_string() }
    }
}

/// Entries that may hold a hit, in the order of their [bounds](Entry::bound), in growing chunks.
pub(in crate::store) struct Catalogue<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    condition: Condition,
    extras: Extras,
    span: Span,
    times: Times,
    chunk: u64,
    reached: Option<Reached>,
    ended: bool,
}

/// The last entry that was read.
struct Reached {
    place: Timestamp,
    first_id: i64,
}

impl<'s, 'a> Catalogue<'s, 'a> {
    /// The entries that may hold a record of the span that the filter accepts. The dictionary
    /// knows the sources of the snapshot afterwards.
    pub async fn of(
        snapshot: &'s Snapshot<'a>,
        filter: &Filter,
        span: Span,
        extras: Extras,
    ) -> Result<Self, StoreError> {
        snapshot.know_every_source().await?;
        let pruned = {
            let sources = snapshot.dictionary().read();
            prune(filter, snapshot.backend(), &sources)
        };
        let times = Times::of(filter);
        let within = Within::of(&span, times);
        Ok(Catalogue {
            snapshot,
            condition: Condition::all().add(pruned).add(within.condition(snapshot.backend())),
            extras,
            span,
            times,
            chunk: FIRST_CHUNK,
            reached: None,
            ended: false,
        })
    }

    /// The next entries; none at the end.
    pub async fn next(&mut self) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        while entries.is_empty() && !self.ended {
            let rows = self.rows().await?;
            self.ended = (rows.len() as u64) < self.chunk;
            self.chunk = Ord::min(self.chunk * 4, LARGEST_CHUNK);
            if let Some(last) = rows.last() {
                self.reached = Some(Reached { place: last.place.0, first_id: last.first_id });
            }
            entries.extend(rows.into_iter().filter_map(|row| row.entry(&self.span, self.times)));
        }
        Ok(entries)
    }

    async fn rows(&self) -> Result<Vec<Row>, StoreError> {
        let backend = self.snapshot.backend();
        let place = match self.span.order {
            Order::Arrival => Expr::col(block::Column::From1),
            Order::Timestamp => Within::of(&self.span, self.times).place(backend),
        };
        let key = match self.span.order {
            Order::Arrival => Expr::col(block::Column::FirstId),
            Order::Timestamp => Expr::tuple([place.clone(), Expr::col(block::Column::FirstId)]),
        };
        let past = self.reached.as_ref().map(|reached| {
            let id = Expr::val(reached.first_id);
            let reached = match self.span.order {
                Order::Arrival => id,
                Order::Timestamp => {
                    Expr::tuple([Expr::val(Instant::on(backend, reached.place)), id])
                }
            };
            match self.span.direction {
                Direction::NewestFirst => key.lt(reached),
                Direction::OldestFirst => key.gt(reached),
            }
        });
        let direction = match self.span.direction {
            Direction::NewestFirst => sea_orm::Order::Desc,
            Direction::OldestFirst => sea_orm::Order::Asc,
        };
        let nothing = || Expr::val(None::<Vec<u8>>);
        let mut query = block::Entity::find()
            .select_only()
            .columns([
                block::Column::FirstId,
                block::Column::LastId,
                block::Column::Format,
                block::Column::RawBytes,
                block::Column::StoredBytes,
                block::Column::From1,
                block::Column::To1,
                block::Column::From2,
                block::Column::To2,
                block::Column::From3,
                block::Column::To3,
                block::Column::From4,
                block::Column::To4,
                block::Column::ReceivedFrom,
                block::Column::ReceivedTo,
                block::Column::Severities,
                block::Column::Facilities,
                block::Column::Checksum,
            ])
            .column_as(place.clone(), "place")
            .filter(self.condition.clone().add_option(past));
        query = match self.extras.sources {
            true => query.column(block::Column::SourceCounts),
            false => query.column_as(nothing(), "source_counts"),
        };
        query = match self.extras.minutes {
            true => query.column(block::Column::Minutes),
            false => query.column_as(nothing(), "minutes"),
        };
        if self.span.order == Order::Timestamp {
            query = query.order_by(place, direction.clone());
        }
        Ok(query
            .order_by(block::Column::FirstId, direction)
            .limit(self.chunk)
            .into_model()
            .all(&self.snapshot.transaction)
            .await?)
    }
}

/// A row of the catalogue, as far as it is read.
#[derive(FromQueryResult)]
struct Row {
    first_id: i64,
    last_id: i64,
    format: i16,
    raw_bytes: i64,
    stored_bytes: i64,
    from_1: Instant,
    to_1: Instant,
    from_2: Instant,
    to_2: Instant,
    from_3: Instant,
    to_3: Instant,
    from_4: Instant,
    to_4: Instant,
    received_from: Instant,
    received_to: Instant,
    severities: i32,
    facilities: i32,
    checksum: i64,
    place: Instant,
    source_counts: Option<Vec<u8>>,
    minutes: Option<Vec<u8>>,
}

impl Row {
    /// The entry; `None` when, looked at closely, it holds nothing of the span.
    fn entry(self, span: &Span, times: Times) -> Option<Entry> {
        let intervals = Intervals([
            (self.from_1.0, self.to_1.0),
            (self.from_2.0, self.to_2.0),
            (self.from_3.0, self.to_3.0),
            (self.from_4.0, self.to_4.0),
        ]);
        let outermost = match span.direction {
            Direction::NewestFirst => self.last_id,
            Direction::OldestFirst => self.first_id,
        };
        Some(Entry {
            first_id: self.first_id,
            last_id: self.last_id,
            format: self.format,
            raw_bytes: u64::try_from(self.raw_bytes).unwrap_or(0),
            stored_bytes: u64::try_from(self.stored_bytes).unwrap_or(0),
            times: intervals,
            received: (self.received_from.0, self.received_to.0),
            severities: self.severities,
            facilities: self.facilities,
            checksum: self.checksum,
            bound: span.rank(self.place.0.timestamp_micros(), outermost),
            first_place: span.first_place(self.first_id, self.last_id, &intervals, times)?,
            source_counts: self.source_counts,
            minutes: self.minutes,
        })
    }
}

/// Holds for blocks that end at this position or later. Saying how early such a block can begin
/// lets the database find it by its key.
pub(super) fn ends_from(id: i64) -> Condition {
    Condition::all()
        .add(block::Column::LastId.gte(id))
        .add(block::Column::FirstId.gt(id.saturating_sub(FULL_ROWS as i64)))
}

/// The ids and the timestamps of a span, as SQL holds them against blocks.
struct Within {
    newest_first: bool,
    /// Ids from and to, both included.
    ids: (Option<i64>, Option<i64>),
    /// Timestamps from and to, both included.
    times: (Option<Timestamp>, Option<Timestamp>),
}

/// From the earliest to the latest.
const INTERVALS: [(block::Column, block::Column); 4] = [
    (block::Column::From1, block::Column::To1),
    (block::Column::From2, block::Column::To2),
    (block::Column::From3, block::Column::To3),
    (block::Column::From4, block::Column::To4),
];

impl Within {
    fn of(span: &Span, times: Times) -> Self {
        let newest_first = span.direction == Direction::NewestFirst;
        let (low, high) =
            if newest_first { (span.before, span.past) } else { (span.past, span.before) };
        let (times, ids) = match span.order {
            Order::Arrival => (
                times,
                (
                    low.map(|place| place.id.saturating_add(1)),
                    high.map(|place| place.id.saturating_sub(1)),
                ),
            ),
            Order::Timestamp => {
                let times = low.map_or(times, |place| times.since(place.timestamp));
                (high.map_or(times, |place| times.until(place.timestamp)), (None, None))
            }
        };
        let bound = |micros: i64| {
            let open = micros == i64::MIN || micros == i64::MAX;
            (!open).then(|| timestamp_from_micros(micros))
        };
        Within { newest_first, ids, times: (bound(times.from), bound(times.to)) }
    }

    /// Holds for blocks that may have a record within.
    fn condition(&self, backend: DbBackend) -> Condition {
        let (from, to) = self.times;
        let mut condition = Condition::all()
            .add_option(self.ids.0.map(ends_from))
            .add_option(self.ids.1.map(|id| block::Column::FirstId.lte(id)))
            .add_option(from.map(|from| block::Column::To4.gte(Instant::on(backend, from))))
            .add_option(to.map(|to| block::Column::From1.lte(Instant::on(backend, to))));
        if let (Some(from), Some(to)) = self.times {
            // It may lie in a gap between two intervals.
            let place = self.place(backend);
            condition = condition.add(match self.newest_first {
                true => place.gte(Expr::val(Instant::on(backend, from))),
                false => place.lte(Expr::val(Instant::on(backend, to))),
            });
        }
        condition
    }

    /// The first timestamp within that a record of the block can have, in the direction, as far as
    /// the near end goes.
    fn place(&self, backend: DbBackend) -> Expr {
        let value = |at: Timestamp| Expr::val(Instant::on(backend, at));
        let case = CaseStatement::new;
        match (self.newest_first, self.times) {
            (true, (_, None)) => Expr::col(block::Column::To4),
            (false, (None, _)) => Expr::col(block::Column::From1),
            (true, (_, Some(limit))) => INTERVALS
                .into_iter()
                .rev()
                .fold(case(), |place, (from, to)| {
                    let latest = case()
                        .case(Expr::col(to).lt(value(limit)), Expr::col(to))
                        .finally(value(limit));
                    place.case::<_, Expr>(Expr::col(from).lte(value(limit)), latest.into())
                })
                .into(),
            (false, (Some(limit), _)) => INTERVALS
                .into_iter()
                .fold(case(), |place, (from, to)| {
                    let earliest = case()
                        .case(Expr::col(from).gt(value(limit)), Expr::col(from))
                        .finally(value(limit));
                    place.case::<_, Expr>(Expr::col(to).gte(value(limit)), earliest.into())
                })
                .into(),
        }
    }
}
