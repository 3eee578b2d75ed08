//! Saying once that a block is damaged, however often it is met.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::super::Damaged;

/// Damaged blocks that are remembered, at most; more of them are said again now and then.
const MOST: usize = 1_000;

/// The damaged blocks that were spoken of.
#[derive(Debug, Default)]
pub(in crate::store) struct Damage {
    said: Mutex<BTreeSet<(i64, i64)>>,
}

impl Damage {
    /// Says that a block is damaged, unless that was said.
    pub fn note(&self, damaged: &Damaged) {
        if self.is_new(damaged) {
            let Damaged { first_id, last_id, reason } = damaged;
            tracing::error!(first_id, last_id, reason, "a block cannot be read");
        }
    }

    fn is_new(&self, damaged: &Damaged) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() >= MOST {
            said.clear();
        }
        said.insert((damaged.first_id, damaged.last_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_spoken_of_once() {
        let damage = Damage::default();
        let block = |first_id| Damaged { first_id, last_id: first_id + 9, reason: "x".to_owned() };
        assert!(damage.is_new(&block(1)) && damage.is_new(&block(11)));
        assert!(!damage.is_new(&block(1)));
        for n in 0..MOST as i64 * 3 {
            damage.is_new(&block(n * 10));
        }
        assert!(damage.said.lock().unwrap().len() <= MOST);
    }
}
