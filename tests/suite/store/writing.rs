//! Commits: the fence, the election, what is refused, and what is remembered.

use std::collections::BTreeMap;

use sea_orm::sqlx::{self, Connection, PgConnection};
use tailwater::filter::Filter;
use tailwater::log::{Attributes, Facility, Severity, timestamp_from_micros};
use tailwater::store::{
    Committed, Form, Head, Keep, Marks, Rejected, Sealing, SourceCount, Store, StoreError,
    StoreOptions, WriteSession,
};

use super::over_both_databases;
use super::support::{
    Database, PRODUCER, batch, connect, entry, ids, messages, new_source, options, source_key,
};
use crate::support::until;

over_both_databases!(
    a_record_comes_back_as_it_went_in,
    ids_are_contiguous_from_one,
    only_one_session_is_elected,
    two_sessions_never_both_commit,
    a_fenced_session_salvages_nothing,
    bad_records_become_dead_letters_and_ids_stay_contiguous,
    a_batch_of_nothing_but_bad_records_moves_only_the_marks,
    marks_and_totals_are_kept_per_producer,
    an_empty_batch_is_a_batch,
    a_large_batch_is_written_as_a_block,
    a_fenced_session_writes_no_block,
    what_a_batch_cannot_fill_is_said_to_be_unsealed,
    counts_of_sources_survive_a_crash,
    counting_twice_is_refused,
    processes_that_start_together_migrate_once,
    a_new_database_says_what_it_lacks,
    the_schema_goes_down_and_up_again,
);

async fn all(store: &Store) -> Vec<tailwater::log::Log> {
    store.scan(&Filter::ALL, 0, i64::MAX, 10_000).await.expect("scan").logs
}

async fn a_record_comes_back_as_it_went_in(database: Database) {
    let mut full = entry(7, "Grüße, 世界 % _ \\ \u{212a}");
    full.timestamp = timestamp_from_micros(-62_135_596_800_000_000 + 1);
    full.received_at = timestamp_from_micros(1_767_225_600_123_456);
    full.severity = Some(Severity::Emergency);
    full.facility = Some(Facility::Local7);
    full.proc_id = Some("4711".to_owned());
    full.msg_id = Some(String::new());
    full.attributes = Attributes::from_json_text(
        r#"{"user":{"id":42,"tags":["a","b"]},"big":1e400,"a":1.0}"#.into(),
    );
    let mut bare = entry(8, "");
    bare.severity = None;
    let mut writer = database.writer().await;
    writer.commit(&batch(1, [full.clone(), bare.clone()])).await.expect("commit");

    let logs = all(&database.store).await;
    assert_eq!(logs[0].entry, full);
    assert_eq!(logs[1].entry, bare);
    assert_eq!(*logs[0].source, source_key("web-1", "nginx"));
    let one = database.store.log(2).await.expect("read");
    assert_eq!(one.as_ref(), Some(&logs[1]));
    assert_eq!(database.store.log(3).await.expect("read"), None);
}

async fn ids_are_contiguous_from_one(database: Database) {
    let mut writer = database.writer().await;
    let mut stored = 0;
    // More than one statement's worth on SQLite, and every size of statement.
    for (frame, records) in (1..).zip([1, 7, 1_500, 64, 585]) {
        let entries = (0..records).map(|n| entry(n, &format!("{frame}/{n}")));
        let committed = writer.commit(&batch(frame, entries)).await.expect("commit");
        assert_eq!((committed.first_id, committed.rejected), (stored + 1, vec![]));
        stored += records;
        assert_eq!(writer.last_id(), stored);
    }
    let logs = all(&database.store).await;
    assert_eq!(ids(&logs), (1..=stored).collect::<Vec<_>>());
    assert_eq!(logs[8 + 1_499].entry.message, "3/1499");
    let head = database.store.head().await.expect("head");
    assert_eq!((head.first_id, head.last_id), (1, stored));
}

async fn only_one_session_is_elected(database: Database) {
    let writer = database.writer().await;
    let rival = connect(&database.url).await;
    assert!(rival.claim_writer().await.expect("claim").is_none());
    drop(writer);
    // The server notices the closed connection in a moment.
    until(async || rival.claim_writer().await.expect("claim").is_some()).await;
}

async fn two_sessions_never_both_commit(database: Database) {
    for round in 0..10 {
        let first = WriteSession::open_without_election(&database.store).await.expect("open");
        let other = connect(&database.url).await;
        let second = WriteSession::open_without_election(&other).await.expect("open");
        let before = first.last_id();
        let commit = |mut session: WriteSession, name: &'static str| {
            tokio::spawn(async move {
                let entries = (0..100).map(|n| entry(n, name));
                session.commit(&batch(if round == 0 { 1 } else { 2 }, entries)).await
            })
        };
        let (first, second) = (commit(first, "first"), commit(second, "second"));
        let results = [first.await.expect("no panic"), second.await.expect("no panic")];
        let won = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(won, 1, "{results:?}");
        assert!(results.iter().any(|r| matches!(r, Err(StoreError::Fenced))), "{results:?}");
        let logs = database.store.scan(&Filter::ALL, before, i64::MAX, 1_000).await.expect("scan");
        assert_eq!(ids(&logs.logs), (before + 1..=before + 100).collect::<Vec<_>>());
        let winner = if results[0].is_ok() { "first" } else { "second" };
        assert!(logs.logs.iter().all(|log| log.entry.message == winner));
    }
    assert_eq!(database.number("SELECT count(*) FROM source").await, 1);
}

async fn a_fenced_session_salvages_nothing(database: Database) {
    let mut stale = WriteSession::open_without_election(&database.store).await.expect("open");
    poison(&database).await;
    let mut writer = database.writer().await;
    writer.commit(&batch(1, [entry(1, "good")])).await.expect("commit");
    let refused = stale.commit(&batch(1, [entry(1, "poison"), entry(2, "good")])).await;
    assert!(matches!(refused, Err(StoreError::Fenced)), "{refused:?}");
    assert_eq!(all(&database.store).await.len(), 1);
    assert_eq!(database.number("SELECT count(*) FROM dead_letter").await, 0);
}

/// Makes the database refuse messages that begin with `poison`.
async fn poison(database: &Database) {
    database
        .sql(if database.is_postgres() {
            "ALTER TABLE log ADD CONSTRAINT poison CHECK (message NOT LIKE 'poison%')"
        } else {
            "CREATE TRIGGER poison BEFORE INSERT ON log WHEN new.message LIKE 'poison%' \
             BEGIN SELECT RAISE(ABORT, 'poison'); END"
        })
        .await;
}

async fn bad_records_become_dead_letters_and_ids_stay_contiguous(database: Database) {
    poison(&database).await;
    // As rows, which the database looks at.
    let rows = StoreOptions { block_rows: usize::MAX, ..options(&database.url) };
    let store = Store::connect(&rows).await.expect("connect");
    let mut writer = store.claim_writer().await.expect("claim").expect("nobody else writes");
    writer.commit(&batch(1, [entry(0, "before")])).await.expect("commit");
    let bad = [0, 1, 17, 499, 500, 998, 999];
    let entries = (0..1_000).map(|n| {
        let message = if bad.contains(&n) { format!("poison {n}") } else { format!("good {n}") };
        entry(n as i64, &message)
    });
    let committed = writer.commit(&batch(2, entries)).await.expect("commit");
    assert_eq!(committed.first_id, 2);
    let indexes: Vec<usize> = committed.rejected.iter().map(|r| r.index).collect();
    assert_eq!(indexes, bad);
    assert!(committed.rejected.iter().all(|r| r.reason.contains("poison")), "{committed:?}");

    let logs = all(&database.store).await;
    assert_eq!(ids(&logs), (1..=994).collect::<Vec<_>>());
    let expected: Vec<String> =
        (0..1_000).filter(|n| !bad.contains(n)).map(|n| format!("good {n}")).collect();
    assert_eq!(messages(&logs)[1..], expected);
    assert_eq!(database.number("SELECT count(*) FROM dead_letter WHERE source_id = 1").await, 7);
    let letters = database.store.dead_letters(None, 2).await.expect("dead letters");
    let refused: Vec<_> = letters.iter().map(|letter| letter.entry.message.as_str()).collect();
    assert_eq!(refused, ["poison 999", "poison 998"]);
    let older = database.store.dead_letters(Some(letters[1].id), 100).await.expect("dead letters");
    assert_eq!(older.len(), 5);
    let producers = database.store.producers(&[PRODUCER]).await.expect("producers");
    assert_eq!((producers[&PRODUCER].stored, producers[&PRODUCER].rejected), (994, 7));
    // The session goes on.
    let next = writer.commit(&batch(3, [entry(0, "after")])).await.expect("commit");
    assert_eq!(next.first_id, 995);
}

async fn a_batch_of_nothing_but_bad_records_moves_only_the_marks(database: Database) {
    poison(&database).await;
    let mut writer = database.writer().await;
    let committed = writer.commit(&batch(1, [entry(0, "poison")])).await.expect("commit");
    let [Rejected { index: 0, .. }] = committed.rejected.as_slice() else {
        panic!("{committed:?}");
    };
    assert_eq!(writer.last_id(), 0);
    assert_eq!(database.store.head().await.expect("head").last_id, 0);
    let producers = writer.producers().await.expect("producers");
    assert_eq!(producers[&PRODUCER].marks.low, 1);
}

async fn marks_and_totals_are_kept_per_producer(database: Database) {
    let other = uuid::Uuid::from_u128(2);
    let mut first = batch(1, [entry(0, "a"), entry(1, "b"), entry(2, "c")]);
    first.records[1].producer = other;
    first.marks.insert(other, Marks { low: 0, above: [(3, 3), (5, 9)].into() });
    let mut writer = database.writer().await;
    writer.commit(&first).await.expect("commit");
    let mut second = batch(2, [entry(3, "d")]);
    second.records[0].producer = other;
    second.marks =
        BTreeMap::from([(other, Marks { low: 3, above: [(5, 9), (11, u64::MAX >> 1)].into() })]);
    writer.commit(&second).await.expect("commit");

    let known = writer.producers().await.expect("producers");
    assert_eq!(known, database.store.producers(&[other, PRODUCER]).await.expect("producers"));
    assert_eq!(known[&PRODUCER].marks, Marks { low: 1, above: [].into() });
    assert_eq!(known[&PRODUCER].stored, 2);
    assert_eq!(known[&other].marks, Marks { low: 3, above: [(5, 9), (11, u64::MAX >> 1)].into() });
    assert_eq!(known[&other].stored, 2);
    let none = database.store.producers(&[uuid::Uuid::nil()]).await.expect("producers");
    assert!(none.is_empty());
}

async fn an_empty_batch_is_a_batch(database: Database) {
    let mut writer = database.writer().await;
    let committed = writer.commit(&batch(1, [])).await.expect("commit");
    assert_eq!(committed, Committed { first_id: 1, rejected: vec![], unsealed: vec![] });
    let known = writer.producers().await.expect("producers");
    assert_eq!(known[&PRODUCER].marks.low, 1);
}

/// The database with other options.
async fn with(database: &Database, change: impl FnOnce(&mut StoreOptions)) -> Store {
    let mut options = options(&database.url);
    change(&mut options);
    Store::connect(&options).await.expect("connect")
}

async fn a_large_batch_is_written_as_a_block(database: Database) {
    let store = with(&database, |options| options.block_rows = 10).await;
    let mut writer = store.claim_writer().await.expect("claim").expect("nobody else writes");
    let entries = |count: i64| (0..count).map(move |n| entry(n, &format!("of {count}: {n}")));
    writer.commit(&batch(1, entries(9))).await.expect("commit");
    assert_eq!(database.number("SELECT count(*) FROM block").await, 0);
    let committed = writer.commit(&batch(2, entries(10))).await.expect("commit");
    assert_eq!((committed.first_id, writer.last_id()), (10, 19));
    assert_eq!(database.number("SELECT count(*) FROM log").await, 9);
    assert_eq!(database.number("SELECT first_id FROM block").await, 10);
    assert_eq!(database.number("SELECT count(*) FROM block_part WHERE first_id = 10").await, 3);
    let logs = all(&store).await;
    assert_eq!(ids(&logs), (1..=19).collect::<Vec<_>>());
    assert!(entries(9).chain(entries(10)).eq(logs.into_iter().map(|log| log.entry)));
    let producers = store.producers(&[PRODUCER]).await.expect("producers");
    assert_eq!((producers[&PRODUCER].stored, producers[&PRODUCER].marks.low), (19, 2));
}

async fn a_fenced_session_writes_no_block(database: Database) {
    let store = with(&database, |options| options.block_rows = 1).await;
    let mut stale = WriteSession::open_without_election(&store).await.expect("open");
    database.writer().await.commit(&batch(1, [entry(1, "good")])).await.expect("commit");
    let refused = stale.commit(&batch(1, [entry(1, "late")])).await;
    assert!(matches!(refused, Err(StoreError::Fenced)), "{refused:?}");
    assert_eq!(database.number("SELECT count(*) FROM block").await, 0);
    assert_eq!(database.number("SELECT count(*) FROM block_part").await, 0);
}

async fn what_a_batch_cannot_fill_is_said_to_be_unsealed(database: Database) {
    let mut writer = database.writer().await;
    let mut commit = async |frame, records| {
        let batch = batch(frame, (0..records).map(|n| entry(n, "x")));
        let committed = writer.commit(&batch).await.expect("commit");
        committed.unsealed.iter().map(|s| (s.first_id, s.last_id, s.form)).collect::<Vec<_>>()
    };
    assert_eq!(commit(1, 100).await, [(1, 100, Form::Rows)]);
    assert_eq!(commit(2, 1_000).await, [(101, 1_100, Form::SmallBlock)]);
    // More than half a block is as good as a whole one, and a little more than one is two halves.
    assert_eq!(commit(3, 9_000).await, []);
    assert_eq!(commit(4, 17_000).await, []);
    let segments = database.store.segments().await.expect("segments");
    let known: Vec<_> = segments.iter().map(|s| (s.first_id, s.last_id, s.form)).collect();
    assert_eq!(known, [(1, 100, Form::Rows), (101, 1_100, Form::SmallBlock)]);
}

async fn counts_of_sources_survive_a_crash(database: Database) {
    let mut writer = database.writer().await;
    let mut first = batch(1, [entry(10, "a"), entry(20, "b"), entry(30, "c")]);
    first.new_sources.push(new_source(2, "", ""));
    first.records[2].source_id = 2;
    writer.commit(&first).await.expect("commit");
    let counts = writer.uncounted_sources().await.expect("count");
    let at = |second| entry(second, "").timestamp;
    let expected = [
        SourceCount { id: 1, added: 2, last_seen: at(20) },
        SourceCount { id: 2, added: 1, last_seen: at(30) },
    ];
    assert_eq!(counts, expected);
    writer.flush_sources(&counts, 3).await.expect("flush");
    writer.commit(&batch(2, [entry(5, "late")])).await.expect("commit");
    drop(writer);

    let mut heir = WriteSession::open_without_election(&database.store).await.expect("open");
    let counts = heir.uncounted_sources().await.expect("count");
    assert_eq!(counts, [SourceCount { id: 1, added: 1, last_seen: at(5) }]);
    heir.flush_sources(&counts, 4).await.expect("flush");
    assert_eq!(heir.uncounted_sources().await.expect("count"), []);
    let mut sources = database.store.sources_by_id(&[1, 2, 9]).await.expect("sources");
    sources.sort_by_key(|source| source.id);
    let seen: Vec<_> = sources.iter().map(|s| (s.id, s.count, s.last_seen)).collect();
    assert_eq!(seen, [(1, 3, at(20)), (2, 1, at(30))]);
    let dictionary = heir.sources().await.expect("sources");
    assert_eq!(dictionary.len(), 2);
    assert_eq!(*dictionary[1].1, source_key("", ""));
}

async fn counting_twice_is_refused(database: Database) {
    let mut writer = database.writer().await;
    writer.commit(&batch(1, [entry(10, "a")])).await.expect("commit");
    let mut stale = WriteSession::open_without_election(&database.store).await.expect("open");
    let counts = [SourceCount { id: 1, added: 1, last_seen: entry(10, "").timestamp }];
    writer.flush_sources(&counts, 1).await.expect("flush");
    let twice = stale.flush_sources(&counts, 1).await;
    assert!(matches!(twice, Err(StoreError::Fenced)), "{twice:?}");
    assert_eq!(database.store.sources_by_id(&[1]).await.expect("sources")[0].count, 1);
}

async fn processes_that_start_together_migrate_once(database: Database) {
    let before = database.store.head().await.expect("head");
    let others: Vec<_> = (0..4)
        .map(|_| {
            let url = database.url.clone();
            tokio::spawn(async move {
                let store = connect(&url).await;
                store.migrate().await.expect("migrate");
                store.head().await.expect("head")
            })
        })
        .collect();
    for other in others {
        assert_eq!(other.await.expect("no panic"), before);
    }
    assert_eq!(before, Head { database: before.database, last_id: 0, first_id: 1 });
}

async fn a_new_database_says_what_it_lacks(database: Database) {
    database.sql("DROP TABLE log; DROP TABLE head").await;
    let refused = database.store.head().await;
    assert!(
        matches!(&refused, Err(StoreError::Unusable(why)) if why.contains("tailwater migrate up")),
        "{refused:?}"
    );
}

async fn the_schema_goes_down_and_up_again(database: Database) {
    let applied = async || {
        let steps = database.store.schema_steps().await.expect("steps");
        steps.iter().map(|step| step.applied).collect::<Vec<_>>()
    };
    let all = applied().await;
    assert!(!all.is_empty() && all.iter().all(|applied| *applied));
    for _ in &all {
        database.store.migrate_down().await.expect("down");
    }
    assert!(applied().await.iter().all(|applied| !applied));
    database.store.migrate().await.expect("up");
    assert_eq!(applied().await, all);
    database.writer().await.commit(&batch(1, [entry(0, "x")])).await.expect("commit");
}

#[tokio::test]
async fn unusable_urls_are_refused_with_a_reason_and_without_the_password() {
    for (url, reason) in [
        ("sqlite::memory:", "file"),
        ("sqlite://", "file"),
        ("sqlite:///nowhere/at/all/log.db", "/nowhere/at/all"),
        ("mysql://root:hunter2@localhost/log", "sqlite://"),
        ("postgres://me:hunter2@localhost:port/log", "port"),
        ("hunter2", "sqlite://"),
    ] {
        let error = Store::connect(&options(url)).await.expect_err(url);
        let StoreError::Unusable(why) = &error else { panic!("{url}: {error:?}") };
        assert!(why.contains(reason), "{url}: {why}");
        assert!(!why.contains("hunter2"), "{why}");
    }
    assert!(!format!("{:?}", options("postgres://me:hunter2@h/d")).contains("hunter2"));
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_away() {
    // Nobody listens on a port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).unwrap();
    let url = format!("postgres://me:hunter2@{port}/log");
    let error = Store::connect(&options(&url)).await.expect_err("nobody is there");
    assert!(matches!(error, StoreError::Away(_)), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

#[tokio::test]
async fn a_new_sqlite_file_can_give_space_back() {
    let database = Database::sqlite().await;
    const INCREMENTAL: i64 = 2;
    assert_eq!(database.number("PRAGMA auto_vacuum").await, INCREMENTAL);
}

/// A store whose blocks lie in partitions of ten positions, and whose reads are short.
async fn with_small_partitions(database: &Database) -> Store {
    with(database, |options| {
        options.block_rows = usize::MAX;
        options.partition_ids = 10;
        options.read_timeout = std::time::Duration::from_millis(500);
    })
    .await
}

const PARTITIONS: &str =
    "SELECT count(*) FROM pg_inherits WHERE inhparent = 'block_part'::regclass";

#[tokio::test]
async fn what_was_rows_for_long_is_sealed_wherever_it_lies() {
    let database = Database::postgres().await;
    let store = with_small_partitions(&database).await;
    let mut writer = store.claim_writer().await.expect("claim").expect("nobody else writes");
    writer.commit(&batch(1, (0..40).map(|n| entry(n, "x")))).await.expect("commit");
    store.make_room().await.expect("partitions ahead");
    for range in [31..=38, 1..=12, 13..=30] {
        store.seal(Sealing { range, logs: None, is_final: true }).await.expect("seal");
    }
    assert_eq!(ids(&all(&store).await), (1..=40).collect::<Vec<_>>());
    // Of 0 to 9, 10 to 19, 30 to 39, and what follows.
    assert_eq!(database.number(PARTITIONS).await, 4);
    // Another size of partitions fits in between.
    let store = with(&database, |options| options.partition_ids = 1_000).await;
    store.seal(Sealing { range: 39..=40, logs: None, is_final: true }).await.expect("seal");
    store.make_room().await.expect("partitions ahead");
    assert_eq!(ids(&all(&store).await), (1..=40).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partition_is_dropped_when_no_reader_can_need_it_and_none_is_held_up() {
    let database = Database::postgres().await;
    let store = with_small_partitions(&database).await;
    let mut writer = store.claim_writer().await.expect("claim").expect("nobody else writes");
    writer.commit(&batch(1, (0..29).map(|n| entry(n, "x")))).await.expect("commit");
    for range in [1..=9, 10..=19, 20..=29] {
        store.seal(Sealing { range, logs: None, is_final: true }).await.expect("seal");
    }
    let since = Some(entry(19, "").timestamp);
    assert_eq!(store.expire(Keep { since, bytes: None }).await.expect("expire").records, 19);
    assert_eq!(database.number(PARTITIONS).await, 3);
    assert!(!store.reclaim().await.expect("reclaim"), "a reader may still look there");
    assert_eq!(database.number(PARTITIONS).await, 3);

    let mut reader = PgConnection::connect(&database.url).await.expect("connect");
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM block_part").execute(&mut reader).await.unwrap();
    // For longer than the partition has to rest.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert!(!store.reclaim().await.expect("reclaim"), "a reader holds it");
    assert_eq!(database.number(PARTITIONS).await, 3);
    assert_eq!(ids(&all(&store).await), (20..=29).collect::<Vec<_>>());
    sqlx::raw_sql("ROLLBACK").execute(&mut reader).await.unwrap();
    until(async || {
        while store.reclaim().await.expect("reclaim") {}
        database.number(PARTITIONS).await == 1
    })
    .await;
    assert_eq!(ids(&all(&store).await), (20..=29).collect::<Vec<_>>());
}
