//! How much is stored, and in which form.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Statement, TransactionTrait};
use tokio::sync::Mutex;

use crate::log::Timestamp;
use crate::store::connect::WriteAccess;
use crate::store::entity::{block, log};
use crate::store::schema::head_row;
use crate::store::{Storage, Store, StoreError};

/// What a row takes beside its text, about: its other columns, its header, its place in the index.
const ROW_OVERHEAD: u64 = 110;

/// An answer that was dearer than this is given again for a while.
const DEAR: Duration = Duration::from_millis(20);
/// For so many times as long as it took.
const REPEATED_FOR: u32 = 50;

/// An index of the catalogue has all of it.
const BLOCKS: &str = "
SELECT count(*) AS blocks,
    CAST(coalesce(sum(last_id - first_id + 1), 0) AS bigint) AS records,
    CAST(coalesce(sum(CASE WHEN sealed THEN 0 ELSE last_id - first_id + 1 END), 0) AS bigint)
        AS unsealed,
    CAST(coalesce(sum(raw_bytes), 0) AS bigint) AS raw_bytes,
    CAST(coalesce(sum(stored_bytes), 0) AS bigint) AS stored_bytes,
    min(first_id) AS first_id,
    (SELECT min(id) FROM log) AS first_row
FROM block";

#[derive(Debug, FromQueryResult)]
struct Sums {
    blocks: i64,
    records: i64,
    unsealed: i64,
    raw_bytes: i64,
    stored_bytes: i64,
    first_id: Option<i64>,
    first_row: Option<i64>,
}

/// The last answer, where it was dear.
#[derive(Debug, Default)]
pub(in crate::store) struct StorageCache(Mutex<Option<(Instant, Storage)>>);

impl Store {
    /// How much is stored, and in which form. On a large log the answer may be some seconds old.
    pub async fn storage(&self) -> Result<Storage, StoreError> {
        // Who asks meanwhile waits for the same answer.
        let mut cache = self.storage_cache().0.lock().await;
        if let Some((until, storage)) = &*cache
            && Instant::now() < *until
        {
            return Ok(storage.clone());
        }
        let begun = Instant::now();
        let storage = self.reading(self.measure()).await?;
        let took = begun.elapsed();
        *cache = (took > DEAR).then(|| (begun + took * REPEATED_FOR, storage.clone()));
        Ok(storage)
    }

    /// As [`Store::storage`], always anew.
    pub(super) async fn measure(&self) -> Result<Storage, StoreError> {
        let snapshot = self.lookup_connection().begin().await?;
        let head = head_row(&snapshot).await?;
        let question = Statement::from_string(self.backend(), BLOCKS);
        let sums = Sums::find_by_statement(question).one(&snapshot).await?;
        let sums = sums.ok_or_else(|| StoreError::Internal("no sums".to_owned()))?;
        let first_id = [sums.first_id, sums.first_row].into_iter().flatten().min();
        // Ids are contiguous, and each is in exactly one form.
        let kept = first_id.map_or(0, |first_id| unsigned(head.last_id - first_id + 1));
        let block_records = unsigned(sums.records);
        let rows = kept.saturating_sub(block_records);
        let row_bytes = match sums.first_row {
            Some(first) if rows > 0 => ROW_OVERHEAD + text_of_rows(&snapshot, first).await?,
            _ => 0,
        };
        let oldest = match first_id {
            Some(first_id) => oldest(&snapshot, first_id).await?,
            None => None,
        };
        Ok(Storage {
            rows,
            blocks: unsigned(sums.blocks),
            block_records,
            unsealed: rows + unsigned(sums.unsealed),
            raw_bytes: unsigned(sums.raw_bytes),
            bytes: unsigned(sums.stored_bytes) + rows.saturating_mul(row_bytes),
            disk_bytes: self.disk_bytes(&snapshot).await?,
            oldest,
            first_id: first_id.unwrap_or(head.last_id + 1),
            last_id: head.last_id,
        })
    }

    async fn disk_bytes(&self, connection: &impl ConnectionTrait) -> Result<u64, StoreError> {
        if let WriteAccess::Sqlite { file, .. } = self.write_access() {
            let size = |suffix: &str| {
                let mut path = file.clone().into_os_string();
                path.push(suffix);
                std::fs::metadata(path).map_or(0, |file| file.len())
            };
            return Ok(size("") + size("-wal"));
        }
        number(connection, "SELECT pg_database_size(current_database())").await.map(unsigned)
    }
}

/// When the oldest record came in: that at `first_id`, or the earliest of its block.
async fn oldest(
    connection: &impl ConnectionTrait,
    first_id: i64,
) -> Result<Option<Timestamp>, StoreError> {
    if let Some(row) = log::Entity::find_by_id(first_id).one(connection).await? {
        return Ok(Some(row.received_at.0));
    }
    let block = block::Entity::find_by_id(first_id).one(connection).await?;
    Ok(block.map(|block| block.received_from.0))
}

/// Bytes of text of a row, judged by a few of them from this position on.
pub(super) async fn text_of_rows(
    connection: &impl ConnectionTrait,
    first_id: i64,
) -> Result<u64, StoreError> {
    let question = format!(
        "SELECT CAST(coalesce(avg(length(message) + coalesce(length(CAST(attributes AS text)), 2)), 0)
             AS bigint)
         FROM (SELECT message, attributes FROM log WHERE id >= {first_id} ORDER BY id LIMIT 32) AS few"
    );
    number(connection, &question).await.map(unsigned)
}

/// The answer to a question for one number.
async fn number(connection: &impl ConnectionTrait, question: &str) -> Result<i64, StoreError> {
    let question = Statement::from_string(connection.get_database_backend(), question);
    let row = connection.query_one_raw(question).await?;
    let row = row.ok_or_else(|| StoreError::Internal("a number is missing".to_owned()))?;
    Ok(row.try_get_by_index(0)?)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
