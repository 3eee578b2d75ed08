//! The messages of the protocol, both ways.

use async_graphql::{Request as Operation, ServerError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::api::json;
use crate::http::operation::from_parameters;

/// The longest name of an operation, in bytes.
const MAX_ID: usize = 256;

/// What a client says.
pub(super) enum Incoming {
    /// Begins; who asks, as the value of an `Authorization` header.
    Init {
        authorization: Option<String>,
    },
    Ping,
    Pong,
    Subscribe {
        id: String,
        operation: Box<Operation>,
    },
    Complete {
        id: String,
    },
}

/// A message before it is known what it is.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    payload: Option<Value>,
}

impl Incoming {
    /// Reads a message.
    ///
    /// # Errors
    /// What about it is not of the protocol.
    pub fn parse(text: &str) -> Result<Incoming, String> {
        let Envelope { kind, id, payload } = serde_json::from_str(text)
            .map_err(|_| "it is not JSON with a `type`, an `id` and a `payload`".to_owned())?;
        match kind.as_str() {
            "connection_init" => {
                let payload = object(payload)?.unwrap_or_default();
                let authorization = payload.get("authorization").and_then(Value::as_str);
                Ok(Incoming::Init { authorization: authorization.map(str::to_owned) })
            }
            "ping" => object(payload).map(|_| Incoming::Ping),
            "pong" => object(payload).map(|_| Incoming::Pong),
            "subscribe" => {
                let id = name(id)?;
                let payload = object(payload)?.ok_or("`subscribe` needs a `payload`")?;
                let operation = Box::new(from_parameters(payload)?);
                Ok(Incoming::Subscribe { id, operation })
            }
            "complete" => name(id).map(|id| Incoming::Complete { id }),
            _ => Err("there is no such `type`".to_owned()),
        }
    }
}

fn object(payload: Option<Value>) -> Result<Option<Map<String, Value>>, String> {
    match payload {
        None => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err("the `payload` must be an object".to_owned()),
    }
}

fn name(id: Option<String>) -> Result<String, String> {
    id.filter(|id| (1..=MAX_ID).contains(&id.len()))
        .ok_or_else(|| format!("the `id` must be a string of 1 to {MAX_ID} bytes"))
}

/// What we say.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Outgoing<'a> {
    ConnectionAck,
    Pong,
    Error { id: &'a str, payload: &'a [ServerError] },
    Complete { id: &'a str },
}

impl Outgoing<'_> {
    /// As it goes over the socket.
    pub fn to_text(&self) -> String {
        json(self)
    }
}

/// An answer, which is JSON, as it goes over the socket.
pub(super) fn next(id: &str, answer: &str) -> String {
    format!(r#"{{"type":"next","id":{},"payload":{answer}}}"#, json(&id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ApiError, Code};

    /// What a message is taken for, in a word.
    fn read(text: &str) -> String {
        match Incoming::parse(text) {
            Ok(Incoming::Init { authorization }) => format!("init {authorization:?}"),
            Ok(Incoming::Ping) => "ping".to_owned(),
            Ok(Incoming::Pong) => "pong".to_owned(),
            Ok(Incoming::Subscribe { id, operation }) => format!("{id} {}", operation.query),
            Ok(Incoming::Complete { id }) => format!("complete {id}"),
            Err(error) => format!("invalid: {error}"),
        }
    }

    #[test]
    fn messages_of_the_protocol_are_understood() {
        for (text, meaning) in [
            (r#"{"type":"connection_init"}"#, "init None"),
            (r#"{"type":"connection_init","payload":null}"#, "init None"),
            (r#"{"type":"connection_init","payload":{"a":1}}"#, "init None"),
            (
                r#"{"payload":{"authorization":"Bearer x"},"type":"connection_init"}"#,
                r#"init Some("Bearer x")"#,
            ),
            (r#"{"type":"ping"}"#, "ping"),
            (r#"{"type":"ping","payload":{"a":1}}"#, "ping"),
            (r#"{"type":"pong","id":null}"#, "pong"),
            (r#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#, "1 {a}"),
            (r#"{"type":"complete","id":"1"}"#, "complete 1"),
        ] {
            assert_eq!(read(text), meaning, "{text}");
        }
    }

    #[test]
    fn anything_else_is_invalid() {
        let long = format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(MAX_ID + 1));
        for text in [
            "",
            "{",
            "null",
            "[]",
            "1",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"start"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"connection_init","payload":1}"#,
            r#"{"type":"ping","payload":"a"}"#,
            r#"{"type":"subscribe"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":"{a}"}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
            r#"{"type":"complete"}"#,
            &long,
        ] {
            assert!(read(text).starts_with("invalid: "), "{text}");
        }
    }

    #[test]
    fn what_we_say_is_of_the_protocol_too() {
        let error = ApiError::new(Code::BadUserInput, "no").into_server_error();
        let errors = std::slice::from_ref(&error);
        for (text, expected) in [
            (Outgoing::ConnectionAck.to_text(), r#"{"type":"connection_ack"}"#),
            (Outgoing::Pong.to_text(), r#"{"type":"pong"}"#),
            (
                next("1\"", r#"{"data":{"a":1}}"#),
                r#"{"type":"next","id":"1\"","payload":{"data":{"a":1}}}"#,
            ),
            (
                Outgoing::Error { id: "1", payload: errors }.to_text(),
                r#"{"type":"error","id":"1","payload":[{"message":"no","extensions":{"code":"BAD_USER_INPUT"}}]}"#,
            ),
            (Outgoing::Complete { id: "1" }.to_text(), r#"{"type":"complete","id":"1"}"#),
        ] {
            assert_eq!(text, expected);
        }
    }
}
