//! What is promised of the whole, asked of every pair of queue and store.

use serde_json::json;

use crate::support::pair::{Pair, on_every_pair};
use crate::support::{contiguous, line, messages, send_tcp, send_udp};

on_every_pair!(
    a_line_is_stored_once_found_and_followed,
    lines_of_one_connection_keep_their_order,
    a_stop_under_load_loses_nothing_that_was_received,
    small_batches_and_a_long_delay_work_as_well,
    a_reader_cut_and_resumed_ten_times_gets_each_line_once_in_order,
    a_slow_reader_misses_nothing,
    a_record_the_database_refuses_is_put_aside_and_nothing_else,
);

async fn a_line_is_stored_once_found_and_followed(pair: Pair) {
    let server = pair.role("serve").start().await;
    let mut tail = server.tail("").await;
    assert_eq!(tail.batch().await["logs"], json!([]), "the first batch comes at once");

    send_udp(server.udp.unwrap(), ["<13>Jan  2 03:04:05 web-1 su[42]: hello by UDP".to_owned()]);
    assert_eq!(tail.read(1).await, [(1, "hello by UDP".to_owned())]);
    send_tcp(
        server.tcp.unwrap(),
        ["<11>1 2026-01-02T03:04:05.123456Z web-2 su - - - hello by TCP".to_owned()],
    );
    assert_eq!(tail.read(1).await, [(2, "hello by TCP".to_owned())]);

    let found = server
        .query(
            "{ logs(filter: { query: \"host:web-2 severity>=error TCP\" }) { edges { node {
                id timestamp severity facility host app procId message attributes
                source { host app address } } } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        found["logs"]["edges"],
        json!([{ "node": {
            "id": "2", "timestamp": "2026-01-02T03:04:05.123456Z", "severity": "ERROR",
            "facility": "USER", "host": "web-2", "app": "su", "procId": null,
            "message": "hello by TCP", "attributes": {},
            "source": { "host": "web-2", "app": "su", "address": "127.0.0.1" } } }])
    );
    server.wait_balanced(2).await;
}

async fn lines_of_one_connection_keep_their_order(pair: Pair) {
    let server = pair.role("serve").start().await;
    let to = server.tcp.unwrap();
    send_tcp(to, (0..20_000).map(line));
    server.wait_balanced(20_000).await;
    assert_eq!(contiguous(server.all_messages().await), messages(0..20_000));
    assert!(server.terminate().await.success());
}

async fn a_stop_under_load_loses_nothing_that_was_received(pair: Pair) {
    let server = pair.role("serve").start().await;
    let to = server.tcp.unwrap();
    let sender = std::thread::spawn(move || {
        use std::io::Write;
        let mut stream = std::net::TcpStream::connect(to).unwrap();
        // Until the server closes the connection; the bound is what a debug build stores in time.
        (0..60_000).take_while(|n| stream.write_all((line(*n) + "\n").as_bytes()).is_ok()).count()
    });
    let mut tail = server.tail("(last: 0)").await;
    tail.read(1_000).await;
    assert!(server.terminate().await.success());
    let written = sender.join().unwrap();

    let server = pair.role("serve").start().await;
    server
        .eventually("the queue is empty", async || {
            let depth = server.query("{ pipeline { queueDepth { frames } } }", json!({})).await;
            let frames = &depth["pipeline"]["queueDepth"]["frames"];
            if *frames == 0 { Ok(()) } else { Err(frames.to_string()) }
        })
        .await;
    let stored = contiguous(server.all_messages().await);
    assert!(stored.len() >= 1_000 && stored.len() <= written);
    assert_eq!(stored, messages(0..stored.len()), "what was received has no hole");
}

async fn small_batches_and_a_long_delay_work_as_well(pair: Pair) {
    let setup = pair.role("serve").with("BATCH_MAX_ROWS", 100).with("BATCH_MAX_DELAY", "1h");
    let server = setup.start().await;
    send_tcp(server.tcp.unwrap(), (0..1_000).map(line));
    server
        .eventually("full batches do not wait", async || {
            let p = server.pipeline().await;
            if p["stored"].as_u64() >= Some(900) { Ok(()) } else { Err(p.to_string()) }
        })
        .await;
    // The rest of it waits for company, and a stop ends the waiting.
    assert!(server.terminate().await.success());
    let server = setup.start().await;
    server
        .eventually("all are stored", async || {
            let count = server.all_messages().await.len();
            if count == 1_000 { Ok(()) } else { Err(count.to_string()) }
        })
        .await;
    assert_eq!(contiguous(server.all_messages().await), messages(0..1_000));
}

async fn a_reader_cut_and_resumed_ten_times_gets_each_line_once_in_order(pair: Pair) {
    const LINES: usize = 50_000;
    let server = pair.role("serve").start().await;
    let mut tail = server.tail("").await;
    tail.batch().await;
    let to = server.tcp.unwrap();
    let sender = std::thread::spawn(move || send_tcp(to, (0..LINES).map(line)));
    let mut read = Vec::new();
    for cut in 1..=10 {
        while read.len() < cut * LINES / 11 {
            read.extend(tail.read_batch().await);
        }
        let cursor = tail.cursor.clone();
        drop(tail);
        tail = server.tail(&format!("(after: \"{cursor}\")")).await;
    }
    read.extend(tail.read(LINES - read.len()).await);
    assert_eq!(contiguous(read), messages(0..LINES));
    sender.join().unwrap();
    server.wait_balanced(LINES as u64).await;
}

async fn a_slow_reader_misses_nothing(pair: Pair) {
    const LINES: usize = 20_000;
    let server = pair.role("serve").with("LIVE_MEMORY", "1MiB").start().await;
    let mut tail = server.tail("").await;
    tail.batch().await;
    send_tcp(server.tcp.unwrap(), (0..LINES).map(line));
    server.wait_balanced(LINES as u64).await;
    // By now most of it has left the memory of the newest.
    assert_eq!(contiguous(tail.read(LINES).await), messages(0..LINES));
}

async fn a_record_the_database_refuses_is_put_aside_and_nothing_else(pair: Pair) {
    // As rows, which the database looks at.
    let server = pair.role("serve").with("BATCH_MAX_ROWS", 500).start().await;
    pair.refuse("poison").await;
    let lines = (0..1_000).map(|n| match n {
        300 | 700 => format!("<13>1 - - - - - - poison {n}"),
        n => line(n),
    });
    send_tcp(server.tcp.unwrap(), lines);
    server.wait_balanced(998).await;
    let kept: Vec<_> =
        (0..1_000).filter(|n| ![300, 700].contains(n)).map(|n| format!("line {n}")).collect();
    assert_eq!(contiguous(server.all_messages().await), kept);
    assert_eq!(
        server.pipeline().await["rejected"],
        json!([{ "reason": "dead_letter", "count": 2 }])
    );
}
