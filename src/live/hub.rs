//! The hub: the head of the log and a short memory of its newest records, shared by every reader
//! of a process.
//!
//! There is no channel a reader. A reader is a cursor: it asks for what follows it, gets it from
//! this memory when it is near the head, and is sent to the store when it is not. So a slow reader
//! costs nothing and misses nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::beat::Beat;
use crate::log::Log;

/// A contiguous piece of the log, as it was committed.
#[derive(Clone, Debug)]
pub struct Piece {
    logs: Vec<Arc<Log>>,
    size: usize,
}

impl Piece {
    /// Takes records whose ids are contiguous. `None` when there are none.
    pub fn new(logs: Vec<Arc<Log>>) -> Option<Piece> {
        if logs.is_empty() {
            return None;
        }
        debug_assert!(logs.windows(2).all(|pair| pair[0].id + 1 == pair[1].id));
        let size = logs.iter().map(|log| log.size()).sum();
        Some(Piece { logs, size })
    }

    /// The first position.
    pub fn first_id(&self) -> i64 {
        self.logs.first().map_or(0, |log| log.id)
    }

    /// The last position.
    pub fn last_id(&self) -> i64 {
        self.logs.last().map_or(0, |log| log.id)
    }

    /// About how much memory it takes, in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Every record.
    pub fn logs(&self) -> &[Arc<Log>] {
        &self.logs
    }

    /// The records after a position.
    pub fn after(&self, id: i64) -> &[Arc<Log>] {
        let skip = usize::try_from(id + 1 - self.first_id()).unwrap_or(0);
        self.logs.get(skip..).unwrap_or_default()
    }
}

/// What follows a cursor.
#[derive(Clone, Debug)]
pub enum Next {
    /// Nothing yet: the cursor is at the head.
    AtHead,
    /// These records, of which the cursor may have seen the first few.
    Piece(Arc<Piece>),
    /// The store has it, up to and including this position.
    Store { up_to: i64 },
}

/// The head and the newest records. Clones share them.
#[derive(Clone, Debug)]
pub struct Hub {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    database: Uuid,
    /// Bytes of records to keep.
    capacity: usize,
    window: Mutex<Window>,
    head: watch::Sender<i64>,
    beat: Beat,
    closed: CancellationToken,
}

#[derive(Debug, Default)]
struct Window {
    /// In order of ids, without overlap; there may be holes where a piece was lost on the way.
    pieces: VecDeque<Arc<Piece>>,
    size: usize,
}

impl Hub {
    /// A hub for the log of `database` that ends at `head` now and keeps the newest `capacity`
    /// bytes of what is published.
    pub fn new(database: Uuid, head: i64, capacity: usize) -> Hub {
        Hub {
            shared: Arc::new(Shared {
                database,
                capacity,
                window: Mutex::default(),
                head: watch::Sender::new(head),
                beat: Beat::new(head),
                closed: CancellationToken::new(),
            }),
        }
    }

    /// The database whose log this is.
    pub fn database(&self) -> Uuid {
        self.shared.database
    }

    /// The newest position known to be committed.
    pub fn head(&self) -> i64 {
        *self.shared.head.borrow()
    }

    /// Tells readers of a committed piece. One that overlaps with what is known is ignored: the
    /// store has it all the same.
    pub fn publish(&self, piece: Arc<Piece>) {
        let last_id = piece.last_id();
        {
            let mut window = self.window();
            let follows = window.pieces.back().is_none_or(|last| last.last_id() < piece.first_id());
            if follows {
                window.size += piece.size;
                window.pieces.push_back(piece);
                while window.size > self.shared.capacity {
                    let Some(oldest) = window.pieces.pop_front() else { break };
                    window.size -= oldest.size;
                }
            }
        }
        self.announce(last_id);
    }

    /// Tells readers that the log reaches to `head` at least.
    pub fn announce(&self, head: i64) {
        self.shared.head.send_if_modified(|known| {
            let newer = head > *known;
            if newer {
                *known = head;
            }
            newer
        });
        self.shared.beat.follow(&self.shared.head);
    }

    /// What follows a cursor, up to a position that is known to be committed.
    pub fn next(&self, cursor: i64, up_to: i64) -> Next {
        if cursor >= up_to {
            return Next::AtHead;
        }
        let window = self.window();
        let index = window.pieces.partition_point(|piece| piece.last_id() <= cursor);
        match window.pieces.get(index) {
            Some(piece) if piece.first_id() <= cursor + 1 => Next::Piece(piece.clone()),
            Some(piece) => Next::Store { up_to: up_to.min(piece.first_id() - 1) },
            None => Next::Store { up_to },
        }
    }

    /// Follows the head.
    pub fn watch_head(&self) -> watch::Receiver<i64> {
        self.shared.head.subscribe()
    }

    /// Follows the head as tails do, at the pace of the [`Beat`].
    pub fn watch_beat(&self) -> watch::Receiver<i64> {
        self.shared.beat.watch()
    }

    /// Ends every reader.
    pub fn close(&self) {
        self.shared.closed.cancel();
    }

    /// Resolves when the hub is closed.
    pub async fn closed(&self) {
        self.shared.closed.cancelled().await;
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.shared.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Attributes, Entry, SourceKey, now};

    fn piece(ids: std::ops::RangeInclusive<i64>) -> Arc<Piece> {
        let source = Arc::new(SourceKey { host: None, app: None, address: [127, 0, 0, 1].into() });
        let log = |id| {
            Arc::new(Log {
                id,
                source_id: 1,
                source: source.clone(),
                entry: Entry {
                    timestamp: now(),
                    received_at: now(),
                    severity: None,
                    facility: None,
                    proc_id: None,
                    msg_id: None,
                    message: "x".repeat(100),
                    attributes: Attributes::EMPTY,
                },
            })
        };
        Arc::new(Piece::new(ids.map(log).collect()).expect("not empty"))
    }

    fn describe(next: Next) -> String {
        match next {
            Next::AtHead => "head".into(),
            Next::Piece(piece) => format!("{}..{}", piece.first_id(), piece.last_id()),
            Next::Store { up_to } => format!("store to {up_to}"),
        }
    }

    #[test]
    fn a_reader_near_the_head_reads_from_memory_and_one_far_behind_from_the_store() {
        let hub = Hub::new(Uuid::new_v4(), 10, 1 << 20);
        assert_eq!(describe(hub.next(10, hub.head())), "head");
        assert_eq!(describe(hub.next(3, hub.head())), "store to 10");
        hub.publish(piece(11..=13));
        hub.publish(piece(14..=14));
        assert_eq!(describe(hub.next(3, hub.head())), "store to 10");
        assert_eq!(describe(hub.next(10, hub.head())), "11..13");
        assert_eq!(describe(hub.next(12, hub.head())), "11..13");
        assert_eq!(describe(hub.next(13, hub.head())), "14..14");
        assert_eq!(describe(hub.next(14, hub.head())), "head");
    }

    #[test]
    fn a_hole_is_seen_and_read_from_the_store() {
        let hub = Hub::new(Uuid::new_v4(), 0, 1 << 20);
        hub.publish(piece(1..=2));
        hub.publish(piece(5..=6));
        assert_eq!(describe(hub.next(2, hub.head())), "store to 4");
        assert_eq!(describe(hub.next(4, hub.head())), "5..6");
        hub.announce(9);
        assert_eq!(describe(hub.next(6, hub.head())), "store to 9");
    }

    #[test]
    fn a_piece_that_comes_twice_is_ignored() {
        let hub = Hub::new(Uuid::new_v4(), 0, 1 << 20);
        hub.publish(piece(1..=2));
        hub.publish(piece(1..=2));
        hub.publish(piece(2..=3));
        assert_eq!(hub.head(), 3);
        assert_eq!(describe(hub.next(2, hub.head())), "store to 3");
    }

    #[test]
    fn the_memory_is_bounded() {
        let one = piece(1..=1).size;
        let hub = Hub::new(Uuid::new_v4(), 0, 3 * one);
        for id in 1..=10 {
            hub.publish(piece(id..=id));
        }
        assert_eq!(describe(hub.next(6, hub.head())), "store to 7");
        assert_eq!(describe(hub.next(7, hub.head())), "8..8");
    }

    #[test]
    fn the_records_after_a_position_are_the_rest_of_a_piece() {
        let piece = piece(5..=7);
        let ids = |after| piece.after(after).iter().map(|log| log.id).collect::<Vec<_>>();
        assert_eq!(ids(3), [5, 6, 7]);
        assert_eq!(ids(5), [6, 7]);
        assert_eq!(ids(7), [0i64; 0]);
    }
}
