//! Documents and bodies that are meant to cost more than they say, over every transport: each is
//! refused in bounded time and memory.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::is_well;
use crate::support::pair::Pair;
use crate::support::server::Server;
use crate::support::visitor::code_of;

/// How long the refusal of anything may take, on a machine that runs other tests beside it.
const BOUND: Duration = Duration::from_secs(5);

/// Each with what it is.
fn documents() -> Vec<(&'static str, String)> {
    let aliases =
        |n: usize, field: &str| -> String { (0..n).map(|n| format!("a{n}: {field} ")).collect() };
    // Each fragment spreads the next one twice.
    let bomb: String = (0..30)
        .map(|n| format!("fragment F{n} on Query {{ ...F{m} ...F{m} }} ", m = n + 1))
        .collect();
    let nested = |depth: usize, open: &str, close: &str| open.repeat(depth) + &close.repeat(depth);
    let variables: String = (0..10_000).map(|n| format!("$v{n}: Int ")).collect();
    vec![
        ("500 deep", format!("{{ log(id: 1) {} }}", nested(500, "{ context ", "}"))),
        ("500 deep by fragments", {
            let parts = (0..500)
                .map(|n| format!("fragment D{n} on Log {{ context {{ ...D{m} }} }} ", m = n + 1));
            let parts: String = parts.collect();
            format!("{{ log(id: 1) {{ ...D0 }} }} {parts} fragment D500 on Log {{ id }}")
        }),
        ("10,000 braces", "{".repeat(10_000)),
        ("10,000 brackets", format!("{{ logs(filter: {}) }}", "[".repeat(10_000))),
        ("a deep list type", format!("query ($t: {}) {{ a }}", "[".repeat(10_000))),
        ("a deep object", format!("{{ logs(filter: {}) }}", nested(5_000, "{ a: ", "}"))),
        ("10,000 aliases", format!("{{ {} }}", aliases(10_000, "__typename"))),
        (
            "2,000 expensive aliases",
            format!("{{ {} }}", aliases(2_000, "logs(first: 1000) { edges { node { id } } }")),
        ),
        ("aliases below the root", {
            let inner = aliases(5_000, "message");
            format!("{{ logs {{ edges {{ node {{ {inner} }} }} }} }}")
        }),
        ("10,000 times one field", format!("{{ {} }}", "__typename ".repeat(10_000))),
        ("a circle", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".into()),
        ("a fragment of itself", "{ ...A } fragment A on Query { ...A }".into()),
        (
            "a circle below the root",
            "{ log(id: 1) { ...A } } fragment A on Log { context { ...A } }".into(),
        ),
        ("2^30 fields", format!("{{ ...F0 }} {bomb} fragment F30 on Query {{ __typename }}")),
        (
            "a flood of directives",
            format!("{{ __typename {} }}", "@skip(if: false) ".repeat(5_000)),
        ),
        ("a flood of unknown directives", format!("{{ __typename {} }}", "@a".repeat(10_000))),
        ("a flood of variables", format!("query ({variables}) {{ __typename }}")),
        ("a name of 200,000 letters", format!("{{ {} }}", "x".repeat(200_000))),
        (
            "a number of 200,000 digits",
            format!("{{ logs(first: {}) {{ x }} }}", "9".repeat(200_000)),
        ),
        ("a page of 10^20", "{ logs(first: 99999999999999999999) { edges { cursor } } }".into()),
        ("a page of 2^31", "{ logs(first: 2147483647) { edges { cursor } } }".into()),
        ("NUL", "{ __typename \0 }".into()),
        ("an endless text", format!("{{ log(id: \"{}", "\\u0000".repeat(10_000))),
        ("an endless block text", format!("{{ log(id: \"\"\"{}", "\"".repeat(10_001))),
        ("half a surrogate", r#"{ log(id: "\ud800") { id } }"#.into()),
        ("a flood of operations", "query { __typename } ".repeat(5_000)),
        ("a schema", "type Query { a: Int } extend type Query { b: Int }".into()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_ask_for_too_much_are_refused_over_post() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let visitors = [server.admin().await, server.visitor()];
    for (what, document) in documents() {
        for visitor in &visitors {
            let began = Instant::now();
            let request = visitor.post(&json!({ "query": document }));
            let answer = request.send().await.unwrap_or_else(|error| panic!("{what}: {error}"));
            let answer: Value = answer.json().await.expect("JSON");
            // Who has not signed in may be told that first.
            let code = code_of(&answer);
            let own = code == "BAD_USER_INPUT";
            assert!(
                own || (visitor.token.is_none() && code == "UNAUTHENTICATED"),
                "{what}: {answer:.300}"
            );
            assert!(began.elapsed() < BOUND, "{what}: {:?}", began.elapsed());
        }
        is_alive(&server).await;
    }
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_ask_for_too_much_are_refused_over_a_socket_that_stays_open() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let mut socket = server.admin().await.socket().await;
    assert_eq!(socket.message().await["type"], "connection_ack");
    for (what, document) in documents() {
        let began = Instant::now();
        let payload = json!({ "query": document });
        socket.send(&json!({ "type": "subscribe", "id": what, "payload": payload })).await;
        let mut answer = socket.message().await;
        if answer["type"] == "next" {
            // It ran, and its only field failed.
            assert_eq!(code_of(&answer["payload"]), "BAD_USER_INPUT", "{what}: {answer:.300}");
            answer = socket.message().await;
            assert_eq!(answer["type"], "complete", "{what}: {answer:.300}");
        } else {
            let said = json!({ "errors": answer["payload"] });
            assert_eq!(
                (&answer["type"], code_of(&said).as_str()),
                (&json!("error"), "BAD_USER_INPUT"),
                "{what}"
            );
        }
        assert!(began.elapsed() < BOUND, "{what}: {:?}", began.elapsed());
    }
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_is_refused_with_a_reason() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let deep = "[".repeat(200_000);
    let bodies = [
        ("nothing", String::new()),
        ("no JSON", "{ \"query\": ".to_owned()),
        ("a list of operations", r#"[{ "query": "{ __typename }" }]"#.to_owned()),
        ("5,000 operations", format!("[{}]", vec![r#"{"query":"{me{id}}"}"#; 5_000].join(","))),
        ("a text", r#""{ __typename }""#.to_owned()),
        ("a query that is none", r#"{ "query": 7 }"#.to_owned()),
        (
            "variables that are a list",
            r#"{ "query": "{ __typename }", "variables": [] }"#.to_owned(),
        ),
        (
            "deep variables",
            format!(r#"{{ "query": "{{ __typename }}", "variables": {{ "a": {deep}"#),
        ),
        (
            "an unknown operation",
            r#"{ "query": "{ __typename }", "operationName": "A" }"#.to_owned(),
        ),
        (
            "two operations",
            r#"{ "query": "query A { me { id } } query B { me { id } }" }"#.to_owned(),
        ),
        ("a subscription", r#"{ "query": "subscription { tail { cursor } }" }"#.to_owned()),
    ];
    for (what, body) in bodies {
        let request = server.admin().await.post(&json!(null)).body(body);
        let answer = request.header("accept", "application/graphql-response+json").send().await;
        let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
        let status = answer.status();
        assert!(status.is_client_error(), "{what}: {status}");
        let answer: Value = answer.json().await.expect("JSON");
        assert_eq!(code_of(&answer), "BAD_USER_INPUT", "{what}: {answer}");
        assert!(answer.get("data").is_none(), "{what}: {answer}");
        assert!(!answer.to_string().contains("::"), "no type of ours shows: {what}: {answer}");
    }
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_50_megabytes_is_not_read() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    server.admin().await;
    let before = server.peak_memory();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n",
        server.http
    );
    for framing in ["Content-Length: 52428800\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"] {
        let mut stream = TcpStream::connect(server.http).unwrap();
        stream.write_all(format!("{head}{framing}").as_bytes()).unwrap();
        let piece = vec![b' '; 1 << 20];
        let chunked = framing.contains("chunked");
        // Until the server closes the connection, or all is sent.
        for _ in 0..50 {
            let chunk = if chunked {
                [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat()
            } else {
                piece.clone()
            };
            if stream.write_all(&chunk).is_err() {
                break;
            }
        }
        // The answer may be lost with a connection that was reset while we were sending.
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer:.200}");
    }
    let held = server.peak_memory().saturating_sub(before);
    assert!(held < 16 << 20, "{} MiB were held for it", held >> 20);
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_url_and_headers_of_any_length_and_kind_are_answered() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let long = "x".repeat(200_000);
    for request in [
        format!("GET /graphql?query={long} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!(
            "GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {long}\r\n\r\n"
        ),
        format!("GET /graphql HTTP/1.1\r\nHost: a\r\n{}\r\n", "A: b\r\n".repeat(20_000)),
        format!("GET /graphql HTTP/1.1\r\nHost: a\r\nCookie: tailwater_refresh={long}\r\n\r\n"),
        "GET /graphql?query=%ff%00%zz HTTP/1.1\r\nHost: a\r\nAccept: application/graphql-response+json\r\n\r\n".to_owned(),
        "GET /graphql?query={__typename}&variables=%7B HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"
            .to_owned(),
        "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n".to_owned(),
        "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"
            .to_owned(),
        "\0\u{1}\u{2} nonsense\r\n\r\n".to_owned(),
    ] {
        let mut stream = TcpStream::connect(server.http).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let _ = stream.write_all(request.as_bytes());
        let mut start = [0; 12];
        if stream.read_exact(&mut start).is_ok() {
            let status = String::from_utf8_lossy(&start).into_owned();
            assert!(status.starts_with("HTTP/1.1 4"), "{request:.80}: {status}");
        }
        is_alive(&server).await;
    }
    is_well(&server).await;
}

async fn is_alive(server: &Server) {
    let code = server.admin().await.code("{ me { id } }", json!({})).await;
    assert_eq!(code, "OK");
}
