//! Tests of the routes, over a real socket.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_util::sync::CancellationToken;

use super::{HttpContext, SchemaSlot, serve};
use crate::api::fixture::Fixture;
use crate::telemetry::Figures;

/// A server on a port of its own.
struct Server {
    address: SocketAddr,
    client: Client,
    figures: Figures,
    stop: CancellationToken,
    handle: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start(schema: SchemaSlot) -> Server {
        // The client wants one even for plain HTTP; another test may have brought it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let figures = Figures::new();
        let context =
            HttpContext { body_limit: 10_000, ..HttpContext::new(schema, figures.clone()) };
        let stop = CancellationToken::new();
        let handle = tokio::spawn(serve(listener, context, stop.clone().cancelled_owned()));
        Server { address, client: Client::new(), figures, stop, handle }
    }

    async fn over(fixture: &Fixture) -> Server {
        let slot = SchemaSlot::default();
        slot.fill(fixture.schema.clone());
        Server::start(slot).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    async fn post(&self, content_type: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let request = self.client.post(self.url("/graphql")).header("content-type", content_type);
        request.body(body).send().await.unwrap()
    }

    fn websocket(&self, origin: &str) -> Request {
        let mut request = format!("ws://{}/graphql", self.address).into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        headers.insert("origin", origin.parse().unwrap());
        request
    }
}

/// The status, and the code of the first error.
async fn refusal(response: reqwest::Response) -> (StatusCode, Value) {
    let status = response.status();
    let mut body: Value = response.json().await.unwrap();
    (status, body["errors"][0]["extensions"]["code"].take())
}

const QUERY: &str =
    r#"{"query": "query($id: ID!) { log(id: $id) { message } }", "variables": {"id": 1}}"#;

fn answer() -> Value {
    json!({ "data": { "log": { "message": "record number 1" } } })
}

#[tokio::test]
async fn health_is_answered_before_there_is_a_schema() {
    let server = Server::start(SchemaSlot::default()).await;
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK);
    let posted = server.post("application/json", QUERY).await;
    let unavailable = (StatusCode::SERVICE_UNAVAILABLE, json!("UNAVAILABLE"));
    assert_eq!(refusal(posted).await, unavailable);
    assert_eq!(refusal(server.get("/graphql?query={__typename}").await).await, unavailable);
}

#[tokio::test]
async fn readiness_names_the_part_that_is_not_there() {
    let server = Server::start(SchemaSlot::default()).await;
    server.figures.health.up("database");
    server.figures.health.down("queue", "connection refused");
    let response = server.get("/readyz").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let expected = json!({ "ready": false, "parts": {
        "database": { "up": true }, "queue": { "up": false, "reason": "connection refused" },
    } });
    assert_eq!(response.json::<Value>().await.unwrap(), expected);
    server.figures.health.up("queue");
    assert_eq!(server.get("/readyz").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn metrics_are_open_metrics() {
    let server = Server::start(SchemaSlot::default()).await;
    server.figures.stored.inc_by(7);
    let response = server.get("/metrics").await;
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(content_type.starts_with("application/openmetrics-text"), "{content_type}");
    let page = response.text().await.unwrap();
    assert!(page.contains("tailwater_stored_total 7"), "{page}");
    assert!(page.ends_with("# EOF\n"), "{page}");
}

#[tokio::test]
async fn pages_are_where_they_should_be_and_nowhere_else() {
    let server = Server::start(SchemaSlot::default()).await;
    assert!(server.get("/").await.text().await.unwrap().contains("/graphiql"));
    assert!(server.get("/graphiql").await.text().await.unwrap().contains("/graphql"));
    for path in ["/nowhere", "/graphql/", "/.env"] {
        assert_eq!(server.get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_query_is_answered_over_post_and_get() {
    let fixture = Fixture::with_records(1).await;
    let server = Server::over(&fixture).await;
    let response = server.post("application/json; charset=utf-8", QUERY).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.json::<Value>().await.unwrap(), answer());
    let response = server.get("/graphql?query=%7Blog(id:1)%7Bmessage%7D%7D").await;
    assert_eq!(response.json::<Value>().await.unwrap(), answer());
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_graphql_clients_expect() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    let long = format!(r#"{{"query": "{}"}}"#, "x".repeat(10_000));
    for (content_type, body, status) in [
        ("text/plain", QUERY, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("multipart/form-data; boundary=x", QUERY, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/json", "{", StatusCode::BAD_REQUEST),
        ("application/json", "[]", StatusCode::BAD_REQUEST),
        ("application/json", "{}", StatusCode::BAD_REQUEST),
        ("application/json", &long, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let response = server.post(content_type, body.to_owned()).await;
        assert_eq!(refusal(response).await, (status, json!("BAD_USER_INPUT")), "{content_type}");
    }
    let response = server.get("/graphql").await;
    assert_eq!(refusal(response).await, (StatusCode::BAD_REQUEST, json!("BAD_USER_INPUT")));
}

#[tokio::test]
async fn events_carry_the_answers_and_then_the_end() {
    let fixture = Fixture::with_records(2).await;
    let server = Server::over(&fixture).await;
    let ask = |query: &str| {
        let body = json!({ "query": query }).to_string();
        let request = server.client.post(server.url("/graphql"));
        let request = request.header("accept", "text/event-stream");
        request.header("content-type", "application/json").body(body).send()
    };

    let response = ask("{ log(id: 1) { message } }").await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let events = response.text().await.unwrap();
    assert_eq!(events, format!("event: next\ndata: {}\n\nevent: complete\ndata: \n\n", answer()));

    let mut response = ask("subscription { tail(last: 1) { logs { id } } }").await.unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    let expected = "event: next\ndata: {\"data\":{\"tail\":{\"logs\":[{\"id\":\"2\"}]}}}\n\n";
    assert_eq!(first, expected);
    fixture.hub.close();
    assert_eq!(response.text().await.unwrap(), "event: complete\ndata: \n\n");
}

#[tokio::test]
async fn a_websocket_follows_the_log_and_a_foreign_page_gets_none() {
    let fixture = Fixture::with_records(2).await;
    let server = Server::over(&fixture).await;
    let foreign = tokio_tungstenite::connect_async(server.websocket("http://evil.example")).await;
    assert!(foreign.unwrap_err().to_string().contains("403"));

    let own = server.websocket(&format!("http://{}", server.address));
    let (mut socket, _) = tokio_tungstenite::connect_async(own).await.unwrap();
    for message in [
        json!({ "type": "connection_init" }),
        json!({ "type": "subscribe", "id": "1", "payload": {
            "query": "subscription { tail(last: 1) { logs { id } } }"
        } }),
    ] {
        socket.send(Message::text(message.to_string())).await.unwrap();
    }
    let mut seen = Vec::new();
    while seen.len() < 2 {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
            seen.push(serde_json::from_str::<Value>(&text).unwrap());
        }
    }
    assert_eq!(seen[0]["type"], json!("connection_ack"));
    assert_eq!(seen[1]["payload"]["data"]["tail"]["logs"], json!([{ "id": "2" }]));
}

#[tokio::test]
async fn a_stopped_server_finishes_and_returns() {
    let server = Server::start(SchemaSlot::default()).await;
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK);
    server.stop.cancel();
    server.handle.await.unwrap().unwrap();
}
