//! `tailwater send`, `tail` and `search` against a real server.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::support::client::{Client, run, run_as};
use crate::support::pair::Pair;
use crate::support::send_tcp;
use crate::support::server::Server;

const FORMATS: [&str; 5] = ["rfc5424", "rfc3164", "gelf", "json", "plain"];

fn tcp(server: &Server) -> String {
    format!("tcp://{}", server.tcp.expect("it listens"))
}

fn url(http: SocketAddr) -> String {
    format!("http://{http}")
}

/// All records as `search --json` gives them, oldest first.
async fn search_all(server: &Server) -> Vec<Value> {
    let url = url(server.http);
    let search = ["search", "--url", &url, "--all", "--order", "arrival", "--oldest-first"];
    let ended = run_as(&server.admin().await, search.into_iter().chain(["--json"]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.stdout.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The number `send --sequence` gave a record, wherever its format carries it.
fn sequence(record: &Value) -> u64 {
    let attributes = &record["attributes"];
    let number = [&attributes["seq"], &attributes["event@32473"]["seq"]]
        .into_iter()
        .find(|number| !number.is_null())
        .map(|number| number.to_string().trim_matches('"').to_owned());
    let in_text = || record["message"].as_str()?.rsplit_once(" seq=").map(|(_, n)| n.to_owned());
    number.or_else(in_text).expect("a number").parse().expect("a whole number")
}

#[tokio::test]
async fn every_format_brings_every_line_with_its_fields_over_tcp() {
    const LINES: usize = 1_000;
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    for format in FORMATS {
        let ended = run([
            "send",
            "--to",
            &tcp(&server),
            "--count",
            "1000",
            "--format",
            format,
            "--sequence",
            "--seed",
            "7",
            "--json",
        ]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let summary: Value = serde_json::from_str(&ended.stdout[0]).expect("JSON");
        assert_eq!((&summary["sent"], &summary["errors"]), (&json!(LINES), &json!(0)));
    }
    server.wait_balanced((LINES * FORMATS.len()) as u64).await;

    let records = search_all(&server).await;
    let runs: Vec<&[Value]> = records.chunks(LINES).collect();
    for (format, run) in FORMATS.iter().zip(&runs) {
        let numbers: Vec<u64> = run.iter().map(sequence).collect();
        assert_eq!(numbers, (1..=LINES as u64).collect::<Vec<_>>(), "{format}");
    }
    let mut fields: Vec<_> = runs[..4].iter().map(|run| run.iter().map(named)).collect();
    let first: Vec<_> = fields.remove(0).collect();
    assert!(first.iter().all(|(host, app, severity)| {
        [host, app, severity].into_iter().all(|field| !field.is_null())
    }));
    for (format, other) in FORMATS[1..].iter().zip(fields) {
        assert!(other.eq(first.iter().copied()), "{format} says the same as rfc5424");
    }
}

/// Host, app and severity.
fn named(record: &Value) -> (&Value, &Value, &Value) {
    (&record["host"], &record["app"], &record["severity"])
}

#[tokio::test]
async fn every_format_goes_over_udp() {
    // Few enough for the smallest buffer that a kernel gives.
    const LINES: usize = 20;
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let to = format!("udp://{}", server.udp.unwrap());
    for (n, format) in (1..).zip(FORMATS) {
        let ended = run(["send", "--to", &to, "--count", "20", "--format", format, "--sequence"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        server.wait_balanced(n * LINES as u64).await;
    }
    for run in search_all(&server).await.chunks(LINES) {
        assert_eq!(run.iter().map(sequence).collect::<BTreeSet<_>>().len(), LINES);
    }
}

#[tokio::test]
async fn every_framing_is_understood() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    for framing in ["lf", "octet", "nul"] {
        let to = tcp(&server);
        let ended =
            run(["send", "--to", &to, "--count", "100", "--framing", framing, "--sequence"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    server.wait_balanced(300).await;
    for run in search_all(&server).await.chunks(100) {
        assert_eq!(run.iter().map(sequence).collect::<Vec<_>>(), (1..=100).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn lines_of_a_pipe_get_the_header_that_is_asked_for() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let to = tcp(&server);
    let mut send = Client::start([
        "send",
        "--to",
        &to,
        "--host",
        "ci-1",
        "--app",
        "build",
        "--severity",
        "notice",
        "-",
    ]);
    send.write("compiling\n");
    // It does not wait for the end of its input.
    server.wait_balanced(1).await;
    send.write("\nlinking");
    assert_eq!(send.ended().code, Some(0));
    server.wait_balanced(2).await;
    let records = search_all(&server).await;
    let messages: Vec<_> = records.iter().map(|record| &record["message"]).collect();
    assert_eq!(messages, ["compiling", "linking"]);
    for record in &records {
        assert_eq!(named(record), (&json!("ci-1"), &json!("build"), &json!("NOTICE")));
    }
}

#[tokio::test]
async fn the_lines_of_a_file_go_as_they_are() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let lines: Vec<_> = (0..5_000).map(|n| format!("2026-01-02 line {n} of a file")).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let path = file.path().to_str().unwrap();
    assert_eq!(run(["send", "--to", &tcp(&server), path]).code, Some(0));
    server.wait_balanced(5_000).await;
    let records = search_all(&server).await;
    assert!(records.iter().map(|record| &record["message"]).eq(&lines));
}

#[tokio::test]
async fn an_interrupted_send_says_what_it_sent_and_that_is_there() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let to = tcp(&server);
    let mut tail = server.tail("").await;
    let send = Client::start(["send", "--to", &to, "--rate", "500", "--sequence", "--json"]);
    tail.read(10).await;
    send.interrupt();
    let ended = send.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let summary: Value = serde_json::from_str(&ended.stdout[0]).expect("JSON");
    server.wait_balanced(summary["sent"].as_u64().unwrap()).await;
}

#[tokio::test]
async fn a_send_goes_on_with_a_server_that_was_restarted() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let listens = server.tcp.unwrap();
    let mut send = Client::start(["send", "--to", &tcp(&server), "--app", "build", "--json", "-"]);
    send.write("before\n");
    server.wait_balanced(1).await;
    assert!(server.terminate().await.success());
    let server = pair.role("serve").with("TCP", listens).start().await;
    // A line written into a connection that the other side has closed may be lost, so several go.
    server
        .eventually("a line comes", async || {
            send.write("after\n");
            let p = server.pipeline().await;
            if p["stored"] == 0 { Err(p.to_string()) } else { Ok(()) }
        })
        .await;
    let ended = send.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let summary: Value = serde_json::from_str(&ended.stdout[0]).expect("JSON");
    assert_eq!(summary["reconnects"], 1, "{summary}");
}

#[test]
fn a_send_that_nobody_takes_gives_up_and_says_so() {
    let ended = run(["send", "--to", "tcp://127.0.0.1:1", "--count", "3", "--retry-for", "50ms"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("gave up on tcp://127.0.0.1:1"), "{}", ended.stderr);
    assert!(ended.stderr.contains("3 lines could not be sent"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_tail_shows_what_matches_and_goes_on_after_a_restart() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let line = |n: u8| format!("<12>1 2026-01-02T03:04:05Z web-1 shop 42 - - refused {n}");
    send_tcp(server.tcp.unwrap(), [line(1), "something else".to_owned()]);
    server.wait_balanced(2).await;

    let url = url(server.http);
    let arguments =
        ["tail", "--url", &url, "--last", "5", "--count", "3", "--utc", "app:shop", "refused"];
    let mut tail = Client::start_as(&server.admin().await, arguments);
    let shown = |n: u8| format!("2026-01-02 03:04:05.000 web-1 shop[42] WARNING refused {n}");
    assert_eq!(tail.line(), shown(1));
    send_tcp(server.tcp.unwrap(), ["something else".to_owned(), line(2)]);
    assert_eq!(tail.line(), shown(2));

    let http = server.http;
    assert!(server.terminate().await.success());
    let server = pair.role("serve").with("HTTP", http).start().await;
    send_tcp(server.tcp.unwrap(), [line(3)]);
    assert_eq!(tail.line(), shown(3));
    let ended = tail.ended();
    assert_eq!((ended.code, ended.stdout), (Some(0), vec![]));
    assert!(ended.stderr.contains("going on in"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_search_filters_limits_and_tells_by_its_exit_whether_it_found() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let line = |n: usize| {
        let (severity, host) = (11 + n % 4, n % 2);
        format!("<{severity}>1 2026-01-02T03:04:{n:02}Z web-{host} shop - - - line {n}")
    };
    send_tcp(server.tcp.unwrap(), (0..60).map(line));
    server.wait_balanced(60).await;
    let url = url(server.http);
    let admin = server.admin().await;
    let search = |arguments: &[&str]| {
        run_as(&admin, ["search", "--url", &url, "--utc"].iter().chain(arguments).copied())
    };

    let found = search(&["--limit", "2", "line"]);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    assert_eq!(
        found.stdout,
        [
            "2026-01-02 03:04:59.000 web-1 shop INFO line 59",
            "2026-01-02 03:04:58.000 web-0 shop NOTICE line 58"
        ]
    );
    let found = search(&[
        "--host",
        "web-0",
        "--min-severity",
        "error",
        "--from",
        "2026-01-02T03:04:30Z",
        "--all",
        "--oldest-first",
    ]);
    assert_eq!(found.stdout.len(), 7, "{found:?}");
    assert!(found.stdout[0].ends_with("line 32"), "{found:?}");

    assert_eq!(search(&["nowhere"]).code, Some(1));
    let wrong = search(&["app:shop", "severity>=foo"]);
    assert_eq!(wrong.code, Some(2));
    let complaint: Vec<_> = wrong.stderr.lines().collect();
    assert_eq!(complaint[1], "  app:shop severity>=foo");
    assert_eq!(complaint[2].find('^'), complaint[1].find("foo"), "{}", wrong.stderr);
}

#[tokio::test]
async fn a_reader_that_has_enough_ends_a_search_quietly() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), (0..5_000).map(|n| format!("line {n} {}", "x".repeat(100))));
    server.wait_balanced(5_000).await;
    let script = format!(
        "'{}' search --url {} --all --json | head -n 1; exit ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_tailwater"),
        url(server.http)
    );
    let token = server.admin().await.token.unwrap();
    let mut bash = std::process::Command::new("bash");
    let output = bash.args(["-c", &script]).env("TAILWATER_TOKEN", token).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.stdout.iter().filter(|byte| **byte == b'\n').count(), 1);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    for command in ["tail", "search"] {
        let ended = run([command, "--url", "http://127.0.0.1:1"]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.stderr.contains("http://127.0.0.1:1"), "{}", ended.stderr);
    }
}
