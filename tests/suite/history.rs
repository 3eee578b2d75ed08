//! Readers of a log that is sealed and dropped under them: each sees every record exactly once, or
//! is told what it lost.

use std::time::Instant;

use serde_json::{Value, json};

use crate::support::pair::{Pair, on_every_pair};
use crate::support::server::{Server, Setup};
use crate::support::visitor::Visitor;
use crate::support::{Noise, PATIENCE, contiguous, messages, send_tcp};

on_every_pair!(
    a_tail_that_is_cut_again_and_again_sees_each_record_once_while_they_are_sealed,
    pages_walked_by_cursor_hold_each_record_once_while_they_are_sealed,
    a_tail_accounts_for_everything_while_retention_drops_it,
);

const LINES: usize = 8_000;

/// The n-th line: late ones, early ones and equal ones, from seven hosts in turn.
fn line(n: usize) -> String {
    let (host, minute, second) = (n % 7, n * 37 % 59, n % 3);
    format!("<134>1 2026-01-02T03:{minute:02}:{second:02}Z host-{host} app {n} - - line {n}")
}

/// Small batches, and a log that is sealed almost at once: rows, small blocks and final ones lie
/// side by side, and never for long.
fn eager(pair: &Pair) -> Setup {
    pair.role("serve")
        .with("BATCH_MAX_ROWS", 600)
        .with("LIVE_MEMORY", "1MiB")
        .with("SEAL_AFTER", "100ms")
}

/// Sends the lines from a thread of its own.
fn send(server: &Server) -> std::thread::JoinHandle<()> {
    let to = server.tcp.unwrap();
    std::thread::spawn(move || send_tcp(to, (0..LINES).map(line)))
}

/// Waits until all is stored, and most of it in blocks.
async fn wait_sealed(server: &Server) {
    server.wait_balanced(LINES as u64).await;
    server
        .eventually("most of it is sealed", async || {
            let storage = storage(server).await;
            let blocks = storage["blockRecords"].as_u64().expect("a count");
            if blocks > LINES as u64 / 2 { Ok(()) } else { Err(storage.to_string()) }
        })
        .await;
}

/// How much is stored, in which form.
async fn storage(server: &Server) -> Value {
    let fields = "{ pipeline { storage { rows blocks blockRecords } } }";
    server.query(fields, json!({})).await["pipeline"]["storage"].clone()
}

async fn a_tail_that_is_cut_again_and_again_sees_each_record_once_while_they_are_sealed(
    pair: Pair,
) {
    let server = eager(&pair).start().await;
    let mut tail = server.tail("").await;
    tail.batch().await;
    let beginning = tail.cursor.clone();
    let sender = send(&server);
    let mut read = Vec::new();
    for cut in 1..=6 {
        while read.len() < cut * LINES / 7 {
            read.extend(tail.read_batch().await);
        }
        let cursor = tail.cursor.clone();
        drop(tail);
        tail = server.tail(&format!("(after: \"{cursor}\")")).await;
    }
    read.extend(tail.read(LINES - read.len()).await);
    assert_eq!(contiguous(read), messages(0..LINES));
    sender.join().unwrap();
    wait_sealed(&server).await;
    // From the beginning again, now that it comes out of blocks.
    let mut tail = server.tail(&format!("(after: \"{beginning}\")")).await;
    assert_eq!(contiguous(tail.read(LINES).await), messages(0..LINES));
    // And what only some of them say.
    let arguments = format!("(after: \"{beginning}\", filter: {{ query: \"host:host-3 line\" }})");
    let mut tail = server.tail(&arguments).await;
    let expected = (0..LINES).filter(|n| n % 7 == 3).map(|n| (n as i64 + 1, format!("line {n}")));
    let expected: Vec<_> = expected.collect();
    assert_eq!(tail.read(expected.len()).await, expected);
}

/// Walks the whole log page by page from one end, and gives the ids.
async fn walk(visitor: &Visitor, order: &str, newest_first: bool) -> Vec<i64> {
    let query = if newest_first {
        "query ($at: String, $order: LogOrder) { logs(first: 700, after: $at, orderBy: $order) {
            pageInfo { more: hasNextPage end: endCursor } edges { node { id } } } }"
    } else {
        "query ($at: String, $order: LogOrder) { logs(last: 700, before: $at, orderBy: $order) {
            pageInfo { more: hasPreviousPage end: startCursor } edges { node { id } } } }"
    };
    let (mut ids, mut at) = (Vec::new(), Value::Null);
    loop {
        let page = visitor.query(query, json!({ "at": at, "order": order })).await["logs"].clone();
        for edge in page["edges"].as_array().expect("edges") {
            let id = edge["node"]["id"].as_str().expect("an id");
            ids.push(id.parse::<i64>().expect("a number"));
        }
        if page["pageInfo"]["more"] == false {
            return ids;
        }
        at = page["pageInfo"]["end"].clone();
    }
}

async fn stored(visitor: &Visitor) -> i64 {
    let data = visitor.query("{ pipeline { stored } }", json!({})).await;
    data["pipeline"]["stored"].as_i64().expect("a count")
}

async fn pages_walked_by_cursor_hold_each_record_once_while_they_are_sealed(pair: Pair) {
    let server = eager(&pair).start().await;
    let sender = send(&server);
    let admin = server.admin().await;
    let deadline = Instant::now() + PATIENCE;
    for round in 0.. {
        let (order, newest_first) = (["TIMESTAMP", "ARRIVAL"][round % 2], round / 2 % 2 == 0);
        // What was there before the walk is met once; what comes meanwhile, at most once.
        let there = stored(&admin).await;
        let mut ids = walk(&admin, order, newest_first).await;
        ids.sort_unstable();
        assert!(ids.is_sorted_by(|a, b| a < b), "{order} {newest_first}: one came twice");
        ids.retain(|id| *id <= there);
        assert_eq!(ids, Vec::from_iter(1..=there), "{order} {newest_first}");
        if round >= 3 && there == LINES as i64 && storage(&server).await["rows"] == 0 {
            break;
        }
        assert!(Instant::now() < deadline, "never sealed: {}", storage(&server).await);
    }
    sender.join().unwrap();
}

/// Follows from a cursor until everything is accounted for, as a slow reader who comes back for
/// each batch: how many records were seen, and how many lost.
async fn account(server: &Server, cursor: &str) -> (u64, u64) {
    let (mut last, mut seen, mut lost) = (0, 0, 0);
    let mut cursor = cursor.to_owned();
    while seen + lost < LINES as u64 {
        let mut tail = server.tail(&format!("(after: \"{cursor}\")")).await;
        let batch = tail.batch().await;
        lost += batch["lostBefore"].as_u64().unwrap_or(0);
        for log in batch["logs"].as_array().expect("logs") {
            let id: i64 = log["id"].as_str().expect("an id").parse().expect("a number");
            assert!(id > last, "{id} comes after {last}");
            let message = log["message"].as_str().expect("a message");
            assert!(message.starts_with(&format!("line {} ", id - 1)), "{id}: {message}");
            last = id;
            seen += 1;
        }
        // No further than what was seen and lost up to here.
        assert!(last as u64 <= seen + lost, "at {last}, {seen} seen and {lost} lost");
        cursor = tail.cursor;
    }
    (seen, lost)
}

async fn a_tail_accounts_for_everything_while_retention_drops_it(pair: Pair) {
    let server = eager(&pair).with("RETENTION_SIZE", "2MiB").start().await;
    let mut tail = server.tail("").await;
    tail.batch().await;
    let beginning = tail.cursor.clone();
    drop(tail);
    let to = server.tcp.unwrap();
    // Text that hardly compresses: about 8 MiB at rest.
    let sender = std::thread::spawn(move || {
        let mut noise = Noise(1);
        send_tcp(to, (0..LINES).map(|n| format!("{} {}", line(n), noise.hex(1_200))));
    });
    let (seen, lost) = account(&server, &beginning).await;
    assert_eq!(seen + lost, LINES as u64);
    sender.join().unwrap();
    server.wait_balanced(LINES as u64).await;
    server
        .eventually("who comes back is told that most of it is gone", async || {
            let (seen, lost) = account(&server, &beginning).await;
            assert_eq!(seen + lost, LINES as u64);
            if lost > LINES as u64 / 2 { Ok(()) } else { Err(format!("{seen} seen, {lost} lost")) }
        })
        .await;
}
