//! From the queue to the log: the one place where records get their position.
//!
//! Frames are read in order, parsed, gathered into a batch and committed in one transaction with
//! the producers' counters; while a batch commits the next one is gathered, so batches grow with
//! load by themselves. Whatever goes wrong, the writer throws its session and its consumer away
//! and starts anew from what the database says: frames that are in are skipped by their counters.

mod gather;
mod ledger;
mod plan;
mod session;
mod sources;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::live::{Hub, Remote};
use crate::parse::Parser;
use crate::queue::{Backoff, Queue, QueueError};
use crate::store::{Store, StoreError, WriteSession};
use crate::telemetry::Figures;

pub use gather::{Gathered, Known};
pub use sources::Sources;
pub use upkeep::UpkeepOptions;

/// How batches are closed.
#[derive(Clone, Copy, Debug)]
pub struct BatchLimits {
    /// Records a batch; a frame is never split, so the frames must not be larger.
    pub max_rows: usize,
    /// From one commit to the next, at least, so that records share one; under load longer (see
    /// [`BatchLimits::delay`]).
    pub max_delay: Duration,
    /// Bytes of text after which a batch is closed.
    pub max_bytes: usize,
    /// Sources with a row of their own; the records of further ones share a row.
    pub max_sources: usize,
}

/// A batch of so many records fills quickly, and is given so many times as long: what a commit
/// costs is shared by more records then. From some hundred on they are a block at once, and where
/// thousands come in a second, a block in its final form.
const QUICK: [(usize, u32); 3] = [(1_024, 80), (128, 20), (16, 8)];

impl BatchLimits {
    /// The time from the last commit to that of this batch, as it is by now, given how long commits
    /// took of late: four times that, so that the database is left some room; longer where many
    /// come, and nobody can follow them one by one.
    fn delay(&self, gathered: &Gathered, commit_time: Duration) -> Duration {
        let delay = self.max_delay.max(commit_time * 4);
        match gathered.is_half_a_block() {
            true => delay,
            false => delay.max(self.max_delay * patience(gathered.batch.records.len())),
        }
    }
}

fn patience(records: usize) -> u32 {
    QUICK.iter().find(|(many, _)| records >= *many).map_or(1, |(_, patience)| *patience)
}

impl Default for BatchLimits {
    fn default() -> Self {
        BatchLimits {
            max_rows: 16_384,
            max_delay: Duration::from_millis(5),
            max_bytes: 32 << 20,
            max_sources: 100_000,
        }
    }
}

/// This part of a process, as its health names it.
const WRITER: &str = "writer";

/// How often a standby asks whether it may write.
const STANDBY: Duration = Duration::from_millis(500);

/// What a writer works with.
#[derive(Clone)]
pub struct Writer {
    pub store: Store,
    pub queue: Queue,
    pub hub: Hub,
    /// The other nodes, if there are any.
    pub remote: Option<Remote>,
    pub parser: Arc<Parser>,
    pub limits: BatchLimits,
    pub upkeep: UpkeepOptions,
    pub figures: Figures,
}

/// What ends a session of the writer.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("the commit was interrupted: {0}")]
    Interrupted(String),
}

impl Writer {
    /// Writes until the queue ends (a closed memory queue that is drained) or until told to stop,
    /// and then commits what is gathered. A database or queue that is away is waited for.
    ///
    /// # Errors
    /// Only what trying again cannot mend: a namespace that belongs to another database.
    pub async fn run(self, stop: CancellationToken) -> Result<(), QueueError> {
        let mut backoff = Backoff::default();
        let mut recovering = false;
        loop {
            let Some(session) = self.elected(&mut backoff, &stop).await else { return Ok(()) };
            self.figures.writer.set(1);
            let started = tokio::time::Instant::now();
            let ended = session::run(&self, session, recovering, &stop).await;
            self.figures.writer.set(0);
            self.figures.unsealed.set(0);
            recovering = false;
            match ended {
                Ok(()) => return Ok(()),
                Err(SessionError::Queue(error @ QueueError::Foreign { .. })) => return Err(error),
                Err(SessionError::Queue(QueueError::Restart(why))) => {
                    tracing::info!(why, "reading the queue anew from its first frame");
                }
                Err(SessionError::Store(StoreError::Fenced)) => {
                    tracing::warn!("another writer has moved the head of the log; standing by");
                }
                Err(error) => {
                    self.figures.health.down(WRITER, error);
                    recovering = true;
                }
            }
            if started.elapsed() > Duration::from_secs(10) {
                backoff.reset();
            }
            if !pause(backoff.next_delay(), &stop).await {
                return Ok(());
            }
        }
    }

    /// Waits until this process is the writer. `None` when told to stop before.
    async fn elected(
        &self,
        backoff: &mut Backoff,
        stop: &CancellationToken,
    ) -> Option<WriteSession> {
        let mut standing_by = false;
        loop {
            let claimed = tokio::select! {
                claimed = self.store.claim_writer() => claimed,
                () = stop.cancelled() => return None,
            };
            let delay = match claimed {
                Ok(Some(session)) => {
                    tracing::info!(head = session.last_id(), "writing");
                    return Some(session);
                }
                Ok(None) => {
                    self.figures.health.up(WRITER);
                    if !standing_by {
                        tracing::info!("another process is the writer; standing by");
                        standing_by = true;
                    }
                    STANDBY
                }
                Err(error) => {
                    self.figures.health.down(WRITER, error);
                    backoff.next_delay()
                }
            };
            if !pause(delay, stop).await {
                return None;
            }
        }
    }
}

/// Waits, or returns `false` at once when told to stop.
async fn pause(delay: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(delay) => true,
        () = stop.cancelled() => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_fills_quickly_waits_longer() {
        assert_eq!([1, 15, 16, 128, 1_024].map(patience), [1, 1, 8, 20, 80]);
    }

    #[test]
    fn commits_leave_the_database_some_room() {
        let limits = BatchLimits { max_delay: Duration::from_millis(5), ..BatchLimits::default() };
        let delay = |commit| limits.delay(&Gathered::default(), Duration::from_millis(commit));
        assert_eq!([0, 1, 3].map(|commit| delay(commit).as_millis()), [5, 5, 12]);
    }
}
