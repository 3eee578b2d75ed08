//! Where what passes begins and ends in time.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::super::block::{BlockReader, Selector};
use super::super::entity::{Instant, log};
use super::super::read::{Catalogue, Entry, Extras, Haste, Opening, Rank, Snapshot, Span};
use super::super::{Answer, Direction, Order, Store, StoreError};
use super::asked::Asked;
use super::walk::over_rows;
use crate::filter::{ColumnSet, Filter};
use crate::log::{Timestamp, timestamp_from_micros};

/// The earliest and the latest timestamp.
type Bounds = Option<(Timestamp, Timestamp)>;

impl Store {
    /// The earliest and the latest timestamp of what matches; `None` when nothing does.
    pub async fn time_bounds(&self, filter: &Filter) -> Result<Answer<Bounds>, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let rows = of_rows(&snapshot, filter).await?;
            let (first, last) = (rows.map(|rows| rows.0), rows.map(|rows| rows.1));
            let first = outermost(&snapshot, filter, Direction::OldestFirst, first).await?;
            let last = outermost(&snapshot, filter, Direction::NewestFirst, last).await?;
            let mut damaged = first.damaged;
            damaged.extend(last.damaged);
            damaged.sort_by_key(|block| block.first_id);
            damaged.dedup();
            Ok(Answer { value: first.value.zip(last.value), damaged })
        })
        .await
    }
}

/// The outermost timestamp of what passes: that of the rows, or one of a block that lies further
/// out. Blocks are looked at from the outermost on, and only while they can hold such a one.
async fn outermost(
    snapshot: &Snapshot<'_>,
    filter: &Filter,
    direction: Direction,
    rows: Option<Timestamp>,
) -> Result<Answer<Option<Timestamp>>, StoreError> {
    let span = Span::all(Order::Timestamp, direction);
    let mut asked = Asked::new(filter);
    let extras = Extras { sources: asked.by_source(), minutes: false };
    let mut catalogue = Catalogue::of(snapshot, filter, span, extras).await?;
    let selector = Selector::new(filter);
    let columns = filter.columns().and(ColumnSet::TIMESTAMP);
    let work = move |_: &Entry, reader: &mut BlockReader<'_>| {
        let places = selector.select(reader)?;
        if places.is_empty() {
            return Ok(None);
        }
        reader.load(ColumnSet::TIMESTAMP)?;
        let times = reader.columns().timestamps.unwrap_or_default();
        let times = places.iter().filter_map(|place| times.get(*place as usize).copied());
        let outermost = match direction {
            Direction::OldestFirst => times.min(),
            Direction::NewestFirst => times.max(),
        };
        Ok(outermost.map(timestamp_from_micros))
    };
    let mut opening = Opening::new(snapshot, columns, Haste::Growing, work);
    let mut best = rows;
    let mut damaged = Vec::new();
    loop {
        let entries = catalogue.next().await?;
        let mut ended = entries.is_empty();
        {
            let sources = snapshot.dictionary().read();
            for entry in entries {
                if best.is_some_and(|best| entry.bound >= limit(&span, best)) {
                    ended = true;
                    break;
                }
                match asked.of(&entry, &sources).outcome() {
                    Some(false) => {}
                    Some(true) => best = further(direction, best, Some(end(&entry, direction))),
                    None => opening.push([entry]),
                }
            }
        }
        while ended || !opening.is_hungry() {
            if let Some(best) = best {
                opening.stop_at(limit(&span, best));
            }
            let Some(opened) = opening.next().await? else { break };
            match opened.outcome {
                Ok(found) => best = further(direction, best, found),
                Err(block) => damaged.push(block),
            }
        }
        if ended {
            return Ok(Answer { value: best, damaged });
        }
    }
}

/// The place from which on nothing lies further out.
fn limit(span: &Span, best: Timestamp) -> Rank {
    let id = match span.direction {
        Direction::OldestFirst => i64::MIN,
        Direction::NewestFirst => i64::MAX,
    };
    span.rank(best.timestamp_micros(), id)
}

/// The one that lies further out in the direction from which one looks.
fn further(
    direction: Direction,
    one: Option<Timestamp>,
    other: Option<Timestamp>,
) -> Option<Timestamp> {
    let both = one.into_iter().chain(other);
    match direction {
        Direction::OldestFirst => both.min(),
        Direction::NewestFirst => both.max(),
    }
}

/// The earliest or the latest timestamp of a block.
fn end(entry: &Entry, direction: Direction) -> Timestamp {
    let [(first, _), .., (_, last)] = entry.times.0;
    match direction {
        Direction::OldestFirst => first,
        Direction::NewestFirst => last,
    }
}

async fn of_rows(snapshot: &Snapshot<'_>, filter: &Filter) -> Result<Bounds, StoreError> {
    let narrowed = snapshot.narrow(filter).await?;
    if narrowed.exact {
        let bounds: Option<(Option<Instant>, Option<Instant>)> = log::Entity::find()
            .select_only()
            .column_as(log::Column::Timestamp.min(), "first")
            .column_as(log::Column::Timestamp.max(), "last")
            .filter(narrowed.condition)
            .into_tuple()
            .one(&snapshot.transaction)
            .await?;
        return Ok(bounds.and_then(|(first, last)| Some((first?.0, last?.0))));
    }
    let mut bounds: Bounds = None;
    over_rows(snapshot, filter, |log| {
        let at = log.entry.timestamp;
        bounds = Some(bounds.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        Ok(())
    })
    .await?;
    Ok(bounds)
}
