//! A wall clock that somebody sets, an hour forward and two hours back: the order of the log, and
//! whatever waits for a while, do not depend on it.

use serde_json::{Value, json};
use tailwater::log::Timestamp;

use crate::support::clock::Clock;
use crate::support::pair::{Pair, on_both_databases};
use crate::support::server::Server;
use crate::support::visitor::Visitor;
use crate::support::{contiguous, line, messages, send_tcp, until};

on_both_databases!(a_clock_that_is_set_loses_nothing_and_does_not_change_the_order);

const HOUR: i64 = 3_600;
const LINES: usize = 1_000;

async fn a_clock_that_is_set_loses_nothing_and_does_not_change_the_order(pair: Pair) {
    let clock = Clock::new();
    // Records are kept for longer than the clock is ever wrong.
    let setup = pair.role("serve").with("SEAL_AFTER", "1s").with("RETENTION_AGE", "3h");
    let server = clock.seen_by(setup).start().await;
    let admin = server.admin().await;
    let create = "mutation { createToken(name: \"clock\", scope: READ) { token } }";
    let token = admin.query(create, json!({})).await["createToken"]["token"].clone();
    // Access tokens end when the clock says so; this one does not.
    let reader = admin.with_token(token.as_str().expect("a token"));
    let mut tail = reader.tail("").await;
    tail.batch().await;

    let (mut read, mut shown) = (Vec::new(), Vec::new());
    for (n, offset) in (0..).zip([0, HOUR, -HOUR]) {
        clock.set(offset);
        let first = n * LINES;
        send_tcp(server.tcp.unwrap(), (first..first + LINES - 1).map(line));
        read.extend(tail.read(LINES - 1).await);
        // One that waits for company in its batch, and for nothing else.
        send_tcp(server.tcp.unwrap(), [line(first + LINES - 1)]);
        read.extend(tail.read(1).await);
        shown.push(received_at(&reader, read.len()).await);
    }
    assert_eq!(contiguous(read), messages(0..3 * LINES));
    assert_close(shown[1] - shown[0], HOUR);
    assert_close(shown[2] - shown[1], -2 * HOUR);

    // Nothing is removed too soon. On a busy machine the answer may be some seconds old.
    let whole = json!({ "records": 3 * LINES, "firstId": "1" });
    until(async || storage(&reader).await == whole).await;
    server.visitor().sign_in("admin", Server::ADMIN_PASSWORD).await.expect("a sign-in");

    clock.set(0);
    server.wait_balanced(3 * LINES as u64).await;
    assert_eq!(contiguous(server.all_messages().await), messages(0..3 * LINES));
    assert!(server.terminate().await.success());
}

/// When a record came in, as the server believes.
async fn received_at(reader: &Visitor, id: usize) -> Timestamp {
    let question = "query ($id: ID!) { log(id: $id) { receivedAt } }";
    let data = reader.query(question, json!({ "id": id.to_string() })).await;
    data["log"]["receivedAt"].as_str().expect("a time").parse().expect("a time")
}

async fn storage(reader: &Visitor) -> Value {
    let data = reader.query("{ pipeline { storage { records firstId } } }", json!({})).await;
    data["pipeline"]["storage"].clone()
}

/// A test may take a minute, and no more.
#[track_caller]
fn assert_close(between: chrono::TimeDelta, seconds: i64) {
    assert!((between.num_seconds() - seconds).abs() < 120, "{between} are not {seconds} s");
}
