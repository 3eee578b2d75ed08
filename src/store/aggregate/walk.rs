//! Counting what passes a filter in both forms of the log: rows by the matcher, blocks by the
//! catalogue where it tells, and else by opening them, several at once. No record is ever made of
//! what is only counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::block::{BlockReader, Selector};
use super::super::read::{Catalogue, Entry, Extras, Haste, Opening, RowHits, Snapshot, Span};
use super::super::{Damaged, Direction, Order, StoreError};
use super::asked::{Asked, Known};
use crate::filter::{ColumnSet, Columns, Filter, Matcher};
use crate::log::{Log, SourceKey};

/// Every source by its id.
pub(super) type Sources = BTreeMap<i32, Arc<SourceKey>>;

/// A count that is made in parts.
pub(super) trait Count: Send + Sync + 'static {
    /// What a block adds to it.
    type Part: Send + 'static;

    /// What of the catalogue it can be taken from.
    fn extras(&self) -> Extras;

    /// What a block adds as the catalogue knows it; `None`: it must be opened.
    fn by_catalogue(&self, known: &Known<'_>, sources: &Sources) -> Option<Self::Part>;

    /// The columns it is taken from.
    fn columns(&self) -> ColumnSet;

    /// What the records at these places of a block add. The ids are those of the list of sources.
    fn in_block(&self, columns: &Columns<'_>, source_ids: &[i32], places: &[u32]) -> Self::Part;
}

/// Adds up what blocks hold that passes. Which of them cannot be read.
pub(super) async fn over_blocks<C: Count>(
    snapshot: &Snapshot<'_>,
    filter: &Filter,
    count: C,
    mut add: impl FnMut(C::Part) -> Result<(), StoreError>,
) -> Result<Vec<Damaged>, StoreError> {
    let mut asked = Asked::new(filter);
    let count = Arc::new(count);
    let mut extras = count.extras();
    extras.sources |= asked.by_source();
    let span = Span::all(Order::Arrival, Direction::OldestFirst);
    let mut catalogue = Catalogue::of(snapshot, filter, span, extras).await?;
    let columns = filter.columns().and(count.columns());
    let (selector, counter) = (Selector::new(filter), count.clone());
    let work = move |_: &Entry, reader: &mut BlockReader<'_>| {
        let places = selector.select(reader)?;
        if places.is_empty() {
            return Ok(None);
        }
        reader.load(counter.columns())?;
        Ok(Some(counter.in_block(&reader.columns(), reader.source_ids(), &places)))
    };
    let mut opening = Opening::new(snapshot, columns, Haste::Full, work);
    let mut damaged = Vec::new();
    loop {
        let entries = catalogue.next().await?;
        let ended = entries.is_empty();
        {
            let sources = snapshot.dictionary().read();
            for entry in entries {
                let known = asked.of(&entry, &sources);
                if known.outcome() == Some(false) {
                    continue;
                }
                match count.by_catalogue(&known, &sources) {
                    Some(part) => add(part)?,
                    None => opening.push([entry]),
                }
            }
        }
        while ended || !opening.is_hungry() {
            let Some(opened) = opening.next().await? else { break };
            match opened.outcome {
                Ok(Some(part)) => add(part)?,
                Ok(None) => {}
                Err(block) => damaged.push(block),
            }
        }
        if ended {
            return Ok(damaged);
        }
    }
}

/// Shows every row that passes, in the order of ids.
pub(super) async fn over_rows(
    snapshot: &Snapshot<'_>,
    filter: &Filter,
    mut see: impl FnMut(&Log) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let matcher = Matcher::new(filter);
    let narrowed = snapshot.narrow(filter).await?;
    let span = Span::all(Order::Arrival, Direction::OldestFirst);
    let mut rows = RowHits::of(snapshot, narrowed, span, usize::MAX).await?;
    while rows.unread().is_some() {
        rows.read(&matcher).await?;
        rows.take(None, usize::MAX).iter().try_for_each(&mut see)?;
    }
    Ok(())
}
