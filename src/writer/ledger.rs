//! What the session tells the upkeep of its commits: what is not in its final form, the records
//! while there is room for them, and how busy the writer is.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::plan::Plan;
use crate::live::Piece;
use crate::log::Log;
use crate::store::Segment;

/// After a sign of load the upkeep waits for so long, or for as long as the commit took.
const BUSY_FOR: Duration = Duration::from_millis(100);
/// A commit that takes longer is a sign of load.
const SLOW_COMMIT: Duration = Duration::from_millis(250);

/// Shared by a session and its upkeep. Clones share it.
#[derive(Clone, Debug)]
pub struct Ledger {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Bytes of records that are kept.
    memory: usize,
    books: Mutex<Books>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Books {
    plan: Plan,
    /// In order; the oldest are sealed first, so those are kept when there is no room for all.
    pieces: VecDeque<Arc<Piece>>,
    size: usize,
    busy_until: Option<Instant>,
}

impl Ledger {
    /// Nothing is known yet. So many bytes of records are kept for sealing; others are read back.
    pub fn new(memory: usize) -> Self {
        let shared = Shared { memory, books: Mutex::default(), news: Notify::new() };
        Ledger { shared: Arc::new(shared) }
    }

    /// A batch was committed, and this is what of it is not in its final form.
    pub fn committed(&self, piece: &Arc<Piece>, unsealed: Vec<Segment>) {
        let mut books = self.books();
        if !unsealed.is_empty() && books.size + piece.size() <= self.shared.memory {
            books.size += piece.size();
            books.pieces.push_back(piece.clone());
        }
        books.plan.add(unsealed, piece.last_id());
        self.shared.news.notify_one();
    }

    /// How a commit went: whether the batch was full, and how long it took.
    pub fn load(&self, full: bool, took: Duration) {
        if full || took > SLOW_COMMIT {
            self.books().busy_until = Some(Instant::now() + BUSY_FOR.max(took));
        }
    }

    /// Whether the writer was busy just now.
    pub fn is_busy(&self) -> bool {
        self.books().busy_until.is_some_and(|until| Instant::now() < until)
    }

    /// Resolves when something was committed since it did last.
    pub async fn news(&self) {
        self.shared.news.notified().await;
    }

    /// Asks the plan.
    pub fn plan<T>(&self, ask: impl FnOnce(&Plan) -> T) -> T {
        ask(&self.books().plan)
    }

    /// Changes the plan, and lets go of the records that it does not need any more.
    pub fn revise(&self, change: impl FnOnce(&mut Plan)) {
        let mut books = self.books();
        let Books { plan, pieces, size, .. } = &mut *books;
        change(plan);
        pieces.retain(|piece| plan.touches(&(piece.first_id()..=piece.last_id())));
        *size = pieces.iter().map(|piece| piece.size()).sum();
    }

    /// The records of a range, if all of them are kept.
    pub fn records(&self, range: &RangeInclusive<i64>) -> Option<Vec<Arc<Log>>> {
        let books = self.books();
        let (first, last) = (*range.start(), *range.end());
        let mut logs = Vec::new();
        let mut next = first;
        let begin = books.pieces.partition_point(|piece| piece.last_id() < first);
        for piece in books.pieces.range(begin..) {
            if next > last || piece.first_id() > next {
                break;
            }
            logs.extend(piece.after(next - 1).iter().take_while(|log| log.id <= last).cloned());
            next = piece.last_id() + 1;
        }
        (next > last).then_some(logs)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.shared.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Attributes, Entry, SourceKey, now};
    use crate::store::Form;

    fn commit(ledger: &Ledger, range: RangeInclusive<i64>) -> Arc<Piece> {
        let source = Arc::new(SourceKey { host: None, app: None, address: [127, 0, 0, 1].into() });
        let log = |id| {
            let entry = Entry {
                timestamp: now(),
                received_at: now(),
                severity: None,
                facility: None,
                proc_id: None,
                msg_id: None,
                message: "x".repeat(100),
                attributes: Attributes::EMPTY,
            };
            Arc::new(Log { id, source_id: 1, source: source.clone(), entry })
        };
        let piece = Arc::new(Piece::new(range.clone().map(log).collect()).expect("not empty"));
        let segment = Segment {
            first_id: *range.start(),
            last_id: *range.end(),
            form: Form::Rows,
            raw_bytes: 100,
            received_from: now(),
        };
        ledger.committed(&piece, vec![segment]);
        piece
    }

    fn ids(ledger: &Ledger, range: RangeInclusive<i64>) -> Option<Vec<i64>> {
        Some(ledger.records(&range)?.iter().map(|log| log.id).collect())
    }

    #[test]
    fn records_are_found_across_pieces_or_not_at_all() {
        let ledger = Ledger::new(1 << 20);
        commit(&ledger, 3..=5);
        commit(&ledger, 6..=6);
        commit(&ledger, 7..=9);
        assert_eq!(ids(&ledger, 4..=8), Some(vec![4, 5, 6, 7, 8]));
        assert_eq!(ids(&ledger, 3..=9).map(|ids| ids.len()), Some(7));
        assert_eq!(ids(&ledger, 6..=6), Some(vec![6]));
        assert_eq!(ids(&ledger, 2..=4), None);
        assert_eq!(ids(&ledger, 9..=10), None);
    }

    #[test]
    fn the_oldest_are_kept_until_they_are_sealed() {
        let one = commit(&Ledger::new(0), 1..=1).size();
        let ledger = Ledger::new(2 * one);
        for id in 1..=3 {
            commit(&ledger, id..=id);
        }
        assert_eq!((ids(&ledger, 1..=2), ids(&ledger, 3..=3)), (Some(vec![1, 2]), None));
        ledger.revise(|plan| plan.done(&(1..=1), None));
        assert_eq!(ids(&ledger, 1..=1), None);
        commit(&ledger, 4..=4);
        assert_eq!(ids(&ledger, 4..=4), Some(vec![4]));
    }

    #[test]
    fn a_full_batch_is_a_sign_of_load() {
        let ledger = Ledger::new(0);
        ledger.load(false, Duration::from_millis(1));
        assert!(!ledger.is_busy());
        ledger.load(true, Duration::from_secs(60));
        assert!(ledger.is_busy());
    }
}
