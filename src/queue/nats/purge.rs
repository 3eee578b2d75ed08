//! Removes what is stored from the stream, in the background, and never anything else.
//!
//! JetStream removes by sequence, whatever stream bears the name by then: after the stream was
//! deleted and made anew, the sequence of a stored frame is that of another frame. So right before
//! each purge the stream must still be the one this consumer reads: created at the same time, over
//! the same connection (a server that was killed and has lost its newest messages counts on from
//! an older sequence), and at least as long as what is to be removed (which a new stream is not,
//! until as many frames are in it). What is left is the moment between this check and the purge,
//! one round trip: for a frame to be lost in it, somebody must delete the stream while stored
//! frames are still in it, and a publisher must notice, pause, make it again and publish, all
//! within that moment.

use std::time::Duration;

use async_nats::datetime::DateTime;
use async_nats::jetstream::stream::Stream;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::{Delivery, Link, QueueError, away};
use crate::queue::Backoff;

/// The pause between two purges.
const PURGE_INTERVAL: Duration = Duration::from_secs(1);

pub(super) struct Purger {
    pub stream: Stream,
    /// When the stream was made that the consumer reads.
    pub created: DateTime,
    pub link: watch::Receiver<Link>,
    /// The highest sequence released.
    pub releases: watch::Receiver<u64>,
    /// Where the consumer is told that it reads a stream that is gone.
    pub deliveries: mpsc::WeakSender<Result<Delivery, QueueError>>,
}

impl Purger {
    /// Purges at once what is released, then pauses. A purge that fails is tried again, so that
    /// the stream drains though nothing more is released.
    pub(super) async fn run(mut self) {
        while self.releases.changed().await.is_ok() {
            let mut backoff = Backoff::default();
            while let Err(error) = self.purge().await {
                if let QueueError::Restart(_) = error {
                    return self.end(error).await;
                }
                tracing::debug!(%error, "purge failed; trying again");
                sleep(backoff.next_delay()).await;
            }
            sleep(PURGE_INTERVAL).await;
        }
    }

    async fn purge(&mut self) -> Result<(), QueueError> {
        let released = *self.releases.borrow_and_update();
        let info = self.stream.get_info().await.map_err(away)?;
        if info.created != self.created || info.state.last_sequence < released {
            return Err(QueueError::Restart("the stream was made anew".into()));
        }
        if self.link.has_changed().unwrap_or(true) {
            return Err(QueueError::Restart("the connection was lost".into()));
        }
        // The sequence given is the first one kept.
        self.stream.purge().sequence(released + 1).await.map_err(away)?;
        Ok(())
    }

    async fn end(self, error: QueueError) {
        if let Some(deliveries) = self.deliveries.upgrade() {
            // Nobody may be left who could be told.
            let _ = deliveries.send(Err(error)).await;
        }
    }
}
