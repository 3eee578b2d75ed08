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

/// A batch of so many records fills quickly:
const QUICK: usize = 16;
/// it is given so many times as long, unless this is enough already. What a commit costs is shared
/// by more records then, and they are a block at once.
const PATIENCE: u32 = 8;
const ENOUGH: usize = 1_024;

impl BatchLimits {
    /// The time from the last commit to that of a batch that has so many records by now, given how
    /// long commits took of late: four times that, so that the database is left some room; longer
    /// where many come, and nobody can follow them one by one.
    fn delay(&self, records: usize, commit_time: Duration) -> Duration {
        let delay = self.max_delay.max(commit_time * 4);
        match (QUICK..ENOUGH).contains(&records) {
            true => delay.max(self.max_delay * PATIENCE),
            false => delay,
        }
    }
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
    fn a_batch_that_fills_quickly_waits_longer_until_it_has_enough() {
        let limits = BatchLimits { max_delay: Duration::from_millis(5), ..BatchLimits::default() };
        let delay = |records, commit| limits.delay(records, Duration::from_millis(commit));
        assert_eq!(delay(1, 1).as_millis(), 5);
        assert_eq!(delay(1, 3).as_millis(), 12);
        assert_eq!(delay(QUICK, 1).as_millis(), 40);
        assert_eq!(delay(QUICK, 20).as_millis(), 80);
        assert_eq!(delay(ENOUGH, 3).as_millis(), 12);
    }
}
