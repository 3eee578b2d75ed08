//! A fresh store, and records to put into it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use sea_orm::sqlx::{self, AssertSqlSafe, Connection};
use tailwater::log::{Attributes, Entry, Log, Severity, SourceKey, timestamp_from_micros};
use tailwater::store::{
    Answer, Marks, NewSource, Resolved, Sealing, Store, StoreError, StoreOptions, WriteBatch,
    WriteSession,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::postgres::Postgres;

/// A migrated database of this test's own.
pub struct Database {
    pub store: Store,
    pub url: String,
    _directory: Option<TempDir>,
}

impl Database {
    pub async fn sqlite() -> Self {
        let directory = TempDir::with_prefix("tailwater-sqlite-").expect("a directory");
        let url = format!("sqlite://{}", directory.path().join("log.db").display());
        Self::at(url, Some(directory)).await
    }

    pub async fn postgres() -> Self {
        Self::at(Postgres::shared().database().await, None).await
    }

    async fn at(url: String, directory: Option<TempDir>) -> Self {
        let store = connect(&url).await;
        store.migrate().await.expect("migrate");
        Database { store, url, _directory: directory }
    }

    pub async fn writer(&self) -> WriteSession {
        self.store.claim_writer().await.expect("claim").expect("nobody else writes")
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// Makes one block in its final form of these records, which are not in theirs.
    pub async fn seal(&self, range: RangeInclusive<i64>) {
        let sealing = Sealing { range, logs: None, is_final: true };
        self.store.seal(sealing).await.expect("seal");
    }

    /// Runs SQL behind the store's back.
    pub async fn sql(&self, statement: &str) {
        let statement = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
        if self.is_postgres() {
            let mut connection = sqlx::PgConnection::connect(&self.url).await.expect("connect");
            statement.execute(&mut connection).await.expect("run SQL");
        } else {
            let mut connection = sqlx::SqliteConnection::connect(&self.url).await.expect("connect");
            statement.execute(&mut connection).await.expect("run SQL");
        }
    }

    /// Asks for a number behind the store's back.
    pub async fn number(&self, question: &str) -> i64 {
        let question = sqlx::AssertSqlSafe(question.to_owned());
        if self.is_postgres() {
            let mut connection = sqlx::PgConnection::connect(&self.url).await.expect("connect");
            sqlx::query_scalar(question).fetch_one(&mut connection).await.expect("a number")
        } else {
            let mut connection = sqlx::SqliteConnection::connect(&self.url).await.expect("connect");
            sqlx::query_scalar(question).fetch_one(&mut connection).await.expect("a number")
        }
    }
}

impl Database {
    /// Turns one bit of a column of bytes, in the middle; `place` says of which rows.
    pub async fn flip(&self, table: &str, column: &str, place: &str) {
        let read = AssertSqlSafe(format!("SELECT {column} FROM {table} WHERE {place}"));
        let write = |parameter| {
            AssertSqlSafe(format!("UPDATE {table} SET {column} = {parameter} WHERE {place}"))
        };
        let flipped = |mut bytes: Vec<u8>| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            bytes
        };
        if self.is_postgres() {
            let mut connection = sqlx::PgConnection::connect(&self.url).await.expect("connect");
            let bytes = sqlx::query_scalar(read).fetch_one(&mut connection).await.expect("bytes");
            let write = sqlx::query(write("$1")).bind(flipped(bytes));
            write.execute(&mut connection).await.expect("write");
        } else {
            let mut connection = sqlx::SqliteConnection::connect(&self.url).await.expect("connect");
            let bytes = sqlx::query_scalar(read).fetch_one(&mut connection).await.expect("bytes");
            let write = sqlx::query(write("?")).bind(flipped(bytes));
            write.execute(&mut connection).await.expect("write");
        }
    }
}

pub fn options(url: &str) -> StoreOptions {
    StoreOptions::new(url)
}

pub async fn connect(url: &str) -> Store {
    connect_with(&options(url)).await
}

pub async fn connect_with(options: &StoreOptions) -> Store {
    Store::connect(options).await.expect("connect")
}

/// One run of one ingest process.
pub const PRODUCER: Uuid = Uuid::from_u128(0x7ab1_e000_0000_0000_0000_0000_0000_0001);

/// A record of the second `second` of 2026.
pub fn entry(second: i64, message: &str) -> Entry {
    let at = timestamp_from_micros(1_767_225_600_000_000 + second * 1_000_000);
    Entry {
        timestamp: at,
        received_at: at,
        severity: Some(Severity::Info),
        facility: None,
        proc_id: None,
        msg_id: None,
        message: message.to_owned(),
        attributes: Attributes::EMPTY,
    }
}

pub fn source_key(host: &str, app: &str) -> SourceKey {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    SourceKey { host: text(host), app: text(app), address: [192, 0, 2, 1].into() }
}

pub fn new_source(id: i32, host: &str, app: &str) -> NewSource {
    NewSource { id, key: source_key(host, app), seen: entry(0, "").timestamp }
}

/// A batch of one frame, with the counter `frame`, of records of source 1.
pub fn batch(frame: u64, entries: impl IntoIterator<Item = Entry>) -> WriteBatch {
    let source = Arc::new(source_key("web-1", "nginx"));
    WriteBatch {
        records: entries
            .into_iter()
            .map(|entry| Resolved {
                source_id: 1,
                source: source.clone(),
                producer: PRODUCER,
                entry,
            })
            .collect(),
        new_sources: if frame == 1 { vec![new_source(1, "web-1", "nginx")] } else { Vec::new() },
        marks: BTreeMap::from([(PRODUCER, Marks { low: frame, above: [].into() })]),
    }
}

/// An answer to which nothing is missing.
pub fn whole<T>(answer: Result<Answer<T>, StoreError>) -> T {
    let Answer { value, damaged } = answer.expect("an answer");
    assert_eq!(damaged, []);
    value
}

pub fn messages(logs: &[Log]) -> Vec<&str> {
    logs.iter().map(|log| log.entry.message.as_str()).collect()
}

pub fn ids(logs: &[Log]) -> Vec<i64> {
    logs.iter().map(|log| log.id).collect()
}
