use clap::{CommandFactory, Parser};
use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::*;
use crate::client::logins::{Login, Logins};
use crate::client::server::shown;

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
        self.accept_bearer("secret").await
    }

    /// The same of a client that shows this token.
    async fn accept_bearer(&self, token: &str) -> (Connection, Value) {
        let bearer = format!("Bearer {token}");
        let (stream, _) = self.listener.accept().await.unwrap();
        #[allow(clippy::result_large_err)] // The type is that of the library.
        let shake_hands = |request: &Request, mut response: Response| {
            let protocol = request.headers()["sec-websocket-protocol"].clone();
            assert_eq!(protocol, "graphql-transport-ws");
            assert_eq!(request.headers()["authorization"], bearer);
            response.headers_mut().insert("sec-websocket-protocol", protocol);
            Ok(response)
        };
        let socket = tokio_tungstenite::accept_hdr_async(stream, shake_hands).await.unwrap();
        let mut connection = Connection { socket };
        let init = connection.read().await;
        assert_eq!(init["type"], "connection_init");
        assert_eq!(init["payload"]["authorization"], bearer);
        connection.write(json!({"type": "connection_ack"})).await;
        let subscribe = connection.read().await;
        assert_eq!(subscribe["type"], "subscribe");
        assert!(subscribe["payload"]["query"].as_str().unwrap().contains("lostBefore"));
        (connection, subscribe["payload"]["variables"].clone())
    }
}

impl FakeServer {
    fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.listener.local_addr().unwrap())).unwrap()
    }

    /// Answers one refresh, by this token, with a session of the next.
    async fn refresh(&self, n: u32) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let asked = read_http(&mut stream).await;
        assert!(asked.contains(&format!("\"token\":\"refresh {n}\"")), "{asked}");
        let session = json!({"data": {"session": {
            "accessToken": format!("access-{n}"), "expiresAt": "2126-01-02T03:04:05Z",
            "refreshToken": format!("refresh {}", n + 1),
            "user": {"username": "ada", "role": "VIEWER"},
        }}});
        write_http(&mut stream, &session.to_string()).await;
    }
}

/// Reads a request with a body to its end.
async fn read_http(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    loop {
        let mut piece = [0; 4_096];
        let read = stream.read(&mut piece).await.unwrap();
        request.push_str(std::str::from_utf8(&piece[..read]).unwrap());
        if request.ends_with('}') {
            return request;
        }
    }
}

async fn write_http(stream: &mut TcpStream, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
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
    shown_from(args.server.server().unwrap(), args).await
}

/// The same of a server that is given.
async fn shown_from(server: Server, args: &TailArgs) -> (Result<Outcome, ClientError>, Vec<u32>) {
    let look = Look { json: true, zone: Zone::Utc, colour: false, attributes: false };
    let mut output = Vec::new();
    let result = tail(args, server, &mut Printer::new(&mut output, look)).await;
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

/// A kept sign-in at a server, whose next refresh token is this one.
async fn kept_login(server: &FakeServer, n: u32) -> (tempfile::TempDir, Logins) {
    let place = tempfile::tempdir().unwrap();
    let logins = Logins::in_directory(place.path());
    let login = Login {
        url: server.url(),
        username: "ada".to_owned(),
        refresh_token: format!("refresh {n}"),
    };
    logins.lock().await.unwrap().write(&[login]).unwrap();
    (place, logins)
}

#[tokio::test]
async fn where_an_access_token_ends_it_goes_on_with_the_next_and_its_cursor() {
    let server = FakeServer::start().await;
    let (_place, logins) = kept_login(&server, 1).await;
    let args = server.args("--count 6");
    let play = async {
        server.refresh(1).await;
        let (mut connection, _) = server.accept_bearer("access-1").await;
        connection.send(1..=2).await;
        let expired = CloseFrame { code: 4403.into(), reason: "the token has expired".into() };
        connection.socket.close(Some(expired)).await.unwrap();

        server.refresh(2).await;
        let (mut connection, variables) = server.accept_bearer("access-2").await;
        assert_eq!(variables["after"], "2");
        connection.send(3..=3).await;
        connection.send_errors("UNAUTHENTICATED", json!({"reason": "EXPIRED"})).await;

        server.refresh(3).await;
        let (mut connection, variables) = server.accept_bearer("access-3").await;
        assert_eq!(variables["after"], "3");
        connection.send(4..=4).await;
        // A break that is none of the token's: it is shown again.
        drop(connection);
        let (mut connection, _) = server.accept_bearer("access-3").await;
        connection.send(5..=9).await;
        assert_eq!(connection.read().await["type"], "complete");
    };
    let from = Server::signed_in(server.url(), logins.clone());
    let ((result, ids), ()) = tokio::join!(shown_from(from, &args), play);
    assert_eq!(result.unwrap(), Outcome::Done);
    assert_eq!(ids, (1..=6).collect::<Vec<_>>());
    assert_eq!(logins.read().unwrap()[0].refresh_token, "refresh 4");
}

#[tokio::test]
async fn a_sign_in_that_is_over_ends_it_and_says_how_to_sign_in() {
    let server = FakeServer::start().await;
    let (_place, logins) = kept_login(&server, 1).await;
    let args = server.args("");
    let play = async {
        server.refresh(1).await;
        let (mut connection, _) = server.accept_bearer("access-1").await;
        connection.send(1..=1).await;
        connection.send_errors("UNAUTHENTICATED", json!({"reason": "REVOKED"})).await;
        let (mut stream, _) = server.listener.accept().await.unwrap();
        read_http(&mut stream).await;
        let refused = r#"{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}"#;
        write_http(&mut stream, refused).await;
    };
    let from = Server::signed_in(server.url(), logins);
    let ((result, ids), ()) = tokio::join!(shown_from(from, &args), play);
    let text = result.unwrap_err().to_string();
    assert!(text.contains("the sign-in of ada is over"), "{text}");
    assert!(text.contains(&format!("`tailwater login --url {}`", shown(&server.url()))), "{text}");
    assert_eq!(ids, [1]);
}
