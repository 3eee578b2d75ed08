//! GraphQL as a client speaks it: POST, and subscriptions over `graphql-transport-ws`.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::PATIENCE;
use super::server::Server;

/// Asks, and gives the whole answer.
pub async fn ask(http: SocketAddr, query: &str, variables: Value) -> Result<Value, String> {
    let answer = super::http()
        .post(format!("http://{http}/graphql"))
        .json(&json!({ "query": query, "variables": variables }))
        .send()
        .await
        .map_err(|error| error.to_string())?;
    answer.json().await.map_err(|error| error.to_string())
}

impl Server {
    /// The data of an answer without errors.
    pub async fn query(&self, query: &str, variables: Value) -> Value {
        let answer = ask(self.http, query, variables).await.expect("an answer");
        assert!(answer["errors"].is_null(), "{query}\n{answer}\n{}", self.log());
        answer["data"].clone()
    }

    /// `pipeline`, as far as the accounting goes.
    pub async fn pipeline(&self) -> Value {
        let fields = "{ pipeline { received stored inFlight rejected { reason count } dropped { reason count } } }";
        self.query(fields, json!({})).await["pipeline"].clone()
    }

    /// Waits until `count` records are stored and nothing is in flight, and checks that the
    /// numbers balance.
    pub async fn wait_balanced(&self, count: u64) {
        self.eventually(&format!("{count} records are stored"), async || {
            let p = self.pipeline().await;
            let done = p["stored"] == count && p["inFlight"] == 0;
            if done { Ok(()) } else { Err(p.to_string()) }
        })
        .await;
        let p = self.pipeline().await;
        let sum = |name: &str| -> u64 {
            let list = p[name].as_array().expect("a list");
            list.iter().map(|reason| reason["count"].as_u64().expect("a count")).sum()
        };
        let kernel: u64 = p["dropped"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|reason| reason["reason"] == "kernel_udp")
            .map(|reason| reason["count"].as_u64().expect("a count"))
            .sum();
        let received = p["received"].as_u64().expect("a count");
        assert_eq!(received + kernel, count + sum("rejected") + sum("dropped"), "{p}");
    }

    /// Every message of the log by id, read page by page.
    pub async fn all_messages(&self) -> Vec<(i64, String)> {
        let query = "query ($after: String) {
            logs(first: 1000, after: $after, orderBy: ARRIVAL) {
                pageInfo { hasNextPage endCursor } edges { node { id message } } } }";
        let mut after = Value::Null;
        let mut messages = Vec::new();
        loop {
            let page = self.query(query, json!({ "after": after })).await["logs"].clone();
            for edge in page["edges"].as_array().expect("edges") {
                let node = &edge["node"];
                let id = node["id"].as_str().expect("an id").parse().expect("a number");
                messages.push((id, node["message"].as_str().expect("a message").to_owned()));
            }
            if page["pageInfo"]["hasNextPage"] == false {
                messages.sort();
                return messages;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// Opens a `tail` with its arguments as GraphQL text, e.g. `(last: 3)`.
    pub async fn tail(&self, arguments: &str) -> Tail {
        Tail::open(self.http, arguments).await
    }
}

/// An open `tail` subscription.
pub struct Tail {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The cursor of the last batch.
    pub cursor: String,
}

impl Tail {
    pub async fn open(http: SocketAddr, arguments: &str) -> Tail {
        let mut request = format!("ws://{http}/graphql").into_client_request().expect("a request");
        let protocol = "graphql-transport-ws".parse().expect("a header");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (mut socket, _) = connect_async(request).await.expect("a WebSocket");
        let query = format!(
            "subscription {{ tail{arguments} {{ cursor caughtUp lostBefore logs {{ id message }} }} }}"
        );
        for message in [
            json!({ "type": "connection_init" }),
            json!({ "type": "subscribe", "id": "1", "payload": { "query": query } }),
        ] {
            socket.send(Message::text(message.to_string())).await.expect("it can be sent");
        }
        Tail { socket, cursor: String::new() }
    }

    /// The next message of the subscription: `next`, `error` or `complete`.
    pub async fn message(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            let message = message.expect("a message in time").expect("an open socket");
            let Message::Text(text) = message.expect("a whole message") else { continue };
            let message: Value = serde_json::from_str(&text).expect("JSON");
            match message["type"].as_str() {
                Some("next" | "error" | "complete") => return message,
                Some("ping") => {
                    let pong = Message::text(json!({ "type": "pong" }).to_string());
                    self.socket.send(pong).await.expect("it can be sent");
                }
                _ => {}
            }
        }
    }

    /// The next batch.
    pub async fn batch(&mut self) -> Value {
        let message = self.message().await;
        let batch = message["payload"]["data"]["tail"].clone();
        assert!(batch.is_object(), "a batch was expected: {message}");
        self.cursor = batch["cursor"].as_str().expect("a cursor").to_owned();
        batch
    }

    /// Reads on until `count` records came: their ids and messages, in order of arrival.
    pub async fn read(&mut self, count: usize) -> Vec<(i64, String)> {
        let mut logs = Vec::new();
        while logs.len() < count {
            logs.extend(self.read_batch().await);
        }
        logs
    }

    /// The records of the next batch.
    pub async fn read_batch(&mut self) -> Vec<(i64, String)> {
        let batch = self.batch().await;
        let logs = batch["logs"].as_array().expect("logs").iter();
        logs.map(|log| {
            let id = log["id"].as_str().expect("an id").parse().expect("a number");
            (id, log["message"].as_str().expect("a message").to_owned())
        })
        .collect()
    }
}
