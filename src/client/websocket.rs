//! A GraphQL subscription over WebSocket: the client's side of `graphql-transport-ws`.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::graphql::{GraphqlError, LONGEST_ANSWER, Response};

const PROTOCOL: &str = "graphql-transport-ws";
/// The one operation of a connection.
const ID: &str = "1";
/// Time for the connection to be made and acknowledged.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// A connection that is silent for so long is asked whether it is alive,
const PING_AFTER: Duration = Duration::from_secs(15);
/// and is taken for dead when nothing has come for so long.
const DEAD_AFTER: Duration = Duration::from_secs(45);

/// Why a subscription ended.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The connection broke, could not be made or went silent: worth trying again.
    #[error("{0}")]
    Broken(String),
    /// The server answered with errors.
    #[error("the server answered with errors")]
    Errors(Vec<GraphqlError>),
    /// The server does not know, or no longer, who asks.
    #[error("{0}")]
    Unauthenticated(String),
    /// The server will not have it, now or later.
    #[error("{0}")]
    Refused(String),
}

/// An open subscription.
#[derive(Debug)]
pub struct Subscription {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heard_at: Instant,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct WithPayload<T> {
    payload: T,
}

impl Subscription {
    /// Connects and subscribes.
    ///
    /// # Errors
    /// See [`Ended`].
    pub async fn open(
        endpoint: &Url,
        bearer: Option<&SecretString>,
        document: &str,
        variables: &impl Serialize,
    ) -> Result<Self, Ended> {
        timeout(OPEN_TIMEOUT, Self::open_without_hurry(endpoint, bearer, document, variables))
            .await
            .unwrap_or_else(|_| Err(Ended::Broken("the server does not answer".into())))
    }

    async fn open_without_hurry(
        endpoint: &Url,
        bearer: Option<&SecretString>,
        document: &str,
        variables: &impl Serialize,
    ) -> Result<Self, Ended> {
        let mut request = endpoint.as_str().into_client_request().map_err(not_opened)?;
        let headers = request.headers_mut();
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        let authorization = bearer.map(|token| format!("Bearer {}", token.expose_secret()));
        if let Some(value) = &authorization {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| Ended::Refused("the token holds characters no token has".into()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(LONGEST_ANSWER))
            .max_frame_size(Some(LONGEST_ANSWER));
        let (socket, _) =
            connect_async_with_config(request, Some(config), true).await.map_err(not_opened)?;
        let mut subscription = Subscription { socket, heard_at: Instant::now() };
        let payload = match authorization {
            Some(value) => json!({ "authorization": value }),
            None => json!({}),
        };
        subscription.write(&json!({ "type": "connection_init", "payload": payload })).await?;
        loop {
            let text = subscription.read().await?;
            match kind_of(&text)?.as_str() {
                "connection_ack" => break,
                "ping" => subscription.write(&json!({ "type": "pong" })).await?,
                _ => {}
            }
        }
        let payload = json!({ "query": document, "variables": variables });
        subscription.write(&json!({ "id": ID, "type": "subscribe", "payload": payload })).await?;
        Ok(subscription)
    }

    /// Waits for the data of the next result.
    ///
    /// # Errors
    /// See [`Ended`]; the subscription is over.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<T, Ended> {
        loop {
            let text = self.read().await?;
            match kind_of(&text)?.as_str() {
                "next" => {
                    let response = payload_of::<Response<T>>(&text)?;
                    if !response.errors.is_empty() {
                        return Err(Ended::Errors(response.errors));
                    }
                    if let Some(data) = response.data {
                        return Ok(data);
                    }
                }
                "error" => return Err(Ended::Errors(payload_of(&text)?)),
                "complete" => return Err(Ended::Broken("the server ended the stream".into())),
                "ping" => self.write(&json!({ "type": "pong" })).await?,
                _ => {}
            }
        }
    }

    /// Says goodbye, without waiting for an answer.
    pub async fn close(mut self) {
        let _ = self.write(&json!({ "id": ID, "type": "complete" })).await;
        let _ = timeout(Duration::from_secs(1), self.socket.close(None)).await;
    }

    async fn write(&mut self, message: &serde_json::Value) -> Result<(), Ended> {
        self.socket.send(Message::text(message.to_string())).await.map_err(broken)
    }

    /// The next text message. Pings a silent connection, and gives up on a dead one.
    async fn read(&mut self) -> Result<tungstenite::Utf8Bytes, Ended> {
        loop {
            let Ok(message) = timeout(PING_AFTER, self.socket.next()).await else {
                if self.heard_at.elapsed() >= DEAD_AFTER {
                    return Err(Ended::Broken("the server has fallen silent".into()));
                }
                self.socket.send(Message::Ping(Bytes::new())).await.map_err(broken)?;
                continue;
            };
            self.heard_at = Instant::now();
            match message {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => return Err(closed(frame)),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(broken(error)),
                None => return Err(Ended::Broken("the connection was closed".into())),
            }
        }
    }
}

fn kind_of(text: &str) -> Result<String, Ended> {
    serde_json::from_str::<Envelope>(text).map(|envelope| envelope.kind).map_err(not_understood)
}

fn payload_of<T: DeserializeOwned>(text: &str) -> Result<T, Ended> {
    serde_json::from_str::<WithPayload<T>>(text)
        .map(|message| message.payload)
        .map_err(not_understood)
}

fn not_understood(_: serde_json::Error) -> Ended {
    Ended::Refused("what the server says is not an answer of Tailwater's API".into())
}

fn broken(error: tungstenite::Error) -> Ended {
    match error {
        tungstenite::Error::Capacity(_) => Ended::Refused(format!(
            "the server sent a message longer than {} MiB",
            LONGEST_ANSWER >> 20
        )),
        tungstenite::Error::Io(error) => Ended::Broken(error.to_string()),
        other => Ended::Broken(other.to_string()),
    }
}

/// What prevented the connection: an HTTP answer other than the switch to WebSocket is final,
/// unless it says that the server is busy or on its way.
fn not_opened(error: tungstenite::Error) -> Ended {
    match error {
        tungstenite::Error::Http(response) => match response.status() {
            status if status.is_server_error() || status.as_u16() == 429 => {
                Ended::Broken(format!("the server answers {status}"))
            }
            status if matches!(status.as_u16(), 401 | 403) => {
                Ended::Unauthenticated(format!("the server answers {status}"))
            }
            status => Ended::Refused(format!("the server answers {status}")),
        },
        tungstenite::Error::Io(error) => Ended::Broken(error.to_string()),
        other => Ended::Refused(other.to_string()),
    }
}

/// What a close frame means. 44xx are the refusals of the protocol; 4408 and 4429 only say that
/// something took too long or came too often.
fn closed(frame: Option<CloseFrame>) -> Ended {
    let Some(frame) = frame else {
        return Ended::Broken("the server closed the connection".into());
    };
    let code = u16::from(frame.code);
    let mut reason = String::new();
    super::render::make_harmless(frame.reason.as_str(), &mut reason);
    match code {
        4401 | 4403 => Ended::Unauthenticated(format!("the server refuses ({code} {reason})")),
        4408 | 4429 => Ended::Broken(format!("the server closed the connection ({code} {reason})")),
        4400..=4499 => Ended::Refused(format!("the server refuses ({code} {reason})")),
        _ => Ended::Broken(format!("the server closed the connection ({code} {reason})")),
    }
}
