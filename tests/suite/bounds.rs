//! What a large history may cost: memory that stays within bounds, and work that ends with who
//! asked for it.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::json;
use tailwater::filter::Filter;
use tailwater::log::{Attributes, Entry, Severity, SourceKey, now};
use tailwater::store::{NewSource, Resolved, Store, StoreOptions, WriteBatch, WriteSession};
use uuid::Uuid;

use crate::support::pair::{Pair, on_both_databases};
use crate::support::server::Server;
use crate::support::{Noise, send_tcp};

on_both_databases!(
    work_ends_with_whoever_asked_for_it,
    memory_stays_bounded_over_a_log_larger_than_the_cache,
);

/// On Postgres alone: a debug build takes half a minute for it, and twice that on SQLite.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_bounded_while_wide_records_are_stored_sealed_and_read() {
    wide_records_stay_bounded(Pair::memory_postgres().await).await;
}

const MIB: u64 = 1 << 20;
/// Records of one block of the large history, and their length: together about 4 MiB.
const RECORDS: i64 = 8_192;
const LENGTH: usize = 500;
/// Blocks of the large history: about 240 MiB of text, that takes half of it at rest.
const BLOCKS: i64 = 60;

/// A large history: one block of text that hardly compresses, many times.
async fn large_history(pair: &Pair) {
    let options = StoreOptions { block_rows: 1, ..StoreOptions::new(&pair.database_url) };
    let store = Store::connect(&options).await.expect("connect");
    store.migrate().await.expect("migrate");
    let key = SourceKey { host: Some("web-1".into()), app: None, address: [192, 0, 2, 1].into() };
    let mut noise = Noise(1);
    let at = now();
    let record = |message| Resolved {
        source_id: 1,
        source: key.clone().into(),
        producer: Uuid::nil(),
        entry: Entry {
            timestamp: at,
            received_at: at,
            severity: Some(Severity::Info),
            facility: None,
            proc_id: None,
            msg_id: None,
            message,
            attributes: Attributes::EMPTY,
        },
    };
    let batch = WriteBatch {
        records: (0..RECORDS).map(|_| record(noise.hex(LENGTH))).collect(),
        new_sources: vec![NewSource { id: 1, key: key.clone(), seen: at }],
        ..WriteBatch::default()
    };
    let mut writer = WriteSession::open_without_election(&store).await.expect("open");
    writer.commit(&batch).await.expect("commit");
    store.close().await;
    let database = sea_orm::Database::connect(&pair.database_url).await.expect("connect");
    let counted = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})",
        BLOCKS - 1
    );
    for statement in [
        format!(
            "INSERT INTO block (first_id, last_id, {CATALOGUE})
             {counted} SELECT first_id + i * {RECORDS}, last_id + i * {RECORDS}, {CATALOGUE}
             FROM block, n"
        ),
        format!(
            "INSERT INTO block_part (first_id, part, checksum, bytes)
             {counted} SELECT first_id + i * {RECORDS}, part, checksum, bytes FROM block_part, n"
        ),
        format!("UPDATE head SET last_id = {}", BLOCKS * RECORDS),
    ] {
        database.execute_unprepared(&statement).await.expect("the statement is right");
    }
    assert!(store_has_all(&pair.database_url).await);
}

/// The columns of the catalogue that copies of a block share.
const CATALOGUE: &str = "sealed, format, raw_bytes, stored_bytes, from_1, to_1, from_2, to_2, \
    from_3, to_3, from_4, to_4, received_from, received_to, severities, facilities, sources, \
    source_counts, minutes, trigrams, footer, checksum";

async fn store_has_all(url: &str) -> bool {
    let store = Store::connect(&StoreOptions::new(url)).await.expect("connect");
    let last = store.scan(&Filter::ALL, BLOCKS * RECORDS - 1, i64::MAX, 9).await.expect("scan");
    last.logs.len() == 1 && last.logs[0].id == BLOCKS * RECORDS
}

/// Every record has a zero, so this looks at all of them and finds none.
const NOTHING: &str = r#"{ logs(filter: { query: "-0" }) { edges { node { id } } } }"#;

/// Finds nothing, and looks at all of the large history four times for it: 40 seconds of processor
/// time in a debug build, far more than [`wait_idle`] allows.
const LONG: &str = "/(?:[0-9a-f]{2})+[^0-9a-f]/ OR /(?:[0-9a-f]{3})+[^0-9a-f]/ \
    OR /(?:[0-9a-f]{4})+[^0-9a-f]/ OR /(?:[0-9a-f]{5})+[^0-9a-f]/";

/// Asks for records.
const LOGS: &str = "query ($query: String) { logs(filter: { query: $query }) {
    edges { node { id } } } }";

/// Waits until the process computes next to nothing any more.
async fn wait_idle(server: &Server) {
    const MOMENT: Duration = Duration::from_millis(250);
    let idle = async {
        loop {
            let before = server.cpu_time();
            tokio::time::sleep(MOMENT).await;
            if server.cpu_time() - before <= MOMENT / 10 {
                return;
            }
        }
    };
    // Far less than the work would take if it went on.
    let ended = tokio::time::timeout(Duration::from_secs(10), idle).await;
    assert!(ended.is_ok(), "it still works at what nobody waits for:\n{}", server.log());
}

/// Waits until a search has begun to cost something.
async fn wait_busy(server: &Server, since: Duration) {
    server
        .eventually("it searches", async || {
            let busy = server.cpu_time() - since > Duration::from_millis(300);
            if busy { Ok(()) } else { Err(String::new()) }
        })
        .await;
}

async fn work_ends_with_whoever_asked_for_it(pair: Pair) {
    large_history(&pair).await;
    let server = pair.role("serve").with("OPERATION_TIMEOUT", "1s").start().await;
    let admin = server.admin().await;
    wait_idle(&server).await;
    assert_eq!(admin.code(LOGS, json!({ "query": LONG })).await, "TIMEOUT");
    wait_idle(&server).await;
    drop(server);

    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    wait_idle(&server).await;
    let before = server.cpu_time();
    let question = json!({ "query": LOGS, "variables": { "query": LONG } });
    let asking = tokio::spawn(admin.post(&question).send());
    wait_busy(&server, before).await;
    asking.abort();
    wait_idle(&server).await;

    let before = server.cpu_time();
    let following = admin.tail(&format!("(last: 1, filter: {{ query: \"{LONG}\" }})")).await;
    wait_busy(&server, before).await;
    drop(following);
    wait_idle(&server).await;
    // It is as well as before.
    let newest = server.query("{ logs(first: 1) { edges { node { id } } } }", json!({})).await;
    let id = (BLOCKS * RECORDS).to_string();
    assert_eq!(newest["logs"]["edges"], json!([{ "node": { "id": id } }]));
}

/// What a process of a debug build holds at most when it reads a history larger than its cache of
/// 64 MiB: 80 MiB at its start, the cache, and blocks on their way. Measured: 205 MiB.
const READING_BOUND: u64 = 256 * MIB;

async fn memory_stays_bounded_over_a_log_larger_than_the_cache(pair: Pair) {
    large_history(&pair).await;
    let server = pair.role("serve").start().await;
    for round in 0..2 {
        let found = server.query(NOTHING, json!({})).await;
        assert_eq!(found["logs"]["edges"], json!([]));
        let counted = server.query(COUNTS, json!({})).await;
        assert_eq!(counted["top"][0]["count"], BLOCKS * RECORDS);
        assert_eq!(counted["histogram"][0]["count"], BLOCKS * RECORDS);
        let peak = server.peak_memory();
        assert!(peak < READING_BOUND, "round {round}: {} MiB", peak / MIB);
    }
}

/// Asks what no catalogue answers alone.
const COUNTS: &str = r#"{ top(filter: { query: "0" }, field: "severity") { value count }
    histogram(filter: { query: "0" }, buckets: 1) { count } }"#;

/// Records as long as they may be, and how many: 250 MiB of text.
const WIDE: usize = 256 << 10;
const WIDE_RECORDS: usize = 1_000;
/// They are sent in so many parts, each of which is waited for.
const WIDE_PARTS: usize = 8;
/// What a record repeats, so that it compresses as text does.
const PIECE: usize = 1 << 10;

/// What a process of a debug build holds at most while it takes in wide records, seals them and
/// reads them: 16 MiB in the queue, 8 MiB of the newest records, 64 MiB that wait in memory to be
/// sealed, 64 MiB of cache; two batches of 16 MiB and what they become in a statement, a few blocks
/// of 4 MiB on their way, and a page of 16 MiB in each form from the block to the answer. Measured:
/// 340 MiB.
const WIDE_BOUND: u64 = 448 * MIB;

async fn wide_records_stay_bounded(pair: Pair) {
    let server = pair
        .role("serve")
        .with("QUEUE_MAX_BYTES", "16MiB")
        .with("LIVE_MEMORY", "8MiB")
        .with("BATCH_MAX_BYTES", "16MiB")
        .with("OPERATION_TIMEOUT", "60s")
        .with("READ_TIMEOUT", "60s")
        .start()
        .await;
    let mut noise = Noise(1);
    for part in 1..=WIDE_PARTS {
        let to = server.tcp.unwrap();
        let lines: Vec<String> = (0..WIDE_RECORDS / WIDE_PARTS)
            .map(|n| {
                let start = format!("<134>1 2026-01-02T03:04:05Z web-1 app {n} - - wide {n} ");
                let pieces = (WIDE - start.len()) / PIECE;
                start + &noise.hex(PIECE).repeat(pieces)
            })
            .collect();
        let sender = std::thread::spawn(move || send_tcp(to, lines));
        server.wait_balanced((part * WIDE_RECORDS / WIDE_PARTS) as u64).await;
        sender.join().unwrap();
    }
    server
        .eventually("most of it is sealed", async || {
            let fields = "{ pipeline { storage { rows blocks blockRecords } } }";
            let storage = server.query(fields, json!({})).await["pipeline"]["storage"].clone();
            let blocks = storage["blockRecords"].as_u64().expect("a count");
            if blocks > WIDE_RECORDS as u64 / 2 { Ok(()) } else { Err(storage.to_string()) }
        })
        .await;
    // A search that looks at all of the text, and a page that is full of it.
    for query in [
        r#"{ logs(filter: { query: "-wide" }) { edges { node { id } } } }"#,
        r#"{ logs(first: 1000, filter: { query: "wide" }, orderBy: ARRIVAL) {
            edges { node { id message } } } }"#,
    ] {
        server.query(query, json!({})).await;
    }
    let mut tail = server.tail("(last: 200)").await;
    assert_eq!(tail.read(200).await.len(), 200);
    let peak = server.peak_memory();
    assert!(peak < WIDE_BOUND, "{} MiB", peak / MIB);
}
