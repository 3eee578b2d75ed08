//! The one writer's way into the log.
//!
//! Being the writer takes two things: the election (an advisory lock on Postgres, a locked file
//! beside the database on SQLite) says who tries, and the fence (`head` moves only from where the
//! writer believes it to be) says who wins, whatever the election believed.

mod blocks;
mod postgres;
mod salvage;
mod sqlite;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx;
use tokio::runtime::{Handle, RuntimeFlavor};
use uuid::Uuid;

use super::batch::{Committed, Marks, Producer, Rejected, SourceCount, WriteBatch};
use super::connect::{WRITE_DEADLINE, WriteAccess};
use super::error::data_error;
use super::upkeep::{Form, Segment};
use super::{Store, StoreError, producers, schema, sources};
use crate::log::{Entry, SourceKey};

pub use blocks::is_half_full;
pub(super) use blocks::{NewBlock, insert_on_postgres, insert_on_sqlite};

/// How long it may take to connect and ask for the right to write. It is tried again and again.
const CLAIM_DEADLINE: Duration = Duration::from_secs(15);

/// The one writer's connection. Dropping it gives the right to write back.
#[derive(Debug)]
pub struct WriteSession {
    backend: Backend,
    store: Store,
    last_id: i64,
    sources_counted_to: i64,
}

#[derive(Debug)]
enum Backend {
    Postgres(Box<postgres::Session>),
    Sqlite(sqlite::Session),
}

/// Why a batch did not go in as a whole.
enum Failure {
    /// The database refused the content of some record: the batch is salvaged record by record.
    Content(sqlx::Error),
    /// Anything else: the session is thrown away.
    Other(StoreError),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match data_error(&error) {
            Some(_) => Failure::Content(error),
            None => Failure::Other(error.into()),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Content(error) => error.into(),
            Failure::Other(error) => error,
        }
    }
}

impl WriteSession {
    /// Tries to become the writer. `None`: another process is.
    pub(super) async fn claim(store: &Store) -> Result<Option<Self>, StoreError> {
        Self::open(store, true).await
    }

    /// A session that never asked whether another one writes. Only tests of the fence want this:
    /// whoever commits first wins, and the other gets [`StoreError::Fenced`].
    #[doc(hidden)]
    pub async fn open_without_election(store: &Store) -> Result<Self, StoreError> {
        match Self::open(store, false).await? {
            Some(session) => Ok(session),
            None => Err(StoreError::Internal("a session without an election lost it".to_owned())),
        }
    }

    async fn open(store: &Store, elect: bool) -> Result<Option<Self>, StoreError> {
        within(CLAIM_DEADLINE, async {
            let backend = match store.write_access() {
                WriteAccess::Postgres { writer, .. } => {
                    let session = postgres::Session::open(writer, elect).await?;
                    session.map(|session| Backend::Postgres(Box::new(session)))
                }
                WriteAccess::Sqlite { pool, lock_file, .. } => {
                    sqlite::Session::open(pool, elect.then_some(lock_file))?.map(Backend::Sqlite)
                }
            };
            let Some(backend) = backend else { return Ok(None) };
            // Read after the election: whatever the last writer committed is there now.
            let connection = store.write_access().connection();
            let head = schema::head_row(&connection).await?;
            Ok(Some(WriteSession {
                backend,
                store: store.clone(),
                last_id: head.last_id,
                sources_counted_to: head.sources_counted_to,
            }))
        })
        .await
    }

    /// The newest position, as this session knows it.
    pub fn last_id(&self) -> i64 {
        self.last_id
    }

    /// Every producer the database knows.
    pub async fn producers(&mut self) -> Result<BTreeMap<Uuid, Producer>, StoreError> {
        let connection = self.store.write_access().connection();
        within(WRITE_DEADLINE, producers::all(&connection)).await
    }

    /// Every source, for the writer's dictionary, by id.
    pub async fn sources(&mut self) -> Result<Vec<(i32, Arc<SourceKey>)>, StoreError> {
        let connection = self.store.write_access().connection();
        let dictionary = self.store.dictionary();
        within(WRITE_DEADLINE, dictionary.refresh(&connection)).await?;
        Ok(dictionary.read().iter().map(|(id, key)| (*id, key.clone())).collect())
    }

    /// Commits a batch in one transaction: sources, records, marks, totals, and the head, which
    /// moves only if it still is at [`WriteSession::last_id`]. A batch of at least
    /// [`StoreOptions::block_rows`](super::StoreOptions) records is written as blocks. Rows the
    /// database refuses for their content go to `dead_letter`, within the one transaction.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another writer moved the head: nothing is written. After any
    /// error, and when the wait is given up half-way, the session must be thrown away and the
    /// right to write claimed anew; whether the batch is in is then read from
    /// [`WriteSession::producers`].
    pub async fn commit(&mut self, batch: &WriteBatch) -> Result<Committed, StoreError> {
        let last_id = self.last_id;
        let first_id = last_id + 1;
        let blocks = self.blocks_of(batch);
        let whole = within(commit_deadline(batch), async {
            if !blocks.is_empty() {
                let ids = first_id..=last_id + signed(batch.records.len());
                self.store.write_access().make_room_for_blocks(ids).await?;
            }
            Ok(match &mut self.backend {
                Backend::Postgres(session) => session.commit(batch, &blocks, last_id).await,
                Backend::Sqlite(session) => session.commit(batch, &blocks, last_id).await,
            })
        })
        .await?;
        let committed = match whole {
            Ok(()) => {
                let unsealed = match blocks.as_slice() {
                    [] => rows(first_id, batch, &[]).into_iter().collect(),
                    blocks => blocks.iter().filter_map(NewBlock::unsealed).collect(),
                };
                Committed { first_id, rejected: Vec::new(), unsealed }
            }
            Err(Failure::Other(error)) => return Err(error),
            Err(Failure::Content(_)) => {
                let rejected = within(salvage_deadline(batch), async {
                    match &mut self.backend {
                        Backend::Postgres(session) => session.salvage(batch, last_id).await,
                        Backend::Sqlite(session) => session.salvage(batch, last_id).await,
                    }
                });
                let rejected = rejected.await?;
                let unsealed = rows(first_id, batch, &rejected).into_iter().collect();
                Committed { first_id, rejected, unsealed }
            }
        };
        self.last_id += signed(batch.records.len() - committed.rejected.len());
        Ok(committed)
    }

    /// The batch as blocks; none when it is small, or when they cannot be made: then it goes in as
    /// rows.
    fn blocks_of(&self, batch: &WriteBatch) -> Vec<NewBlock> {
        if batch.records.len() < self.store.block_rows() {
            return Vec::new();
        }
        in_place(|| blocks::blocks_of(self.last_id + 1, &batch.records)).unwrap_or_else(|error| {
            tracing::warn!(%error, "a batch cannot be made a block, and is written as rows");
            Vec::new()
        })
    }

    /// Adds to the sources' counts, which then include every record up to `up_to`.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another writer counted meanwhile: nothing is written.
    pub async fn flush_sources(
        &mut self,
        counts: &[SourceCount],
        up_to: i64,
    ) -> Result<(), StoreError> {
        let from = self.sources_counted_to;
        within(WRITE_DEADLINE, async {
            match &mut self.backend {
                Backend::Postgres(session) => session.count_sources(counts, from, up_to).await,
                Backend::Sqlite(session) => session.count_sources(counts, from, up_to).await,
            }
        })
        .await?;
        self.sources_counted_to = up_to;
        Ok(())
    }

    /// What the sources' rows do not count yet (after a crash): the records after the position
    /// they count up to.
    pub async fn uncounted_sources(&mut self) -> Result<Vec<SourceCount>, StoreError> {
        within(WRITE_DEADLINE, sources::count_after(&self.store, self.sources_counted_to)).await
    }
}

/// What a batch became that was written as rows; none when all of it was rejected.
fn rows(first_id: i64, batch: &WriteBatch, rejected: &[Rejected]) -> Option<Segment> {
    let stored = signed(batch.records.len() - rejected.len());
    let received_from = batch.records.iter().map(|record| record.entry.received_at).min()?;
    (stored > 0).then(|| Segment {
        first_id,
        last_id: first_id + stored - 1,
        form: Form::Rows,
        raw_bytes: batch.records.iter().map(|record| record.entry.text_size() as u64).sum(),
        received_from,
    })
}

/// Runs what takes the processor for a while, without keeping other tasks waiting.
fn in_place<T>(work: impl FnOnce() -> T) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// How long the commit of a batch may take before the database counts as away: seconds are usual
/// only where the disk or the network is slow, and then the size counts.
fn commit_deadline(batch: &WriteBatch) -> Duration {
    let text: usize = batch.records.iter().map(|record| record.entry.text_size()).sum();
    Duration::from_secs(30) + Duration::from_secs(1) * (text >> 20) as u32
}

/// How long it may take to save what can be saved of a batch: in the worst case every record is
/// refused, and tried alone.
fn salvage_deadline(batch: &WriteBatch) -> Duration {
    commit_deadline(batch) + Duration::from_millis(50) * batch.records.len() as u32
}

/// Ends with [`StoreError::Away`] when the work takes longer: a connection that was cut without
/// a word would keep us waiting for ever.
pub(super) async fn within<T>(
    deadline: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(deadline, work).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::Away(format!("no answer within {deadline:?}"))),
    }
}

/// A count as the databases keep it. None of ours comes near the limit.
pub(super) fn signed(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// The ranges above the low mark, as the JSON list of pairs that `producer.above` keeps.
fn above_json(marks: &Marks) -> String {
    let ranges: Vec<String> =
        marks.above.iter().map(|(first, last)| format!("[{first},{last}]")).collect();
    format!("[{}]", ranges.join(","))
}

/// An entry as it is kept in `dead_letter`.
fn entry_bytes(entry: &Entry) -> Vec<u8> {
    // Plain data with text keys always becomes JSON.
    serde_json::to_vec(entry).unwrap_or_default()
}
