//! A process that runs, and how it stops.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Addresses;
use super::receive::Receive;
use super::tasks::{Task, Tasks};
use crate::live::Hub;
use crate::queue::{Queue, QueueError};
use crate::store::Store;
use crate::telemetry::Figures;
use crate::writer::Writer;

/// How long clients may take to end their HTTP requests when the process stops. By then everything
/// is stored, and one that holds on is no reason to fail.
const HTTP_GRACE: Duration = Duration::from_secs(5);

/// What a stop could not bring to an end in time.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    #[error("{records} received records were not stored within {timeout:?} and are lost")]
    Lost { records: u64, timeout: Duration },
    #[error("stopping took longer than {timeout:?}; nothing acknowledged is lost")]
    Slow { timeout: Duration },
    #[error("the writer stopped: {0}")]
    Writer(String),
}

/// A running process.
pub struct App {
    pub(super) addresses: Addresses,
    pub(super) figures: Figures,
    pub(super) shutdown_timeout: Duration,
    pub(super) receive: Receive,
    pub(super) write: Option<Write>,
    pub(super) hub: Option<Hub>,
    pub(super) store: Option<Store>,
    pub(super) background: Tasks,
    pub(super) http: Option<Task>,
    pub(super) set_up_link: Option<String>,
}

impl App {
    /// Where it listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Its accounting, health and metrics.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The link that makes the first user, once, where there is none. It is a secret for the one who
    /// started this.
    pub fn set_up_link(&self) -> Option<&str> {
        self.set_up_link.as_deref()
    }

    /// Resolves when the writer ended by itself, which only an error does. The rest still runs, and
    /// is to be stopped.
    pub async fn failed(&mut self) -> Unfinished {
        let Some(write) = &mut self.write else { return std::future::pending().await };
        let ended = (&mut write.handle).await;
        self.write = None;
        Unfinished::Writer(match ended {
            Ok(Err(error)) => error.to_string(),
            Ok(Ok(())) => "it ended too soon".to_owned(),
            Err(error) => error.to_string(),
        })
    }

    /// Stops in the order of the data's way: no more is read from sockets, what was read goes into
    /// the queue, the queue (if it is in memory) into the log, and the readers last.
    ///
    /// # Errors
    /// What could not be brought to an end within the shutdown time-out.
    pub async fn stop(self) -> Result<(), Unfinished> {
        let timeout = self.shutdown_timeout;
        let receipts = self.receive.receipts.clone();
        let writer = self.write.as_ref().map(|write| write.handle.abort_handle());
        let drained = tokio::time::timeout(timeout, self.drain()).await;
        if drained.is_err()
            && let Some(writer) = writer
        {
            writer.abort();
        }
        match receipts.unsettled() {
            0 if drained.is_ok() => Ok(()),
            0 => Err(Unfinished::Slow { timeout }),
            records => Err(Unfinished::Lost { records, timeout }),
        }
    }

    async fn drain(mut self) {
        self.receive.stop().await;
        if let Some(write) = self.write {
            // A standby would wait for its turn; with nothing to store there is no need of one.
            if self.receive.receipts.unsettled() == 0 {
                write.stop.cancel();
            }
            write.end().await;
        }
        if let Some(hub) = self.hub {
            hub.close();
        }
        if let Some(http) = self.http
            && tokio::time::timeout(HTTP_GRACE, http.stop()).await.is_err()
        {
            tracing::warn!("some HTTP clients held on, and are cut off");
        }
        self.background.stop().await;
        if let Some(store) = self.store {
            store.close().await;
        }
        tracing::info!(
            received = self.figures.received.total(),
            stored = self.figures.stored.get(),
            rejected = self.figures.rejected.total(),
            dropped = self.figures.dropped.total(),
            "stopped"
        );
    }
}

/// The writer of this process.
pub(super) struct Write {
    stop: CancellationToken,
    handle: JoinHandle<Result<(), QueueError>>,
    /// Its queue ends once it is closed, and is drained before that.
    drains: bool,
}

impl Write {
    pub fn start(writer: Writer) -> Write {
        let stop = CancellationToken::new();
        let drains = matches!(writer.queue, Queue::Memory(_));
        Write { handle: tokio::spawn(writer.run(stop.clone())), stop, drains }
    }

    async fn end(self) {
        if !self.drains {
            self.stop.cancel();
        }
        // How it ended is in the log.
        let _ = self.handle.await;
    }
}
