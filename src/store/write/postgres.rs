//! Writing to Postgres: a connection of its own, one transaction a batch, rows by binary `COPY`.

use std::collections::BTreeMap;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{self, ConnectOptions};
use uuid::Uuid;

use super::super::StoreError;
use super::super::batch::{Rejected, Resolved, SourceCount, Totals, WriteBatch};
use super::blocks::{NewBlock, insert_on_postgres};
use super::salvage::{RowSink, insert_good};
use super::{Failure, above_json, signed};
use crate::log::{Timestamp, now};

/// Names the right to write the log among all advisory locks of the database ("tailwate").
const WRITER_LOCK: i64 = i64::from_be_bytes(*b"tailwate");

const COPY: &str = "COPY log (id, timestamp, received_at, severity, facility, source_id, procid, \
                    msgid, message, attributes) FROM STDIN (FORMAT binary)";

/// Moves the head and writes everything of a batch but its records, in one round trip. The
/// result says whether the head stood where it was expected.
const MOVE_HEAD: &str = "
WITH moved AS (
    UPDATE head SET last_id = $2 WHERE last_id = $1 RETURNING last_id
), new_source AS (
    INSERT INTO source (id, host, app, address, first_seen, last_seen, count)
    SELECT id, host, app, address, seen, seen, 0
    FROM UNNEST($3::int4[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
        AS new (id, host, app, address, seen)
    WHERE EXISTS (SELECT FROM moved)
), marked AS (
    INSERT INTO producer AS p (id, low, above, stored, rejected, last_seen)
    SELECT id, low, above::jsonb, stored, rejected, $8
    FROM UNNEST($9::uuid[], $10::int8[], $11::text[], $12::int8[], $13::int8[])
        AS new (id, low, above, stored, rejected)
    WHERE EXISTS (SELECT FROM moved)
    ON CONFLICT (id) DO UPDATE SET
        low = excluded.low,
        above = excluded.above,
        stored = p.stored + excluded.stored,
        rejected = p.rejected + excluded.rejected,
        last_seen = excluded.last_seen
)
SELECT count(*) FROM moved";

const DEAD_LETTERS: &str = "
INSERT INTO dead_letter (received_at, at, reason, source_id, record)
SELECT received_at, $1, reason, source_id, record
FROM UNNEST($2::timestamptz[], $3::text[], $4::int4[], $5::bytea[])
    AS new (received_at, reason, source_id, record)";

const COUNT_SOURCES: &str = "
WITH moved AS (
    UPDATE head SET sources_counted_to = $2 WHERE sources_counted_to = $1 RETURNING 1
), counted AS (
    UPDATE source SET
        count = count + new.added,
        last_seen = greatest(source.last_seen, new.last_seen)
    FROM UNNEST($3::int4[], $4::int8[], $5::timestamptz[]) AS new (id, added, last_seen)
    WHERE source.id = new.id AND EXISTS (SELECT FROM moved)
)
SELECT count(*) FROM moved";

/// The writer's connection, with the buffer its batches are encoded in.
#[derive(Debug)]
pub(super) struct Session {
    connection: PgConnection,
    buffer: Vec<u8>,
}

impl Session {
    /// Connects; with `elect`, only if the right to write is free (`None`: it is not).
    pub async fn open(options: &PgConnectOptions, elect: bool) -> Result<Option<Self>, StoreError> {
        let mut connection = options.connect().await?;
        if elect {
            let elected: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
                .bind(WRITER_LOCK)
                .fetch_one(&mut connection)
                .await?;
            if !elected {
                return Ok(None);
            }
        }
        Ok(Some(Session { connection, buffer: Vec::new() }))
    }

    /// Commits the whole batch after `last_id`, its records as these blocks if there are any.
    pub async fn commit(
        &mut self,
        batch: &WriteBatch,
        blocks: &[NewBlock],
        last_id: i64,
    ) -> Result<(), Failure> {
        self.run("BEGIN").await?;
        let written = self.write(batch, blocks, last_id).await;
        let end = if written.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.run(end).await?;
        written
    }

    async fn write(
        &mut self,
        batch: &WriteBatch,
        blocks: &[NewBlock],
        last_id: i64,
    ) -> Result<(), Failure> {
        self.move_head(batch, &batch.totals(&[]), last_id, batch.records.len())
            .await?
            .then_some(())
            .ok_or(Failure::Other(StoreError::Fenced))?;
        if blocks.is_empty() {
            return Ok(self.insert(&batch.records, last_id + 1).await?);
        }
        Ok(insert_on_postgres(&mut self.connection, blocks).await?)
    }

    /// Commits what the database takes of the batch, and the rest as dead letters.
    pub async fn salvage(
        &mut self,
        batch: &WriteBatch,
        last_id: i64,
    ) -> Result<Vec<Rejected>, StoreError> {
        self.run("BEGIN").await?;
        let rejected = insert_good(self, &batch.records, last_id + 1).await?;
        self.bury(batch, &rejected).await?;
        let stored = batch.records.len() - rejected.len();
        if !self.move_head(batch, &batch.totals(&rejected), last_id, stored).await? {
            self.run("ROLLBACK").await?;
            return Err(StoreError::Fenced);
        }
        self.run("COMMIT").await?;
        Ok(rejected)
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(statement).execute(&mut self.connection).await?;
        Ok(())
    }

    async fn move_head(
        &mut self,
        batch: &WriteBatch,
        totals: &BTreeMap<Uuid, Totals>,
        last_id: i64,
        stored: usize,
    ) -> Result<bool, sqlx::Error> {
        let sources = &batch.new_sources;
        let total = |producer: &Uuid| totals.get(producer).copied().unwrap_or_default();
        let moved: i64 = sqlx::query_scalar(MOVE_HEAD)
            .bind(last_id)
            .bind(last_id + signed(stored))
            .bind(column(sources, |s| s.id))
            .bind(column(sources, |s| s.key.host.as_deref()))
            .bind(column(sources, |s| s.key.app.as_deref()))
            .bind(column(sources, |s| s.key.address.to_string()))
            .bind(column(sources, |s| s.seen))
            .bind(now())
            .bind(column(batch.marks.keys(), |id| *id))
            .bind(column(batch.marks.values(), |marks| signed(marks.low)))
            .bind(column(batch.marks.values(), above_json))
            .bind(column(batch.marks.keys(), |id| signed(total(id).stored)))
            .bind(column(batch.marks.keys(), |id| signed(total(id).rejected)))
            .fetch_one(&mut self.connection)
            .await?;
        Ok(moved == 1)
    }

    async fn bury(&mut self, batch: &WriteBatch, dead: &[Rejected]) -> Result<(), sqlx::Error> {
        let record = |r: &Rejected| &batch.records[r.index];
        sqlx::query(DEAD_LETTERS)
            .bind(now())
            .bind(column(dead, |r| record(r).entry.received_at))
            .bind(column(dead, |r| r.reason.as_str()))
            .bind(column(dead, |r| record(r).source_id))
            .bind(column(dead, |r| super::entry_bytes(&record(r).entry)))
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    pub async fn count_sources(
        &mut self,
        counts: &[SourceCount],
        from: i64,
        up_to: i64,
    ) -> Result<(), StoreError> {
        let moved: i64 = sqlx::query_scalar(COUNT_SOURCES)
            .bind(from)
            .bind(up_to)
            .bind(column(counts, |c| c.id))
            .bind(column(counts, |c| signed(c.added)))
            .bind(column(counts, |c| c.last_seen))
            .fetch_one(&mut self.connection)
            .await?;
        if moved == 1 { Ok(()) } else { Err(StoreError::Fenced) }
    }
}

impl RowSink for Session {
    async fn savepoint(&mut self) -> Result<(), sqlx::Error> {
        self.run("SAVEPOINT part").await
    }

    async fn release(&mut self) -> Result<(), sqlx::Error> {
        self.run("RELEASE part").await
    }

    async fn back(&mut self) -> Result<(), sqlx::Error> {
        self.run("ROLLBACK TO part; RELEASE part").await
    }

    async fn insert(&mut self, records: &[Resolved], first_id: i64) -> Result<(), sqlx::Error> {
        if records.is_empty() {
            return Ok(());
        }
        encode_copy(records, first_id, &mut self.buffer);
        let mut copy = self.connection.copy_in_raw(COPY).await?;
        copy.send(self.buffer.as_slice()).await?;
        copy.finish().await?;
        Ok(())
    }
}

/// One column of many rows.
fn column<R, T>(rows: impl IntoIterator<Item = R>, value: impl Fn(R) -> T) -> Vec<T> {
    rows.into_iter().map(value).collect()
}

/// Fills the buffer with the records in the binary format of `COPY`:
/// <https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.55.9.4>.
fn encode_copy(records: &[Resolved], first_id: i64, buffer: &mut Vec<u8>) {
    const COLUMNS: i16 = 10;
    buffer.clear();
    buffer.extend_from_slice(b"PGCOPY\n\xff\r\n\0");
    buffer.extend_from_slice(&[0; 8]);
    for (id, record) in (first_id..).zip(records) {
        let entry = &record.entry;
        buffer.extend_from_slice(&COLUMNS.to_be_bytes());
        put(buffer, &id.to_be_bytes());
        put(buffer, &postgres_micros(entry.timestamp).to_be_bytes());
        put(buffer, &postgres_micros(entry.received_at).to_be_bytes());
        put_option(buffer, entry.severity.map(|s| i16::from(s.code()).to_be_bytes()));
        put_option(buffer, entry.facility.map(|f| i16::from(f.code()).to_be_bytes()));
        put(buffer, &record.source_id.to_be_bytes());
        put_option(buffer, entry.proc_id.as_ref());
        put_option(buffer, entry.msg_id.as_ref());
        put(buffer, entry.message.as_bytes());
        let attributes = &entry.attributes;
        put_option(buffer, (!attributes.is_empty()).then(|| attributes.as_json()));
    }
    buffer.extend_from_slice(&(-1i16).to_be_bytes());
}

fn put(buffer: &mut Vec<u8>, field: &[u8]) {
    // Records are cut at their limit long before 2 GiB; saturating keeps the format honest.
    buffer.extend_from_slice(&i32::try_from(field.len()).unwrap_or(i32::MAX).to_be_bytes());
    buffer.extend_from_slice(field);
}

fn put_option(buffer: &mut Vec<u8>, field: Option<impl AsRef<[u8]>>) {
    match field {
        Some(field) => put(buffer, field.as_ref()),
        None => buffer.extend_from_slice(&(-1i32).to_be_bytes()),
    }
}

/// Microseconds since Postgres's own epoch, 2000-01-01.
fn postgres_micros(at: Timestamp) -> i64 {
    const EPOCH_MICROS: i64 = 946_684_800_000_000;
    at.timestamp_micros().saturating_sub(EPOCH_MICROS)
}
