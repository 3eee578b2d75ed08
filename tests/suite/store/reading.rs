//! Pages, scans, neighbours and counts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tailwater::filter::{Field, Filter, SeveritySet, Test, TextTest, TimeRange, fold};
use tailwater::live::{Hub, Start, Tail};
use tailwater::log::{Attributes, Entry, Facility, Severity, now};
use tailwater::store::{
    Bucket, Direction, HistogramField, Order, PageRequest, Position, SourceCount, SourceFilter,
    SourceOrder, Store, StoreError, StoreOptions, TopField, ValueCount,
};
use uuid::Uuid;

use super::over_both_databases;
use super::support::{Database, batch, entry, ids, new_source, options, whole};
use crate::support::until;

over_both_databases!(
    pages_follow_the_order_in_both_directions,
    a_page_between_two_places_holds_neither,
    a_scan_from_its_own_end_misses_and_repeats_nothing,
    a_scan_passes_over_what_cannot_match,
    a_scan_says_what_is_gone,
    long_records_are_read_in_bounded_pieces,
    an_empty_log_has_no_pages,
    context_is_what_lies_around,
    counts_over_time,
    counts_of_values,
    too_many_values_are_refused,
    time_bounds_are_those_of_the_matches,
    sources_are_listed_in_every_order,
    rates_are_of_the_last_moments,
    a_read_that_takes_too_long_ends,
    a_wild_clock_does_not_have_a_block_opened_for_every_page,
);

fn contains(text: &str) -> Filter {
    Test::Text(Field::Message, TextTest::Contains(fold(text))).into()
}

/// Seconds of the records 1, 2, 3 …: late ones, early ones and equal ones.
const SECONDS: [i64; 9] = [50, 10, 20, 20, 20, 90, 30, -5, 20];
/// Their ids by timestamp, then by id.
const BY_TIMESTAMP: [i64; 9] = [8, 2, 3, 4, 5, 9, 7, 1, 6];

async fn with_seconds(database: &Database) {
    let entries = SECONDS.map(|second| entry(second, "x"));
    database.writer().await.commit(&batch(1, entries)).await.expect("commit");
}

async fn pages(
    store: &Store,
    order: Order,
    direction: Direction,
    limit: usize,
    before: Option<Position>,
) -> Vec<Vec<i64>> {
    let mut pages = Vec::new();
    let mut past = None;
    loop {
        let filter = &Filter::ALL;
        let request = PageRequest { filter, order, direction, past, before, limit };
        let page = store.page(request).await.expect("page");
        assert!(page.logs.len() <= limit);
        past = page.logs.last().map(Position::of);
        pages.push(ids(&page.logs));
        if !page.more {
            return pages;
        }
    }
}

async fn pages_follow_the_order_in_both_directions(database: Database) {
    with_seconds(&database).await;
    for (order, oldest_first) in
        [(Order::Timestamp, BY_TIMESTAMP), (Order::Arrival, [1, 2, 3, 4, 5, 6, 7, 8, 9])]
    {
        let mut newest_first = oldest_first;
        newest_first.reverse();
        for (direction, expected) in
            [(Direction::OldestFirst, oldest_first), (Direction::NewestFirst, newest_first)]
        {
            for limit in [1, 2, 3, 4, 9, 100] {
                let pages = pages(&database.store, order, direction, limit, None).await;
                let chunks: Vec<_> = expected.chunks(limit).map(<[i64]>::to_vec).collect();
                assert_eq!(pages, chunks, "{order:?} {direction:?} {limit}");
            }
        }
    }
}

async fn a_page_between_two_places_holds_neither(database: Database) {
    with_seconds(&database).await;
    let place = |id: i64, second| Position { timestamp: entry(second, "").timestamp, id };
    let (low, high) = (place(3, 20), place(1, 50));
    let all = Filter::ALL;
    let request = |direction, past, before| PageRequest {
        filter: &all,
        order: Order::Timestamp,
        direction,
        past: Some(past),
        before: Some(before),
        limit: 3,
    };
    let store = &database.store;
    let page = store.page(request(Direction::OldestFirst, low, high)).await.expect("page");
    assert_eq!((ids(&page.logs), page.more), (vec![4, 5, 9], true));
    let page = store.page(request(Direction::NewestFirst, high, low)).await.expect("page");
    assert_eq!((ids(&page.logs), page.more), (vec![7, 9, 5], true));
}

async fn a_scan_from_its_own_end_misses_and_repeats_nothing(database: Database) {
    let entries = (0..1_000).map(|n| entry(-n, if n % 7 == 0 { "hit" } else { "miss" }));
    database.writer().await.commit(&batch(1, entries)).await.expect("commit");
    let expected: Vec<i64> = (1..=990).filter(|id| (id - 1) % 7 == 0).collect();
    for limit in [1, 10, 143, 5_000] {
        let (mut found, mut after) = (Vec::new(), 0);
        while after < 990 {
            let scan =
                database.store.scan(&contains("HIT"), after, 990, limit).await.expect("scan");
            assert!(scan.logs.len() <= limit && scan.lost == 0);
            assert!(scan.scanned_to > after, "it always gets on");
            assert!(ids(&scan.logs).iter().all(|id| (after + 1..=scan.scanned_to).contains(id)));
            found.extend(ids(&scan.logs));
            after = scan.scanned_to;
        }
        assert_eq!((found.as_slice(), after), (expected.as_slice(), 990));
    }
    let end = database.store.scan(&Filter::ALL, 1_000, i64::MAX, 10).await.expect("scan");
    assert_eq!((end.logs.len(), end.scanned_to, end.lost), (0, 1_000, 0));
}

async fn a_scan_passes_over_what_cannot_match(database: Database) {
    let mut writer = database.writer().await;
    for frame in 1..=4 {
        let entries = (0..10_000).map(|n| entry(n, "nothing"));
        writer.commit(&batch(frame, entries)).await.expect("commit");
    }
    let scan = database.store.scan(&contains("rare"), 0, i64::MAX, 10).await.expect("scan");
    assert_eq!((scan.logs.len(), scan.scanned_to, scan.lost), (0, 40_000, 0));
}

async fn a_scan_says_what_is_gone(database: Database) {
    with_seconds(&database).await;
    database.sql("DELETE FROM log WHERE id <= 4").await;
    let scan = async |after, up_to| {
        let scan = database.store.scan(&Filter::ALL, after, up_to, 2).await.expect("scan");
        (ids(&scan.logs), scan.scanned_to, scan.lost)
    };
    assert_eq!(scan(0, 9).await, (vec![5, 6], 6, 4));
    assert_eq!(scan(3, 9).await, (vec![5, 6], 6, 1));
    assert_eq!(scan(4, 9).await, (vec![5, 6], 6, 0));
    assert_eq!(scan(1, 3).await, (vec![], 3, 2));
    database.sql("DELETE FROM log").await;
    assert_eq!(scan(2, i64::MAX).await, (vec![], 9, 7));
    let head = database.store.head().await.expect("head");
    assert_eq!((head.first_id, head.last_id), (10, 9));
}

async fn long_records_are_read_in_bounded_pieces(database: Database) {
    const MIB: usize = 1 << 20;
    let long = "x".repeat(MIB / 4);
    let mut writer = database.writer().await;
    for frame in 1..=4 {
        let records = (0..40).map(|n| entry(n, &long));
        writer.commit(&batch(frame, records)).await.expect("commit");
    }
    let store = &database.store;
    let bytes = |count: usize| count * MIB / 4;

    let (mut past, mut walked) = (None, Vec::new());
    loop {
        let request = PageRequest {
            filter: &Filter::ALL,
            order: Order::Timestamp,
            direction: Direction::NewestFirst,
            past,
            before: None,
            limit: 1_000,
        };
        let page = store.page(request).await.expect("page");
        assert!(bytes(page.logs.len()) <= 17 * MIB);
        walked.extend(ids(&page.logs));
        past = page.logs.last().map(Position::of);
        if !page.more {
            break;
        }
    }
    walked.sort_unstable();
    assert_eq!(walked, Vec::from_iter(1..=160));

    let regex = regex::Regex::new("y").expect("a regex");
    // SQL cannot say this, so every row is looked at.
    let nothing = Filter::Test(Test::Text(Field::Message, TextTest::Regex(Box::new(regex))));
    let scan = store.scan(&nothing, 0, 160, 1_000).await.expect("scan");
    assert!((1..160).contains(&scan.scanned_to), "{}", scan.scanned_to);
    let hub = Hub::new(Uuid::nil(), 160, MIB);
    let mut tail = Tail::open(store.clone(), hub, Arc::new(Filter::ALL), Start::Last(100))
        .await
        .expect("a tail");
    let mut followed = Vec::new();
    while followed.len() < 100 {
        let batch = tail.next().await.expect("it goes on").expect("no error");
        assert!(bytes(batch.logs.len()) <= 6 * MIB);
        followed.extend(batch.logs.iter().map(|log| log.id));
        assert_eq!(batch.caught_up, followed.len() == 100);
    }
    assert_eq!(followed, Vec::from_iter(61..=160));
}

async fn an_empty_log_has_no_pages(database: Database) {
    let no = pages(&database.store, Order::Timestamp, Direction::NewestFirst, 10, None).await;
    assert_eq!(no, [Vec::<i64>::new()]);
    assert_eq!(whole(database.store.time_bounds(&Filter::ALL).await), None);
    let scan = database.store.scan(&Filter::ALL, 0, i64::MAX, 10).await.expect("scan");
    assert_eq!((scan.logs.len(), scan.scanned_to, scan.lost), (0, 0, 0));
}

async fn context_is_what_lies_around(database: Database) {
    let mut records = batch(1, (0..10).map(|n| entry(n, "x")));
    records.new_sources.push(new_source(2, "db-1", "postgres"));
    for index in [2, 4, 6, 8] {
        records.records[index].source_id = 2;
    }
    database.writer().await.commit(&records).await.expect("commit");
    let log = database.store.log(5).await.expect("read").expect("there");
    let around = async |same_source, before, after| {
        ids(&whole(database.store.context(&log, same_source, before, after).await))
    };
    assert_eq!(around(false, 2, 3).await, [3, 4, 5, 6, 7, 8]);
    assert_eq!(around(true, 2, 1).await, [3, 5, 7]);
    assert_eq!(around(true, 100, 100).await, [3, 5, 7, 9]);
    assert_eq!(around(false, 0, 0).await, [5]);
}

/// Ten records of two hosts (one without a name), two severities (and none), over 50 seconds.
async fn with_variety(database: &Database) {
    let mut records = batch(
        1,
        (0..10).map(|n| Entry {
            severity: [Some(Severity::Error), Some(Severity::Info), None][n as usize % 3],
            facility: Some(Facility::Cron),
            msg_id: (n < 3).then(|| format!("ID{n}")),
            attributes: Attributes::from_json_text(match n {
                0..4 => r#"{"user":{"id":42}}"#.to_owned(),
                4 => r#"{"user":{"id":[7,42]}}"#.to_owned(),
                _ => String::new(),
            }),
            ..entry(n * 5, if n < 6 { "even" } else { "odd" })
        }),
    );
    records.new_sources.push(new_source(2, "", "cron"));
    records.records[1].source_id = 2;
    records.records[9].source_id = 2;
    database.writer().await.commit(&records).await.expect("commit");
}

async fn counts_over_time(database: Database) {
    with_variety(&database).await;
    let start = |second| entry(second, "").timestamp;
    let counts = async |filter: &Filter, by| {
        let width = Duration::from_secs(20);
        whole(database.store.histogram(filter, start(0), width, 2, by).await)
    };
    let bucket = |second, key: Option<&str>, count| Bucket {
        start: start(second),
        key: key.map(str::to_owned),
        count,
    };
    // The same by SQL alone and by the matcher.
    for filter in
        [Filter::ALL, Test::Text(Field::Message, TextTest::EndsWith(String::new())).into()]
    {
        assert_eq!(counts(&filter, None).await, [bucket(0, None, 4), bucket(20, None, 4)]);
        assert_eq!(
            counts(&filter, Some(HistogramField::Host)).await,
            [bucket(0, None, 1), bucket(0, Some("web-1"), 3), bucket(20, Some("web-1"), 4)]
        );
        assert_eq!(
            counts(&filter, Some(HistogramField::App)).await,
            [bucket(0, Some("cron"), 1), bucket(0, Some("nginx"), 3), bucket(20, Some("nginx"), 4)]
        );
        assert_eq!(
            counts(&filter, Some(HistogramField::Severity)).await,
            [
                bucket(0, None, 1),
                bucket(0, Some("error"), 2),
                bucket(0, Some("info"), 1),
                bucket(20, None, 1),
                bucket(20, Some("error"), 1),
                bucket(20, Some("info"), 2),
            ]
        );
    }
}

async fn counts_of_values(database: Database) {
    with_variety(&database).await;
    let top = async |filter: &Filter, field: TopField, limit| -> Vec<(Option<String>, u64)> {
        let counts = whole(database.store.top(filter, &field, limit).await);
        counts.into_iter().map(|ValueCount { value, count }| (value, count)).collect()
    };
    let some = |value: &str, count| (Some(value.to_owned()), count);
    let text = TopField::Text;
    for filter in
        [Filter::ALL, Test::Text(Field::Message, TextTest::EndsWith(String::new())).into()]
    {
        assert_eq!(
            top(&filter, TopField::Severity, 9).await,
            [some("error", 4), (None, 3), some("info", 3)]
        );
        assert_eq!(top(&filter, TopField::Facility, 9).await, [some("cron", 10)]);
        assert_eq!(top(&filter, text(Field::Host), 9).await, [some("web-1", 8), (None, 2)]);
        assert_eq!(top(&filter, text(Field::App), 1).await, [some("nginx", 8)]);
        assert_eq!(top(&filter, text(Field::Address), 9).await, [some("192.0.2.1", 10)]);
        assert_eq!(
            top(&filter, text(Field::MsgId), 3).await,
            [(None, 7), some("ID0", 1), some("ID1", 1)]
        );
        assert_eq!(top(&filter, text(Field::Message), 9).await, [some("even", 6), some("odd", 4)]);
        let path = Field::Attribute("user.id".to_owned());
        assert_eq!(top(&filter, text(path), 9).await, [(None, 5), some("42", 5), some("7", 1)]);
    }
    assert_eq!(top(&contains("odd"), text(Field::Message), 9).await, [some("odd", 4)]);
}

async fn too_many_values_are_refused(database: Database) {
    let mut writer = database.writer().await;
    for frame in 0..6 {
        let entries = (0..20_000).map(|n| entry(n, &format!("{frame} {n}")));
        writer.commit(&batch(frame + 1, entries)).await.expect("commit");
    }
    let any: Filter = Test::Text(Field::Message, TextTest::EndsWith(String::new())).into();
    let field = TopField::Text(Field::Message);
    let refused = database.store.top(&any, &field, 10).await;
    assert!(matches!(refused, Err(StoreError::TooManyValues(_))), "{refused:?}");
}

async fn time_bounds_are_those_of_the_matches(database: Database) {
    let entries = SECONDS.map(|second| entry(second, if second == 20 { "twenty" } else { "" }));
    database.writer().await.commit(&batch(1, entries)).await.expect("commit");
    let at = |second| entry(second, "").timestamp;
    let bounds = async |filter| whole(database.store.time_bounds(&filter).await);
    assert_eq!(bounds(Filter::ALL).await, Some((at(-5), at(90))));
    assert_eq!(bounds(contains("twenty")).await, Some((at(20), at(20))));
    let late = TimeRange { from: Some(at(21)), to: Some(at(90)) };
    assert_eq!(bounds(Test::Timestamp(late).into()).await, Some((at(30), at(50))));
    assert_eq!(bounds(Test::Severity(SeveritySet(0)).into()).await, None);
}

async fn sources_are_listed_in_every_order(database: Database) {
    let mut records = batch(1, [entry(0, "x")]);
    let names = [("db-1", "postgres"), ("", "kernel"), ("WEB-2", "nginx"), ("web-3", "")];
    for (id, (host, app)) in (2..).zip(names) {
        records.new_sources.push(new_source(id, host, app));
    }
    let mut writer = database.writer().await;
    writer.commit(&records).await.expect("commit");
    let count =
        |id, added, second| SourceCount { id, added, last_seen: entry(second, "").timestamp };
    writer
        .flush_sources(&[count(1, 5, 10), count(2, 9, 10), count(4, 5, 40)], 1)
        .await
        .expect("flush");
    let listed = async |filter: &SourceFilter, order, after, limit| -> Vec<i32> {
        let sources = database.store.sources(filter, order, after, limit).await.expect("sources");
        sources.iter().map(|source| source.id).collect()
    };
    let any = SourceFilter::default();
    for (order, expected) in [
        (SourceOrder::Id, [1, 2, 3, 4, 5]),
        (SourceOrder::LastSeen, [4, 2, 1, 5, 3]),
        (SourceOrder::Count, [2, 4, 1, 5, 3]),
    ] {
        assert_eq!(listed(&any, order, None, 10).await, expected);
        for split in 1..5 {
            assert_eq!(listed(&any, order, None, split).await, expected[..split]);
            let after = Some(expected[split - 1]);
            assert_eq!(listed(&any, order, after, 10).await, expected[split..]);
        }
    }
    let text = |text: &str| SourceFilter { text: Some(text.to_owned()), ..any.clone() };
    assert_eq!(listed(&text("Web"), SourceOrder::Id, None, 10).await, [1, 4, 5]);
    assert_eq!(listed(&text("192.0"), SourceOrder::Id, Some(3), 1).await, [4]);
    let both =
        SourceFilter { host: Some("web-1".to_owned()), app: Some("nginx".to_owned()), text: None };
    assert_eq!(listed(&both, SourceOrder::Id, None, 10).await, [1]);
}

async fn rates_are_of_the_last_moments(database: Database) {
    let now = now();
    let old = (0..50).map(|n| entry(n, "old"));
    let fresh = (0..30).map(|_| Entry { received_at: now, ..entry(0, "fresh") });
    let mut records = batch(1, old.chain(fresh));
    records.new_sources.push(new_source(2, "db-1", ""));
    records.records[79].source_id = 2;
    database.writer().await.commit(&records).await.expect("commit");
    let window = Duration::from_secs(10);
    let rates = database.store.source_rates(&[1, 2, 3], window).await.expect("rates");
    assert_eq!(rates, BTreeMap::from([(1, 2.9), (2, 0.1)]));
    let none = database.store.source_rates(&[1], Duration::ZERO).await.expect("rates");
    assert!(none.is_empty());
}

async fn a_read_that_takes_too_long_ends(database: Database) {
    with_seconds(&database).await;
    database.seal(1..=4).await;
    let slow = if database.is_postgres() {
        "(SELECT pg_sleep(600)) IS NOT NULL"
    } else {
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n) > 0"
    };
    let timeout = Duration::from_millis(200);
    // In what is read of rows, of the catalogue, and of blocks.
    for table in ["log", "block", "block_part"] {
        let view = format!("CREATE VIEW {table} AS SELECT * FROM stored WHERE {slow}");
        database.sql(&format!("ALTER TABLE {table} RENAME TO stored; {view}")).await;
        let options =
            StoreOptions { read_timeout: timeout, read_connections: 1, ..options(&database.url) };
        let store = Store::connect(&options).await.expect("connect");
        let result = store.scan(&Filter::ALL, 0, 9, 9).await;
        assert!(
            matches!(result, Err(StoreError::TimedOut(after)) if after == timeout),
            "{table}: {result:?}"
        );
        // The database gives up too, and the only connection is free again.
        let back = format!("DROP VIEW {table}; ALTER TABLE stored RENAME TO {table}");
        database.sql(&back).await;
        until(async || store.scan(&Filter::ALL, 0, 9, 9).await.is_ok()).await;
    }
}

async fn a_wild_clock_does_not_have_a_block_opened_for_every_page(database: Database) {
    const WILD: i64 = 1_000_000;
    let records = (1..=40).map(|n| entry(if n == 5 { WILD } else { n }, "x"));
    database.writer().await.commit(&batch(1, records)).await.expect("commit");
    for first in [1, 11, 21, 31] {
        database.seal(first..=first + 9).await;
    }
    // So whoever opens the block says so.
    database.sql("DELETE FROM block_part WHERE first_id = 1").await;
    let page = async |filter: &Filter, past| {
        let request = PageRequest {
            filter,
            order: Order::Timestamp,
            direction: Direction::NewestFirst,
            past,
            before: None,
            limit: 3,
        };
        let page = database.store.page(request).await.expect("page");
        (ids(&page.logs), page.damaged.len())
    };
    assert_eq!(page(&Filter::ALL, None).await, (vec![40, 39, 38], 1));
    let later = Position { timestamp: entry(WILD - 1, "").timestamp, id: 41 };
    assert_eq!(page(&Filter::ALL, Some(later)).await, (vec![40, 39, 38], 0));
    let range = TimeRange { from: None, to: Some(entry(WILD, "").timestamp) };
    assert_eq!(page(&Test::Timestamp(range).into(), None).await, (vec![40, 39, 38], 0));
}
