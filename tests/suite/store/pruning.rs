//! Blocks that can hold no hit are never opened. Whether one was opened shows when it is damaged:
//! then it is named.

use std::time::Duration;

use tailwater::filter::{Filter, parse};
use tailwater::log::{Entry, Facility, Severity};
use tailwater::store::{
    Direction, HistogramField, Order, PageRequest, Store, StoreOptions, TopField,
};

use super::over_both_databases;
use super::support::{Database, batch, entry, new_source, options};

over_both_databases!(
    only_blocks_that_may_hold_a_hit_are_opened,
    blocks_of_before_there_were_seams_are_opened,
    the_catalogue_alone_counts,
);

/// Records of a block.
const ROWS: usize = 8;

/// Two blocks: of the first minute of 2026, and of its second. The second one cannot be read.
async fn with_a_damaged_block(database: &Database) -> Store {
    let options = StoreOptions { block_rows: ROWS, ..options(&database.url) };
    let store = Store::connect(&options).await.expect("connect");
    let mut writer = store.claim_writer().await.expect("claim").expect("nobody else writes");
    let quiet = (0..ROWS as i64).map(|n| entry(n, "Größe of the DISK: 50%"));
    writer.commit(&batch(1, quiet)).await.expect("commit");
    let loud = (0..ROWS as i64).map(|n| Entry {
        severity: Some(Severity::Error),
        facility: Some(Facility::Mail),
        ..entry(60 + n, "Connection refused by 10.0.0.7: bad connection")
    });
    let mut loud = batch(2, loud);
    loud.new_sources.push(new_source(2, "db-1", "postgres"));
    for record in &mut loud.records {
        record.source_id = 2;
        record.source = new_source(2, "db-1", "postgres").key.into();
    }
    writer.commit(&loud).await.expect("commit");
    drop(writer);
    assert_eq!(database.number("SELECT count(*) FROM block").await, 2);
    let nothing = if database.is_postgres() { "''::bytea" } else { "x''" };
    database.sql(&format!("UPDATE block_part SET bytes = {nothing} WHERE first_id > 1")).await;
    store
}

/// The hits that can be read, and the blocks that cannot.
async fn found(store: &Store, filter: &Filter) -> (usize, usize) {
    let (order, direction) = (Order::Arrival, Direction::OldestFirst);
    let request = PageRequest { filter, order, direction, past: None, before: None, limit: 1_000 };
    let page = store.page(request).await.expect("page");
    (page.logs.len(), page.damaged.len())
}

async fn only_blocks_that_may_hold_a_hit_are_opened(database: Database) {
    let store = with_a_damaged_block(&database).await;
    for query in [
        "\"the disk\"",
        "\"of the disk\"",
        "message:=\"Größe of the Disk: 50%\"",
        "message:grö*",
        "message:*50%",
        "GRÖSSE OR größe",
        "host:web-1",
        "-host:db*",
        "app:nginx disk",
        "severity:info",
        "-severity>=error",
        "-facility:mail",
        "id<9",
        "-id>=9",
        "timestamp<2026-01-01T00:01",
        "-timestamp>=2026-01-01T00:01",
        "received:2026-01-01T00:00",
        "timestamp>2026-01-01T00:00 timestamp<2026-01-01T00:00:59",
        "\"the disk\" OR (refused host:web-1)",
    ] {
        let filter = parse(query).expect(query);
        let (hits, damaged) = found(&store, &filter).await;
        assert_eq!(damaged, 0, "{query}");
        assert!(hits == ROWS || query.contains("timestamp>"), "{query}");
    }
    let other_way_round = parse("\"refused connection\"").expect("a phrase");
    assert_eq!(found(&store, &other_way_round).await, (0, 0));
    for query in [
        "refused",
        "\"connection refused\"",
        "\"bad connection\"",
        "host:db-1",
        "severity:error",
        "facility:mail",
        "id>8",
        "e",
        "-disk",
    ] {
        let filter = parse(query).expect(query);
        assert_eq!(found(&store, &filter).await.1, 1, "{query}");
    }
}

async fn blocks_of_before_there_were_seams_are_opened(database: Database) {
    let store = with_a_damaged_block(&database).await;
    database.sql("UPDATE block SET format = 1").await;
    for (query, expected) in
        [("\"refused connection\"", (0, 1)), ("\"the disk\"", (ROWS, 0)), ("\"disk the\"", (0, 0))]
    {
        let filter = parse(query).expect(query);
        assert_eq!(found(&store, &filter).await, expected, "{query}");
    }
}

async fn the_catalogue_alone_counts(database: Database) {
    let store = with_a_damaged_block(&database).await;
    let from = entry(0, "").timestamp;
    let minute = Duration::from_secs(60);
    let all = 2 * ROWS as u64;
    for query in ["", "severity>=info", "host:* OR app:*", "id>0 -facility:kern"] {
        let filter = parse(query).expect(query);
        for by in [None, Some(HistogramField::Severity), Some(HistogramField::Host)] {
            let counted = store.histogram(&filter, from, minute, 2, by).await.expect("histogram");
            assert_eq!(counted.damaged, [], "{query} {by:?}");
            assert_eq!(counted.value.iter().map(|bucket| bucket.count).sum::<u64>(), all);
        }
        let bounds = store.time_bounds(&filter).await.expect("bounds");
        assert_eq!(bounds.value, Some((from, entry(67, "").timestamp)));
        for field in ["severity", "host", "app", "address"] {
            let field = field.parse().expect("a field");
            let field = match field {
                tailwater::filter::FieldName::Text(field) => TopField::Text(field),
                _ => TopField::Severity,
            };
            let top = store.top(&filter, &field, 9).await.expect("top");
            assert_eq!(top.damaged, [], "{query} {field:?}");
            assert_eq!(top.value.iter().map(|value| value.count).sum::<u64>(), all);
        }
    }
    // Half a minute is not in the catalogue.
    let half = Duration::from_secs(30);
    let counted = store.histogram(&Filter::ALL, from, half, 4, None).await.expect("histogram");
    let bucket = counted.value.iter().map(|bucket| bucket.count).collect::<Vec<_>>();
    assert_eq!((bucket, counted.damaged.len()), (vec![ROWS as u64, ROWS as u64], 0));
    let second = Duration::from_secs(1);
    let counted = store.histogram(&Filter::ALL, from, second, 99, None).await.expect("histogram");
    assert_eq!((counted.value.len(), counted.damaged.len()), (ROWS, 1));
}
