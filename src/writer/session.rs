//! One session of the writer: from winning the election to losing it, or to the end.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::gather::{Gathered, Known};
use super::ledger::Ledger;
use super::sources::Sources;
use super::upkeep::Upkeep;
use super::{SessionError, WRITER, Writer};
use crate::live::Announcer;
use crate::queue::{Consumer, Delivery};
use crate::store::{Committed, StoreError, WriteSession};
use crate::telemetry::DEAD_LETTER;

/// Sources' counts are written this often.
const COUNT_SOURCES_EVERY: Duration = Duration::from_secs(3);

type CommitOutcome = (WriteSession, Gathered, Duration, Result<Committed, StoreError>);
type Commit = JoinHandle<CommitOutcome>;

/// What the session holds while no commit runs, and the commit while one does.
enum Connection {
    Idle(WriteSession),
    Committing(Commit),
}

struct Session<'a> {
    writer: &'a Writer,
    consumer: Consumer,
    announcer: Option<Announcer>,
    known: Known,
    gathered: Gathered,
    /// A frame that was read and did not fit into the batch.
    ahead: Option<Delivery>,
    /// When the last commit began.
    committed_at: Option<Instant>,
    /// How long commits took of late.
    commit_time: Duration,
    /// What the upkeep learns of the commits.
    ledger: Ledger,
    /// Ends with the session.
    _upkeep: AbortOnDropHandle<()>,
    /// It is time to write the sources' counts.
    count_is_due: bool,
    /// Nothing more comes from the queue: commit what is there and end.
    ending: bool,
}

/// Writes until the queue ends, `stop` is given, or something fails. While `recovering` from a
/// failure the writer counts as down until it is seen to work.
pub(super) async fn run(
    writer: &Writer,
    mut connection: WriteSession,
    recovering: bool,
    stop: &CancellationToken,
) -> Result<(), SessionError> {
    let session = tokio::select! {
        session = Session::open(writer, &mut connection) => session?,
        () = stop.cancelled() => return Ok(()),
    };
    if !recovering {
        writer.figures.health.up(WRITER);
    }
    session.write(connection, stop).await
}

impl<'a> Session<'a> {
    /// Reads where the log and the queue stand.
    async fn open(
        writer: &'a Writer,
        connection: &mut WriteSession,
    ) -> Result<Session<'a>, SessionError> {
        writer.queue.claim(writer.hub.database()).await?;
        let producers = connection.producers().await?;
        let sources = connection.sources().await?;
        let uncounted = connection.uncounted_sources().await?;
        writer.hub.announce(connection.last_id());
        let consumer = writer.queue.consume().await?;
        let ledger = Ledger::new(writer.upkeep.memory);
        let upkeep = Upkeep {
            store: writer.store.clone(),
            ledger: ledger.clone(),
            options: writer.upkeep,
            figures: writer.figures.clone(),
        };
        Ok(Session {
            announcer: writer.remote.as_ref().map(|remote| remote.announcer(writer.hub.clone())),
            writer,
            consumer,
            known: Known {
                marks: producers.into_iter().map(|(id, producer)| (id, producer.marks)).collect(),
                sources: Sources::load(sources, uncounted, writer.limits.max_sources),
            },
            gathered: Gathered::default(),
            ahead: None,
            committed_at: None,
            commit_time: Duration::ZERO,
            ledger,
            _upkeep: AbortOnDropHandle::new(tokio::spawn(upkeep.run())),
            count_is_due: false,
            ending: false,
        })
    }

    async fn write(
        mut self,
        connection: WriteSession,
        stop: &CancellationToken,
    ) -> Result<(), SessionError> {
        let mut connection = Connection::Idle(connection);
        let first = Instant::now() + COUNT_SOURCES_EVERY;
        let mut count_sources = tokio::time::interval_at(first, COUNT_SOURCES_EVERY);
        loop {
            if let Connection::Idle(session) = &mut connection {
                self.between_commits(session).await?;
            }
            connection = match connection {
                Connection::Idle(session) if self.is_due() => self.start_commit(session),
                Connection::Idle(mut session) if self.ending => {
                    self.count_sources(&mut session).await?;
                    return Ok(());
                }
                other => other,
            };
            // What did not fit into the batch that just left begins the next one.
            self.take_in();
            let wants_more = !self.ending && !self.gathered.is_full(&self.writer.limits);
            let due = self.due();
            tokio::select! {
                done = committed(&mut connection) => {
                    connection = Connection::Idle(self.finish_commit(done?).await?);
                }
                delivery = self.consumer.next(), if wants_more && self.ahead.is_none() => {
                    match delivery? {
                        Some(delivery) => self.ahead = Some(delivery),
                        None => self.ending = true,
                    }
                }
                () = stop.cancelled(), if !self.ending => self.ending = true,
                () = sleep_until(due), if matches!(connection, Connection::Idle(_)) => {}
                _ = count_sources.tick() => self.count_is_due = true,
            }
            self.take_in();
        }
    }

    /// What waits for the moment when no commit runs. Under load there are only such moments, and
    /// never a quiet one.
    async fn between_commits(&mut self, session: &mut WriteSession) -> Result<(), StoreError> {
        self.release_repeated().await;
        if std::mem::take(&mut self.count_is_due) {
            self.count_sources(session).await?;
            if self.gathered.is_empty() {
                // It has written all there is.
                self.writer.figures.health.up(WRITER);
            }
        }
        Ok(())
    }

    /// Gathers the frame that was read, if it fits.
    fn take_in(&mut self) {
        let limits = &self.writer.limits;
        let Some(delivery) = self.ahead.take_if(|d| self.gathered.fits(d.frame.records(), limits))
        else {
            return;
        };
        let repeated = self.gathered.add(delivery, &mut self.known, &self.writer.parser);
        self.writer.figures.repeated.inc_by(repeated as u64);
    }

    /// Frames that were all stored before need no commit to be released, once none is under way.
    async fn release_repeated(&mut self) {
        if self.gathered.is_empty()
            && let Some(ticket) = self.gathered.ticket.take()
        {
            self.consumer.release(ticket).await;
        }
    }

    /// When the batch is to be closed, if no more comes: at once after a quiet moment.
    fn due(&self) -> Option<Instant> {
        let opened = self.gathered.opened()?;
        let limits = &self.writer.limits;
        let delay = limits.delay(&self.gathered, self.commit_time);
        Some(self.committed_at.map_or(opened, |last| opened.max(last + delay)))
    }

    fn is_due(&self) -> bool {
        let full = self.ahead.is_some() || self.gathered.is_full(&self.writer.limits);
        let late = self.due().is_some_and(|due| due <= Instant::now());
        !self.gathered.is_empty() && (full || late || self.ending)
    }

    fn start_commit(&mut self, mut session: WriteSession) -> Connection {
        let gathered = std::mem::take(&mut self.gathered);
        self.committed_at = Some(Instant::now());
        Connection::Committing(tokio::spawn(async move {
            let started = Instant::now();
            let result = session.commit(&gathered.batch).await;
            (session, gathered, started.elapsed(), result)
        }))
    }

    /// Tells everyone of a committed batch and releases its frames.
    async fn finish_commit(
        &mut self,
        (session, mut gathered, took, result): CommitOutcome,
    ) -> Result<WriteSession, SessionError> {
        let mut committed = result?;
        let figures = &self.writer.figures;
        figures.health.up(WRITER);
        let stored = gathered.batch.records.len() - committed.rejected.len();
        figures.stored.inc_by(stored as u64);
        figures.batch_records.observe(stored as f64);
        figures.commit_seconds.observe(took.as_secs_f64());
        for rejected in &committed.rejected {
            figures.rejected.of(DEAD_LETTER).inc();
            tracing::warn!(reason = rejected.reason, "the database refused a record");
        }
        self.commit_time = (self.commit_time * 3 + took) / 4;
        self.ledger.load(gathered.is_full(&self.writer.limits), took);
        let ticket = gathered.ticket.take();
        if let Some(piece) = gathered.into_piece(&committed, &mut self.known.sources) {
            let piece = Arc::new(piece);
            self.ledger.committed(&piece, std::mem::take(&mut committed.unsealed));
            self.writer.hub.publish(piece.clone());
            if let Some(announcer) = &self.announcer {
                announcer.piece(&piece);
            }
        }
        if let Some(ticket) = ticket {
            self.consumer.release(ticket).await;
        }
        Ok(session)
    }

    async fn count_sources(&mut self, session: &mut WriteSession) -> Result<(), StoreError> {
        let uncounted = self.known.sources.uncounted();
        if uncounted.is_empty() {
            return Ok(());
        }
        session.flush_sources(&uncounted, session.last_id()).await?;
        self.known.sources.counted();
        Ok(())
    }
}

/// Waits for the commit that runs; for ever when none does.
async fn committed(connection: &mut Connection) -> Result<CommitOutcome, SessionError> {
    match connection {
        Connection::Committing(commit) => {
            commit.await.map_err(|error| SessionError::Interrupted(error.to_string()))
        }
        Connection::Idle(_) => std::future::pending().await,
    }
}

/// Sleeps until then; for ever when there is no then.
async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
