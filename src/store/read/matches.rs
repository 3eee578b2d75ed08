//! What matches a filter, in order, merged from rows and blocks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::block::{BlockReader, Selector};
use super::super::{Damaged, Position, StoreError};
use super::catalogue::{Catalogue, Entry, Extras};
use super::found::{Found, Picked, Wanted};
use super::fronts::{Fronts, Step};
use super::opening::{Haste, Opening};
use super::rows::RowHits;
use super::snapshot::Snapshot;
use super::span::{Rank, Span};
use crate::filter::{ColumnSet, Filter, Matcher};
use crate::log::Log;

/// What matches a filter in one snapshot, in one order: the first so many hits, in pieces.
pub(in crate::store) struct Matches<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    wanted: Arc<Wanted>,
    sources: Sources<'s, 'a>,
    /// Hits that are still to be handed out, at most.
    left: usize,
    /// The last hit that was handed out.
    reached: Option<Position>,
    damaged: Vec<Damaged>,
    work: usize,
}

/// Where the hits come from.
struct Sources<'s, 'a> {
    rows: RowHits<'s, 'a>,
    catalogue: Catalogue<'s, 'a>,
    /// The bound of the last entry that was read of it.
    listed_to: Option<Rank>,
    /// Nothing of it is left that could be wanted.
    listed: bool,
    /// No hit from here on is wanted.
    until: Option<Rank>,
    opening: Opening<'s, 'a, Vec<(Rank, u32)>>,
    found: Found,
}

impl<'s, 'a> Sources<'s, 'a> {
    async fn of(snapshot: &'s Snapshot<'a>, wanted: &Arc<Wanted>) -> Result<Self, StoreError> {
        let Wanted { filter, span, limit, .. } = &**wanted;
        let catalogue = Catalogue::of(snapshot, filter, *span, Extras::default()).await?;
        let rows = RowHits::of(snapshot, snapshot.narrow(filter).await?, *span, *limit).await?;
        let columns = wanted.columns();
        // What passes by its time alone is likely to fill a page from one block.
        let by_time = columns.without(ColumnSet::TIMESTAMP) == ColumnSet::NONE;
        let haste = if by_time { Haste::Growing } else { Haste::Full };
        let sought = wanted.clone();
        let work = move |entry: &Entry, reader: &mut BlockReader<'_>| sought.hits(entry, reader);
        let opening = Opening::new(snapshot, columns, haste, work);
        Ok(Sources {
            rows,
            catalogue,
            listed_to: None,
            listed: false,
            until: None,
            opening,
            found: Found::default(),
        })
    }

    /// Names more blocks to open, when those that were named are on their way.
    async fn list(&mut self, wanted: &Wanted, damaged: &[Damaged]) -> Result<(), StoreError> {
        while self.opening.is_hungry() && !self.listed {
            if let (Some(reached), Some(until)) = (self.listed_to, self.until)
                && reached >= until
            {
                self.listed = true;
                return Ok(());
            }
            let entries = self.catalogue.next().await?;
            self.listed = entries.is_empty();
            self.listed_to = entries.last().map(|entry| entry.bound).or(self.listed_to);
            let known: BTreeSet<i64> = damaged.iter().map(|damaged| damaged.first_id).collect();
            let hopeful =
                |entry: &Entry| !wanted.rules_out(entry) && !known.contains(&entry.first_id);
            self.opening.push(entries.into_iter().filter(hopeful));
        }
        Ok(())
    }

    fn fronts(&self) -> Fronts {
        Fronts {
            row: self.rows.first(),
            unread: self.rows.unread(),
            found: self.found.first(),
            unopened: self.opening.bound(),
        }
    }

    /// Once as many hits are known as are wanted, no block needs to be opened that only has later
    /// ones.
    fn stop_early(&mut self, left: usize) {
        if left == 0 || self.rows.ranks().len() + self.found.ranks().len() < left {
            return;
        }
        let mut ranks: Vec<Rank> =
            self.rows.ranks().take(left).chain(self.found.ranks().take(left)).collect();
        let (_, place, _) = ranks.select_nth_unstable(left - 1);
        self.until = Some(*place);
        self.opening.stop_at(*place);
    }
}

impl<'s, 'a> Matches<'s, 'a> {
    /// The first `limit` hits of a span.
    pub async fn of(
        snapshot: &'s Snapshot<'a>,
        filter: &Filter,
        span: Span,
        limit: usize,
    ) -> Result<Self, StoreError> {
        let (matcher, selector) = (Matcher::new(filter), Selector::new(filter));
        let wanted = Arc::new(Wanted { filter: filter.clone(), matcher, selector, span, limit });
        Ok(Matches {
            snapshot,
            sources: Sources::of(snapshot, &wanted).await?,
            wanted,
            left: limit,
            reached: None,
            damaged: Vec::new(),
            work: 0,
        })
    }

    /// The next hits, perhaps none: control comes back after each bounded piece of work. `None` at
    /// the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Log>>, StoreError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.sources.list(&self.wanted, &self.damaged).await?;
        let logs = match self.sources.fronts().step() {
            Step::End => return Ok(None),
            Step::ReadRows => {
                self.work += self.sources.rows.read(&self.wanted.matcher).await?;
                self.sources.stop_early(self.left);
                Vec::new()
            }
            Step::OpenBlock => {
                self.open().await?;
                Vec::new()
            }
            Step::HandOutRows(before) => self.sources.rows.take(before, self.left),
            Step::HandOutFound(before) => {
                let picked = self.sources.found.take(before, self.left);
                match self.logs(picked).await? {
                    Ok(logs) => logs,
                    Err(damaged) => {
                        self.go_on_without(damaged).await?;
                        Vec::new()
                    }
                }
            }
        };
        self.left -= logs.len();
        self.reached = logs.last().map(Position::of).or(self.reached);
        Ok(Some(logs))
    }

    /// Nothing that is still to come lies before this place; `None` at the end.
    pub async fn first(&mut self) -> Result<Option<Rank>, StoreError> {
        self.sources.list(&self.wanted, &self.damaged).await?;
        Ok(self.sources.fronts().first())
    }

    /// Bytes of text that were looked at.
    pub fn work(&self) -> usize {
        self.work
    }

    /// The blocks that should have been looked at and cannot be read.
    pub fn into_damaged(self) -> Vec<Damaged> {
        self.damaged
    }

    async fn open(&mut self) -> Result<(), StoreError> {
        let Some(opened) = self.sources.opening.next().await? else { return Ok(()) };
        self.work += usize::try_from(opened.entry.raw_bytes).unwrap_or(usize::MAX);
        match opened.outcome {
            Ok(hits) if hits.is_empty() => {}
            Ok(hits) => {
                self.sources.found.add(opened.entry, hits, self.left);
                self.sources.stop_early(self.left);
            }
            Err(damaged) => self.damaged.push(damaged),
        }
        Ok(())
    }

    /// The records of these hits, in order.
    async fn logs(
        &mut self,
        picked: Vec<Picked>,
    ) -> Result<Result<Vec<Log>, Vec<Damaged>>, StoreError> {
        let entries: Vec<Entry> = picked.iter().map(|block| (*block.entry).clone()).collect();
        let places: BTreeMap<i64, Vec<u32>> =
            picked.into_iter().map(|block| (block.entry.first_id, block.places)).collect();
        let work = move |entry: &Entry, reader: &mut BlockReader<'_>| {
            reader.logs(places.get(&entry.first_id).map_or(&[], Vec::as_slice))
        };
        let mut opening = Opening::new(self.snapshot, ColumnSet::ALL, Haste::Full, work);
        opening.push(entries);
        let (mut logs, mut damaged) = (Vec::new(), Vec::new());
        while let Some(opened) = opening.next().await? {
            match opened.outcome {
                Ok(some) => logs.extend(some),
                Err(reason) => damaged.push(reason),
            }
        }
        if !damaged.is_empty() {
            return Ok(Err(damaged));
        }
        logs.sort_by_cached_key(|log| self.wanted.span.rank_of(Position::of(log)));
        Ok(Ok(logs))
    }

    /// Hits of a block turned out not to be readable: other blocks were passed over for their
    /// sake. So it begins anew after the last hit that was handed out, without these blocks.
    async fn go_on_without(&mut self, damaged: Vec<Damaged>) -> Result<(), StoreError> {
        self.damaged.extend(damaged);
        let mut wanted = (*self.wanted).clone();
        wanted.span.past = self.reached.or(wanted.span.past);
        wanted.limit = self.left;
        self.wanted = Arc::new(wanted);
        self.sources = Sources::of(self.snapshot, &self.wanted).await?;
        Ok(())
    }
}
