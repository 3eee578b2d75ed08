//! Opening blocks: their bytes are fetched some way ahead, several are decoded at once on
//! blocking threads, and what was made of them comes out in order. Dropping it stops the work:
//! what has not begun never does, and what has ends with its block.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::task::spawn_blocking;
use tokio_util::task::AbortOnDropHandle;

use super::super::block::{Block, BlockReader};
use super::super::{Damaged, StoreError};
use super::catalogue::Entry;
use super::snapshot::Snapshot;
use super::span::Rank;
use crate::filter::ColumnSet;

/// Bytes that blocks on their way may take, at most, unless one alone takes more. How many are on
/// their way at once is bounded by the connections for reading.
const IN_FLIGHT: u64 = 32 << 20;
/// Blocks fetched together, at most.
const LARGEST_BATCH: usize = 4;
/// Blocks of a question whose decoded columns are kept: the first ones, for whoever asks again for
/// the newest.
const KEEP_DECODED: usize = 4;
/// Bytes that a decoded record takes beside its text, about.
const RECORD_BYTES: u64 = 64;

/// Makes something of a block, which decodes what is asked of it.
pub(in crate::store) trait Work<T>:
    Fn(&Entry, &mut BlockReader<'_>) -> Result<T, Damaged> + Send + Sync + 'static
{
}

impl<T, F> Work<T> for F where
    F: Fn(&Entry, &mut BlockReader<'_>) -> Result<T, Damaged> + Send + Sync + 'static
{
}

/// How eagerly blocks are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Haste {
    /// One block at first, for it may be enough.
    Growing,
    /// At first as many as there are processors.
    Full,
}

/// What was made of a block.
#[derive(Debug)]
pub(in crate::store) struct Opened<T> {
    pub entry: Entry,
    pub outcome: Result<T, Damaged>,
}

/// Blocks that are being opened, in the order in which they were [pushed](Opening::push).
pub(in crate::store) struct Opening<'s, 'a, T> {
    snapshot: &'s Snapshot<'a>,
    columns: ColumnSet,
    work: Arc<dyn Work<T>>,
    /// Bytes that may still enter the cache.
    keep: u64,
    /// Blocks whose decoded columns may still be kept.
    keep_decoded: usize,
    /// Blocks to fetch next: it grows, since the first ones may be enough.
    batch: usize,
    /// Whether to be ahead: not before it is known that the first ones are not enough.
    eager: bool,
    /// Blocks decoded at once, at most.
    threads: usize,
    /// Blocks from this place on are not opened any more.
    until: Option<Rank>,
    queue: VecDeque<Entry>,
    ready: VecDeque<(Entry, Result<Block, Damaged>)>,
    running: VecDeque<Running<T>>,
    /// Bytes of what is ready or running.
    in_flight: u64,
}

struct Running<T> {
    bound: Rank,
    bytes: u64,
    task: AbortOnDropHandle<Opened<T>>,
}

impl<'s, 'a, T: Send + 'static> Opening<'s, 'a, T> {
    /// Opens blocks to make something of these columns: only the parts that hold them are there.
    /// The dictionary knows the sources of the snapshot (see [`Snapshot::know_every_source`]).
    pub fn new(
        snapshot: &'s Snapshot<'a>,
        columns: ColumnSet,
        haste: Haste,
        work: impl Work<T>,
    ) -> Self {
        let threads = available_parallelism().map_or(1, usize::from);
        Opening {
            snapshot,
            columns,
            work: Arc::new(work),
            keep: snapshot.part_cache().share(),
            keep_decoded: KEEP_DECODED,
            batch: if haste == Haste::Full { threads } else { 1 },
            eager: false,
            threads,
            until: None,
            queue: VecDeque::new(),
            ready: VecDeque::new(),
            running: VecDeque::new(),
            in_flight: 0,
        }
    }

    /// Adds blocks to the end.
    pub fn push(&mut self, entries: impl IntoIterator<Item = Entry>) {
        self.queue.extend(entries);
    }

    /// Whether all that was pushed is on its way: more would be welcome.
    pub fn is_hungry(&self) -> bool {
        self.queue.is_empty()
    }

    /// From now on, does not begin with blocks that hold nothing before this place.
    pub fn stop_at(&mut self, place: Rank) {
        self.until = Some(self.until.map_or(place, |until| until.min(place)));
    }

    /// The [bound](Entry::bound) of the next block to come out.
    pub fn bound(&self) -> Option<Rank> {
        let running = self.running.front().map(|running| running.bound);
        running
            .or_else(|| self.ready.front().map(|(entry, _)| entry.bound))
            .or_else(|| self.queue.front().map(|entry| entry.bound))
    }

    /// What was made of the next block; `None` when nothing that was pushed is left.
    pub async fn next(&mut self) -> Result<Option<Opened<T>>, StoreError> {
        self.begin_work();
        // The threads work on meanwhile. A query is never left half done: what else is asked of
        // the snapshot would wait for it.
        while let Some(batch) = self.next_batch() {
            let blocks = self.snapshot.blocks(&batch, self.columns, self.keep > 0).await?;
            let stored = batch.iter().map(|entry| entry.stored_bytes).sum();
            self.keep = self.keep.saturating_sub(stored);
            self.ready.extend(batch.into_iter().zip(blocks));
            self.begin_work();
        }
        let Some(first) = self.running.front_mut() else { return Ok(None) };
        let opened = (&mut first.task).await.map_err(|error| {
            StoreError::Internal(format!("reading a block came to an end: {error}"))
        })?;
        if let Some(finished) = self.running.pop_front() {
            self.in_flight -= finished.bytes;
        }
        self.eager = true;
        if let Err(damaged) = &opened.outcome {
            self.snapshot.note(damaged);
        }
        Ok(Some(opened))
    }

    /// The blocks to fetch now; none while enough are there.
    fn next_batch(&mut self) -> Option<Vec<Entry>> {
        let enough = if self.eager { self.ready.len() >= self.threads } else { self.in_flight > 0 };
        if enough {
            return None;
        }
        let mut batch = Vec::new();
        while batch.len() < self.batch
            && let Some(entry) = self.queue.pop_front()
        {
            if self.until.is_some_and(|until| entry.first_place >= until) {
                continue;
            }
            if self.in_flight > 0 && self.in_flight + bytes_of(&entry) > IN_FLIGHT {
                self.queue.push_front(entry);
                break;
            }
            self.in_flight += bytes_of(&entry);
            batch.push(entry);
        }
        self.batch = (self.batch * 2).clamp(self.threads, LARGEST_BATCH.max(self.threads));
        (!batch.is_empty()).then_some(batch)
    }

    /// Sets blocking threads to work on what was fetched.
    fn begin_work(&mut self) {
        // One waits, so that no thread does.
        while self.running.len() <= self.threads
            && let Some((entry, block)) = self.ready.pop_front()
        {
            let (bound, bytes) = (entry.bound, bytes_of(&entry));
            let (store, work) = (self.snapshot.store().clone(), self.work.clone());
            let keep = self.keep_decoded > 0;
            self.keep_decoded = self.keep_decoded.saturating_sub(1);
            let task = AbortOnDropHandle::new(spawn_blocking(move || {
                let outcome = block.and_then(|block| {
                    let mut reader = block.reader(store.dictionary())?;
                    let made = work(&entry, &mut reader)?;
                    let decoded = reader.into_decoded();
                    if keep && block.decoded.known() != decoded.known() {
                        store.inner.decoded.insert(entry.key(), decoded);
                    }
                    Ok(made)
                });
                Opened { entry, outcome }
            }));
            self.running.push_back(Running { bound, bytes, task });
        }
    }
}

/// Bytes that a block takes while it is read, about.
fn bytes_of(entry: &Entry) -> u64 {
    entry.stored_bytes + entry.raw_bytes + entry.records() * RECORD_BYTES
}
