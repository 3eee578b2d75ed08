//! Giving the disk back: partitions that are empty are dropped (Postgres), free pages are cut off
//! (SQLite).

use sea_orm::sqlx;
use sea_orm::sqlx::sqlite::SqlitePool;

use crate::store::connect::{DEADLINE_SLACK, WRITE_DEADLINE, WriteAccess};
use crate::store::write::within;
use crate::store::{Store, StoreError};

/// Free pages that are cut off together: about 10 ms of work, for which commits wait.
const PAGES: i64 = 256;
/// Bytes that may lie free in any SQLite file: what is sealed frees room for the next rows.
const SPARE_BYTES: i64 = 1 << 20;
/// And so large a part of the file, one in so many.
const SPARE_PART: i64 = 8;

impl Store {
    /// Gives a bounded amount back. Whether there is more to give at once: on Postgres a partition
    /// rests until no reader can need it, and goes another time when readers are in the way.
    pub async fn reclaim(&self) -> Result<bool, StoreError> {
        within(WRITE_DEADLINE, async {
            match self.write_access() {
                WriteAccess::Postgres { pool, partitions, .. } => {
                    let first_id = self.reading(self.measure()).await?.first_id;
                    // No snapshot is older than a read may be.
                    let rest = self.inner.read_timeout + 2 * DEADLINE_SLACK;
                    let pool = pool.get_postgres_connection_pool();
                    partitions.drop_oldest(pool, first_id, rest).await
                }
                WriteAccess::Sqlite { pool, .. } => Ok(cut_off_free_pages(pool).await?),
            }
        })
        .await
    }

    /// Sees to it that blocks can be written for a good while from the head on: on Postgres that
    /// there are partitions.
    pub async fn make_room(&self) -> Result<(), StoreError> {
        let access = self.write_access();
        let WriteAccess::Postgres { pool, partitions, .. } = access else { return Ok(()) };
        let next = self.head().await?.last_id.saturating_add(1);
        let ids = next..=next.saturating_add(partitions.ids() / 2);
        within(WRITE_DEADLINE, async {
            partitions.refresh(pool.get_postgres_connection_pool()).await?;
            access.make_room_for_blocks(ids).await
        })
        .await
    }
}

async fn cut_off_free_pages(pool: &SqlitePool) -> Result<bool, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut ask = async |question: &'static str| -> Result<i64, sqlx::Error> {
        sqlx::query_scalar(question).fetch_one(&mut *connection).await
    };
    let free = ask("PRAGMA freelist_count").await?;
    let spare = (SPARE_BYTES / ask("PRAGMA page_size").await?.max(1))
        .max(ask("PRAGMA page_count").await? / SPARE_PART);
    if free <= spare {
        return Ok(false);
    }
    let cut = format!("PRAGMA incremental_vacuum({})", PAGES.min(free - spare));
    sqlx::raw_sql(sqlx::AssertSqlSafe(cut)).execute(&mut *connection).await?;
    if free - spare > PAGES {
        return Ok(true);
    }
    // The file becomes shorter when what was written goes from the log of the database into it.
    sqlx::raw_sql("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut *connection).await?;
    Ok(false)
}
