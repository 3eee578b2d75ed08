//! Clients that are slow, greedy or many.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, client_async};

use super::websocket::handshake;
use super::{Options, Patience, Server};
use crate::api::fixture::Fixture;

const SHORT: Duration = Duration::from_millis(50);

/// Writes these bytes and reads to the end.
async fn talk(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let options = Options { header_timeout: SHORT, ..Options::default() };
    let server = Server::without_schema(options).await;
    for head in ["", "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nHost: x\r\nA"] {
        let answer = talk(&server, head.as_bytes()).await;
        assert!(!answer.contains("200 OK"), "{head:?}: {answer}");
    }
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let server = Server::without_schema(Options::default()).await;
    let head = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nA: {}", "x".repeat(70_000));
    let answer = talk(&server, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_refused() {
    let fixture = Fixture::with_records(0).await;
    let options = Options { body_timeout: SHORT, ..Options::default() };
    let server = Server::with(&fixture, options, Patience::default()).await;
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    for body in ["Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"] {
        let answer = talk(&server, format!("{head}{body}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("\"code\":\"BAD_USER_INPUT\""), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_whether_it_says_so_or_not() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let body = "x".repeat(5_000_000);
    let announced = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let unannounced =
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    // Who asks first is not let begin.
    let asking = format!("{head}Content-Length: 5000000\r\nExpect: 100-continue\r\n\r\n");
    for request in [announced, unannounced, asking] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 413");
    }
}

#[tokio::test]
async fn over_the_most_connections_the_next_waits_for_one_to_close() {
    let options = Options { max_connections: 1, ..Options::default() };
    let server = Server::without_schema(options).await;
    let mut first = TcpStream::connect(server.address).await.unwrap();
    first.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut status = [0; 12];
    first.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    let mut second = TcpStream::connect(server.address).await.unwrap();
    second.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let early = tokio::time::timeout(SHORT, second.read_exact(&mut status)).await;
    assert!(early.is_err(), "it was served beside the first");
    drop(first);
    second.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
}

/// A connection whose kernel takes little on our side, so that it stalls soon.
async fn narrow(server: &Server) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.connect(server.address).await.unwrap()
}

/// A query whose answer is long.
fn long_query() -> String {
    let fields: String = (0..20).map(|n| format!("a{n}: message ")).collect();
    format!("{{ logs(first: 1000) {{ edges {{ node {{ {fields} }} }} }} }}")
}

#[tokio::test]
async fn a_socket_that_reads_no_more_is_cut_off() {
    let fixture = Fixture::with_records(1_000).await;
    let patience = Patience { stall: SHORT, leave: SHORT, ..Patience::default() };
    let server = Server::with(&fixture, Options::default(), patience).await;
    let stream = MaybeTlsStream::Plain(narrow(&server).await);
    let (mut socket, _) = client_async(handshake(&server), stream).await.unwrap();
    let authorization = format!("Bearer {}", server.token);
    let init = json!({ "type": "connection_init", "payload": { "authorization": authorization } });
    socket.send(Message::text(init.to_string())).await.unwrap();
    assert!(socket.next().await.unwrap().unwrap().to_text().unwrap().contains("connection_ack"));
    assert!(server.context.sockets.enter().is_some());

    // From here on it asks and asks, and reads nothing: in the end it cannot even ask.
    let query = long_query();
    for id in 0.. {
        let payload = json!({ "query": query });
        let ask = json!({ "type": "subscribe", "id": id.to_string(), "payload": payload });
        if socket.send(Message::text(ask.to_string())).await.is_err() {
            break;
        }
    }
    // Its place is free again, and others are answered.
    let answer = server.ask("{ __typename }").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_answer_that_is_not_read_is_dropped_with_its_connection() {
    let fixture = Fixture::with_records(1_000).await;
    let patience = Patience { stall: SHORT, ..Patience::default() };
    let options = Options { max_connections: 1, ..Options::default() };
    let server = Server::with(&fixture, options, patience).await;
    let mut stream = narrow(&server).await;
    let body = json!({ "query": long_query() }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
        server.token,
        body.len()
    );
    // One request after another, and no answer is read.
    while stream.write_all(request.as_bytes()).await.is_ok() {}
    // There is room for the next connection.
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK);
}
