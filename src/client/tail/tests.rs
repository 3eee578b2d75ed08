use clap::{CommandFactory, Parser};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::*;

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    tail: TailArgs,
}

/// A server that is played by the test.
struct FakeServer {
    listener: TcpListener,
}

struct Connection {
    socket: WebSocketStream<TcpStream>,
}

impl FakeServer {
    async fn start() -> Self {
        FakeServer { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    fn args(&self, more: &str) -> TailArgs {
        let url = format!("http://{}", self.listener.local_addr().unwrap());
        let line = format!("tail --url {url} --token secret --json {more}");
        CommandLine::try_parse_from(line.split_whitespace()).unwrap().tail
    }

    /// Takes a connection up to its subscription, and returns the variables of that.
    async fn accept(&self) -> (Connection, Value) {
        let (stream, _) = self.listener.accept().await.unwrap();
        #[allow(clippy::result_large_err)] // The type is that of the library.
        let shake_hands = |request: &Request, mut response: Response| {
            let protocol = request.headers()["sec-websocket-protocol"].clone();
            assert_eq!(protocol, "graphql-transport-ws");
            assert_eq!(request.headers()["authorization"], "Bearer secret");
            response.headers_mut().insert("sec-websocket-protocol", protocol);
            Ok(response)
        };
        let socket = tokio_tungstenite::accept_hdr_async(stream, shake_hands).await.unwrap();
        let mut connection = Connection { socket };
        let init = connection.read().await;
        assert_eq!(init["type"], "connection_init");
        assert_eq!(init["payload"]["authorization"], "Bearer secret");
        connection.write(json!({"type": "connection_ack"})).await;
        let subscribe = connection.read().await;
        assert_eq!(subscribe["type"], "subscribe");
        assert!(subscribe["payload"]["query"].as_str().unwrap().contains("lostBefore"));
        (connection, subscribe["payload"]["variables"].clone())
    }
}

impl Connection {
    async fn read(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.next().await.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    async fn write(&mut self, message: Value) {
        self.socket.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Sends the lines as one batch, whose cursor is its last line.
    async fn send(&mut self, lines: std::ops::RangeInclusive<u32>) {
        let logs: Vec<_> = lines.clone().map(log).collect();
        let batch = json!({
            "logs": logs, "cursor": lines.end().to_string(), "caughtUp": true, "lostBefore": null
        });
        let payload = json!({"data": {"tail": batch}});
        self.write(json!({"id": "1", "type": "next", "payload": payload})).await;
    }

    async fn send_errors(&mut self, code: &str, more: Value) {
        let mut extensions = json!({ "code": code });
        extensions.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let errors = json!([{"message": "that went wrong", "extensions": extensions}]);
        self.write(json!({"id": "1", "type": "error", "payload": errors})).await;
    }
}

fn log(number: u32) -> Value {
    json!({
        "id": number.to_string(), "timestamp": "2026-01-02T03:04:05Z",
        "receivedAt": "2026-01-02T03:04:05Z", "severity": null, "facility": null, "host": null,
        "app": null, "procId": null, "msgId": null, "message": "m", "attributes": {}
    })
}

/// Runs a tail to its end; its result, and the ids of the lines it has shown.
async fn shown_by(args: &TailArgs) -> (Result<Outcome, ClientError>, Vec<u32>) {
    let look = Look { json: true, zone: Zone::Utc, colour: false, attributes: false };
    let mut output = Vec::new();
    let result = tail(args, &mut Printer::new(&mut output, look)).await;
    let ids = String::from_utf8(output)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Log>(line).unwrap().id.parse().unwrap())
        .collect();
    (result, ids)
}

#[test]
fn the_arguments_are_well_formed() {
    CommandLine::command().debug_assert();
}

#[tokio::test]
async fn each_line_is_shown_once_however_the_connection_ends() {
    let server = FakeServer::start().await;
    let args = server.args("--last 3 --count 10 --app shop");
    let play = async {
        let (mut connection, variables) = server.accept().await;
        assert_eq!(variables, json!({"filter": {"apps": ["shop"]}, "after": null, "last": 3}));
        connection.send(1..=3).await;
        // Cut without a word.
        drop(connection);

        let (mut connection, variables) = server.accept().await;
        assert_eq!(variables, json!({"filter": {"apps": ["shop"]}, "after": "3", "last": null}));
        connection.send(4..=4).await;
        connection.send(5..=6).await;
        connection.write(json!({"id": "1", "type": "complete"})).await;

        let (mut connection, variables) = server.accept().await;
        assert_eq!(variables["after"], "6");
        connection.write(json!({"type": "ping"})).await;
        assert_eq!(connection.read().await["type"], "pong");
        connection.send_errors("UNAVAILABLE", json!({})).await;

        let (mut connection, variables) = server.accept().await;
        assert_eq!(variables["after"], "6");
        let away = CloseFrame { code: 1001.into(), reason: "going away".into() };
        connection.socket.close(Some(away)).await.unwrap();

        let (mut connection, variables) = server.accept().await;
        assert_eq!(variables["after"], "6");
        connection.send(7..=20).await;
        assert_eq!(connection.read().await["type"], "complete");
    };
    let ((result, ids), ()) = tokio::join!(shown_by(&args), play);
    assert_eq!(result.unwrap(), Outcome::Done);
    assert_eq!(ids, (1..=10).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_error_in_the_query_ends_it_with_a_caret() {
    let server = FakeServer::start().await;
    let args = server.args("app:(");
    let play = async {
        let (mut connection, variables) = server.accept().await;
        assert_eq!(variables["filter"]["query"], "app:(");
        connection.send_errors("BAD_USER_INPUT", json!({"column": 5})).await;
    };
    let ((result, ids), ()) = tokio::join!(shown_by(&args), play);
    let error = result.unwrap_err();
    assert!(matches!(error, ClientError::Usage(_)));
    assert_eq!(error.to_string(), "that went wrong\n  app:(\n      ^");
    assert!(ids.is_empty());
}

#[tokio::test]
async fn a_cursor_that_the_server_does_not_know_ends_it() {
    let server = FakeServer::start().await;
    let args = server.args("");
    let play = async {
        let (mut connection, _) = server.accept().await;
        connection.send(1..=1).await;
        drop(connection);
        let (mut connection, _) = server.accept().await;
        connection.send_errors("BAD_USER_INPUT", json!({"argument": "after"})).await;
    };
    let ((result, ids), ()) = tokio::join!(shown_by(&args), play);
    assert!(result.unwrap_err().to_string().contains("that went wrong"));
    assert_eq!(ids, [1]);
}

#[tokio::test]
async fn a_refusal_is_final_and_named() {
    let server = FakeServer::start().await;
    let args = server.args("");
    let play = async {
        let (mut connection, _) = server.accept().await;
        let forbidden = CloseFrame { code: 4403.into(), reason: "Forbidden".into() };
        connection.socket.close(Some(forbidden)).await.unwrap();
    };
    let ((result, _), ()) = tokio::join!(shown_by(&args), play);
    let text = result.unwrap_err().to_string();
    assert!(text.contains("4403 Forbidden") && text.contains("--token"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_not_there_at_the_start_is_an_error() {
    let server = FakeServer::start().await;
    let args = server.args("");
    drop(server);
    let (result, _) = shown_by(&args).await;
    let error = result.unwrap_err();
    assert!(matches!(error, ClientError::Failed(_)));
    assert!(error.to_string().contains("refused"), "{error}");
}
