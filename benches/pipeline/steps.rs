//! The steps of a record's way through the writer, each by itself: parsing, gathering batches, and
//! committing batches of several sizes. Beside a commit stands what the database needs for the same
//! rows when they come ready-made: the limit.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::Utc;
use futures_util::TryStreamExt;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous as Synchronous};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions};
use tailwater::log::{RawRecord, Transport, now};
use tailwater::parse::Parser;
use tailwater::queue::memory::MemoryQueue;
use tailwater::queue::{Draft, Queue};
use tailwater::store::{WriteBatch, WriteSession};
use tailwater::writer::{Gathered, Known, Sources};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::lines::Lines;
use crate::place::{Database, Place};
use crate::table::Sample;
use crate::usage::{self, Root, Usage};
use crate::{Options, Subject};

/// Records a batch; the last is the default limit.
const BATCHES: [usize; 3] = [1_000, 5_000, 16_384];
/// Records a frame.
const FRAME: usize = 200;

/// Every step.
pub fn subjects() -> Vec<Subject> {
    let mut subjects = Vec::new();
    let mut add = |name: String, measure: Box<dyn Fn(&Options) -> Sample>| {
        subjects.push(Subject { name, measure });
    };
    add("parse".to_owned(), Box::new(|options| parse(options.step_lines)));
    add("memory queue, parse, gather".to_owned(), Box::new(|options| gather(options.step_lines)));
    for size in BATCHES {
        for (database, bare) in [(Database::Postgres, "COPY"), (Database::Sqlite, "INSERT")] {
            add(
                format!("{}: commit {size}", database.name()),
                Box::new(move |options| in_runtime(commit(database, options.step_lines, size))),
            );
            add(
                format!("{}: bare {bare} {size}", database.name()),
                Box::new(move |options| in_runtime(insert(database, options.step_lines, size))),
            );
        }
    }
    subjects
}

fn in_runtime<T>(work: impl Future<Output = T>) -> T {
    Runtime::new().expect("a runtime").block_on(work)
}

fn parse(lines: usize) -> Sample {
    let id = tailwater::queue::FrameId { producer: Uuid::new_v4(), counter: 1 };
    let frame = drafts(lines, lines).remove(0).name(id);
    let parser = Parser::default();
    let watch = Watch::start(&[]);
    for record in frame.iter() {
        black_box(parser.parse(record));
    }
    watch.stop(lines)
}

fn gather(lines: usize) -> Sample {
    in_runtime(async {
        let drafts = drafts(lines, FRAME);
        let watch = Watch::start(&[]);
        black_box(batches(drafts, 16_384).await);
        watch.stop(lines)
    })
}

/// Lines as they leave a listener.
fn drafts(lines: usize, frame: usize) -> Vec<Draft> {
    let mut made = Lines::default();
    let mut bytes = Vec::new();
    let mut rest = lines;
    let mut drafts = Vec::new();
    while rest > 0 {
        let mut draft = Draft::default();
        for _ in 0..frame.min(rest) {
            bytes.clear();
            made.write_next(&mut bytes, Utc::now());
            draft.push(RawRecord {
                bytes: &bytes,
                received_at: now(),
                peer: [127, 0, 0, 1].into(),
                transport: Transport::Tcp,
                cut: false,
            });
        }
        rest -= draft.records();
        drafts.push(draft);
    }
    drafts
}

/// Batches of about `size` records, by way of a queue in memory.
async fn batches(drafts: Vec<Draft>, size: usize) -> Vec<WriteBatch> {
    let queue = Queue::Memory(MemoryQueue::new(usize::MAX));
    let publisher = queue.publisher(Uuid::new_v4());
    for draft in drafts {
        publisher.publish(draft).await.expect("the queue is open");
    }
    publisher.close();
    let mut consumer = queue.consume().await.expect("a consumer");
    let mut known = Known { marks: BTreeMap::new(), sources: Sources::load([], [], 100_000) };
    let parser = Parser::default();
    let mut batches = Vec::new();
    let mut gathered = Gathered::default();
    while let Some(delivery) = consumer.next().await.expect("a frame") {
        gathered.add(delivery, &mut known, &parser);
        if gathered.batch.records.len() >= size {
            batches.push(std::mem::take(&mut gathered).batch);
        }
    }
    if !gathered.is_empty() {
        batches.push(gathered.batch);
    }
    batches
}

async fn writer(place: &Place) -> WriteSession {
    let claimed = place.store().await.claim_writer().await.expect("the database answers");
    claimed.expect("nobody else writes")
}

async fn commit(database: Database, lines: usize, size: usize) -> Sample {
    let place = Place::new(database);
    let mut session = writer(&place).await;
    let batches = batches(drafts(lines, FRAME), size).await;
    let watch = Watch::start(&place.roots());
    for batch in &batches {
        session.commit(batch).await.expect("the batch is committed");
    }
    watch.stop(lines)
}

/// Empties the log and fills it again with the same rows.
async fn insert(database: Database, lines: usize, size: usize) -> Sample {
    let place = Place::new(database);
    let mut session = writer(&place).await;
    for batch in batches(drafts(lines, FRAME), size).await {
        session.commit(&batch).await.expect("the batch is committed");
    }
    drop(session);
    let inserted = match database {
        Database::Postgres => copy_ready_made(&place, lines, size).await,
        Database::Sqlite => insert_ready_made(&place, lines, size).await,
    };
    inserted.expect("the rows are inserted")
}

/// The first and the last id of each batch.
fn ranges(lines: usize, size: usize) -> impl Iterator<Item = (usize, usize)> {
    (1..=lines).step_by(size).map(move |first| (first, (first + size - 1).min(lines)))
}

/// Rows in the format of `COPY`, a transaction a batch.
async fn copy_ready_made(place: &Place, lines: usize, size: usize) -> Result<Sample, sqlx::Error> {
    let mut connection = place.url.parse::<PgConnectOptions>()?.connect().await?;
    let mut batches: Vec<Vec<u8>> = Vec::new();
    for (first, last) in ranges(lines, size) {
        let statement = format!(
            "COPY (SELECT * FROM log WHERE id BETWEEN {first} AND {last} ORDER BY id) \
             TO STDOUT (FORMAT binary)"
        );
        let rows = connection.copy_out_raw(&statement).await?;
        let rows: Vec<_> = rows.try_collect().await?;
        batches.push(rows.concat());
    }
    sqlx::raw_sql("TRUNCATE log").execute(&mut connection).await?;
    let watch = Watch::start(&place.roots());
    for rows in &batches {
        let mut copy = connection.copy_in_raw("COPY log FROM STDIN (FORMAT binary)").await?;
        copy.send(rows.as_slice()).await?;
        copy.finish().await?;
    }
    Ok(watch.stop(lines))
}

/// Rows of another table of the database, a transaction a batch.
async fn insert_ready_made(
    place: &Place,
    lines: usize,
    size: usize,
) -> Result<Sample, sqlx::Error> {
    let options = place.url.parse::<SqliteConnectOptions>()?.synchronous(Synchronous::Normal);
    let mut connection = options.connect().await?;
    let set_aside = "CREATE TABLE made AS SELECT * FROM log; DELETE FROM log";
    sqlx::raw_sql(set_aside).execute(&mut connection).await?;
    let watch = Watch::start(&[]);
    for (first, last) in ranges(lines, size) {
        let statement =
            format!("INSERT INTO log SELECT * FROM made WHERE rowid BETWEEN {first} AND {last}");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    }
    Ok(watch.stop(lines))
}

/// Measures from here to there: this process, and servers.
struct Watch {
    roots: Vec<Root>,
    servers: Vec<Usage>,
    own: Duration,
    start: Instant,
}

impl Watch {
    fn start(roots: &[Root]) -> Self {
        let servers = usage::read(roots);
        Watch { roots: roots.to_vec(), servers, own: usage::own_cpu(), start: Instant::now() }
    }

    fn stop(self, lines: usize) -> Sample {
        let elapsed = self.start.elapsed();
        let own = usage::own_cpu() - self.own;
        let servers = usage::read(&self.roots);
        let servers =
            servers.iter().zip(&self.servers).map(|(now, then)| (now.name, now.cpu - then.cpu));
        let cpu = std::iter::once(("tailwater", own)).chain(servers).collect();
        Sample { lines: lines as u64, lost: 0, elapsed, cpu, peak_memory: None }
    }
}
