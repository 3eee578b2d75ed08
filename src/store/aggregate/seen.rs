//! How many records each source has among what passes, and when they came in.

use std::collections::btree_map::Entry as Place;
use std::collections::{BTreeMap, HashMap};

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use super::super::entity::{Instant, log};
use super::super::read::{Catalogue, Entry, Extras, Snapshot, Span};
use super::super::{Answer, Direction, Order, StoreError};
use super::asked::{Asked, Known};
use super::walk::{Count, Sources, over_blocks, over_rows};
use super::{MOST_GROUPS, hold_to_limit, unsigned};
use crate::filter::{ColumnSet, Columns, Filter};
use crate::log::{Timestamp, timestamp_from_micros};

/// Records of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Seen {
    pub records: u64,
    /// When the first and the last of them came in.
    pub received: (Timestamp, Timestamp),
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.records += other.records;
        self.received.0 = self.received.0.min(other.received.0);
        self.received.1 = self.received.1.max(other.received.1);
    }
}

type AllSeen = BTreeMap<i32, Seen>;

fn add(all: &mut AllSeen, id: i32, seen: Seen) {
    match all.entry(id) {
        Place::Occupied(mut known) => known.get_mut().add(seen),
        Place::Vacant(place) => {
            place.insert(seen);
        }
    }
}

/// The sources of what passes, by id.
///
/// # Errors
/// [`StoreError::TooManyValues`] when there are more sources than fit in memory.
pub(in crate::store) async fn seen_sources(
    snapshot: &Snapshot<'_>,
    filter: &Filter,
) -> Result<Answer<BTreeMap<i32, Seen>>, StoreError> {
    let mut all = of_rows(snapshot, filter).await?;
    let count = BySource { outermost: Outermost::of(snapshot, filter).await? };
    let damaged = over_blocks(snapshot, filter, count, |part| {
        part.into_iter().for_each(|(id, seen)| add(&mut all, id, seen));
        hold_to_limit(all.len())
    })
    .await?;
    for Seen { received: (first, last), .. } in all.values_mut() {
        if first > last {
            // The blocks that would tell are damaged: the others leave it open by so much.
            std::mem::swap(first, last);
        }
    }
    Ok(Answer { value: all, damaged })
}

/// How many records each source has among what passes.
///
/// # Errors
/// [`StoreError::TooManyValues`] when there are more sources than fit in memory.
pub(in crate::store) async fn counted_sources(
    snapshot: &Snapshot<'_>,
    filter: &Filter,
) -> Result<BTreeMap<i32, u64>, StoreError> {
    let mut all = of_rows(snapshot, filter).await?;
    let count = BySource { outermost: Outermost::default() };
    over_blocks(snapshot, filter, count, |part| {
        part.into_iter().for_each(|(id, seen)| add(&mut all, id, seen));
        hold_to_limit(all.len())
    })
    .await?;
    Ok(all.into_iter().map(|(id, seen)| (id, seen.records)).collect())
}

/// When the first and the last record of each source came in at the latest, and at the earliest:
/// only a block that reaches beyond must be opened to know.
#[derive(Default)]
struct Outermost(HashMap<i32, (Timestamp, Timestamp)>);

impl Outermost {
    async fn of(snapshot: &Snapshot<'_>, filter: &Filter) -> Result<Self, StoreError> {
        let mut outermost = HashMap::new();
        let mut asked = Asked::new(filter);
        let span = Span::all(Order::Arrival, Direction::OldestFirst);
        let extras = Extras { sources: true, minutes: false };
        let mut catalogue = Catalogue::of(snapshot, filter, span, extras).await?;
        loop {
            let entries = catalogue.next().await?;
            if entries.is_empty() {
                return Ok(Outermost(outermost));
            }
            let sources = snapshot.dictionary().read();
            for entry in &entries {
                let passing = asked.of(entry, &sources).passing_sources().unwrap_or_default();
                let (from, to) = entry.received;
                for (id, _) in passing {
                    let (first, last) = outermost.entry(id).or_insert((to, from));
                    *first = to.min(*first);
                    *last = from.max(*last);
                }
            }
            hold_to_limit(outermost.len())?;
        }
    }

    /// The first or the last record of the source may be in the block.
    fn may_be_in(&self, entry: &Entry, id: i32) -> bool {
        let (from, to) = entry.received;
        self.0.get(&id).is_some_and(|(first, last)| from <= *first || to >= *last)
    }
}

/// The count of blocks.
struct BySource {
    outermost: Outermost,
}

impl Count for BySource {
    type Part = Vec<(i32, Seen)>;

    fn extras(&self) -> Extras {
        Extras { sources: true, minutes: false }
    }

    fn by_catalogue(&self, known: &Known<'_>, _: &Sources) -> Option<Self::Part> {
        let passing = known.passing_sources()?;
        if passing.iter().any(|(id, _)| self.outermost.may_be_in(known.entry, *id)) {
            return None;
        }
        // Turned around, the range says nothing: others know when the source was first and last
        // heard of, or nobody asks.
        let (from, to) = known.entry.received;
        let seen = |records: u32| Seen { records: u64::from(records), received: (to, from) };
        Some(passing.into_iter().map(|(id, records)| (id, seen(records))).collect())
    }

    fn columns(&self) -> ColumnSet {
        ColumnSet::SOURCE.and(ColumnSet::RECEIVED_AT)
    }

    fn in_block(&self, columns: &Columns<'_>, source_ids: &[i32], places: &[u32]) -> Self::Part {
        let (sources, _) = columns.sources.unwrap_or_default();
        let times = columns.received_at.unwrap_or_default();
        let mut all = AllSeen::new();
        for place in places {
            let place = *place as usize;
            let id = sources.get(place).and_then(|at| source_ids.get(*at as usize));
            if let (Some(id), Some(at)) = (id, times.get(place)) {
                let at = timestamp_from_micros(*at);
                add(&mut all, *id, Seen { records: 1, received: (at, at) });
            }
        }
        all.into_iter().collect()
    }
}

/// The count of rows.
async fn of_rows(snapshot: &Snapshot<'_>, filter: &Filter) -> Result<AllSeen, StoreError> {
    let narrowed = snapshot.narrow(filter).await?;
    if narrowed.exact {
        return grouped(snapshot, narrowed.condition).await;
    }
    let mut all = AllSeen::new();
    over_rows(snapshot, filter, |log| {
        let at = log.entry.received_at;
        add(&mut all, log.source_id, Seen { records: 1, received: (at, at) });
        hold_to_limit(all.len())
    })
    .await?;
    Ok(all)
}

/// The rows of an exact filter, counted by the database.
async fn grouped(snapshot: &Snapshot<'_>, condition: Condition) -> Result<AllSeen, StoreError> {
    let rows: Vec<(i32, Instant, Instant, i64)> = log::Entity::find()
        .select_only()
        .column(log::Column::SourceId)
        .column_as(log::Column::ReceivedAt.min(), "first_seen")
        .column_as(log::Column::ReceivedAt.max(), "last_seen")
        .column_as(log::Column::Id.count(), "records")
        .filter(condition)
        .group_by(log::Column::SourceId)
        .limit(MOST_GROUPS as u64 + 1)
        .into_tuple()
        .all(&snapshot.transaction)
        .await?;
    hold_to_limit(rows.len())?;
    let seen = |(id, first, last, records): (i32, Instant, Instant, i64)| {
        (id, Seen { records: unsigned(records), received: (first.0, last.0) })
    };
    Ok(rows.into_iter().map(seen).collect())
}
