//! Exports, asked of every pair of queue and store: whole, once, in scope, and cut when they must
//! be.

use std::collections::BTreeMap;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::support::pair::{Pair, on_every_pair};
use crate::support::server::Server;
use crate::support::visitor::Visitor;
use crate::support::{duckdb, http, line, send_tcp, soon};

on_every_pair!(
    every_format_holds_every_record,
    a_scoped_user_exports_what_is_in_scope_and_nothing_else,
    a_link_is_good_once_though_many_follow_it,
    what_is_called_off_is_cut,
);

const LINES: usize = 3_000;
const FORMATS: [&str; 3] = ["NDJSON", "CSV", "PARQUET"];

const CREATE: &str = "mutation ($format: ExportFormat!, $filter: LogFilter) {
    createExport(format: $format, filter: $filter) { id url } }";

/// An export that was asked for, and the address of its file.
struct Link {
    id: String,
    url: String,
}

async fn create(visitor: &Visitor, format: &str, filter: Value) -> Link {
    let made = visitor.query(CREATE, json!({ "format": format, "filter": filter })).await;
    let text = |field: &str| made["createExport"][field].as_str().expect("text").to_owned();
    Link { id: text("id"), url: format!("http://{}{}", visitor.http, text("url")) }
}

async fn follow(link: &Link) -> Response {
    soon(http().get(&link.url).send()).await.expect("an answer")
}

async fn status(link: &Link) -> StatusCode {
    follow(link).await.status()
}

/// The file of an export.
async fn fetch(visitor: &Visitor, format: &str, filter: Value) -> Vec<u8> {
    let link = create(visitor, format, filter).await;
    let answer = follow(&link).await;
    assert_eq!(answer.status(), StatusCode::OK);
    soon(answer.bytes()).await.expect("a whole file").to_vec()
}

/// Reads to the end of a file that must not have one.
async fn cut(mut answer: Response) {
    loop {
        match soon(answer.chunk()).await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a file that broke off is not taken for whole"),
            Err(_) => return,
        }
    }
}

async fn state(visitor: &Visitor, id: &str) -> Value {
    let query = "query ($id: ID!) { export(id: $id) { state problem records progress } }";
    visitor.query(query, json!({ "id": id })).await["export"].clone()
}

/// Waits until an export is in this state.
async fn until(server: &Server, visitor: &Visitor, id: &str, wanted: &str) -> Value {
    server
        .eventually(&format!("the export is {wanted}"), async || {
            let now = state(visitor, id).await;
            if now["state"] == wanted { Ok(now) } else { Err(now.to_string()) }
        })
        .await
}

/// Ids and messages, in the order of the file.
fn records(format: &str, file: &[u8]) -> Vec<(i64, String)> {
    match format {
        "NDJSON" => {
            let text = std::str::from_utf8(file).expect("UTF-8");
            assert!(text.is_empty() || text.ends_with('\n'));
            let line = |line: &str| -> (i64, String) {
                let line: Value = serde_json::from_str(line).expect("JSON");
                let text = |field: &str| line[field].as_str().expect("text").to_owned();
                (text("id").parse().expect("an id"), text("message"))
            };
            text.lines().map(line).collect()
        }
        "CSV" => {
            let mut reader = csv::Reader::from_reader(file);
            assert_eq!(reader.headers().expect("names").get(10), Some("message"));
            let record = |record: csv::StringRecord| -> (i64, String) {
                (record[0].parse().expect("an id"), record[10].to_owned())
            };
            reader.records().map(|line| record(line.expect("a line"))).collect()
        }
        _ => {
            let directory = tempfile::tempdir().expect("a directory");
            let path = directory.path().join("a.parquet");
            std::fs::write(&path, file).expect("it can be written");
            let query = format!("select id, message from '{}'", path.display());
            let row = |row: Vec<String>| (row[0].parse().expect("an id"), row[1].clone());
            duckdb::ask(&query).into_iter().map(row).collect()
        }
    }
}

/// Lines so long that no buffer holds all of them.
fn long_lines() -> impl Iterator<Item = String> {
    (0..LINES).map(|n| format!("{} {}", line(n), "x".repeat(16 << 10)))
}

async fn with_lines(pair: &Pair) -> Server {
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), (0..LINES).map(line));
    server.wait_balanced(LINES as u64).await;
    server
}

async fn every_format_holds_every_record(pair: Pair) {
    let server = with_lines(&pair).await;
    let admin = server.admin().await;
    let expected = server.all_messages().await;
    let of_one_host: BTreeMap<i64, String> = {
        let found = fetch(&admin, "NDJSON", json!({ "hosts": ["host-3"] })).await;
        records("NDJSON", &found).into_iter().collect()
    };
    assert_eq!(of_one_host.len(), LINES.div_ceil(7) - usize::from(LINES % 7 <= 3));
    for format in FORMATS {
        let link = create(&admin, format, Value::Null).await;
        let file = soon(follow(&link).await.bytes()).await.expect("a whole file");
        let found = records(format, &file);
        assert!(found == expected, "{format}: {} of {}", found.len(), expected.len());
        let done = until(&server, &admin, &link.id, "DONE").await;
        assert_eq!((&done["records"], &done["progress"]), (&json!(LINES), &json!(1.0)));

        let part = fetch(&admin, format, json!({ "hosts": ["host-3"] })).await;
        let part: BTreeMap<_, _> = records(format, &part).into_iter().collect();
        assert_eq!(part, of_one_host, "{format}");
        let nothing = fetch(&admin, format, json!({ "text": "not there" })).await;
        assert_eq!(records(format, &nothing), [], "{format}");
    }
}

async fn a_scoped_user_exports_what_is_in_scope_and_nothing_else(pair: Pair) {
    let server = with_lines(&pair).await;
    let admin = server.admin().await;
    let scope = json!({ "hosts": ["host-1"], "query": "-\"line 8\"" });
    let scoped = admin.add_user("sam", "VIEWER", scope).await;
    let all = server.all_messages().await.into_iter();
    let expected: Vec<_> = all
        .filter(|(_, message)| {
            let n: usize = message.rsplit(' ').next().unwrap().parse().unwrap();
            n % 7 == 1 && !message.contains("line 8")
        })
        .collect();
    assert!(!expected.is_empty());
    let save = "mutation { saveSearch(name: \"all\", filter: {}, shared: true) { id } }";
    let saved = admin.query(save, json!({})).await["saveSearch"]["id"].clone();
    for format in FORMATS {
        for filter in [Value::Null, json!({ "query": "-nothing" }), json!({ "savedSearch": saved })]
        {
            let file = fetch(&scoped, format, filter.clone()).await;
            assert_eq!(records(format, &file), expected, "{format} {filter}");
        }
        let others = fetch(&scoped, format, json!({ "hosts": ["host-2"] })).await;
        assert_eq!(records(format, &others), [], "{format}");
    }
    // What holds is what holds when the link is followed.
    let link = create(&scoped, "NDJSON", Value::Null).await;
    let change = "mutation ($id: ID!) {
        changeUser(id: $id, input: { scope: { hosts: [\"host-2\"] } }) { id } }";
    admin.query(change, json!({ "id": scoped.id().await })).await;
    let file = soon(follow(&link).await.bytes()).await.expect("a whole file");
    let hosts: Vec<_> = records("NDJSON", &file);
    assert!(!hosts.is_empty());
    for (_, message) in hosts {
        let n: usize = message.rsplit(' ').next().unwrap().parse().unwrap();
        assert_eq!(n % 7, 2, "{message}");
    }
}

async fn a_link_is_good_once_though_many_follow_it(pair: Pair) {
    let server = with_lines(&pair).await;
    let admin = server.admin().await;
    let link = create(&admin, "CSV", Value::Null).await;
    let looked = soon(http().head(&link.url).send()).await.expect("an answer");
    assert_eq!(looked.status(), StatusCode::OK);
    let answers = futures_util::future::join_all((0..8).map(|_| status(&link))).await;
    let served = answers.iter().filter(|status| **status == StatusCode::OK).count();
    let gone = answers.iter().filter(|status| **status == StatusCode::GONE).count();
    assert_eq!((served, gone), (1, 7), "{answers:?}");
    let secret = link.url.rsplit('/').next().unwrap();
    assert!(!server.log().contains(secret), "the secret stands in no log");
    assert_eq!(admin.visitor().code(CREATE, json!({ "format": "CSV" })).await, "UNAUTHENTICATED");
}

async fn what_is_called_off_is_cut(pair: Pair) {
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), long_lines());
    server.wait_balanced(LINES as u64).await;
    let admin = server.admin().await;
    let ada = admin.add_user("ada", "MEMBER", Value::Null).await;
    let cancel = "mutation ($id: ID!) { cancelExport(id: $id) { state } }";

    // By its owner, while it waits for its reader.
    let link = create(&ada, "NDJSON", Value::Null).await;
    let answer = follow(&link).await;
    until(&server, &ada, &link.id, "RUNNING").await;
    let id = json!({ "id": link.id });
    assert_eq!(ada.query(cancel, id).await["cancelExport"]["state"], "CANCELLED");
    cut(answer).await;

    // By a reader who goes away.
    let link = create(&ada, "CSV", Value::Null).await;
    let answer = follow(&link).await;
    until(&server, &ada, &link.id, "RUNNING").await;
    drop(answer);
    let ended = until(&server, &ada, &link.id, "CANCELLED").await;
    assert!(ended["progress"].as_f64().unwrap() < 1.0, "{ended}");

    // By the end of the right to it.
    let link = create(&ada, "NDJSON", Value::Null).await;
    let waiting = create(&ada, "NDJSON", Value::Null).await;
    let answer = follow(&link).await;
    let disable = "mutation ($id: ID!) { changeUser(id: $id, input: { disabled: true }) { id } }";
    admin.query(disable, json!({ "id": ada.id().await })).await;
    let ended = until(&server, &admin, &link.id, "FAILED").await;
    assert!(ended["problem"].as_str().unwrap().contains("ended"), "{ended}");
    cut(answer).await;
    assert_eq!(status(&waiting).await, StatusCode::GONE, "a disabled user gets nothing");
}

#[tokio::test]
async fn who_asked_for_it_is_asked_about_when_the_link_is_followed() {
    let pair = Pair::memory_sqlite().await;
    let server = with_lines(&pair).await;
    let admin = server.admin().await;
    let ada = admin.add_user("ada", "MEMBER", Value::Null).await;
    let link = create(&ada, "NDJSON", Value::Null).await;
    let token = "mutation { createToken(name: \"ci\", scope: READ) { token apiToken { id } } }";
    let token = ada.query(token, json!({})).await["createToken"].clone();
    let program = ada.with_token(token["token"].as_str().unwrap());
    let of_token = create(&program, "NDJSON", Value::Null).await;
    let revoke = "mutation ($id: ID!) { revokeToken(id: $id) { id } }";
    ada.query(revoke, json!({ "id": token["apiToken"]["id"] })).await;
    assert_eq!(status(&of_token).await, StatusCode::GONE, "the token is revoked");
    ada.query("mutation { endSessions }", json!({})).await;
    assert_eq!(status(&link).await, StatusCode::GONE, "the session is over");
    assert_eq!(state(&admin, &link.id).await["state"], "WAITING", "nobody took it");
}

#[tokio::test]
async fn exports_are_their_owners() {
    let pair = Pair::memory_sqlite().await;
    let server = with_lines(&pair).await;
    let admin = server.admin().await;
    let ada = admin.add_user("ada", "VIEWER", Value::Null).await;
    let bob = admin.add_user("bob", "MEMBER", Value::Null).await;
    let link = create(&ada, "NDJSON", Value::Null).await;
    assert_eq!(state(&bob, &link.id).await, Value::Null);
    assert_eq!(state(&admin, &link.id).await["state"], "WAITING");
    let cancel = "mutation ($id: ID!) { cancelExport(id: $id) { state } }";
    let id = json!({ "id": link.id });
    assert_eq!(bob.code(cancel, id.clone()).await, "NOT_FOUND");
    assert_eq!(admin.query(cancel, id).await["cancelExport"]["state"], "CANCELLED");
    assert_eq!(status(&link).await, StatusCode::GONE);
}

#[tokio::test]
async fn four_of_a_user_wait_or_run_and_several_run_at_once() {
    let pair = Pair::memory_postgres().await;
    let server = with_lines(&pair).await;
    let admin = server.admin().await;
    let mut links = Vec::new();
    for format in ["NDJSON", "CSV", "PARQUET", "NDJSON"] {
        links.push((format, create(&admin, format, Value::Null).await));
    }
    let refused = admin.ask(CREATE, json!({ "format": "CSV" })).await.unwrap();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    let message = refused["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("4 of a user"), "{message}");
    let files = links.iter().map(async |(format, link)| {
        let file = soon(follow(link).await.bytes()).await.expect("a whole file");
        records(format, &file).len()
    });
    let counts = futures_util::future::join_all(files).await;
    assert_eq!(counts, [LINES; 4]);
    create(&admin, "CSV", Value::Null).await;
}

#[tokio::test]
async fn another_node_serves_it_and_a_slow_reader_outlasts_the_time_of_an_operation() {
    let pair = Pair::nats_postgres().await;
    let server = pair.role("serve").start().await;
    let other = pair.role("api").with("OPERATION_TIMEOUT", "1s").start().await;
    send_tcp(server.tcp.unwrap(), long_lines());
    server.wait_balanced(LINES as u64).await;
    let link = create(&server.admin().await, "NDJSON", Value::Null).await;
    let there = link.url.replace(&server.http.to_string(), &other.http.to_string());
    let mut answer = soon(http().get(there).send()).await.expect("an answer");
    let begun = tokio::time::Instant::now();
    let mut file = Vec::new();
    while let Some(piece) = soon(answer.chunk()).await.expect("a whole file") {
        if begun.elapsed().as_secs() < 3 {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
        file.extend_from_slice(&piece);
    }
    assert!(begun.elapsed().as_secs() >= 3, "it was read slowly");
    assert_eq!(records("NDJSON", &file).len(), LINES);
}

#[tokio::test]
async fn a_server_that_is_killed_leaves_no_file_that_looks_whole() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), long_lines());
    server.wait_balanced(LINES as u64).await;
    let link = create(&server.admin().await, "NDJSON", Value::Null).await;
    let answer = follow(&link).await;
    server.kill();
    cut(answer).await;
    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    let link = Link {
        url: format!("http://{}/export/", server.http) + link.url.rsplit('/').next().unwrap(),
        ..link
    };
    assert_eq!(status(&link).await, StatusCode::GONE, "it was followed once");
    assert_eq!(state(&admin, &link.id).await["state"], "RUNNING", "until it was silent for long");
}

#[tokio::test]
async fn a_stop_cuts_an_export_and_does_not_wait_for_it() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), long_lines());
    server.wait_balanced(LINES as u64).await;
    let link = create(&server.admin().await, "NDJSON", Value::Null).await;
    let answer = follow(&link).await;
    until(&server, &server.admin().await, &link.id, "RUNNING").await;
    server.tell_to_stop();
    cut(answer).await;
    assert!(server.ended().await.success());
    let server = pair.role("serve").start().await;
    let failed = state(&server.admin().await, &link.id).await;
    assert_eq!(
        (&failed["state"], &failed["problem"]),
        (&json!("FAILED"), &json!("the server was stopped"))
    );
}

#[tokio::test]
async fn no_spreadsheet_runs_what_a_sender_wrote() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let evil = ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(1)", "\tx", "fine, \"really\""];
    let line = |text: &&str| format!("<14>1 2026-01-02T03:04:05Z =h -app 1 - - {text}");
    send_tcp(server.tcp.unwrap(), evil.iter().map(line));
    server.wait_balanced(evil.len() as u64).await;
    let file = fetch(&server.admin().await, "CSV", Value::Null).await;
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), evil.len());
    for (line, text) in lines.iter().zip(evil) {
        assert_eq!((&line[5], &line[6]), ("'=h", "'-app"));
        let runs = text.starts_with(['=', '+', '-', '@', '\t']);
        let expected = if runs { format!("'{text}") } else { text.to_owned() };
        assert_eq!(&line[10], expected);
    }
    let json = fetch(&server.admin().await, "NDJSON", Value::Null).await;
    let messages: Vec<String> =
        records("NDJSON", &json).into_iter().map(|(_, message)| message).collect();
    assert_eq!(messages, evil, "JSON needs no guard");
}

#[tokio::test]
async fn a_link_says_where_the_server_is_if_it_knows() {
    let pair = Pair::memory_sqlite().await;
    let setup = pair.role("serve").with("PUBLIC_URL", "https://logs.example");
    let server = setup.start().await;
    let made = server.query(CREATE, json!({ "format": "CSV" })).await;
    let url = made["createExport"]["url"].as_str().unwrap();
    assert!(url.starts_with("https://logs.example/export/"), "{url}");
}
