use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use clap::{CommandFactory, Parser};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    search: SearchArgs,
}

/// What a fake server was asked, and what it answers next.
#[derive(Clone, Default)]
struct Script {
    asked: Arc<Mutex<Vec<Value>>>,
    answers: Arc<Mutex<Vec<(StatusCode, Value)>>>,
}

async fn answer(
    State(script): State<Script>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> (StatusCode, Json<Value>) {
    assert_eq!(headers["authorization"], "Bearer secret");
    script.asked.lock().unwrap().push(request["variables"].clone());
    let (status, body) = script.answers.lock().unwrap().remove(0);
    (status, Json(body))
}

/// A page of records, in this order, of a log in which more lie before and after.
fn page(ids: &[u32], more: bool) -> (StatusCode, Value) {
    let edges: Vec<_> = ids.iter().map(|id| json!({"node": log(*id)})).collect();
    let cursor = |id: Option<&u32>| id.map(|id| format!("c{id}"));
    let page_info = json!({
        "hasNextPage": more, "hasPreviousPage": more,
        "startCursor": cursor(ids.first()), "endCursor": cursor(ids.last()),
    });
    (StatusCode::OK, json!({"data": {"logs": {"edges": edges, "pageInfo": page_info}}}))
}

fn log(number: u32) -> Value {
    json!({
        "id": number.to_string(), "timestamp": "2026-01-02T03:04:05Z",
        "receivedAt": "2026-01-02T03:04:05Z", "severity": null, "facility": null, "host": null,
        "app": null, "procId": null, "msgId": null, "message": "m", "attributes": {}
    })
}

struct Run {
    result: Result<Outcome, ClientError>,
    ids: Vec<u32>,
    asked: Vec<Value>,
}

/// Runs a search against a server that gives these answers.
async fn run_with(arguments: &str, answers: Vec<(StatusCode, Value)>) -> Run {
    let script = Script { answers: Arc::new(Mutex::new(answers)), ..Script::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/graphql", post(answer)).with_state(script.clone());
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    let line = format!("search --url {url} --token secret --json {arguments}");
    let args = CommandLine::try_parse_from(line.split_whitespace()).unwrap().search;
    let look = Look { json: true, zone: Zone::Utc, colour: false, attributes: false };
    let mut output = Vec::new();
    let result = search(&args, &mut Printer::new(&mut output, look)).await;
    server.abort();
    let ids = String::from_utf8(output)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Log>(line).unwrap().id.parse().unwrap())
        .collect();
    let asked = script.asked.lock().unwrap().clone();
    Run { result, ids, asked }
}

#[test]
fn the_arguments_are_well_formed() {
    CommandLine::command().debug_assert();
}

#[tokio::test]
async fn pages_follow_one_another_from_the_newest_line() {
    let answers = vec![page(&[9, 8, 7], true), page(&[6, 5], true)];
    let run = run_with("card refused --limit 5", answers).await;
    assert_eq!(run.ids, [9, 8, 7, 6, 5]);
    assert_eq!(run.result.unwrap(), Outcome::Done);
    let asked = |first, after| {
        json!({
            "filter": {"query": "card refused"}, "orderBy": "TIMESTAMP", "first": first,
            "after": after, "last": null, "before": null
        })
    };
    assert_eq!(run.asked, [asked(5, None), asked(2, Some("c7"))]);
}

#[tokio::test]
async fn from_the_oldest_line_pages_are_turned_round() {
    let answers = vec![page(&[3, 2, 1], true), page(&[5, 4], false)];
    let run = run_with("--oldest-first --all --order arrival", answers).await;
    assert_eq!(run.ids, [1, 2, 3, 4, 5]);
    assert_eq!(run.asked[0]["last"], PAGE);
    assert_eq!(run.asked[0]["orderBy"], "ARRIVAL");
    assert_eq!(run.asked[1]["before"], "c3");
    assert_eq!(run.asked.len(), 2);
}

#[tokio::test]
async fn nothing_found_is_told_by_the_exit_code() {
    let run = run_with("", vec![page(&[], true)]).await;
    assert_eq!(run.result.unwrap(), Outcome::Incomplete);
}

#[tokio::test]
async fn errors_of_the_server_are_shown() {
    let errors = json!({"data": {"logs": null}, "errors": [{
        "message": "unexpected `)`", "extensions": {"code": "BAD_USER_INPUT", "column": 2}
    }]});
    let run = run_with("a)", vec![(StatusCode::OK, errors)]).await;
    let error = run.result.unwrap_err();
    assert!(matches!(error, ClientError::Usage(_)));
    assert_eq!(error.to_string(), "unexpected `)`\n  a)\n   ^");

    let run = run_with("", vec![(StatusCode::UNAUTHORIZED, json!("no"))]).await;
    assert!(run.result.unwrap_err().to_string().contains("--token"));
    let run = run_with("", vec![(StatusCode::OK, json!({"data": {}}))]).await;
    assert!(run.result.unwrap_err().to_string().contains("not an answer"));
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_failure() {
    struct Closed;
    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let look = Look { json: true, zone: Zone::Utc, colour: false, attributes: false };
    let record: Log = serde_json::from_value(log(1)).unwrap();
    let printed = Printer::new(Closed, look).print(std::iter::once(&record));
    assert!(matches!(printed, Err(ClientError::OutputClosed)));
    let ended = quiet_when_output_closed(printed.map(|()| Outcome::Incomplete));
    assert_eq!(ended.unwrap(), Outcome::Done);
}
