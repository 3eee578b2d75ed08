//! The dictionary of sources: the writer, being alone, numbers them and counts their records.
//!
//! A sender may name any host and app, and so make any number of sources; the dictionary stops
//! somewhere. Beyond, records share one source, and what they said of theirs stays with them: in
//! `host`, `app` and `address` under the key `tailwater` of their attributes.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use crate::log::{Attributes, Record, SourceKey, Timestamp};
use crate::store::{NewSource, SourceCount};

/// The source of all records that get none of their own.
const OVERFLOW: SourceKey =
    SourceKey { host: None, app: None, address: IpAddr::V6(Ipv6Addr::UNSPECIFIED) };

/// Every source by its key, and what its row does not count yet.
#[derive(Debug, Default)]
pub struct Sources {
    known: HashMap<Arc<SourceKey>, i32>,
    last_id: i32,
    /// Sources there may be, beside the one for all others.
    limit: usize,
    uncounted: HashMap<i32, SourceCount>,
}

impl Sources {
    /// The dictionary as the database has it. New sources are taken in up to `limit`.
    pub fn load(
        rows: impl IntoIterator<Item = (i32, Arc<SourceKey>)>,
        uncounted: impl IntoIterator<Item = SourceCount>,
        limit: usize,
    ) -> Self {
        let mut sources = Sources { limit, ..Sources::default() };
        for (id, key) in rows {
            sources.insert(id, key);
        }
        for count in uncounted {
            sources.uncounted.insert(count.id, count);
        }
        sources
    }

    /// The id and the key of a record's source; a new one is numbered and noted in `new`.
    pub fn resolve(
        &mut self,
        record: &mut Record,
        new: &mut Vec<NewSource>,
    ) -> (i32, Arc<SourceKey>) {
        if let Some((key, id)) = self.known.get_key_value(&record.source) {
            return (*id, key.clone());
        }
        if self.known.len() >= self.limit {
            let own = std::mem::replace(&mut record.source, OVERFLOW);
            keep_apart(own, &mut record.entry.attributes);
            if let Some((key, id)) = self.known.get_key_value(&OVERFLOW) {
                return (*id, key.clone());
            }
            tracing::warn!(limit = self.limit, "too many sources: further ones share a row");
        }
        let id = self.last_id + 1;
        let key = Arc::new(record.source.clone());
        let seen = record.entry.received_at;
        new.push(NewSource { id, key: record.source.clone(), seen });
        self.insert(id, key.clone());
        (id, key)
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
        self.known.insert(key, id);
        self.last_id = self.last_id.max(id);
    }
}

/// Keeps with a record what its source says no more.
fn keep_apart(source: SourceKey, attributes: &mut Attributes) {
    let address = Some(source.address.to_string());
    let said = [("host", source.host), ("app", source.app), ("address", address)];
    attributes.note(said.into_iter().filter_map(|(name, said)| Some((name, said?))));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Entry, now};

    fn record(host: &str, attributes: &str) -> Record {
        Record {
            source: SourceKey {
                host: Some(host.to_owned()),
                app: None,
                address: [192, 0, 2, 1].into(),
            },
            entry: Entry {
                timestamp: now(),
                received_at: now(),
                severity: None,
                facility: None,
                proc_id: None,
                msg_id: None,
                message: String::new(),
                attributes: Attributes::from_json_text(attributes.to_owned()),
            },
        }
    }

    #[test]
    fn past_the_limit_records_share_a_source_and_keep_what_they_said() {
        let mut sources = Sources::load([], [], 2);
        let mut new = Vec::new();
        let mut records = ["a", "b", "c", "a", "d"]
            .map(|host| record(host, r#"{"x":1e400,"tailwater":{"cut":true}}"#));
        let ids: Vec<i32> =
            records.iter_mut().map(|record| sources.resolve(record, &mut new).0).collect();
        assert_eq!(ids, [1, 2, 3, 1, 3]);
        assert_eq!(new.len(), 3);
        assert_eq!(records[4].source, OVERFLOW);
        assert_eq!(
            records[4].entry.attributes.as_json(),
            r#"{"tailwater":{"address":"192.0.2.1","cut":true,"host":"d"},"x":1e400}"#
        );
        assert_eq!(
            records[3].entry.attributes.as_json(),
            r#"{"x":1e400,"tailwater":{"cut":true}}"#
        );
    }

    #[test]
    fn the_shared_source_is_found_again_after_a_restart() {
        let rows = [(1, Arc::new(record("a", "").source)), (2, Arc::new(OVERFLOW))];
        let mut sources = Sources::load(rows, [], 1);
        let mut new = Vec::new();
        assert_eq!(sources.resolve(&mut record("b", ""), &mut new), (2, Arc::new(OVERFLOW)));
        assert_eq!(sources.resolve(&mut record("a", ""), &mut new).0, 1);
        assert!(new.is_empty());
    }
}
