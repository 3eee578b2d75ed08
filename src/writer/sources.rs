//! The dictionary of sources: the writer, being alone, numbers them and counts their records.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::log::{SourceKey, Timestamp};
use crate::store::{NewSource, SourceCount};

/// Every source by its key, and what its row does not count yet.
#[derive(Debug, Default)]
pub struct Sources {
    known: HashMap<Arc<SourceKey>, i32>,
    keys: HashMap<i32, Arc<SourceKey>>,
    last_id: i32,
    uncounted: BTreeMap<i32, SourceCount>,
}

impl Sources {
    /// The dictionary as the database has it.
    pub fn load(
        rows: impl IntoIterator<Item = (i32, Arc<SourceKey>)>,
        uncounted: impl IntoIterator<Item = SourceCount>,
    ) -> Self {
        let mut sources = Sources::default();
        for (id, key) in rows {
            sources.insert(id, key);
        }
        for count in uncounted {
            sources.uncounted.insert(count.id, count);
        }
        sources
    }

    /// The id of a source; a new one is numbered and noted in `new`.
    pub fn resolve(&mut self, key: SourceKey, seen: Timestamp, new: &mut Vec<NewSource>) -> i32 {
        if let Some(id) = self.known.get(&key) {
            return *id;
        }
        let id = self.last_id + 1;
        new.push(NewSource { id, key: key.clone(), seen });
        self.insert(id, Arc::new(key));
        id
    }

    /// The key of a source that was resolved before.
    pub fn key(&self, id: i32) -> Option<&Arc<SourceKey>> {
        self.keys.get(&id)
    }

    /// Counts a record that is committed.
    pub fn count(&mut self, id: i32, seen: Timestamp) {
        let count =
            self.uncounted.entry(id).or_insert(SourceCount { id, added: 0, last_seen: seen });
        count.added += 1;
        count.last_seen = count.last_seen.max(seen);
    }

    /// What the rows do not count yet.
    pub fn uncounted(&self) -> Vec<SourceCount> {
        self.uncounted.values().cloned().collect()
    }

    /// The rows count everything now.
    pub fn counted(&mut self) {
        self.uncounted.clear();
    }

    fn insert(&mut self, id: i32, key: Arc<SourceKey>) {
        self.known.insert(key.clone(), id);
        self.keys.insert(id, key);
        self.last_id = self.last_id.max(id);
    }
}
