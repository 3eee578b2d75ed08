//! Records stored in a random mix of forms: rows, small blocks, and blocks in their final form.

use std::collections::HashMap;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use tailwater::filter::Filter;
use tailwater::log::{Log, Record, SourceKey};
use tailwater::store::{
    NewSource, Resolved, Sealing, Segment, SourceCount, Store, StoreOptions, WriteBatch,
    WriteSession,
};

use super::support::{Database, PRODUCER, connect_with, options};

/// From so many records up a batch is written as a block at once; smaller ones stay rows.
const BLOCK_ROWS: usize = 4;

/// What is done next to the log.
#[derive(Clone, Debug)]
pub enum Step {
    /// So many more of the records are committed in one batch.
    Commit(usize),
    /// A run of what is not yet in its final form is sealed.
    Seal { from: Index, to: Index, is_final: bool, from_memory: bool },
}

/// Steps that leave a log in any mix of forms.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let commit = (1..3 * BLOCK_ROWS).prop_map(Step::Commit);
    let seal = (any::<Index>(), any::<Index>(), any::<bool>(), any::<bool>()).prop_map(
        |(from, to, is_final, from_memory)| Step::Seal { from, to, is_final, from_memory },
    );
    vec(prop_oneof![2 => commit, 1 => seal], 0..10)
}

/// A log whose records lie in random forms. Its positions go on from mix to mix: what was there
/// before is removed, as retention does it.
pub struct Mix {
    pub store: Store,
    writer: WriteSession,
    /// Sources by their keys; they stay from mix to mix, so that many name no record.
    sources: HashMap<SourceKey, i32>,
}

impl Mix {
    pub async fn in_database(database: &Database) -> Mix {
        let options = StoreOptions { block_rows: BLOCK_ROWS, ..options(&database.url) };
        let store = connect_with(&options).await;
        let writer = WriteSession::open_without_election(&store).await.expect("open");
        Mix { store, writer, sources: HashMap::new() }
    }

    /// The position before the first record of the next mix.
    pub fn base(&self) -> i64 {
        self.writer.last_id()
    }

    /// Stores the records, by these steps and then the rest of them in one batch.
    pub async fn put(&mut self, database: &Database, records: &[Record], steps: &[Step]) {
        database.sql("DELETE FROM log; DELETE FROM block_part; DELETE FROM block").await;
        let base = self.base();
        let mut left = records;
        for step in steps {
            match step {
                Step::Commit(count) => {
                    let (batch, rest) = left.split_at(left.len().min(*count));
                    self.commit(batch).await;
                    left = rest;
                }
                Step::Seal { from, to, is_final, from_memory } => {
                    let segments = self.store.segments().await.expect("segments");
                    let Some(run) = run_of(&segments, from, to) else { continue };
                    self.seal(base, run, *is_final, *from_memory).await;
                }
            }
        }
        self.commit(left).await;
    }

    /// What the writer would count at its next start.
    pub async fn uncounted_sources(&mut self) -> Vec<SourceCount> {
        self.writer.uncounted_sources().await.expect("count")
    }

    async fn commit(&mut self, records: &[Record]) {
        let mut batch = WriteBatch::default();
        for record in records {
            let next = i32::try_from(self.sources.len()).expect("few sources") + 1;
            let source_id = *self.sources.entry(record.source.clone()).or_insert(next);
            if source_id == next {
                let (key, seen) = (record.source.clone(), record.entry.received_at);
                batch.new_sources.push(NewSource { id: next, key, seen });
            }
            let entry = record.entry.clone();
            let source = Arc::new(record.source.clone());
            batch.records.push(Resolved { source_id, source, producer: PRODUCER, entry });
        }
        let committed = self.writer.commit(&batch).await.expect("commit");
        assert!(committed.rejected.is_empty(), "{committed:?}");
    }

    async fn seal(&self, base: i64, run: &[Segment], is_final: bool, from_memory: bool) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
        let range = first.first_id..=last.last_id;
        let logs = if from_memory {
            let logs = everything(&self.store, base).await.into_iter();
            Some(logs.filter(|log| range.contains(&log.id)).map(Arc::new).collect())
        } else {
            None
        };
        self.store.seal(Sealing { range, logs, is_final }).await.expect("seal");
    }
}

/// Every record after a position, by id.
pub async fn everything(store: &Store, after: i64) -> Vec<Log> {
    store.scan(&Filter::ALL, after, i64::MAX, 1_000).await.expect("scan").logs
}

/// A contiguous run of segments: from one of them, up to another or to where a gap follows.
fn run_of<'a>(segments: &'a [Segment], from: &Index, to: &Index) -> Option<&'a [Segment]> {
    if segments.is_empty() {
        return None;
    }
    let (from, to) = (from.index(segments.len()), to.index(segments.len()));
    let chosen = &segments[from.min(to)..=from.max(to)];
    chosen.chunk_by(|a, b| a.last_id + 1 == b.first_id).next()
}
