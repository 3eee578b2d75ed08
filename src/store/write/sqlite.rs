//! Writing to SQLite: the one writing connection, `BEGIN IMMEDIATE`, many rows a statement.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::LazyLock;

use sea_orm::sqlx::sqlite::SqlitePool;
use sea_orm::sqlx::{self, AssertSqlSafe, SqliteConnection};
use uuid::Uuid;

use super::super::StoreError;
use super::super::batch::{Rejected, Resolved, SourceCount, Totals, WriteBatch};
use super::super::connect::open_lock_file;
use super::blocks::{NewBlock, insert_on_sqlite};
use super::salvage::{RowSink, insert_good};
use super::{Failure, above_json, entry_bytes, signed};
use crate::log::now;

const INSERT_LOG: &str = "INSERT INTO log (id, timestamp, received_at, severity, facility, \
                          source_id, procid, msgid, message, attributes) VALUES ";
const LOG_ROW: &str = "(?,?,?,?,?,?,?,?,?,?)";

/// Statements of so many rows each: their texts stay few, so that they stay prepared.
const ROWS_A_STATEMENT: [usize; 4] = [512, 64, 8, 1];

static INSERTS: LazyLock<[(usize, String); 4]> = LazyLock::new(|| {
    ROWS_A_STATEMENT.map(|rows| (rows, format!("{INSERT_LOG}{}", [LOG_ROW].repeat(rows).join(","))))
});

const MARK: &str = "
INSERT INTO producer (id, low, above, stored, rejected, last_seen) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    low = excluded.low,
    above = excluded.above,
    stored = stored + excluded.stored,
    rejected = rejected + excluded.rejected,
    last_seen = excluded.last_seen";

/// The right to write, and the way to the writing connection.
#[derive(Debug)]
pub(super) struct Session {
    pool: SqlitePool,
    /// Locked as long as the session lives; none for a session that never asked.
    _election: Option<File>,
}

impl Session {
    /// With a file to lock, opens only if that is free (`None`: it is not).
    pub fn open(pool: &SqlitePool, lock_file: Option<&Path>) -> Result<Option<Self>, StoreError> {
        let election = match lock_file {
            None => None,
            Some(path) => {
                let file = open_lock_file(path)?;
                match file.try_lock() {
                    Ok(()) => Some(file),
                    Err(TryLockError::WouldBlock) => return Ok(None),
                    Err(TryLockError::Error(e)) => {
                        return Err(StoreError::Unusable(format!(
                            "cannot lock {}: {e}",
                            path.display()
                        )));
                    }
                }
            }
        };
        Ok(Some(Session { pool: pool.clone(), _election: election }))
    }

    /// Commits the whole batch after `last_id`, its records as these blocks if there are any.
    pub async fn commit(
        &mut self,
        batch: &WriteBatch,
        blocks: &[NewBlock],
        last_id: i64,
    ) -> Result<(), Failure> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let stored = batch.records.len();
        if !move_head(&mut transaction, last_id, stored).await? {
            return Err(Failure::Other(StoreError::Fenced));
        }
        insert_sources(&mut transaction, batch).await?;
        mark(&mut transaction, batch, &batch.totals(&[])).await?;
        if blocks.is_empty() {
            insert(&mut transaction, &batch.records, last_id + 1).await?;
        } else {
            insert_on_sqlite(&mut transaction, blocks).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Commits what the database takes of the batch, and the rest as dead letters.
    pub async fn salvage(
        &mut self,
        batch: &WriteBatch,
        last_id: i64,
    ) -> Result<Vec<Rejected>, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        // The fence comes first; where the head moves to is known last.
        if !move_head(&mut transaction, last_id, 0).await? {
            return Err(StoreError::Fenced);
        }
        insert_sources(&mut transaction, batch).await?;
        let rejected = insert_good(&mut *transaction, &batch.records, last_id + 1).await?;
        bury(&mut transaction, batch, &rejected).await?;
        mark(&mut transaction, batch, &batch.totals(&rejected)).await?;
        move_head(&mut transaction, last_id, batch.records.len() - rejected.len()).await?;
        transaction.commit().await?;
        Ok(rejected)
    }

    pub async fn count_sources(
        &mut self,
        counts: &[SourceCount],
        from: i64,
        up_to: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let moved =
            sqlx::query("UPDATE head SET sources_counted_to = ? WHERE sources_counted_to = ?")
                .bind(up_to)
                .bind(from)
                .execute(&mut *transaction)
                .await?;
        if moved.rows_affected() != 1 {
            return Err(StoreError::Fenced);
        }
        for count in counts {
            sqlx::query(
                "UPDATE source SET count = count + ?, last_seen = max(last_seen, ?) WHERE id = ?",
            )
            .bind(signed(count.added))
            .bind(count.last_seen.timestamp_micros())
            .bind(count.id)
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }
}

async fn move_head(
    connection: &mut SqliteConnection,
    last_id: i64,
    stored: usize,
) -> Result<bool, sqlx::Error> {
    let moved = sqlx::query("UPDATE head SET last_id = ? WHERE last_id = ?")
        .bind(last_id + signed(stored))
        .bind(last_id)
        .execute(connection)
        .await?;
    Ok(moved.rows_affected() == 1)
}

async fn insert_sources(
    connection: &mut SqliteConnection,
    batch: &WriteBatch,
) -> Result<(), sqlx::Error> {
    for source in &batch.new_sources {
        let seen = source.seen.timestamp_micros();
        sqlx::query(
            "INSERT INTO source (id, host, app, address, first_seen, last_seen, count) \
             VALUES (?, ?, ?, ?, ?, ?, 0)",
        )
        .bind(source.id)
        .bind(source.key.host.as_deref())
        .bind(source.key.app.as_deref())
        .bind(source.key.address.to_string())
        .bind(seen)
        .bind(seen)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn mark(
    connection: &mut SqliteConnection,
    batch: &WriteBatch,
    totals: &BTreeMap<Uuid, Totals>,
) -> Result<(), sqlx::Error> {
    let seen = now().timestamp_micros();
    for (producer, marks) in &batch.marks {
        let total = totals.get(producer).copied().unwrap_or_default();
        sqlx::query(MARK)
            .bind(producer)
            .bind(signed(marks.low))
            .bind(above_json(marks))
            .bind(signed(total.stored))
            .bind(signed(total.rejected))
            .bind(seen)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn bury(
    connection: &mut SqliteConnection,
    batch: &WriteBatch,
    dead: &[Rejected],
) -> Result<(), sqlx::Error> {
    let at = now().timestamp_micros();
    for Rejected { index, reason } in dead {
        let record = &batch.records[*index];
        sqlx::query(
            "INSERT INTO dead_letter (received_at, at, reason, source_id, record) \
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(record.entry.received_at.timestamp_micros())
        .bind(at)
        .bind(reason)
        .bind(record.source_id)
        .bind(entry_bytes(&record.entry))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Inserts the records, as many a statement as are left for.
async fn insert(
    connection: &mut SqliteConnection,
    mut records: &[Resolved],
    mut first_id: i64,
) -> Result<(), sqlx::Error> {
    for (rows, statement) in INSERTS.iter() {
        while let Some((some, rest)) = records.split_at_checked(*rows) {
            let mut query = sqlx::query(AssertSqlSafe(statement.as_str()));
            for (id, record) in (first_id..).zip(some) {
                let entry = &record.entry;
                let attributes = &entry.attributes;
                query = query
                    .bind(id)
                    .bind(entry.timestamp.timestamp_micros())
                    .bind(entry.received_at.timestamp_micros())
                    .bind(entry.severity.map(|s| i32::from(s.code())))
                    .bind(entry.facility.map(|f| i32::from(f.code())))
                    .bind(record.source_id)
                    .bind(entry.proc_id.as_deref())
                    .bind(entry.msg_id.as_deref())
                    .bind(entry.message.as_str())
                    .bind((!attributes.is_empty()).then(|| attributes.as_json()));
            }
            query.execute(&mut *connection).await?;
            first_id += signed(*rows);
            records = rest;
        }
    }
    Ok(())
}

impl RowSink for SqliteConnection {
    async fn savepoint(&mut self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("SAVEPOINT part").execute(self).await.map(drop)
    }

    async fn release(&mut self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("RELEASE part").execute(self).await.map(drop)
    }

    async fn back(&mut self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("ROLLBACK TO part; RELEASE part").execute(self).await.map(drop)
    }

    async fn insert(&mut self, records: &[Resolved], first_id: i64) -> Result<(), sqlx::Error> {
        insert(self, records, first_id).await
    }
}
