//! Somebody who asks a server over the network, signed in or not: GraphQL over POST, WebSocket
//! (`graphql-transport-ws`) and server-sent events.

use std::net::SocketAddr;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::socket::{Frame, Socket};
use super::soon;

/// The password of everybody whom a test adds.
pub const PASSWORD: &str = "correct horse";

/// Where somebody asks, and with which token.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub http: SocketAddr,
    /// For `Authorization: Bearer`: an access token or an API token.
    pub token: Option<String>,
    /// What the sign-in gave to come back with.
    pub refresh_token: Option<String>,
}

impl Visitor {
    /// Somebody who has not signed in.
    pub fn new(http: SocketAddr) -> Visitor {
        Visitor { http, token: None, refresh_token: None }
    }

    /// The same server with this token.
    pub fn with_token(&self, token: &str) -> Visitor {
        Visitor { token: Some(token.to_owned()), ..self.visitor() }
    }

    /// The same server, not signed in.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.http)
    }

    /// The same person at another node.
    pub fn at(&self, http: SocketAddr) -> Visitor {
        Visitor { http, ..self.clone() }
    }

    /// Signs in, with a refresh token in the answer.
    pub async fn sign_in(&self, username: &str, password: &str) -> Result<Visitor, String> {
        let login = "mutation ($username: String!, $password: String!) {
            login(username: $username, password: $password, refreshToken: true) {
                accessToken refreshToken } }";
        let variables = json!({ "username": username, "password": password });
        let answer = self.visitor().ask(login, variables).await?;
        self.with_session(&answer["data"]["login"]).ok_or_else(|| answer.to_string())
    }

    /// The same server, as whom a `Session` was given to; `None` when this is none.
    pub fn with_session(&self, session: &Value) -> Option<Visitor> {
        let token = session["accessToken"].as_str()?.to_owned();
        let refresh_token = session["refreshToken"].as_str().map(str::to_owned);
        Some(Visitor { http: self.http, token: Some(token), refresh_token })
    }

    /// Adds a user, as an admin, and signs them in. `scope` is a `LogFilter`, or null.
    pub async fn add_user(&self, username: &str, role: &str, scope: Value) -> Visitor {
        let create = "mutation ($new: NewUser!) { createUser(input: $new) { id } }";
        let new = json!({
            "username": username, "password": PASSWORD, "role": role, "scope": scope,
        });
        self.query(create, json!({ "new": new })).await;
        self.sign_in(username, PASSWORD).await.expect("the new user signs in")
    }

    /// The id of the user that one is.
    pub async fn id(&self) -> String {
        let data = self.query("{ me { id } }", json!({})).await;
        data["me"]["id"].as_str().expect("an id").to_owned()
    }

    /// A POST of this body, for a test to change before it goes.
    pub fn post(&self, body: &Value) -> RequestBuilder {
        let request = super::http().post(format!("http://{}/graphql", self.http)).json(body);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Asks, and gives the whole answer.
    pub async fn ask(&self, query: &str, variables: Value) -> Result<Value, String> {
        let request = self.post(&json!({ "query": query, "variables": variables }));
        let answer = request.send().await.map_err(|error| error.to_string())?;
        answer.json().await.map_err(|error| error.to_string())
    }

    /// The data of an answer without errors.
    pub async fn query(&self, query: &str, variables: Value) -> Value {
        let answer = self.ask(query, variables).await.expect("an answer");
        assert!(answer["errors"].is_null(), "{query}\n{answer}");
        answer["data"].clone()
    }

    /// The code of the first error of an answer, `OK` when it has none.
    pub async fn code(&self, query: &str, variables: Value) -> String {
        let answer = self.ask(query, variables).await.expect("an answer");
        code_of(&answer)
    }

    /// Opens a WebSocket and says who it is; not yet acknowledged.
    pub async fn socket(&self) -> Socket {
        let mut socket = Socket::open(self.http, &[]).await.expect("a WebSocket");
        socket.send(&self.init()).await;
        socket
    }

    /// The `connection_init` of this visitor.
    pub fn init(&self) -> Value {
        match &self.token {
            Some(token) => {
                let authorization = format!("Bearer {token}");
                json!({ "type": "connection_init", "payload": { "authorization": authorization } })
            }
            None => json!({ "type": "connection_init" }),
        }
    }

    /// Opens a `tail` with its arguments as GraphQL text, e.g. `(last: 3)`.
    pub async fn tail(&self, arguments: &str) -> Tail {
        let query = tail(arguments);
        let mut socket = self.socket().await;
        socket
            .send(&json!({ "type": "subscribe", "id": "1", "payload": { "query": query } }))
            .await;
        Tail { socket, cursor: String::new() }
    }

    /// Opens a `tail` as a stream of server-sent events.
    pub async fn events(&self, arguments: &str) -> Events {
        let request = self.post(&json!({ "query": tail(arguments) }));
        let answer = request.header("accept", "text/event-stream").send().await;
        Events { answer: answer.expect("an answer"), read: String::new() }
    }
}

/// The code of the first error of an answer, `OK` when it has none.
pub fn code_of(answer: &Value) -> String {
    match &answer["errors"] {
        Value::Null => "OK".to_owned(),
        errors => errors[0]["extensions"]["code"].as_str().unwrap_or("none").to_owned(),
    }
}

fn tail(arguments: &str) -> String {
    format!(
        "subscription {{ tail{arguments} {{ cursor caughtUp lostBefore logs {{ id message }} }} }}"
    )
}

/// An open `tail` subscription.
pub struct Tail {
    socket: Socket,
    /// The cursor of the last batch.
    pub cursor: String,
}

impl Tail {
    /// The next message of the subscription: `next`, `error` or `complete`.
    pub async fn message(&mut self) -> Value {
        loop {
            match self.socket.frame().await {
                Frame::Message(message) => {
                    if matches!(message["type"].as_str(), Some("next" | "error" | "complete")) {
                        return message;
                    }
                }
                Frame::Closed(code, reason) => panic!("the socket was closed: {code} {reason}"),
            }
        }
    }

    /// Reads to its end, and says how it ended: the code of the close frame.
    pub async fn closed(mut self) -> u16 {
        self.socket.closed().await.0
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
        logs_of(&self.batch().await)
    }
}

/// The ids and messages of a batch.
fn logs_of(batch: &Value) -> Vec<(i64, String)> {
    let logs = batch["logs"].as_array().expect("logs").iter();
    logs.map(|log| {
        let id = log["id"].as_str().expect("an id").parse().expect("a number");
        (id, log["message"].as_str().expect("a message").to_owned())
    })
    .collect()
}

/// An open stream of server-sent events.
pub struct Events {
    pub answer: reqwest::Response,
    read: String,
}

impl Events {
    /// Reads on until `count` records came: their ids and messages, in order of arrival.
    pub async fn read(&mut self, count: usize) -> Vec<(i64, String)> {
        let mut logs = Vec::new();
        while logs.len() < count {
            let (name, answer) = self.next().await.expect("the stream stays open");
            assert_eq!(name, "next", "{answer}");
            logs.extend(logs_of(&answer["data"]["tail"]));
        }
        logs
    }

    /// The next event, its name and its data; `None` at the end of the stream. Comments are passed
    /// over.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name))?;
                    Some(line.strip_prefix(' ').unwrap_or(line).to_owned())
                };
                let (name, data) = (field("event:"), field("data:").unwrap_or_default());
                self.read = rest.to_owned();
                if let Some(name) = name {
                    return Some((name, serde_json::from_str(&data).unwrap_or_default()));
                }
            }
            let chunk = soon(self.answer.chunk()).await.expect("a whole stream")?;
            self.read.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }
}
