//! `pipeline { storage }`: how much is stored, in which form, and how long it is kept.

use std::time::Duration;

use async_graphql::{ID, SimpleObject};

use super::errors::ApiError;
use super::reader::Reader;
use super::scalars::{Count, DateTime};
use crate::store::Storage as Stored;

/// How much of the log is kept. Without a bound it grows for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// For how long after they came in.
    pub age: Option<Duration>,
    /// How many bytes, about.
    pub size: Option<u64>,
}

/// How much is stored, and in which form.
#[derive(Debug, SimpleObject)]
pub struct Storage {
    /// Records kept.
    records: Count,
    /// Those of them that are plain rows: the newest.
    rows: Count,
    /// Blocks: each holds thousands of records, compressed.
    blocks: Count,
    /// Records in blocks.
    block_records: Count,
    /// Records that are rows, or in blocks that are still to be merged into larger ones.
    unsealed: Count,
    /// Bytes that the records take at rest, about.
    bytes: Count,
    /// Of these, for each record; 0 while there is none.
    bytes_per_record: f64,
    /// Bytes of disk that the database takes, everything in it counted.
    disk_bytes: Count,
    /// When the oldest record kept came in; null while there is none.
    oldest: Option<DateTime>,
    /// The id of the oldest record kept; null while there is none.
    first_id: Option<ID>,
    /// The id of the newest record; null while there is none.
    last_id: Option<ID>,
    /// Records are kept for so many seconds after they came in; null: for ever.
    retention_age: Option<Count>,
    /// Records are kept up to so many bytes, about; null: without a bound.
    retention_size: Option<Count>,
}

/// Asks how much is stored.
///
/// # Errors
/// The reader sees a part of the log only, and these figures are of all of it; the store fails.
pub async fn storage(reader: &Reader, retention: Retention) -> Result<Storage, ApiError> {
    let (store, _) = reader.everything()?;
    Ok(Storage::of(&store.storage().await?, retention))
}

impl Storage {
    fn of(stored: &Stored, retention: Retention) -> Storage {
        let records = stored.rows + stored.block_records;
        let id = |id: i64| (records > 0).then(|| ID::from(id));
        Storage {
            records: Count(records),
            rows: Count(stored.rows),
            blocks: Count(stored.blocks),
            block_records: Count(stored.block_records),
            unsealed: Count(stored.unsealed),
            bytes: Count(stored.bytes),
            bytes_per_record: match records {
                0 => 0.0,
                records => stored.bytes as f64 / records as f64,
            },
            disk_bytes: Count(stored.disk_bytes),
            oldest: stored.oldest.map(DateTime),
            first_id: id(stored.first_id),
            last_id: id(stored.last_id),
            retention_age: retention.age.map(|age| Count(age.as_secs())),
            retention_size: retention.size.map(Count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_log_has_no_oldest_record_and_no_bytes_a_record() {
        let stored = Stored { first_id: 1, ..Stored::default() };
        let storage = Storage::of(&stored, Retention::default());
        assert_eq!((storage.records, storage.bytes_per_record), (Count(0), 0.0));
        assert_eq!((storage.first_id, storage.last_id), (None, None));
        assert_eq!((storage.retention_age, storage.retention_size), (None, None));
    }

    #[test]
    fn both_forms_are_counted_together() {
        let stored =
            Stored { rows: 10, block_records: 90, bytes: 5_000, last_id: 100, ..Stored::default() };
        let retention = Retention { age: Some(Duration::from_secs(60)), size: Some(7) };
        let storage = Storage::of(&stored, retention);
        assert_eq!((storage.records, storage.bytes_per_record), (Count(100), 50.0));
        assert_eq!(storage.last_id, Some(ID::from(100)));
        assert_eq!(
            (storage.retention_age, storage.retention_size),
            (Some(Count(60)), Some(Count(7)))
        );
    }
}
