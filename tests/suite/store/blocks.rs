//! The second form: how ranges become blocks, what is read at their edges, and how they go.

use std::ops::RangeInclusive;
use std::time::Duration;

use tailwater::filter::{Field, Filter, Test, TextTest, TimeRange};
use tailwater::log::{Log, Timestamp};
use tailwater::store::{
    Direction, Keep, Order, PageRequest, Position, Sealing, Store, StoreError, StoreOptions,
    TopField, WriteSession,
};

use super::over_both_databases;
use super::support::{Database, batch, connect, connect_with, entry, ids, options, whole};
use crate::support::{Noise, until};

over_both_databases!(
    records_at_the_edges_of_blocks_are_found_from_both_sides,
    places_and_ranges_at_the_ends_of_all_numbers_are_no_trouble,
    a_batch_is_cut_into_full_blocks_of_records,
    long_records_make_smaller_blocks,
    small_blocks_and_rows_become_one_block,
    what_is_not_there_as_believed_is_not_sealed,
    answers_hold_while_the_log_is_sealed_under_them,
    retention_removes_the_oldest_and_says_what_is_lost,
    storage_is_counted_in_both_forms,
    the_disk_is_given_back,
);

/// The id ranges of blocks, in order.
async fn blocks(database: &Database) -> Vec<RangeInclusive<i64>> {
    let count = database.number("SELECT count(*) FROM block").await;
    let mut blocks = Vec::new();
    for n in 0..count {
        let nth = |column| format!("SELECT {column} FROM block ORDER BY 1 LIMIT 1 OFFSET {n}");
        let (first, last) = (nth("first_id"), nth("last_id"));
        blocks.push(database.number(&first).await..=database.number(&last).await);
    }
    blocks
}

async fn page(
    store: &Store,
    order: Order,
    direction: Direction,
    past: i64,
    limit: usize,
) -> Vec<i64> {
    let past = Some(Position { timestamp: entry(past, "").timestamp, id: past });
    let filter = &Filter::ALL;
    let request = PageRequest { filter, order, direction, past, before: None, limit };
    ids(&store.page(request).await.expect("page").logs)
}

async fn records_at_the_edges_of_blocks_are_found_from_both_sides(database: Database) {
    const LAST: i64 = 8;
    database.writer().await.commit(&batch(1, (1..=LAST).map(|n| entry(n, "x")))).await.unwrap();
    // Blocks of one record and of several, and rows.
    for block in [1..=1, 2..=5, 6..=6] {
        database.seal(block).await;
    }
    assert_eq!(blocks(&database).await, [1..=1, 2..=5, 6..=6]);
    let store = &database.store;
    for past in 0..=LAST + 1 {
        for limit in 1..=3 {
            let newer = Vec::from_iter((past + 1..=LAST).take(limit));
            let older = Vec::from_iter((1..past.min(LAST + 1)).rev().take(limit));
            for order in [Order::Arrival, Order::Timestamp] {
                let up = page(store, order, Direction::OldestFirst, past, limit).await;
                let down = page(store, order, Direction::NewestFirst, past, limit).await;
                assert_eq!((&up, &down), (&newer, &older), "{order:?} {past} {limit}");
            }
            for up_to in past..=LAST {
                let scan = store.scan(&Filter::ALL, past, up_to, limit).await.expect("scan");
                let expected = Vec::from_iter((past + 1..=up_to).take(limit));
                assert_eq!((ids(&scan.logs), scan.lost), (expected, 0), "{past} {up_to} {limit}");
            }
        }
        let log = store.log(past).await.expect("read").map(|log| log.id);
        assert_eq!(log, (1..=LAST).contains(&past).then_some(past));
    }
}

async fn places_and_ranges_at_the_ends_of_all_numbers_are_no_trouble(database: Database) {
    database.writer().await.commit(&batch(1, (1..=9).map(|n| entry(n, "x")))).await.unwrap();
    database.seal(1..=6).await;
    let store = &database.store;
    let all = Vec::from_iter(1..=9);
    let ends = [Timestamp::MIN_UTC, Timestamp::MAX_UTC];
    let ranges = [i64::MIN..=i64::MAX, 1..=i64::MAX, i64::MIN..=9].map(|ids| Test::Id(ids).into());
    let from = TimeRange { from: Some(ends[0]), to: None };
    let both = TimeRange { from: Some(ends[0]), to: Some(ends[1]) };
    let times = [Test::Timestamp(from), Test::ReceivedAt(from), Test::Timestamp(both)];
    for filter in ranges.into_iter().chain(times.map(Filter::from)) {
        for order in [Order::Arrival, Order::Timestamp] {
            let place = |timestamp, id| Some(Position { timestamp, id });
            let (low, high) = (place(ends[0], i64::MIN), place(ends[1], i64::MAX));
            for (direction, past, before) in
                [(Direction::OldestFirst, low, high), (Direction::NewestFirst, high, low)]
            {
                let limit = 100;
                let request =
                    PageRequest { filter: &filter, order, direction, past, before, limit };
                let mut found = ids(&store.page(request).await.expect("page").logs);
                found.sort_unstable();
                assert_eq!(found, all, "{filter:?} {order:?} {direction:?}");
            }
        }
        let scan = store.scan(&filter, 0, i64::MAX, usize::MAX).await.expect("scan");
        assert_eq!(ids(&scan.logs), all);
        for (from, width) in [(ends[0], Duration::MAX), (ends[1], Duration::from_secs(1))] {
            let counts = store.histogram(&filter, from, width, usize::MAX, None).await;
            let counted: u64 = whole(counts).iter().map(|b| b.count).sum();
            assert_eq!(counted, if from == ends[0] { 9 } else { 0 });
        }
    }
    for id in [i64::MIN, -1, 0, 10, i64::MAX] {
        assert_eq!(store.log(id).await.expect("read"), None);
    }
    let scan = store.scan(&Filter::ALL, i64::MAX, i64::MAX, 9).await.expect("scan");
    assert_eq!((scan.logs.len(), scan.lost), (0, 0));
}

async fn a_batch_is_cut_into_full_blocks_of_records(database: Database) {
    const RECORDS: i64 = 20_000;
    const FULL: i64 = 16_384;
    let batch = batch(1, (1..=RECORDS).map(|n| entry(n % 100, "a short message")));
    database.writer().await.commit(&batch).await.expect("commit");
    assert_eq!(database.number("SELECT count(*) FROM log").await, 0);
    // What is left over may still be merged with what follows.
    let left = database.store.segments().await.expect("segments");
    let cut = blocks(&database).await;
    assert!(cut.iter().all(|block| block.end() - block.start() < FULL), "{cut:?}");
    assert_eq!(cut.first().map(|block| *block.start()), Some(1));
    assert_eq!(cut.last().map(|block| *block.end()), Some(RECORDS));
    assert!(cut.windows(2).all(|pair| pair[0].end() + 1 == *pair[1].start()), "{cut:?}");
    assert!(left.len() <= 1, "{left:?}");
    let newest = page(&database.store, Order::Arrival, Direction::NewestFirst, RECORDS, 3).await;
    assert_eq!(newest, [RECORDS - 1, RECORDS - 2, RECORDS - 3]);
}

async fn long_records_make_smaller_blocks(database: Database) {
    const LENGTH: usize = 256 << 10;
    let long = |n: i64| entry(n, format!("{n}").repeat(LENGTH).split_at(LENGTH).0);
    let mut writer = database.writer().await;
    // Rows, and a batch that becomes blocks at once: either way 15 MiB.
    writer.commit(&batch(1, (1..=60).map(long))).await.expect("commit");
    let at_once = StoreOptions { block_rows: 1, ..options(&database.url) };
    let at_once = connect_with(&at_once).await;
    let mut writer = WriteSession::open_without_election(&at_once).await.expect("open");
    writer.commit(&batch(2, (61..=120).map(long))).await.expect("commit");
    database.seal(1..=60).await;
    let largest = database.number("SELECT max(raw_bytes) FROM block").await;
    assert!(largest <= (4 << 20) + (LENGTH as i64) + 4_096, "{largest}");
    assert!(blocks(&database).await.len() >= 8);
    let all = Vec::from_iter(1..=120);
    let mut found = Vec::new();
    while let Some(scan) = next_scan(&at_once, found.last().copied().unwrap_or(0)).await {
        found.extend(scan);
    }
    assert_eq!(found, all);
    let log = at_once.log(77).await.expect("read").expect("there");
    assert_eq!(log.entry, long(77));
}

async fn next_scan(store: &Store, after: i64) -> Option<Vec<i64>> {
    let scan = store.scan(&Filter::ALL, after, i64::MAX, 1_000).await.expect("scan");
    (!scan.logs.is_empty()).then(|| ids(&scan.logs))
}

async fn small_blocks_and_rows_become_one_block(database: Database) {
    let mut writer = database.writer().await;
    writer.commit(&batch(1, (1..=30).map(|n| entry(-n, "x")))).await.expect("commit");
    let whole = everything(&database.store).await;
    let seal = async |range, is_final| {
        database.store.seal(Sealing { range, logs: None, is_final }).await.expect("seal");
    };
    seal(6..=10, false).await;
    seal(11..=20, false).await;
    let segments = database.store.segments().await.expect("segments");
    let ranges: Vec<_> = segments.iter().map(|s| (s.first_id, s.last_id)).collect();
    assert_eq!(ranges, [(1, 5), (6, 10), (11, 20), (21, 30)]);
    assert_eq!(everything(&database.store).await, whole);

    seal(6..=20, false).await;
    assert_eq!(blocks(&database).await, [6..=20]);
    seal(1..=30, true).await;
    assert_eq!(blocks(&database).await, [1..=30]);
    assert_eq!(database.number("SELECT count(*) FROM log").await, 0);
    assert_eq!(database.number("SELECT count(DISTINCT first_id) FROM block_part").await, 1);
    assert!(database.store.segments().await.expect("segments").is_empty());
    assert_eq!(everything(&database.store).await, whole);
}

async fn everything(store: &Store) -> Vec<Log> {
    store.scan(&Filter::ALL, 0, i64::MAX, 1_000).await.expect("scan").logs
}

async fn what_is_not_there_as_believed_is_not_sealed(database: Database) {
    let mut writer = database.writer().await;
    writer.commit(&batch(1, (1..=20).map(|n| entry(n, "x")))).await.expect("commit");
    database.seal(5..=10).await;
    let whole = everything(&database.store).await;
    // Rows that are a block already, part of a block, and records that are still to come.
    for range in [1..=10, 5..=10, 4..=6, 8..=20, 15..=25, 21..=30] {
        let sealing = Sealing { range: range.clone(), logs: None, is_final: true };
        let refused = database.store.seal(sealing).await;
        assert!(matches!(refused, Err(StoreError::Fenced)), "{range:?}: {refused:?}");
        assert_eq!(blocks(&database).await, [5..=10], "{range:?}");
        assert_eq!(everything(&database.store).await, whole, "{range:?}");
    }
}

async fn answers_hold_while_the_log_is_sealed_under_them(database: Database) {
    const RECORDS: i64 = 600;
    // Late, early and equal timestamps; two batches, each too small to be a block at once.
    let mut writer = database.writer().await;
    for half in [1..=RECORDS / 2, RECORDS / 2 + 1..=RECORDS] {
        let records = half.map(|n| entry(n * 37 % 101, &format!("record {n}")));
        let frame = u64::try_from(writer.last_id()).expect("a position") + 1;
        writer.commit(&batch(frame, records)).await.expect("commit");
    }
    let as_committed = everything(&database.store).await;
    let expected = ids(&as_committed);
    let store = database.store.clone();
    let sealing = tokio::spawn(async move {
        // Small blocks first, then larger ones of several.
        for width in [10, 50, 200] {
            for first in (1..=RECORDS).step_by(width) {
                let range = first..=first + width as i64 - 1;
                let is_final = width == 200;
                store.seal(Sealing { range, logs: None, is_final }).await.expect("seal");
            }
        }
    });
    let mut rounds = 0;
    while !sealing.is_finished() || rounds == 0 {
        rounds += 1;
        let store = &database.store;
        assert_eq!(ids(&everything(store).await), expected);
        let mut walked = Vec::new();
        let mut past = None;
        loop {
            let request = PageRequest {
                filter: &Filter::ALL,
                order: Order::Timestamp,
                direction: Direction::NewestFirst,
                past,
                before: None,
                limit: 97,
            };
            let page = store.page(request).await.expect("page");
            past = page.logs.last().map(Position::of);
            walked.extend(ids(&page.logs));
            if !page.more {
                break;
            }
        }
        walked.sort_unstable();
        assert_eq!(walked, expected, "round {rounds}");
        let any: Filter = Test::Text(Field::Message, TextTest::Contains("record".into())).into();
        let top = store.top(&any, &TopField::Severity, 9).await;
        assert_eq!(whole(top).iter().map(|value| value.count).sum::<u64>(), RECORDS as u64);
    }
    sealing.await.expect("sealing ends");
    assert_eq!(everything(&database.store).await, as_committed);
    assert_eq!(blocks(&database).await, [1..=200, 201..=400, 401..=600]);
}

/// Four blocks of ten records, a second apart, and ten rows.
async fn four_blocks(database: &Database) {
    database.writer().await.commit(&batch(1, (1..=50).map(|n| entry(n, "x")))).await.unwrap();
    for first in [1, 11, 21, 31] {
        database.seal(first..=first + 9).await;
    }
}

/// Removes what is not to be kept: how many records, and the first that is left.
async fn expire(store: &Store, keep: Keep) -> (u64, i64) {
    let mut records = 0;
    loop {
        let expired = store.expire(keep).await.expect("expire");
        if expired.records == 0 {
            return (records, store.head().await.expect("head").first_id);
        }
        records += expired.records;
    }
}

async fn retention_removes_the_oldest_and_says_what_is_lost(database: Database) {
    four_blocks(&database).await;
    let store = &database.store;
    let since = |second| Keep { since: Some(entry(second, "").timestamp), bytes: None };
    assert_eq!(expire(store, Keep::default()).await, (0, 1));
    assert_eq!(expire(store, since(1)).await, (0, 1));
    // A block goes when its last record may go.
    assert_eq!(expire(store, since(10)).await, (0, 1));
    assert_eq!(expire(store, since(11)).await, (10, 11));
    assert_eq!(expire(store, since(29)).await, (10, 21));
    let scan = store.scan(&Filter::ALL, 4, i64::MAX, 3).await.expect("scan");
    assert_eq!((ids(&scan.logs), scan.lost), (vec![21, 22, 23], 16));
    assert_eq!(store.log(20).await.expect("read"), None);
    // By size, as little as it takes; then everything, rows too.
    let bytes = store.storage().await.expect("storage").bytes;
    let (removed, first) = expire(store, Keep { since: None, bytes: Some(bytes - 1) }).await;
    assert_eq!((removed, first), (10, 31));
    assert_eq!(expire(store, since(1_000)).await, (20, 51));
    let scan = store.scan(&Filter::ALL, 0, i64::MAX, 10).await.expect("scan");
    assert_eq!((scan.logs.len(), scan.scanned_to, scan.lost), (0, 50, 50));
    assert_eq!(database.number("SELECT count(*) FROM block_part").await, 0);
}

async fn storage_is_counted_in_both_forms(database: Database) {
    four_blocks(&database).await;
    let storage = database.store.storage().await.expect("storage");
    assert_eq!((storage.rows, storage.blocks, storage.block_records), (10, 4, 40));
    assert_eq!((storage.unsealed, storage.first_id, storage.last_id), (10, 1, 50));
    assert_eq!(storage.oldest, Some(entry(1, "").timestamp));
    assert!(storage.raw_bytes > 0 && storage.bytes > 0 && storage.disk_bytes >= storage.bytes);
    let parts = database.number("SELECT sum(length(bytes)) FROM block_part").await;
    assert!(storage.bytes > parts as u64, "{storage:?}");
}

async fn the_disk_is_given_back(database: Database) {
    const BLOCKS: i64 = 30;
    const RECORDS: i64 = 40;
    // A partition holds few of the blocks, and rests for no longer than such a reader may need it.
    let options = StoreOptions {
        partition_ids: 3 * RECORDS,
        read_timeout: Duration::from_millis(500),
        block_rows: 1,
        ..options(&database.url)
    };
    let store = connect_with(&options).await;
    let mut writer = WriteSession::open_without_election(&store).await.expect("open");
    let mut noise = Noise(1);
    for frame in 1..=BLOCKS {
        let records = (0..RECORDS).map(|n| entry(frame * RECORDS + n, &noise.hex(16_384)));
        writer.commit(&batch(frame as u64, records)).await.expect("commit");
    }
    let last = BLOCKS * RECORDS;
    let before = disk(&database).await;
    let since = Some(entry(BLOCKS * RECORDS, "").timestamp);
    let kept = last - RECORDS + 1;
    assert_eq!(expire(&store, Keep { since, bytes: None }).await, (kept as u64 - 1, kept));
    let mut now = before;
    until(async || {
        while store.reclaim().await.expect("reclaim") {}
        now = disk(&database).await;
        now < before / 2
    })
    .await;
    let newest = page(&database.store, Order::Arrival, Direction::NewestFirst, last + 1, 2).await;
    assert_eq!(newest, [last, last - 1], "{now}");
}

/// Bytes of disk, as they are now.
async fn disk(database: &Database) -> u64 {
    connect(&database.url).await.storage().await.expect("storage").disk_bytes
}
