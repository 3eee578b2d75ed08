//! Hits in blocks that were opened, as places only: their records are made when they are handed
//! out. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::block::{BlockReader, Selector, decide};
use super::super::{Damaged, Order};
use super::catalogue::Entry;
use super::span::{Rank, Span};
use crate::filter::{ColumnSet, Filter, Matcher};

/// Records that are handed out together are about so long, in bytes.
const GROUP_BYTES: u64 = 4 << 20;

/// What is looked for in blocks.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub filter: Filter,
    pub matcher: Matcher,
    pub selector: Selector,
    pub span: Span,
    /// Hits, at most.
    pub limit: usize,
}

impl Wanted {
    /// The columns that say which records are hits, and in which order they come.
    pub fn columns(&self) -> ColumnSet {
        match self.span.order {
            Order::Arrival => self.filter.columns(),
            Order::Timestamp => self.filter.columns().and(ColumnSet::TIMESTAMP),
        }
    }

    /// Whether a block can be passed over, for all the catalogue says.
    pub fn rules_out(&self, entry: &Entry) -> bool {
        decide(&self.filter, &entry.cell(&[])) == Some(false)
    }

    /// The first hits of a block, with their places in it, in the order of the span.
    pub fn hits(
        &self,
        entry: &Entry,
        reader: &mut BlockReader<'_>,
    ) -> Result<Vec<(Rank, u32)>, Damaged> {
        let places = match decide(&self.filter, &entry.cell(&[])) {
            Some(true) => (0..).take(reader.len()).collect(),
            _ => self.selector.select(reader)?,
        };
        if places.is_empty() {
            return Ok(Vec::new());
        }
        reader.load(self.columns())?;
        let columns = reader.columns();
        let rank = |place: u32| {
            let id = entry.first_id + i64::from(place);
            let micros = match columns.timestamps {
                Some(timestamps) => *timestamps.get(place as usize)?,
                None => 0,
            };
            Some((self.span.rank(micros, id), place))
        };
        let mut hits = places
            .into_iter()
            .map(|place| rank(place).ok_or_else(|| entry.damaged("timestamps are missing")))
            .filter(|hit| hit.as_ref().map_or(true, |(rank, _)| self.span.holds(*rank)))
            .collect::<Result<Vec<_>, _>>()?;
        if hits.len() > self.limit {
            hits.select_nth_unstable(self.limit);
            hits.truncate(self.limit);
        }
        hits.sort_unstable();
        Ok(hits)
    }
}

/// Hits that wait to be handed out.
#[derive(Debug, Default)]
pub(super) struct Found {
    hits: BTreeMap<Rank, (Arc<Entry>, u32)>,
}

/// Hits of one block that are handed out together.
#[derive(Debug)]
pub(super) struct Picked {
    pub entry: Arc<Entry>,
    /// In order.
    pub places: Vec<u32>,
}

impl Found {
    /// Adds the hits of a block, and keeps the first `limit` of all.
    pub fn add(&mut self, entry: Entry, hits: Vec<(Rank, u32)>, limit: usize) {
        let entry = Arc::new(entry);
        self.hits.extend(hits.into_iter().map(|(rank, place)| (rank, (entry.clone(), place))));
        while self.hits.len() > limit {
            self.hits.pop_last();
        }
    }

    pub fn first(&self) -> Option<Rank> {
        self.hits.first_key_value().map(|(rank, _)| *rank)
    }

    /// In order.
    pub fn ranks(&self) -> impl ExactSizeIterator<Item = Rank> {
        self.hits.keys().copied()
    }

    /// Takes hits that come before a place, `most` at most and about as many as are read together;
    /// by block, in the order in which the blocks first come.
    pub fn take(&mut self, before: Option<Rank>, most: usize) -> Vec<Picked> {
        let mut picked: Vec<Picked> = Vec::new();
        let mut by_block: BTreeMap<i64, usize> = BTreeMap::new();
        let (mut taken, mut bytes) = (0, 0);
        while taken < most
            && bytes < GROUP_BYTES
            && let Some(first) = self.hits.first_entry()
            && before.is_none_or(|before| *first.key() < before)
        {
            let (entry, place) = first.remove();
            taken += 1;
            bytes += entry.raw_bytes / entry.records().max(1) + 1;
            let index = *by_block.entry(entry.first_id).or_insert(picked.len());
            match picked.get_mut(index) {
                Some(block) => block.places.push(place),
                None => picked.push(Picked { entry, places: vec![place] }),
            }
        }
        picked.iter_mut().for_each(|block| block.places.sort_unstable());
        picked
    }
}
