//! Removing a contiguous range of the log, in whatever form it is stored: what sealing replaces,
//! and what retention no longer keeps.

use std::ops::RangeInclusive;

use sea_orm::sqlx::postgres::PgPool;
use sea_orm::sqlx::sqlite::SqlitePool;
use sea_orm::sqlx::{self, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use crate::store::StoreError;
use crate::store::write::signed;

/// What may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removable {
    /// Rows, and blocks that are not in their final form.
    Unsealed,
    Everything,
}

/// Gone as a whole or not at all. The database gives up by itself: a process that fell silent half-
/// way must not hold the records for ever.
const BEGIN_ON_POSTGRES: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
    SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '10s'; \
    SET LOCAL idle_in_transaction_session_timeout = '15s'";

/// Counts what it removed. A block that reaches out of the range makes the count wrong.
const REMOVE_ON_POSTGRES: &str = "
WITH blocks AS (
    DELETE FROM block WHERE first_id BETWEEN $1 AND $2 AND ($3 OR NOT sealed)
    RETURNING first_id, last_id
), parts AS (
    DELETE FROM block_part USING blocks
    WHERE block_part.first_id = blocks.first_id AND block_part.first_id BETWEEN $1 AND $2
), rows AS (
    DELETE FROM log WHERE id BETWEEN $1 AND $2 RETURNING 1
)
SELECT CASE WHEN coalesce(max(last_id), $2) > $2 THEN -1
    ELSE coalesce(sum(last_id - first_id + 1), 0)::int8 + (SELECT count(*) FROM rows) END
FROM blocks";

const COUNT_ON_SQLITE: &str = "
SELECT CASE WHEN coalesce(max(last_id), ?2) > ?2 THEN -1
    ELSE coalesce(sum(last_id - first_id + 1), 0) END
FROM block WHERE first_id BETWEEN ?1 AND ?2 AND (?3 OR NOT sealed)";
const REMOVE_PARTS_ON_SQLITE: &str = "
DELETE FROM block_part WHERE first_id BETWEEN ?1 AND ?2 AND first_id IN (
    SELECT first_id FROM block WHERE first_id BETWEEN ?1 AND ?2 AND (?3 OR NOT sealed))";
const REMOVE_BLOCKS_ON_SQLITE: &str =
    "DELETE FROM block WHERE first_id BETWEEN ?1 AND ?2 AND (?3 OR NOT sealed)";

/// Begins to change what is stored, on a connection beside the writer's own.
pub(super) async fn begin_on_postgres(
    pool: &PgPool,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    Ok(pool.begin_with(BEGIN_ON_POSTGRES).await?)
}

/// Begins to change what is stored. The whole database is ours until it ends.
pub(super) async fn begin_on_sqlite(
    pool: &SqlitePool,
) -> Result<Transaction<'static, Sqlite>, StoreError> {
    Ok(pool.begin_with("BEGIN IMMEDIATE").await?)
}

/// Removes a range.
///
/// # Errors
/// [`StoreError::Fenced`] when what was removed is not exactly the records of the range: the
/// transaction must then be rolled back.
pub(super) async fn remove_on_postgres(
    connection: &mut PgConnection,
    range: &RangeInclusive<i64>,
    what: Removable,
) -> Result<(), StoreError> {
    let removed: i64 = sqlx::query_scalar(REMOVE_ON_POSTGRES)
        .bind(range.start())
        .bind(range.end())
        .bind(what == Removable::Everything)
        .fetch_one(connection)
        .await?;
    check(removed, range)
}

/// Removes a range.
///
/// # Errors
/// As [`remove_on_postgres`].
pub(super) async fn remove_on_sqlite(
    connection: &mut SqliteConnection,
    range: &RangeInclusive<i64>,
    what: Removable,
) -> Result<(), StoreError> {
    let (first, last, everything) = (range.start(), range.end(), what == Removable::Everything);
    let in_blocks: i64 = sqlx::query_scalar(COUNT_ON_SQLITE)
        .bind(first)
        .bind(last)
        .bind(everything)
        .fetch_one(&mut *connection)
        .await?;
    if in_blocks > 0 {
        for statement in [REMOVE_PARTS_ON_SQLITE, REMOVE_BLOCKS_ON_SQLITE] {
            let removing = sqlx::query(statement).bind(first).bind(last).bind(everything);
            removing.execute(&mut *connection).await?;
        }
    }
    let rows = sqlx::query("DELETE FROM log WHERE id BETWEEN ?1 AND ?2")
        .bind(first)
        .bind(last)
        .execute(connection)
        .await?;
    check(in_blocks + signed(rows.rows_affected()), range)
}

fn check(removed: i64, range: &RangeInclusive<i64>) -> Result<(), StoreError> {
    if removed == range.end() - range.start() + 1 { Ok(()) } else { Err(StoreError::Fenced) }
}
