//! What the writer hands to the store, and what it gets back.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::Segment;
use crate::log::{Entry, SourceKey, Timestamp};

/// The counters of one producer that are stored: all up to `low`, and those in `above`. A frame
/// that never comes leaves a hole for good, so what lies above is kept as ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub low: u64,
    /// The first and last counter of each range, which neither touch each other nor `low`.
    pub above: BTreeMap<u64, u64>,
}

impl Marks {
    /// Adds a counter. `false` when it is there already.
    pub fn insert(&mut self, counter: u64) -> bool {
        let before = self.above.range(..=counter).next_back().map(|(first, last)| (*first, *last));
        if counter <= self.low || before.is_some_and(|(_, last)| counter <= last) {
            return false;
        }
        let first =
            before.filter(|(_, last)| last + 1 == counter).map_or(counter, |(first, _)| first);
        let next = counter.checked_add(1).and_then(|next| self.above.remove(&next));
        let last = next.unwrap_or(counter);
        if first == self.low + 1 {
            self.above.remove(&first);
            self.low = last;
        } else {
            self.above.insert(first, last);
        }
        true
    }
}

/// What the database knows of a producer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Producer {
    pub marks: Marks,
    /// Its records in the log, ever.
    pub stored: u64,
    /// Its records the database refused for their content.
    pub rejected: u64,
}

/// A row of `source` that is written with a batch.
#[derive(Clone, Debug)]
pub struct NewSource {
    /// Greater than every id handed out before: readers learn new sources by their ids.
    pub id: i32,
    pub key: SourceKey,
    pub seen: Timestamp,
}

/// A record with its source found.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub source_id: i32,
    pub source: Arc<SourceKey>,
    pub producer: Uuid,
    pub entry: Entry,
}

/// One batch: everything that one transaction writes.
#[derive(Debug, Default)]
pub struct WriteBatch {
    pub records: Vec<Resolved>,
    pub new_sources: Vec<NewSource>,
    /// The marks of every producer in the batch as they are after it. The totals of what is
    /// stored and rejected are added up by the store, for the producers named here.
    pub marks: BTreeMap<Uuid, Marks>,
}

/// A record the database refused for its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its place in [`WriteBatch::records`].
    pub index: usize,
    /// What the database said.
    pub reason: String,
}

/// What a commit did.
#[derive(Debug, PartialEq, Eq)]
pub struct Committed {
    /// The records, in order and without the rejected ones, got this id, the next, and so on.
    pub first_id: i64,
    /// In the order of their places.
    pub rejected: Vec<Rejected>,
    /// What of it is not in its final form, by id.
    pub unsealed: Vec<Segment>,
}

/// What one producer's totals grow by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub stored: u64,
    pub rejected: u64,
}

impl WriteBatch {
    /// What each producer's totals grow by when these records were rejected.
    pub(super) fn totals(&self, rejected: &[Rejected]) -> BTreeMap<Uuid, Totals> {
        let mut totals: BTreeMap<Uuid, Totals> = BTreeMap::new();
        for frame in self.records.chunk_by(|a, b| a.producer == b.producer) {
            totals.entry(frame[0].producer).or_default().stored += frame.len() as u64;
        }
        for Rejected { index, .. } in rejected {
            let total = totals.entry(self.records[*index].producer).or_default();
            total.stored -= 1;
            total.rejected += 1;
        }
        totals
    }
}

/// What is to be added to a source's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceCount {
    pub id: i32,
    pub added: u64,
    pub last_seen: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_that_come_late_or_twice_are_marked_once() {
        let mut marks = Marks::default();
        let taken = [1, 2, 2, 5, 4, 5, 1, 3, 6].map(|counter| marks.insert(counter));
        assert_eq!(taken, [true, true, false, true, true, false, false, true, true]);
        assert_eq!(marks, Marks { low: 6, above: [].into() });
        assert!(marks.insert(8) && !marks.insert(8));
        assert_eq!(marks, Marks { low: 6, above: [(8, 8)].into() });
    }

    #[test]
    fn a_frame_that_never_comes_costs_one_range() {
        let mut marks = Marks::default();
        assert!((2..=1_000).all(|counter| marks.insert(counter)));
        assert!(!marks.insert(500) && marks.insert(u64::MAX) && !marks.insert(u64::MAX));
        assert_eq!(marks, Marks { low: 0, above: [(2, 1_000), (u64::MAX, u64::MAX)].into() });
        assert!(marks.insert(1));
        assert_eq!(marks, Marks { low: 1_000, above: [(u64::MAX, u64::MAX)].into() });
    }
}
