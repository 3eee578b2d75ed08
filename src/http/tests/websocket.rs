//! The protocol `graphql-transport-ws`, frame by frame.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Options, Patience, Server};
use crate::api::fixture::{Fixture, peer};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A request for a socket that speaks the protocol.
pub fn handshake(server: &Server) -> Request {
    let mut request = format!("ws://{}/graphql", server.address).into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    request
}

async fn connect(server: &Server) -> Socket {
    let (socket, response) = connect_async(handshake(server)).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
    socket
}

/// A socket that is acknowledged already.
async fn greeted(server: &Server) -> Socket {
    let mut socket = connect(server).await;
    say(&mut socket, init(server)).await;
    assert_eq!(hear(&mut socket).await, json!({ "type": "connection_ack" }));
    socket
}

fn init(server: &Server) -> Value {
    let authorization = format!("Bearer {}", server.token);
    json!({ "type": "connection_init", "payload": { "authorization": authorization } })
}

fn subscribe(id: &str, query: &str) -> Value {
    json!({ "type": "subscribe", "id": id, "payload": { "query": query } })
}

const TAIL: &str = "subscription { tail(last: 1) { logs { id } } }";

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message; or the code of the close frame as a number, its reason left out.
async fn hear(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
            Some(Ok(Message::Close(Some(frame)))) => return json!(u16::from(frame.code)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            other => panic!("neither a message nor a close frame: {other:?}"),
        }
    }
}

#[tokio::test]
async fn every_wrong_frame_has_its_close_code() {
    let fixture = Fixture::with_records(1).await;
    let server = Server::over(&fixture).await;
    let text = |value: Value| Message::text(value.to_string());
    let begin = text(init(&server));
    let tail = text(subscribe("1", TAIL));
    let bad_token =
        json!({ "type": "connection_init", "payload": { "authorization": "Bearer x" } });
    let no_bearer = json!({ "type": "connection_init", "payload": { "authorization": "x" } });
    for (name, frames, code) in [
        ("no token", vec![text(json!({ "type": "connection_init" }))], 4403),
        ("a bad token", vec![text(bad_token)], 4403),
        ("no bearer", vec![text(no_bearer)], 4403),
        ("subscribe before init", vec![tail.clone()], 4401),
        ("a second init", vec![begin.clone(), begin.clone()], 4429),
        ("a second init at once, wrong", vec![begin.clone(), text(json!({ "type": 1 }))], 4400),
        ("a duplicate id", vec![begin.clone(), tail.clone(), tail.clone()], 4409),
        ("no JSON", vec![Message::text("{")], 4400),
        ("no JSON, later", vec![begin.clone(), Message::text("x")], 4400),
        ("no such type", vec![begin.clone(), text(json!({ "type": "start" }))], 4400),
        ("our own type", vec![begin.clone(), text(json!({ "type": "next", "id": "1" }))], 4400),
        ("binary", vec![begin.clone(), Message::binary(vec![0; 3])], 4400),
        ("too long", vec![begin.clone(), Message::text("x".repeat(10_001))], 4400),
        ("no payload", vec![begin.clone(), text(json!({ "type": "subscribe", "id": "1" }))], 4400),
        ("no id", vec![begin.clone(), text(json!({ "type": "complete" }))], 4400),
    ] {
        let mut socket = connect(&server).await;
        for frame in frames {
            // What follows the wrong frame may find the socket closed.
            let _ = socket.send(frame).await;
        }
        let closed = loop {
            let heard = hear(&mut socket).await;
            if heard.is_number() {
                break heard;
            }
        };
        assert_eq!(closed, json!(code), "{name}");
    }
}

#[tokio::test]
async fn who_says_nothing_at_first_is_closed() {
    let fixture = Fixture::with_records(0).await;
    let patience = Patience { init: Duration::from_millis(30), ..Patience::default() };
    let server = Server::with(&fixture, Options::default(), patience).await;
    let mut socket = connect(&server).await;
    assert_eq!(hear(&mut socket).await, json!(4408));
}

#[tokio::test]
async fn operations_of_every_kind_run_and_errors_leave_the_socket_open() {
    let fixture = Fixture::with_records(2).await;
    let server = Server::over(&fixture).await;
    let mut socket = connect(&server).await;
    say(&mut socket, json!({ "type": "ping" })).await;
    assert_eq!(hear(&mut socket).await, json!({ "type": "pong" }));
    say(&mut socket, init(&server)).await;
    assert_eq!(hear(&mut socket).await, json!({ "type": "connection_ack" }));

    for wrong in ["{", "{ nothingOfTheKind }", "subscription { nothingOfTheKind }"] {
        say(&mut socket, subscribe("e", wrong)).await;
        let error = hear(&mut socket).await;
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("e")), "{wrong}");
        assert_eq!(error["payload"][0]["extensions"]["code"], "BAD_USER_INPUT", "{error}");
    }
    for (query, data) in [
        ("{ log(id: 1) { id } }", json!({ "log": { "id": "1" } })),
        ("mutation { __typename }", json!({ "__typename": "Mutation" })),
    ] {
        say(&mut socket, subscribe("e", query)).await;
        let next = json!({ "type": "next", "id": "e", "payload": { "data": data } });
        assert_eq!(hear(&mut socket).await, next);
        assert_eq!(hear(&mut socket).await, json!({ "type": "complete", "id": "e" }));
    }
    say(&mut socket, subscribe("t", TAIL)).await;
    let next = hear(&mut socket).await;
    assert_eq!(next["payload"]["data"]["tail"]["logs"], json!([{ "id": "2" }]));
    fixture.hub.close();
    assert_eq!(hear(&mut socket).await, json!({ "type": "complete", "id": "t" }));
}

#[tokio::test]
async fn a_subscription_that_the_client_ends_frees_its_name() {
    let fixture = Fixture::with_records(2).await;
    let server = Server::over(&fixture).await;
    let mut socket = greeted(&server).await;
    for _ in 0..3 {
        say(&mut socket, subscribe("t", TAIL)).await;
        assert_eq!(hear(&mut socket).await["type"], "next");
        say(&mut socket, json!({ "type": "complete", "id": "t" })).await;
    }
    say(&mut socket, json!({ "type": "complete", "id": "never begun" })).await;
    say(&mut socket, json!({ "type": "ping" })).await;
    assert_eq!(hear(&mut socket).await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn too_many_operations_are_an_error_of_the_last() {
    let fixture = Fixture::with_records(2).await;
    let options = Options { max_subscriptions: 2, ..Options::default() };
    let server = Server::with(&fixture, options, Patience::default()).await;
    let mut socket = greeted(&server).await;
    for id in ["a", "b"] {
        say(&mut socket, subscribe(id, TAIL)).await;
        assert_eq!(hear(&mut socket).await["type"], "next");
    }
    say(&mut socket, subscribe("c", TAIL)).await;
    let error = hear(&mut socket).await;
    assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("c")));
    say(&mut socket, json!({ "type": "complete", "id": "a" })).await;
    say(&mut socket, subscribe("c", TAIL)).await;
    assert_eq!(hear(&mut socket).await["type"], "next");
}

#[tokio::test]
async fn there_are_so_many_sockets_in_all_and_of_one_user() {
    let fixture = Fixture::with_records(0).await;
    let options = Options { max_sockets: 1, ..Options::default() };
    let server = Server::with(&fixture, options, Patience::default()).await;
    let first = greeted(&server).await;
    let refused = connect_async(handshake(&server)).await.unwrap_err().to_string();
    assert!(refused.contains("503"), "{refused}");
    drop(first);

    let options = Options { max_sockets_per_user: 1, ..Options::default() };
    let server = Server::with(&fixture, options, Patience::default()).await;
    let mut first = greeted(&server).await;
    let mut second = connect(&server).await;
    say(&mut second, init(&server)).await;
    assert_eq!(hear(&mut second).await, json!(4403));
    // Once our answer to the close has come, the place is free.
    first.close(None).await.unwrap();
    while let Some(Ok(_)) = first.next().await {}
    greeted(&server).await;
}

#[tokio::test]
async fn another_subprotocol_is_refused_before_the_upgrade() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    for protocol in ["graphql-ws", "x, y"] {
        let mut request = handshake(&server);
        request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
        let refused = connect_async(request).await.unwrap_err().to_string();
        assert!(refused.contains("400"), "{protocol}: {refused}");
    }
    let mut request = handshake(&server);
    request.headers_mut().remove("sec-websocket-protocol");
    assert!(connect_async(request).await.unwrap_err().to_string().contains("400"));
}

/// Reads a socket to its end without ever answering.
async fn read_raw(socket: &mut Socket) -> Vec<u8> {
    let MaybeTlsStream::Plain(stream) = socket.get_mut() else { panic!("this is plain") };
    let mut bytes = Vec::new();
    // A reset is an end, too.
    let _ = stream.read_to_end(&mut bytes).await;
    bytes
}

#[tokio::test]
async fn who_answers_no_ping_is_closed() {
    let fixture = Fixture::with_records(0).await;
    let patience = Patience {
        heartbeat: Duration::from_millis(10),
        silence: Duration::from_millis(50),
        leave: Duration::from_millis(10),
        ..Patience::default()
    };
    let server = Server::with(&fixture, Options::default(), patience).await;
    let mut socket = greeted(&server).await;
    let frames = read_raw(&mut socket).await;
    let ping = [0x89, 0];
    assert!(frames.starts_with(&ping), "{frames:?}");
    // A close frame of 1001, whatever its length.
    let close = frames.windows(4).any(|w| w[0] == 0x88 && w[2..] == 1001_u16.to_be_bytes());
    assert!(close, "{frames:?}");
}

#[tokio::test]
async fn a_stop_says_goodbye() {
    let fixture = Fixture::with_records(1).await;
    let server = Server::over(&fixture).await;
    let mut socket = greeted(&server).await;
    say(&mut socket, subscribe("t", TAIL)).await;
    assert_eq!(hear(&mut socket).await["type"], "next");
    fixture.hub.close();
    server.stop.cancel();
    assert_eq!(hear(&mut socket).await, json!({ "type": "complete", "id": "t" }));
    assert_eq!(hear(&mut socket).await, json!(1001));
    server.handle.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_socket_ends_with_its_session_and_its_subscriptions_do_not_complete() {
    let fixture = Fixture::with_records(1).await;
    let server = Server::over(&fixture).await;
    let mut socket = greeted(&server).await;
    say(&mut socket, subscribe("t", TAIL)).await;
    assert_eq!(hear(&mut socket).await["type"], "next");
    let auth = fixture.schema.auth();
    let caller = auth.authenticate(&server.token, peer()).await.unwrap();
    auth.sign_out(&caller.viewer().unwrap()).await.unwrap();
    assert_eq!(hear(&mut socket).await, json!(4403));
}
