//! The memory that the connections of a listener may hold together.
//!
//! A line that has not ended must be kept, and thousands of connections could each begin a long
//! one. So each has a little for itself, and what it holds beyond comes out of one budget. When
//! that is used up nobody waits, for those who hold it may never end their lines: a line that needs
//! more is cut where it is, and flagged ([`super::connection`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a connection may hold without asking.
pub const OWN_BYTES: usize = 8 << 10;

/// Bytes for many connections. Clones share them.
#[derive(Clone, Debug)]
pub struct Budget {
    left: Arc<AtomicUsize>,
}

impl Budget {
    pub fn new(bytes: usize) -> Self {
        Budget { left: Arc::new(AtomicUsize::new(bytes)) }
    }

    /// A share of nothing yet.
    pub fn share(&self) -> Share {
        Share { budget: self.clone(), held: 0 }
    }
}

/// What one connection has out of the budget; given back when dropped.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    held: usize,
}

impl Share {
    /// Makes the share large enough for a connection that holds so many bytes, and no larger.
    /// `false`: the budget has not that much left, and the share is as it was.
    pub fn hold(&mut self, bytes: usize) -> bool {
        let wanted = bytes.saturating_sub(OWN_BYTES);
        let left = &self.budget.left;
        // Relaxed: it is a number, and guards nothing else.
        if wanted <= self.held {
            left.fetch_add(self.held - wanted, Ordering::Relaxed);
        } else {
            let more = wanted - self.held;
            let take = |left: usize| left.checked_sub(more);
            if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_err() {
                return false;
            }
        }
        self.held = wanted;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.hold(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_beyond_its_own_comes_out_of_the_budget_and_goes_back() {
        let budget = Budget::new(100);
        let (mut one, mut other) = (budget.share(), budget.share());
        assert!(one.hold(OWN_BYTES + 60));
        assert!(other.hold(OWN_BYTES), "its own is never refused");
        assert!(!other.hold(OWN_BYTES + 41));
        assert!(other.hold(OWN_BYTES + 40));
        assert!(one.hold(OWN_BYTES + 10), "less is always there");
        assert!(other.hold(OWN_BYTES + 90));
        drop(other);
        assert!(one.hold(OWN_BYTES + 100));
        assert!(!one.hold(usize::MAX));
        drop(one);
        assert!(budget.share().hold(OWN_BYTES + 100));
    }
}
