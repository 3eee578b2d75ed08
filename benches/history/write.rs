//! Writes the log: most of it in full batches, the newest in small ones that are sealed afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tailwater::log::Log;
use tailwater::store::{
    FULL_BLOCK_RECORDS, Marks, NewSource, Resolved, Sealing, Store, WriteBatch, WriteSession,
};
use uuid::Uuid;

use crate::Options;
use crate::place::Place;
use crate::records::{self, Sources};
use crate::table::Table;
use crate::watch::Watch;

/// Records of a batch that is too small for a block.
const SMALL: usize = 200;

/// A store with all records, sealed; what it cost goes into the table.
pub async fn fill(
    name: &'static str,
    place: &Place,
    options: &Options,
    table: &mut Table,
) -> Store {
    let store = place.store().await;
    let claimed = store.claim_writer().await.expect("the database answers");
    let mut session = claimed.expect("nobody else writes");
    let sources = Sources::new();
    let small = options.sealed.min(options.records);
    let full = options.records - small;

    let mut writing = Writing { place, session: &mut session, sources: &sources, options };
    let cpu = writing.write(0..full, options.batch).await;
    table.add("write full batches, CPU s/M", name, per_million(cpu, full));
    let cpu = writing.write(full..options.records, SMALL).await;
    table.add("write batches of 200 as rows, CPU s/M", name, per_million(cpu, small));

    // Half of them as the writer does, which has them in memory, and the rest as after a restart.
    let kept = small / 2;
    let logs = logs(&sources, full..full + kept, options.records);
    let watch = Watch::start(place);
    seal(&store, logs).await;
    table.add("seal them, CPU s/M", name, per_million(watch.stop().cpu, kept));
    let watch = Watch::start(place);
    seal_all(&store).await;
    table.add("seal them, reading them back", name, per_million(watch.stop().cpu, small - kept));

    tidy(place, &store).await;
    let storage = store.storage().await.expect("the log is measured");
    let a_record = |bytes: u64| bytes as f64 / options.records as f64;
    table.add("bytes a record, catalogue included", name, a_record(storage.bytes));
    table.add("bytes a record of the whole database", name, a_record(on_disk(place)));
    println!("{name}: {} blocks, {} rows", storage.blocks, storage.rows);
    store
}

/// Seals what is still in memory, a full block at a time.
async fn seal(store: &Store, logs: Vec<Arc<Log>>) {
    for logs in logs.chunks(FULL_BLOCK_RECORDS as usize) {
        let (Some(first), Some(last)) = (logs.first(), logs.last()) else { continue };
        let sealing =
            Sealing { range: first.id..=last.id, logs: Some(logs.to_vec()), is_final: true };
        store.seal(sealing).await.expect("the log is sealed");
    }
}

/// Records as the writer keeps them until they are sealed.
fn logs(sources: &Sources, numbers: Range<u64>, count: u64) -> Vec<Arc<Log>> {
    let log = |number| {
        let Resolved { source_id, source, entry, .. } = records::record(sources, number, count);
        Arc::new(Log { id: number as i64 + 1, source_id, source, entry })
    };
    numbers.map(log).collect()
}

/// Puts everything into its final form.
pub async fn seal_all(store: &Store) {
    let segments = store.segments().await.expect("the log is read");
    let side_by_side = segments.chunk_by(|a, b| a.last_id + 1 == b.first_id);
    for (first, last) in side_by_side.filter_map(|run| run.first().zip(run.last())) {
        let range = first.first_id..=last.last_id;
        let sealing = Sealing { range, logs: None, is_final: true };
        store.seal(sealing).await.expect("the log is sealed");
    }
}

/// Writes records as the writer does.
pub struct Writing<'a> {
    pub place: &'a Place,
    pub session: &'a mut WriteSession,
    pub sources: &'a Sources,
    pub options: &'a Options,
}

impl Writing<'_> {
    /// Commits these records in batches; the CPU time of the commits alone.
    pub async fn write(&mut self, numbers: Range<u64>, batch: usize) -> Duration {
        let mut cpu = Duration::ZERO;
        let mut next = numbers.start;
        while next < numbers.end {
            // Made some at a time, so that reading the clock costs nothing beside the commits.
            let end = numbers.end.min(next + self.options.batch as u64);
            let mut batches = Vec::new();
            while next < end {
                let last = end.min(next + batch as u64);
                batches.push(self.batch(next..last));
                next = last;
            }
            let watch = Watch::start(self.place);
            for batch in &batches {
                self.session.commit(batch).await.expect("the batch is committed");
            }
            cpu += watch.stop().cpu;
        }
        cpu
    }

    fn batch(&self, numbers: Range<u64>) -> WriteBatch {
        let source = |(id, key): (i32, &Arc<_>)| NewSource {
            id,
            key: tailwater::log::SourceKey::clone(key),
            seen: records::time(0),
        };
        WriteBatch {
            new_sources: match self.session.last_id() == 0 && numbers.start == 0 {
                true => self.sources.all().map(source).collect(),
                false => Vec::new(),
            },
            marks: BTreeMap::from([(Uuid::nil(), Marks { low: numbers.end, ..Marks::default() })]),
            records: numbers
                .map(|number| records::record(self.sources, number, self.options.records))
                .collect(),
        }
    }
}

/// Lets the database give back what it no longer needs, as it does by itself after a while.
async fn tidy(place: &Place, store: &Store) {
    while store.reclaim().await.expect("the disk is given back") {}
    if let Some(server) = &place.server {
        server.psql(crate::servers::DATABASE, "VACUUM").expect("the database is cleaned");
    }
}

/// Bytes of the database's files.
fn on_disk(place: &Place) -> u64 {
    const RELATIONS: &str = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class \
                             WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace";
    match &place.server {
        Some(server) => {
            let answer = server.psql(crate::servers::DATABASE, RELATIONS);
            answer.and_then(|bytes| bytes.parse().ok()).expect("the sizes of the tables")
        }
        None => {
            let file = fs::metadata(place.url.trim_start_matches("sqlite://"));
            file.expect("the database's file").len()
        }
    }
}

/// CPU seconds for a million records.
pub fn per_million(cpu: Duration, records: u64) -> f64 {
    cpu.as_secs_f64() / records.max(1) as f64 * 1e6
}
