//! Clients that are slow on purpose: with their requests, and in reading what they asked for.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use super::{MEMORY, is_well};
use crate::support::pair::Pair;
use crate::support::server::Server;
use crate::support::{contiguous, send_tcp};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_heads_and_slow_bodies_are_cut_off_and_others_are_answered_meanwhile() {
    let pair = Pair::memory_sqlite().await;
    let setup = pair.role("serve").with("HEADER_TIMEOUT", "1s").with("BODY_TIMEOUT", "1s");
    let server = setup.start().await;
    server.admin().await;
    let begin = |text: &str| {
        let mut stream = TcpStream::connect(server.http).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let head = "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    let slow: Vec<TcpStream> = (0..200)
        .map(|n| match n % 4 {
            0 => begin(""),
            1 => begin("POST /graphql HTTP/1.1\r\nHost: a\r\nX: "),
            2 => begin(&format!("{head}Content-Length: 100\r\n\r\n{{")),
            _ => begin(&format!("{head}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n")),
        })
        .collect();
    let code = server.admin().await.code("{ me { id } }", json!({})).await;
    assert_eq!(code, "OK");
    for mut stream in slow {
        // A refusal or nothing, and then the end.
        let mut answer = String::new();
        if stream.read_to_string(&mut answer).is_ok() {
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
        }
    }
    is_well(&server).await;
}

/// Opens a tail over server-sent events, of which next to nothing is ever read.
fn stalled_stream(server: &Server, token: &str) -> TcpStream {
    let body = json!({ "query": "subscription { tail { logs { id message } } }" }).to_string();
    let mut stream = TcpStream::connect(server.http).unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
         Accept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        server.http,
        body.len(),
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
    // The first byte, so that it is open for certain.
    stream.read_exact(&mut [0]).unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_stop_reading_cost_a_bounded_memory_and_hurt_nobody() {
    const LINES: usize = 50_000;
    const STALLED: usize = 5;
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").with("LIVE_MEMORY", "8MiB").start().await;
    let admin = server.admin().await;
    let mut sockets = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..STALLED {
        let mut tail = admin.tail("").await;
        tail.batch().await;
        sockets.push(tail);
        streams.push(stalled_stream(&server, admin.token.as_deref().unwrap()));
    }
    let mut tail = admin.tail("").await;
    tail.batch().await;
    let mut events = admin.events("").await;
    events.next().await;

    // Long enough that what the kernel holds for a reader is soon full.
    let padding = "x".repeat(1_000);
    let text = |n: usize| format!("{n} {padding}");
    let to = server.tcp.unwrap();
    let lines: Vec<String> = (0..LINES).map(|n| format!("<13>1 - h a - - - {}", text(n))).collect();
    let sender = std::thread::spawn(move || send_tcp(to, lines));
    let (tailed, streamed) = tokio::join!(tail.read(LINES), events.read(LINES));
    sender.join().unwrap();
    for read in [tailed, streamed] {
        let messages = contiguous(read);
        assert_eq!(messages.len(), LINES);
        assert!(messages.iter().enumerate().all(|(n, message)| *message == text(n)));
    }
    server.wait_balanced(LINES as u64).await;
    let held = server.peak_memory() >> 20;
    assert!(held < MEMORY, "{held} MiB were held");
    // In the end they are let go, and so is what they held: a byte now and then does not keep them.
    let read_on = Arc::new(AtomicBool::new(true));
    let trickle = {
        let read_on = read_on.clone();
        std::thread::spawn(move || {
            while read_on.load(Ordering::Relaxed) {
                streams.iter_mut().for_each(|stream| drop(stream.read(&mut [0])));
                std::thread::sleep(Duration::from_millis(100));
            }
        })
    };
    server.wait_for_metric("tailwater_tails 2").await;
    read_on.store(false, Ordering::Relaxed);
    trickle.join().unwrap();
    is_well(&server).await;
}
