//! Server-sent events.

use std::time::Duration;

use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::{Options, Patience, Server, header, refusal};
use crate::api::fixture::{Fixture, peer};

const TAIL: &str = "subscription { tail(last: 1) { logs { id } } }";

fn events(request: RequestBuilder) -> RequestBuilder {
    request.header("accept", "text/event-stream")
}

async fn open(server: &Server) -> Response {
    events(server.ask(TAIL)).send().await.unwrap()
}

#[tokio::test]
async fn events_carry_the_answers_and_then_the_end() {
    let fixture = Fixture::with_records(2).await;
    let server = Server::over(&fixture).await;
    let response = events(server.ask("{ log(id: 1) { id } }")).send().await.unwrap();
    assert_eq!(header(&response, "content-type"), "text/event-stream");
    let expected = "event: next\ndata: {\"data\":{\"log\":{\"id\":\"1\"}}}\n\n\
                    event: complete\ndata: \n\n";
    assert_eq!(response.text().await.unwrap(), expected);

    let mut response = open(&server).await;
    let first = response.chunk().await.unwrap().unwrap();
    let expected = "event: next\ndata: {\"data\":{\"tail\":{\"logs\":[{\"id\":\"2\"}]}}}\n\n";
    assert_eq!(first, expected);
    fixture.hub.close();
    assert_eq!(response.text().await.unwrap(), "event: complete\ndata: \n\n");
}

#[tokio::test]
async fn an_error_about_the_document_is_an_event_too() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    let text = events(server.ask("{ nothingOfTheKind }")).send().await.unwrap().text().await;
    let text = text.unwrap();
    let (next, complete) = text.split_once("\n\n").unwrap();
    let answer: Value = serde_json::from_str(next.strip_prefix("event: next\ndata: ").unwrap())
        .expect("one line of JSON");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(answer.get("data"), None);
    assert_eq!(complete, "event: complete\ndata: \n\n");
}

#[tokio::test]
async fn a_silent_stream_shows_that_it_lives() {
    let fixture = Fixture::with_records(1).await;
    let patience = Patience { heartbeat: Duration::from_millis(20), ..Patience::default() };
    let server = Server::with(&fixture, Options::default(), patience).await;
    let mut response = open(&server).await;
    let mut text = String::new();
    while !text.contains("\n\n:\n\n") {
        let chunk = response.chunk().await.unwrap().expect("the stream stays open");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

#[tokio::test]
async fn a_stream_says_why_when_its_session_ends() {
    let fixture = Fixture::with_records(1).await;
    let server = Server::over(&fixture).await;
    let mut response = open(&server).await;
    response.chunk().await.unwrap().expect("a first answer");
    let auth = fixture.schema.auth();
    let caller = auth.authenticate(&server.token, peer()).await.unwrap();
    auth.sign_out(&caller.viewer().unwrap()).await.unwrap();
    let rest = response.text().await.unwrap();
    assert!(rest.contains("\"code\":\"UNAUTHENTICATED\""), "{rest}");
    assert!(rest.ends_with("event: complete\ndata: \n\n"), "{rest}");
}

#[tokio::test]
async fn streams_count_as_sockets() {
    let fixture = Fixture::with_records(1).await;
    for (options, status) in [
        (Options { max_sockets: 1, ..Options::default() }, StatusCode::SERVICE_UNAVAILABLE),
        (Options { max_sockets_per_user: 1, ..Options::default() }, StatusCode::TOO_MANY_REQUESTS),
    ] {
        let server = Server::with(&fixture, options, Patience::default()).await;
        let first = open(&server).await;
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(refusal(open(&server).await).await, (status, json!("UNAVAILABLE")));
        let one = server.ask("{ __typename }").send().await.unwrap();
        assert_eq!(one.status(), StatusCode::OK, "one answer is no stream");
    }
}
