//! The log read through for an export, and the Parquet files made of it: in whatever forms the
//! records lie, and whether blocks are opened or taken as they are, a file holds what the matcher
//! accepts.

use std::ops::RangeInclusive;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType, UInt8Type};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use tailwater::filter::{Field, Filter, Matcher, Test, TextTest};
use tailwater::log::{Log, Record};
use tailwater::store::{ExportPiece, ExportStep, ParquetExport, Store};
use tokio::runtime::Handle;

use super::mix::{Mix, Step, everything, steps};
use super::narrowing::shifted;
use super::over_both_databases;
use super::support::{Database, batch, entry, new_source};
use crate::random;
use crate::support::duckdb;

over_both_databases!(
    a_file_holds_what_the_matcher_accepts,
    the_log_is_read_step_by_step_without_a_gap,
    a_large_block_is_taken_as_it_is_where_all_of_it_passes,
    a_scope_holds_where_blocks_are_taken_as_they_are,
    a_damaged_block_is_named_whether_opened_or_taken,
    what_retention_removed_meanwhile_is_counted,
);

/// A record as far as it is compared.
type Told = (i64, i64, Option<u8>, Option<String>, String, Option<String>);

fn told(log: &Log) -> Told {
    let attributes = &log.entry.attributes;
    (
        log.id,
        log.entry.timestamp.timestamp_micros(),
        log.entry.severity.map(|severity| severity.code()),
        log.source.host.clone(),
        log.entry.message.clone(),
        (!attributes.is_empty()).then(|| attributes.as_json().to_owned()),
    )
}

/// Every step of an export.
async fn read(
    store: &Store,
    filter: &Filter,
    range: RangeInclusive<i64>,
    whole_from: Option<u64>,
) -> Vec<ExportStep> {
    let mut position = range.start() - 1;
    let mut steps = Vec::new();
    while position < *range.end() {
        let step = store.export(filter, position, *range.end(), whole_from).await.expect("a step");
        assert!(step.scanned_to > position, "it goes on");
        position = step.scanned_to;
        steps.push(step);
    }
    assert_eq!(position, range.start().max(&(range.end() + 1)) - 1, "and ends where it should");
    steps
}

/// The file of an export's steps.
fn file(steps: Vec<ExportStep>) -> Bytes {
    let mut export = ParquetExport::begin().expect("a file");
    let mut file = Vec::new();
    for step in steps {
        file.extend_from_slice(&export.add(step.piece).expect("it is added"));
    }
    file.extend_from_slice(&export.finish().expect("it ends"));
    file.into()
}

/// The records of a file.
fn records(file: Bytes) -> Vec<Told> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
    let mut records = Vec::new();
    for batch in reader.build().expect("a reader") {
        let batch = batch.expect("records");
        let column = |name: &str| batch.column_by_name(name).expect("the column");
        let severities: Vec<Option<u8>> =
            column("severity").as_primitive::<UInt8Type>().iter().collect();
        let [hosts, messages, attributes] = ["host", "message", "attributes"].map(|name| {
            let cells = column(name).as_string::<i32>().iter();
            cells.map(|cell| cell.map(str::to_owned)).collect::<Vec<_>>()
        });
        for n in 0..batch.num_rows() {
            records.push((
                column("id").as_primitive::<Int64Type>().value(n),
                column("timestamp").as_primitive::<TimestampMicrosecondType>().value(n),
                severities[n],
                hosts[n].clone(),
                messages[n].clone().expect("every record has a message"),
                attributes[n].clone(),
            ));
        }
    }
    records
}

async fn a_file_holds_what_the_matcher_accepts(database: Database) {
    let filter = prop_oneof![
        2 => random::filter(),
        3 => random::exact_filter(),
        1 => random::source_filter(),
        1 => Just(Filter::ALL),
    ];
    let cases = (vec(random::odd_record(), 0..40), steps(), vec(filter, 1..5));
    let config = ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() };
    let runtime = Handle::current();
    let mix = std::cell::RefCell::new(Mix::in_database(&database).await);
    tokio::task::block_in_place(|| {
        TestRunner::new(config)
            .run(&cases, |(records, steps, filters)| {
                let mut mix = mix.borrow_mut();
                runtime.block_on(check(&database, &mut mix, &records, &steps, &filters))
            })
            .unwrap_or_else(|failure| panic!("{failure}"));
    });
}

async fn check(
    database: &Database,
    mix: &mut Mix,
    given: &[Record],
    steps: &[Step],
    filters: &[Filter],
) -> Result<(), TestCaseError> {
    let base = mix.base();
    mix.put(database, given, steps).await;
    let everything = everything(&mix.store, base).await;
    let all = base + 1..=base + given.len() as i64;
    for filter in filters {
        let filter = shifted(filter, base);
        let matcher = Matcher::new(&filter);
        let hits: Vec<Told> =
            everything.iter().filter(|log| matcher.matches(log)).map(told).collect();
        for whole_from in [None, Some(1), Some(6)] {
            let found = records(file(read(&mix.store, &filter, all.clone(), whole_from).await));
            prop_assert_eq!(&found, &hits);
        }
        // Beginning and ending in the middle of blocks.
        let some = base + 1 + given.len() as i64 / 3..=base + given.len() as i64 * 2 / 3;
        let found = records(file(read(&mix.store, &filter, some.clone(), Some(1)).await));
        let hits: Vec<Told> = hits.into_iter().filter(|hit| some.contains(&hit.0)).collect();
        prop_assert_eq!(found, hits);
    }
    Ok(())
}

/// Ten batches of a thousand records.
async fn ten_thousand(database: &Database) {
    let mut writer = database.writer().await;
    for frame in 0..10 {
        let entries = (0..1_000).map(|n| entry(frame * 1_000 + n, &format!("line {n}")));
        writer.commit(&batch(frame as u64 + 1, entries)).await.expect("commit");
    }
}

async fn the_log_is_read_step_by_step_without_a_gap(database: Database) {
    ten_thousand(&database).await;
    for whole_from in [None, Some(1), Some(ParquetExport::WHOLE_FROM)] {
        let steps = read(&database.store, &Filter::ALL, 1..=9_999, whole_from).await;
        let records: u64 = steps.iter().map(|step| step.piece.records()).sum();
        assert_eq!(records, 9_999);
        assert!(steps.iter().all(|step| step.lost == 0 && step.damaged.is_empty()));
    }
}

/// One block of ten thousand records of two sources, in turn.
async fn one_large_block(database: &Database) {
    let mut records = batch(1, (0..10_000).map(|n| entry(n, &format!("line {n}"))));
    records.new_sources.push(new_source(2, "db-1", "postgres"));
    for record in records.records.iter_mut().skip(1).step_by(2) {
        record.source_id = 2;
        record.source = new_source(2, "db-1", "postgres").key.into();
    }
    database.writer().await.commit(&records).await.expect("commit");
    assert_eq!(database.number("SELECT COUNT(*) FROM block").await, 1);
}

fn of_host(host: &str) -> Filter {
    Test::Text(Field::Host, TextTest::Equals(host.into())).into()
}

async fn a_large_block_is_taken_as_it_is_where_all_of_it_passes(database: Database) {
    one_large_block(&database).await;
    let least = Some(ParquetExport::WHOLE_FROM);
    let both = Filter::any([of_host("web-1"), of_host("db-1")]);
    let severe = Filter::from(Test::Severity(tailwater::filter::SeveritySet(0b1111_1111)));
    for (filter, range, whole) in [
        (Filter::ALL, 1..=10_000, true),
        (both, 1..=10_000, true),
        (severe, 1..=10_000, true),
        (Filter::ALL, 2..=10_000, false),
        (Filter::ALL, 1..=9_999, false),
        (of_host("web-1"), 1..=10_000, false),
        (Test::Text(Field::Message, TextTest::Contains("line".into())).into(), 1..=10_000, false),
    ] {
        let steps = read(&database.store, &filter, range.clone(), least).await;
        let taken = matches!(steps[0].piece, ExportPiece::Block(_));
        assert_eq!(taken, whole, "{filter:?} {range:?}");
        let by_opening = records(file(read(&database.store, &filter, range, None).await));
        let file = file(steps);
        assert!(records(file.clone()) == by_opening, "{filter:?}");

        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.parquet");
        std::fs::write(&path, file).expect("it can be written");
        let query = format!(
            "select count(*), sum(id), count(distinct host), max(length(message)) from '{}'",
            path.display()
        );
        let sum: i64 = by_opening.iter().map(|told| told.0).sum();
        let asked = &duckdb::ask(&query)[0];
        assert_eq!(asked[..2], [by_opening.len().to_string(), sum.to_string()]);
    }
}

async fn a_scope_holds_where_blocks_are_taken_as_they_are(database: Database) {
    one_large_block(&database).await;
    let scope = of_host("db-1");
    for asked in [Filter::ALL, of_host("db-1"), Test::Id(1..=10_000).into(), of_host("web-1")] {
        let seen = scope.clone().and(asked);
        for whole_from in [None, Some(1)] {
            let steps = read(&database.store, &seen, 1..=10_000, whole_from).await;
            let found = records(file(steps));
            assert!(found.iter().all(|told| told.3.as_deref() == Some("db-1")));
        }
    }
}

async fn a_damaged_block_is_named_whether_opened_or_taken(database: Database) {
    one_large_block(&database).await;
    let more = (0..100).map(|n| entry(n, &format!("later {n}")));
    database.writer().await.commit(&batch(2, more)).await.expect("commit");
    database.sql("UPDATE block_part SET checksum = checksum + 1 WHERE part = 1").await;
    for whole_from in [None, Some(1)] {
        let steps = read(&database.store, &Filter::ALL, 1..=10_100, whole_from).await;
        let named: Vec<_> = steps
            .iter()
            .flat_map(|step| &step.damaged)
            .map(|block| (block.first_id, block.last_id))
            .collect();
        assert_eq!(named, [(1, 10_000)]);
        assert!(steps.iter().all(|step| step.lost == 0), "damage is no loss to retention");
        let found = records(file(steps));
        assert_eq!((found.len(), found[0].0), (100, 10_001), "it hides nothing else");
    }
}

async fn what_retention_removed_meanwhile_is_counted(database: Database) {
    ten_thousand(&database).await;
    database.sql("DELETE FROM log WHERE id <= 7000; DELETE FROM block WHERE last_id <= 7000").await;
    for whole_from in [None, Some(1)] {
        let step = database.store.export(&Filter::ALL, 2_500, 10_000, whole_from).await;
        let step = step.expect("a step");
        assert_eq!((step.lost, step.damaged.len()), (4_500, 0));
        assert!(step.scanned_to > 7_000 && step.piece.records() > 0);
    }
}
