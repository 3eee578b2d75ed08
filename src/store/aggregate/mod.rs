//! Counts: answered by SQL alone where the filter is exact, else by the matcher over the rows.

mod histogram;
mod top;
mod values;
mod visible;

use super::read::{Matches, Snapshot, Span};
use super::{Direction, Order, Store, StoreError};
use crate::filter::Filter;
use crate::log::{Log, Timestamp};

/// Values (or steps and values) that are told apart in one answer, at most.
const MOST_GROUPS: usize = 100_000;

impl Store {
    /// The earliest and the latest timestamp of what matches; `None` when nothing does.
    pub async fn time_bounds(
        &self,
        filter: &Filter,
    ) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let Some(first) = outermost(&snapshot, filter, Direction::OldestFirst).await? else {
                return Ok(None);
            };
            let last = outermost(&snapshot, filter, Direction::NewestFirst).await?;
            Ok(last.map(|last| (first, last)))
        })
        .await
    }
}

/// The timestamp of the first hit in a direction.
async fn outermost(
    snapshot: &Snapshot<'_>,
    filter: &Filter,
    direction: Direction,
) -> Result<Option<Timestamp>, StoreError> {
    let mut matches =
        Matches::of(snapshot, filter, Span::all(Order::Timestamp, direction), 1).await?;
    while let Some(logs) = matches.next().await? {
        if let Some(log) = logs.first() {
            return Ok(Some(log.entry.timestamp));
        }
    }
    Ok(None)
}

/// Shows every hit, in no order that means anything.
async fn for_each(
    snapshot: &Snapshot<'_>,
    filter: &Filter,
    mut see: impl FnMut(&Log) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let span = Span::all(Order::Arrival, Direction::OldestFirst);
    let mut matches = Matches::of(snapshot, filter, span, usize::MAX).await?;
    while let Some(logs) = matches.next().await? {
        logs.iter().try_for_each(&mut see)?;
    }
    Ok(())
}

/// Refuses to tell more values apart than fit.
fn hold_to_limit(groups: usize) -> Result<(), StoreError> {
    if groups > MOST_GROUPS { Err(StoreError::TooManyValues(MOST_GROUPS)) } else { Ok(()) }
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
