//! The `tail` subscription, as promised.

use serde_json::json;

use crate::support::pair::Pair;
use crate::support::{contiguous, line, messages, send_tcp};

#[tokio::test]
async fn it_starts_at_the_head_when_asked_for_nothing() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), (0..10).map(line));
    server.wait_balanced(10).await;
    let mut tail = server.tail("").await;
    let first = tail.batch().await;
    assert_eq!((&first["logs"], &first["caughtUp"]), (&json!([]), &json!(true)));
    send_tcp(server.tcp.unwrap(), (10..12).map(line));
    assert_eq!(tail.read(2).await, [(11, "line 10".into()), (12, "line 11".into())]);
}

#[tokio::test]
async fn it_starts_with_the_newest_matches_and_goes_on_from_there() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), (0..100).map(line));
    server.wait_balanced(100).await;
    // Hosts are host-0 to host-6 in turn.
    let mut tail = server.tail(r#"(last: 2, filter: { hosts: ["host-1"] })"#).await;
    let ids = |logs: Vec<(i64, String)>| logs.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids(tail.read_batch().await), [93, 100]);
    send_tcp(server.tcp.unwrap(), (100..110).map(line));
    assert_eq!(ids(tail.read(1).await), [107]);
}

#[tokio::test]
async fn it_resumes_after_a_cursor_whatever_the_filter_was() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let mut nothing = server.tail(r#"(filter: { text: "no such text" })"#).await;
    nothing.batch().await;
    let cursor = nothing.cursor.clone();
    send_tcp(server.tcp.unwrap(), (0..3_000).map(line));
    server.wait_balanced(3_000).await;
    let mut all = server.tail(&format!("(after: \"{cursor}\")")).await;
    assert_eq!(contiguous(all.read(3_000).await), messages(0..3_000));
}

#[tokio::test]
async fn the_cursor_of_a_rare_filter_moves_on_in_empty_batches() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let mut tail = server.tail(r#"(filter: { text: "no such text" })"#).await;
    tail.batch().await;
    let start = tail.cursor.clone();
    send_tcp(server.tcp.unwrap(), (0..10).map(line));
    server.wait_balanced(10).await;
    let batch = tail.batch().await;
    assert_eq!(batch["logs"], json!([]));
    assert_ne!(tail.cursor, start);
    let mut resumed = server.tail(&format!("(after: \"{}\")", tail.cursor)).await;
    assert_eq!(resumed.batch().await["logs"], json!([]));
}

#[tokio::test]
async fn a_cursor_that_cannot_be_is_an_error() {
    let pair = Pair::memory_sqlite().await;
    let other = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let elsewhere = other.role("serve").start().await;
    let mut tail = server.tail("").await;
    tail.batch().await;
    let foreign = {
        let mut tail = elsewhere.tail("").await;
        tail.batch().await;
        tail.cursor.clone()
    };
    let beyond = tail.cursor.trim_end_matches('0').to_owned() + "999";
    for (cursor, says) in
        [(foreign, "another database"), (beyond, "beyond"), ("what".into(), "cursor")]
    {
        let mut tail = server.tail(&format!("(after: \"{cursor}\")")).await;
        let answer = tail.message().await.to_string();
        assert!(answer.contains(says) && answer.contains("BAD_USER_INPUT"), "{answer}");
    }
}

#[tokio::test]
async fn a_wrong_query_is_an_error_that_points_at_the_column() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let mut tail = server.tail(r#"(filter: { query: "ok (open" })"#).await;
    let answer = tail.message().await;
    assert!(answer.to_string().contains("column"), "{answer}");
    let query = r#"{ logs(filter: { query: "hots:a" }) { edges { cursor } } }"#;
    let answer = server.ask(query, json!({})).await.unwrap();
    assert_eq!(answer["data"]["logs"], json!(null));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["column"], 1, "{answer}");
}

#[tokio::test]
async fn it_is_the_same_over_server_sent_events() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), (0..3).map(line));
    server.wait_balanced(3).await;
    let mut events = server.admin().await.events("(last: 2)").await;
    assert_eq!(events.answer.headers()["content-type"], "text/event-stream");
    assert_eq!(events.read(2).await, [(2, "line 1".into()), (3, "line 2".into())]);
    send_tcp(server.tcp.unwrap(), (3..4).map(line));
    assert_eq!(events.read(1).await, [(4, "line 3".into())]);
}

#[tokio::test]
async fn it_ends_when_the_server_stops() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let mut tail = server.tail("").await;
    tail.batch().await;
    let stopped = tokio::spawn(server.terminate());
    assert_eq!(tail.message().await["type"], "complete");
    assert!(stopped.await.unwrap().success());
}
