//! A listener's way out: to the queue, and into the accounting.

use prometheus_client::metrics::counter::Counter;

use crate::queue::{Draft, Publisher, RawRecord};
use crate::telemetry::Figures;

use super::Limits;

/// The queue takes nothing any more: there is no sense in reading on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueClosed;

/// Counts what one listener reads and hands it to the queue. Clones count together.
#[derive(Clone, Debug)]
pub struct Outlet {
    publisher: Publisher,
    figures: Figures,
    received: Counter,
    received_bytes: Counter,
    cut_bytes: Counter,
    frame_max_records: usize,
    frame_max_bytes: usize,
}

impl Outlet {
    /// The way out of the listener of this name (`udp`, `tcp`).
    pub fn new(listener: &str, publisher: Publisher, figures: Figures, limits: &Limits) -> Self {
        Outlet {
            received: figures.received.of(listener),
            received_bytes: figures.received_bytes.of(listener),
            cut_bytes: figures.cut_bytes.of(listener),
            publisher,
            figures,
            frame_max_records: limits.frame_max_records,
            frame_max_bytes: limits.frame_max_bytes,
        }
    }

    /// Whether the draft is large enough to go.
    pub fn is_full(&self, draft: &Draft) -> bool {
        draft.records() >= self.frame_max_records || draft.size() >= self.frame_max_bytes
    }

    /// Puts a record into a draft, and counts it.
    pub fn push(&self, draft: &mut Draft, record: RawRecord<'_>) {
        self.received.inc();
        self.received_bytes.inc_by(record.bytes.len() as u64);
        draft.push(record);
    }

    /// Counts records that were received and cannot be kept for what they are.
    pub fn reject(&self, reason: &str, records: u64) {
        if records > 0 {
            self.received.inc_by(records);
            self.figures.rejected.of(reason).inc_by(records);
        }
    }

    /// Counts bytes that were cut off records.
    pub fn cut_off(&self, bytes: u64) {
        self.cut_bytes.inc_by(bytes);
    }

    /// Counts datagrams that the kernel dropped.
    pub fn kernel_dropped(&self, datagrams: u64) {
        if datagrams > 0 {
            self.figures.dropped.of("kernel_udp").inc_by(datagrams);
        }
    }

    /// Counts the records of a draft that the queue does not take any more.
    pub fn lose(&self, draft: &Draft) {
        self.dropped(draft.records() as u64);
    }

    /// Hands a draft to the queue, and waits while it is full.
    ///
    /// # Errors
    /// The queue is closed. What was in the draft is counted as dropped.
    pub async fn publish(&self, draft: Draft) -> Result<(), QueueClosed> {
        if draft.is_empty() {
            return Ok(());
        }
        let records = draft.records() as u64;
        let Err(error) = self.publisher.publish(draft).await else { return Ok(()) };
        tracing::error!(%error, records, "the queue takes nothing any more; what was read is lost");
        self.dropped(records);
        Err(QueueClosed)
    }

    fn dropped(&self, records: u64) {
        if records > 0 {
            self.figures.dropped.of("queue_closed").inc_by(records);
        }
    }
}
