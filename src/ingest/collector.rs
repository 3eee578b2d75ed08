//! The frame that all connections of a listener fill together.
//!
//! Thousands of connections that each send a line now and then would make a frame a line; so they
//! put their records into one draft, and one task hands it over: at once when the listener was
//! quiet, otherwise when it is full or [`Pace`] says so.
//! The records of one connection keep their order.
//!
//! While the queue is full the draft is full, and connections wait in [`Collector::room`]: they read
//! no further, and their senders' writes block.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep_until;

use crate::queue::{Draft, RawRecord};

use super::Limits;
use super::outlet::{Outlet, QueueClosed};
use super::pace::Pace;

/// Gathers the records of many connections.
#[derive(Debug)]
pub struct Collector {
    draft: Mutex<Draft>,
    outlet: Outlet,
    max_delay: Duration,
    /// There is something in the draft, or nothing more will come.
    filled: Notify,
    /// The draft is full, or nothing more will come.
    full: Notify,
    /// There is room in the draft again, or the queue is closed. One waiter is woken, who wakes
    /// the next.
    room: Notify,
    finished: AtomicBool,
    /// Changes only while the draft is locked, so that nothing is put in afterwards.
    closed: AtomicBool,
}

impl Collector {
    pub fn new(outlet: Outlet, limits: &Limits) -> Self {
        Collector {
            draft: Mutex::default(),
            outlet,
            max_delay: limits.frame_max_delay,
            filled: Notify::new(),
            full: Notify::new(),
            room: Notify::new(),
            finished: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        }
    }

    /// Waits until the draft takes records. Cancel-safe.
    ///
    /// # Errors
    /// The queue is closed.
    pub async fn room(&self) -> Result<Room<'_>, QueueClosed> {
        loop {
            if let Some(room) = self.try_room()? {
                return Ok(room);
            }
            self.room.notified().await;
        }
    }

    fn try_room(&self) -> Result<Option<Room<'_>>, QueueClosed> {
        let draft = self.draft();
        if self.closed.load(Ordering::Acquire) {
            self.room.notify_one();
            return Err(QueueClosed);
        }
        Ok((!self.outlet.is_full(&draft)).then_some(Room { collector: self, draft }))
    }

    /// Counts bytes that were cut off records.
    pub fn cut_off(&self, bytes: u64) {
        self.outlet.cut_off(bytes);
    }

    /// Hands over what the connections gather, until [`Collector::finish`] was called and all of it
    /// is handed over, or the queue is closed.
    pub async fn run(&self) -> Result<(), QueueClosed> {
        let mut pace = Pace::new(self.max_delay);
        loop {
            self.filled.notified().await;
            tokio::select! {
                biased;
                () = self.full.notified() => {}
                () = sleep_until(pace.due().into()) => {}
            }
            let finished = self.finished.load(Ordering::Acquire);
            let draft = std::mem::take(&mut *self.draft());
            self.room.notify_one();
            pace.sent(draft.records());
            if let Err(closed) = self.outlet.publish(draft).await {
                let late = self.draft();
                self.closed.store(true, Ordering::Release);
                self.outlet.lose(&late);
                self.room.notify_one();
                return Err(closed);
            }
            if finished {
                return Ok(());
            }
        }
    }

    /// Nothing more comes: every connection is gone.
    pub fn finish(&self) {
        self.finished.store(true, Ordering::Release);
        self.full.notify_one();
        self.filled.notify_one();
    }

    fn draft(&self) -> MutexGuard<'_, Draft> {
        self.draft.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room in the draft. Others wait while it is held.
pub struct Room<'a> {
    collector: &'a Collector,
    draft: MutexGuard<'a, Draft>,
}

impl Room<'_> {
    /// Whether the draft takes no more.
    pub fn is_full(&self) -> bool {
        self.collector.outlet.is_full(&self.draft)
    }

    /// Puts a record in, and counts it.
    pub fn push(&mut self, record: RawRecord<'_>) {
        self.collector.outlet.push(&mut self.draft, record);
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        let Collector { filled, full, room, .. } = self.collector;
        if !self.draft.is_empty() {
            filled.notify_one();
        }
        if self.is_full() {
            full.notify_one();
        } else {
            room.notify_one();
        }
    }
}
