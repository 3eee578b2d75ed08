//! Writing to Postgres: a connection of its own, one transaction a batch. A batch of rows is one
//! statement, and so one round trip, its records side by side in arrays.

use std::collections::BTreeMap;

use sea_orm::sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection};
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{self, ConnectOptions, Row};
use uuid::Uuid;

use super::super::StoreError;
use super::super::batch::{Rejected, Resolved, SourceCount, Totals, WriteBatch};
use super::blocks::{NewBlock, insert_on_postgres};
use super::salvage::{RowSink, insert_good};
use super::{Failure, above_json, signed};
use crate::log::now;

/// Names the right to write the log among all advisory locks of the database ("tailwate").
const WRITER_LOCK: i64 = i64::from_be_bytes(*b"tailwate");

/// Moves the head and writes everything of a batch but its records. What follows can see by `moved`
/// whether the head stood where it was expected.
macro_rules! move_head {
    () => {
        "
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
)"
    };
}

/// Only that.
const MOVE_HEAD: &str = concat!(move_head!(), " SELECT count(*) FROM moved");

/// That, and the records as rows: the first of them follows the head.
const MOVE_HEAD_WITH_ROWS: &str = concat!(
    move_head!(),
    ", record AS (
    INSERT INTO log (id, timestamp, received_at, severity, facility, source_id, procid, msgid,
        message, attributes)
    SELECT $1 + place, timestamp, received_at, severity, facility, source_id, procid, msgid,
        message, attributes::json
    FROM UNNEST($14::timestamptz[], $15::timestamptz[], $16::int2[], $17::int2[], $18::int4[],
        $19::text[], $20::text[], $21::text[], $22::text[]) WITH ORDINALITY
        AS new (timestamp, received_at, severity, facility, source_id, procid, msgid, message,
            attributes, place)
    WHERE EXISTS (SELECT FROM moved)
) SELECT count(*) FROM moved"
);

/// Records as rows, after this position.
const INSERT_ROWS: &str = "
INSERT INTO log (id, timestamp, received_at, severity, facility, source_id, procid, msgid, message,
    attributes)
SELECT $1 + place, timestamp, received_at, severity, facility, source_id, procid, msgid, message,
    attributes::json
FROM UNNEST($2::timestamptz[], $3::timestamptz[], $4::int2[], $5::int2[], $6::int4[], $7::text[],
    $8::text[], $9::text[], $10::text[]) WITH ORDINALITY
    AS new (timestamp, received_at, severity, facility, source_id, procid, msgid, message,
        attributes, place)";

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

type PgQuery<'q> = Query<'q, sqlx::Postgres, PgArguments>;

/// The writer's connection.
#[derive(Debug)]
pub(super) struct Session {
    connection: PgConnection,
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
        Ok(Some(Session { connection }))
    }

    /// Commits the whole batch after `last_id`, its records as these blocks if there are any.
    pub async fn commit(
        &mut self,
        batch: &WriteBatch,
        blocks: &[NewBlock],
        last_id: i64,
    ) -> Result<(), Failure> {
        let (totals, stored) = (batch.totals(&[]), batch.records.len());
        if blocks.is_empty() {
            let query =
                head_arguments(sqlx::query(MOVE_HEAD_WITH_ROWS), batch, &totals, last_id, stored);
            return moved(self.count(row_arguments(query, &batch.records)).await?);
        }
        self.run("BEGIN").await?;
        let written = self.write_blocks(batch, &totals, blocks, last_id).await;
        let end = if written.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.run(end).await?;
        written
    }

    async fn write_blocks(
        &mut self,
        batch: &WriteBatch,
        totals: &BTreeMap<Uuid, Totals>,
        blocks: &[NewBlock],
        last_id: i64,
    ) -> Result<(), Failure> {
        moved(self.move_head(batch, totals, last_id, batch.records.len()).await?)?;
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
        if self.move_head(batch, &batch.totals(&rejected), last_id, stored).await? != 1 {
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

    /// How many heads moved.
    async fn move_head(
        &mut self,
        batch: &WriteBatch,
        totals: &BTreeMap<Uuid, Totals>,
        last_id: i64,
        stored: usize,
    ) -> Result<i64, sqlx::Error> {
        self.count(head_arguments(sqlx::query(MOVE_HEAD), batch, totals, last_id, stored)).await
    }

    async fn count(&mut self, query: PgQuery<'_>) -> Result<i64, sqlx::Error> {
        query.fetch_one(&mut self.connection).await?.try_get(0)
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
        let query = sqlx::query(INSERT_ROWS).bind(first_id - 1);
        row_arguments(query, records).execute(&mut self.connection).await?;
        Ok(())
    }
}

/// One column of many rows.
fn column<R, T>(rows: impl IntoIterator<Item = R>, value: impl Fn(R) -> T) -> Vec<T> {
    rows.into_iter().map(value).collect()
}

/// What moves the head: the arguments $1 to $13.
fn head_arguments<'q>(
    query: PgQuery<'q>,
    batch: &'q WriteBatch,
    totals: &BTreeMap<Uuid, Totals>,
    last_id: i64,
    stored: usize,
) -> PgQuery<'q> {
    let sources = &batch.new_sources;
    let total = |producer: &Uuid| totals.get(producer).copied().unwrap_or_default();
    query
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
}

/// Records side by side: the next nine arguments.
fn row_arguments<'q>(query: PgQuery<'q>, records: &'q [Resolved]) -> PgQuery<'q> {
    let attributes = |record: &'q Resolved| {
        let attributes = &record.entry.attributes;
        (!attributes.is_empty()).then(|| attributes.as_json())
    };
    query
        .bind(column(records, |r| r.entry.timestamp))
        .bind(column(records, |r| r.entry.received_at))
        .bind(column(records, |r| r.entry.severity.map(|s| i16::from(s.code()))))
        .bind(column(records, |r| r.entry.facility.map(|f| i16::from(f.code()))))
        .bind(column(records, |r| r.source_id))
        .bind(column(records, |r| r.entry.proc_id.as_deref()))
        .bind(column(records, |r| r.entry.msg_id.as_deref()))
        .bind(column(records, |r| &*r.entry.message))
        .bind(column(records, attributes))
}

/// The head has moved, or another writer has moved it.
fn moved(heads: i64) -> Result<(), Failure> {
    (heads == 1).then_some(()).ok_or(Failure::Other(StoreError::Fenced))
}
