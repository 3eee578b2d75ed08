//! The cursor reader: every matching record from a place on, once, in order, for ever.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::filter::{Filter, Matcher};
use crate::live::{Cursor, Hub, Next};
use crate::log::Log;
use crate::store::{Direction, Order, PageRequest, Position, Store, StoreError};

/// Records a batch, at most.
const BATCH_RECORDS: usize = 1_000;
/// Bytes of records after which a batch is closed.
const BATCH_BYTES: usize = 1 << 20;
/// How long a cursor may move on without the client hearing of it.
const CURSOR_EVERY: Duration = Duration::from_secs(2);

/// Where a tail starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the head: only what comes.
    Now,
    /// With the newest matches by id, this many, and on from there.
    Last(usize),
    /// Just after what was seen.
    After(Cursor),
}

/// What a reader gets at once.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Matches in id order; may be empty.
    pub logs: Vec<Arc<Log>>,
    /// Everything up to here has been looked at: `Start::After` resumes here.
    pub cursor: Cursor,
    /// Nothing was left to read when the batch was made.
    pub caught_up: bool,
    /// Records after the previous cursor that retention removed before they were read.
    pub lost_before: u64,
}

/// Why a tail cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    #[error("the cursor belongs to another database")]
    OtherDatabase,
    #[error("the cursor lies beyond the end of the log")]
    BeyondHead,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A reader that follows the log.
pub struct Tail {
    store: Store,
    hub: Hub,
    /// How far it may look.
    beat: watch::Receiver<i64>,
    filter: Arc<Filter>,
    matcher: Matcher,
    /// Everything up to here has been looked at.
    position: i64,
    /// Where the last batch left the client; `None` before the first.
    told: Option<i64>,
    told_at: Instant,
    /// What has been found and not handed out.
    found: Vec<Arc<Log>>,
    found_bytes: usize,
    /// Records are missing behind what has been found: that goes out before they are told of.
    hole_ahead: bool,
    lost: u64,
}

impl Tail {
    /// Opens a tail. The first [`Tail::next`] answers at once.
    ///
    /// # Errors
    /// A cursor of another database or beyond the head; a store that fails.
    pub async fn open(
        store: Store,
        hub: Hub,
        filter: Arc<Filter>,
        start: Start,
    ) -> Result<Tail, TailError> {
        let mut tail = Tail {
            beat: hub.watch_beat(),
            matcher: Matcher::new(&filter),
            position: hub.head(),
            told: None,
            told_at: Instant::now(),
            found: Vec::new(),
            found_bytes: 0,
            hole_ahead: false,
            lost: 0,
            store,
            hub,
            filter,
        };
        match start {
            Start::Now => {}
            Start::Last(count) => tail.find_last(count).await?,
            Start::After(cursor) => tail.position = tail.check(cursor).await?,
        }
        Ok(tail)
    }

    /// What it looks for.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The next batch: at once the first time; then whenever something matches, and an empty one
    /// with a newer cursor now and then. `None` when the hub closes.
    pub async fn next(&mut self) -> Option<Result<Batch, TailError>> {
        loop {
            let at_head = match self.advance().await {
                Ok(at_head) => at_head,
                Err(error) => return Some(Err(error)),
            };
            let full = self.found.len() >= BATCH_RECORDS || self.found_bytes >= BATCH_BYTES;
            let found = at_head && !self.found.is_empty();
            let due = full || found || self.hole_ahead;
            if due || self.told.is_none() || self.cursor_is_due() || self.lost > 0 {
                return Some(Ok(self.hand_out(at_head)));
            }
            if at_head && !self.wait().await {
                return None;
            }
        }
    }

    /// Looks at what follows, a bounded piece. Whether nothing is left to look at.
    async fn advance(&mut self) -> Result<bool, TailError> {
        let end = *self.beat.borrow_and_update();
        match self.hub.next(self.position, end) {
            Next::AtHead => return Ok(true),
            Next::Piece(piece) => self.look_at(piece.after(self.position), end),
            Next::Store { up_to } => {
                let room = BATCH_RECORDS - self.found.len().min(BATCH_RECORDS - 1);
                let scan = self.store.scan(&self.filter, self.position, up_to, room).await?;
                if scan.lost > 0 && !self.found.is_empty() {
                    self.hole_ahead = true;
                    return Ok(false);
                }
                let looked_at = std::mem::replace(&mut self.position, scan.scanned_to);
                self.lost += scan.lost;
                for log in scan.logs {
                    self.keep(Arc::new(log));
                }
                if scan.scanned_to == looked_at {
                    // Only a database that was set back knows less than was announced.
                    tokio::time::sleep(CURSOR_EVERY).await;
                }
            }
        }
        Ok(self.position >= end)
    }

    fn look_at(&mut self, logs: &[Arc<Log>], end: i64) {
        for log in logs.iter().take_while(|log| log.id <= end) {
            if self.found.len() >= BATCH_RECORDS || self.found_bytes >= BATCH_BYTES {
                return;
            }
            if self.matcher.matches(log) {
                self.keep(log.clone());
            }
            self.position = log.id;
        }
    }

    fn keep(&mut self, log: Arc<Log>) {
        self.found_bytes += log.size();
        self.found.push(log);
    }

    fn hand_out(&mut self, caught_up: bool) -> Batch {
        self.told = Some(self.position);
        self.told_at = Instant::now();
        self.found_bytes = 0;
        self.hole_ahead = false;
        Batch {
            logs: std::mem::take(&mut self.found),
            cursor: Cursor { database: self.hub.database(), id: self.position },
            caught_up,
            lost_before: std::mem::take(&mut self.lost),
        }
    }

    fn cursor_is_due(&self) -> bool {
        self.told != Some(self.position) && self.told_at.elapsed() >= CURSOR_EVERY
    }

    /// Waits until the head moves or the cursor is due. `false` when the hub closed.
    async fn wait(&mut self) -> bool {
        let due = self.told_at + CURSOR_EVERY;
        let untold = self.told != Some(self.position);
        let position = self.position;
        tokio::select! {
            // An error means that the hub is gone, and so the process is ending.
            moved = self.beat.wait_for(|head| *head > position) => moved.is_ok(),
            () = tokio::time::sleep_until(due), if untold => true,
            () = self.hub.closed() => false,
        }
    }

    /// Goes back by so many matches. Few bytes of them are kept at once; more are left for the scan
    /// to find again, batch by batch.
    async fn find_last(&mut self, count: usize) -> Result<(), StoreError> {
        let head = self.position;
        let (mut wanted, mut oldest, mut bytes) = (count, head + 1, 0);
        while wanted > 0 {
            let page = self
                .store
                .page(PageRequest {
                    filter: &self.filter,
                    order: Order::Arrival,
                    direction: Direction::NewestFirst,
                    past: Some(Position::of_id(oldest)),
                    before: None,
                    limit: wanted,
                })
                .await?;
            wanted -= page.logs.len().min(wanted);
            oldest = page.logs.last().map_or(oldest, |log| log.id);
            bytes += page.logs.iter().map(Log::size).sum::<usize>();
            if wanted == 0 || !page.more {
                if bytes <= BATCH_BYTES {
                    page.logs.into_iter().rev().for_each(|log| self.keep(Arc::new(log)));
                } else {
                    self.position = oldest - 1;
                }
                return Ok(());
            }
        }
        Ok(())
    }

    /// The position of a cursor, if it can be one of this log.
    async fn check(&self, cursor: Cursor) -> Result<i64, TailError> {
        if cursor.database != self.hub.database() {
            return Err(TailError::OtherDatabase);
        }
        if cursor.id > self.hub.head() {
            // Another node may have heard of the newest records before this one has.
            self.hub.announce(self.store.head().await?.last_id);
        }
        if cursor.id > self.hub.head() {
            return Err(TailError::BeyondHead);
        }
        Ok(cursor.id)
    }
}
