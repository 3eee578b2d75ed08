//! What lies around a record.

use super::super::{Answer, Damaged, Direction, Order, Position, Store, StoreError};
use super::matches::Matches;
use super::rows::CHUNK_BYTES;
use super::snapshot::Snapshot;
use super::span::Span;
use crate::filter::{Field, Filter, Test, TextTest, fold};
use crate::log::{Log, SourceKey};

impl Store {
    /// The `before` records before a record and the `after` records after it, in id order, the
    /// record itself among them: those of the same source, or of all. Fewer when they are very
    /// long.
    pub async fn context(
        &self,
        log: &Log,
        same_source: bool,
        before: usize,
        after: usize,
    ) -> Result<Answer<Vec<Log>>, StoreError> {
        let here = Position::of(log);
        let source = same_source.then_some(log);
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let mut damaged = Vec::new();
            let mut side = async |direction, limit| {
                neighbours(&snapshot, source, here, direction, limit, &mut damaged).await
            };
            let mut logs = side(Direction::NewestFirst, before).await?;
            logs.reverse();
            logs.push(log.clone());
            logs.extend(side(Direction::OldestFirst, after).await?);
            Ok(Answer { value: logs, damaged })
        })
        .await
    }
}

/// The records next to a place, by position: of the source of a record, or of all.
async fn neighbours(
    snapshot: &Snapshot<'_>,
    source: Option<&Log>,
    mut place: Position,
    direction: Direction,
    limit: usize,
    damaged: &mut Vec<Damaged>,
) -> Result<Vec<Log>, StoreError> {
    let filter = source.map_or(Filter::ALL, |log| from(&log.source));
    let (mut logs, mut bytes) = (Vec::new(), 0);
    while logs.len() < limit && bytes < CHUNK_BYTES {
        let span = Span { past: Some(place), ..Span::all(Order::Arrival, direction) };
        let mut matches = Matches::of(snapshot, &filter, span, limit - logs.len()).await?;
        let mut seen = 0;
        while bytes < CHUNK_BYTES
            && let Some(found) = matches.next().await?
        {
            seen += found.len();
            for log in found {
                place = Position::of(&log);
                // The filter takes names in any case; a source has one.
                if source.is_none_or(|other| other.source_id == log.source_id) {
                    bytes += log.size();
                    logs.push(log);
                }
            }
        }
        damaged.extend(matches.into_damaged());
        if seen == 0 {
            break;
        }
    }
    Ok(logs)
}

/// The records of a source, and of those that differ from it only by case.
fn from(source: &SourceKey) -> Filter {
    let is = |field: Field, value: Option<&str>| match value {
        Some(value) => Test::Text(field, TextTest::Equals(fold(value))).into(),
        None => Filter::from(Test::Exists(field)).negate(),
    };
    let address = source.address.to_string();
    Filter::all([
        is(Field::Host, source.host.as_deref()),
        is(Field::App, source.app.as_deref()),
        is(Field::Address, Some(&address)),
    ])
}
