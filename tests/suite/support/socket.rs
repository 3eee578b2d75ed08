//! A WebSocket to `/graphql`, frame by frame.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::soon;

/// An open WebSocket that speaks `graphql-transport-ws`.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What the server sends.
#[derive(Debug)]
pub enum Frame {
    Message(Value),
    /// The code and the reason of the close frame; 1006 when there was none.
    Closed(u16, String),
}

impl Socket {
    /// Opens one with further headers.
    ///
    /// # Errors
    /// The HTTP status of a refusal.
    pub async fn open(http: SocketAddr, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
        match Socket::try_open(http, headers).await {
            Ok(socket) => Ok(socket),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("no WebSocket: {error}"),
        }
    }

    /// The same, of a server that may not be there.
    ///
    /// # Errors
    /// Why there is no WebSocket.
    pub async fn try_open(
        http: SocketAddr,
        headers: &[(&'static str, &str)],
    ) -> Result<Socket, Error> {
        let mut request = format!("ws://{http}/graphql").into_client_request().expect("a request");
        let protocol = [("sec-websocket-protocol", "graphql-transport-ws")];
        for (name, value) in protocol.iter().chain(headers) {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        soon(connect_async(request)).await.map(|(socket, _)| Socket(socket))
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends any text. That a socket is closed already is seen by who reads it.
    pub async fn send_text(&mut self, text: &str) {
        let _ = self.0.send(Message::text(text)).await;
    }

    /// The next frame, pings answered and passed over.
    pub async fn frame(&mut self) -> Frame {
        loop {
            match soon(self.0.next()).await {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).expect("JSON");
                    if message["type"] != "ping" {
                        return Frame::Message(message);
                    }
                    self.send(&json!({ "type": "pong" })).await;
                }
                Some(Ok(Message::Close(Some(close)))) => {
                    return Frame::Closed(close.code.into(), close.reason.as_str().to_owned());
                }
                Some(Ok(Message::Close(None)) | Err(_)) | None => {
                    return Frame::Closed(1006, String::new());
                }
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next message.
    pub async fn message(&mut self) -> Value {
        match self.frame().await {
            Frame::Message(message) => message,
            Frame::Closed(code, reason) => panic!("the socket was closed: {code} {reason}"),
        }
    }

    /// Reads to the close frame: its code and reason.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Frame::Closed(code, reason) = self.frame().await {
                return (code, reason);
            }
        }
    }
}
