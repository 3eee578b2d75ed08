//! What goes wrong with the store, and what the databases' own errors mean for us.

use std::time::Duration;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::postgres::PgDatabaseError;
use sea_orm::{DbErr, RuntimeErr, sqlx};

use super::Damaged;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached at the moment; worth trying again.
    #[error("the database is away: {0}")]
    Away(String),
    /// The database's disk is full; worth trying again.
    #[error("the database has no room: {0}")]
    Full(String),
    /// Another writer moved the head: this session is no longer the writer.
    #[error("another writer moved the head of the log")]
    Fenced,
    /// A read took longer than it may.
    #[error("the query took longer than {0:?}")]
    TimedOut(Duration),
    /// The answer would tell more values apart than fit in memory; a narrower question helps.
    #[error("more than {0} different values; narrow the filter")]
    TooManyValues(usize),
    /// The one record that is asked for lies in a block that cannot be read.
    #[error("{0}")]
    Damaged(Damaged),
    /// Everything else: internal detail for the log, never for a client.
    #[error("the database refused: {0}")]
    Internal(String),
    /// A setting, or the database itself, makes it impossible; for the operator to read.
    #[error("{0}")]
    Unusable(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(&error)
    }
}

impl From<&sqlx::Error> for StoreError {
    fn from(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(refusal) => refused(refusal.as_ref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => StoreError::Away(error.to_string()),
            _ => StoreError::Internal(error.to_string()),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::Conn(RuntimeErr::SqlxError(e))
            | DbErr::Exec(RuntimeErr::SqlxError(e))
            | DbErr::Query(RuntimeErr::SqlxError(e)) => StoreError::from(e.as_ref()),
            DbErr::ConnectionAcquire(_) => StoreError::Away(error.to_string()),
            _ => StoreError::Internal(error.to_string()),
        }
    }
}

/// SQLite's primary result codes; the code of an error carries them in its low byte.
mod sqlite {
    pub const BUSY: i32 = 5;
    pub const LOCKED: i32 = 6;
    pub const INTERRUPT: i32 = 9;
    pub const IOERR: i32 = 10;
    pub const FULL: i32 = 13;
    pub const CANTOPEN: i32 = 14;
    pub const TOOBIG: i32 = 18;
    pub const CONSTRAINT: i32 = 19;
    pub const MISMATCH: i32 = 20;
}

/// Keys of the log, as rows and as blocks: where one is taken, another writer was here.
const LOG_KEYS_ON_POSTGRES: [&str; 2] = ["log_pkey", "block_pkey"];
const LOG_KEYS_ON_SQLITE: [&str; 2] =
    ["UNIQUE constraint failed: log.id", "UNIQUE constraint failed: block.first_id"];

fn refused(refusal: &dyn DatabaseError) -> StoreError {
    if is_log_key(refusal) {
        return StoreError::Fenced;
    }
    let message = refusal.to_string();
    let Some(code) = refusal.code() else { return StoreError::Internal(message) };
    if refusal.try_downcast_ref::<PgDatabaseError>().is_some() {
        return match code.as_ref() {
            // undefined_table
            "42P01" => no_schema(),
            // disk_full
            "53100" => StoreError::Full(message),
            // Classes: connection exception, insufficient resources, operator intervention,
            // system error; and serialization failures and deadlocks, which pass.
            c if ["08", "53", "57", "58", "40"].iter().any(|class| c.starts_with(class)) => {
                StoreError::Away(message)
            }
            // idle_in_transaction_session_timeout, read_only_sql_transaction (a server that
            // became a standby)
            "25P03" | "25006" => StoreError::Away(message),
            _ => StoreError::Internal(message),
        };
    }
    if message.contains("no such table") {
        return no_schema();
    }
    match primary_code(&code) {
        Some(
            sqlite::BUSY | sqlite::LOCKED | sqlite::INTERRUPT | sqlite::IOERR | sqlite::CANTOPEN,
        ) => StoreError::Away(message),
        Some(sqlite::FULL) => StoreError::Full(message),
        _ => StoreError::Internal(message),
    }
}

fn no_schema() -> StoreError {
    StoreError::Unusable(
        "the database has no tables of ours yet: run `tailwater migrate up`".to_owned(),
    )
}

fn primary_code(code: &str) -> Option<i32> {
    code.parse::<i32>().ok().map(|code| code & 0xff)
}

fn is_log_key(refusal: &dyn DatabaseError) -> bool {
    refusal.constraint().is_some_and(|key| LOG_KEYS_ON_POSTGRES.contains(&key))
        || LOG_KEYS_ON_SQLITE.contains(&refusal.message())
}

/// Why the database refused the content of a record; `None` when the error says nothing about
/// content. Content is SQLSTATE class 22 (data exception) and 23 (integrity constraint), and
/// SQLite's constraint, type and size errors, but never the log's own key.
pub(super) fn data_error(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Database(refusal) = error else { return None };
    if is_log_key(refusal.as_ref()) {
        return None;
    }
    let code = refusal.code()?;
    let about_content = if refusal.try_downcast_ref::<PgDatabaseError>().is_some() {
        code.starts_with("22") || code.starts_with("23")
    } else {
        matches!(primary_code(&code), Some(sqlite::CONSTRAINT | sqlite::TOOBIG | sqlite::MISMATCH))
    };
    about_content.then(|| format!("{code}: {}", refusal.message()))
}
