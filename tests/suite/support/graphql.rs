//! What the tests ask a server in GraphQL, as its admin.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::Server;
use super::visitor::{Tail, Visitor};

impl Server {
    /// Its admin, signed in.
    pub async fn admin(&self) -> Visitor {
        self.try_admin().await.unwrap_or_else(|error| panic!("{error}\n{}", self.log()))
    }

    /// Signed in anew before the access token expires.
    async fn try_admin(&self) -> Result<Visitor, String> {
        const GOOD_FOR: Duration = Duration::from_secs(300);
        let mut admin = self.admin.lock().await;
        if let Some((visitor, since)) = &*admin
            && since.elapsed() < GOOD_FOR
        {
            return Ok(visitor.clone());
        }
        let visitor = self.visitor().sign_in("admin", Server::ADMIN_PASSWORD).await?;
        *admin = Some((visitor.clone(), Instant::now()));
        Ok(visitor)
    }

    /// Somebody who has not signed in.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.http)
    }

    /// Asks, and gives the whole answer.
    pub async fn ask(&self, query: &str, variables: Value) -> Result<Value, String> {
        self.try_admin().await?.ask(query, variables).await
    }

    /// The data of an answer without errors.
    pub async fn query(&self, query: &str, variables: Value) -> Value {
        let answer = self.ask(query, variables).await.expect("an answer");
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
        self.admin().await.tail(arguments).await
    }
}
