//! A schema over a real log in SQLite, for tests.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;
use std::sync::Arc;

use async_graphql::{Request, Variables};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::{Answer, ApiContext, Asker, Limits, Retention, TailwaterSchema, schema};
use crate::auth::{self, Auth, Caller, Peer};
use crate::live::{Hub, NodeFigures, Nodes, Piece};
use crate::log::{
    Attributes, Entry, Facility, Log, Severity, SourceKey, Timestamp, timestamp_from_micros,
};
use crate::store::{Marks, NewSource, Resolved, SourceCount, Store, StoreOptions, WriteBatch};
use crate::telemetry::Figures;
use crate::user::Role;

/// When the fixture's log begins: 2026-01-02T03:00:00Z.
pub const BEGIN: i64 = 1_767_322_800_000_000;

/// The password of every user of the fixture.
pub const PASSWORD: &str = "correct horse battery staple";

/// A schema and what is behind it.
pub struct Fixture {
    pub schema: TailwaterSchema,
    pub store: Store,
    pub hub: Hub,
    /// Of the database.
    pub url: String,
    /// The first user, signed in over a transport that sets no cookies.
    pub admin: Asker,
    /// Goes with the fixture.
    _directory: TempDir,
}

/// An answer as clients read it.
pub fn read(answer: &Answer) -> Value {
    serde_json::from_str(answer.text()).expect("an answer is JSON")
}

impl Fixture {
    /// A log of `records` records, one a second, of three sources in turn, with the severities in
    /// turn; every fifth shares its time with the one before. One user, `admin`.
    pub async fn with_records(records: usize) -> Fixture {
        Fixture::with_limits(records, Limits::default()).await
    }

    /// The same with limits of its own.
    pub async fn with_limits(records: usize, limits: Limits) -> Fixture {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let url = format!("sqlite://{}/log.db", directory.path().display());
        let store = Store::connect(&StoreOptions::new(&url)).await.expect("a database");
        store.migrate().await.expect("a schema");
        let producer = Uuid::from_u128(1);
        write(&store, producer, 0..records).await;
        let head = store.head().await.expect("a head");
        let hub = Hub::new(head.database, head.last_id, 1 << 20);
        let nodes = Nodes::new(move || NodeFigures {
            id: producer,
            name: "host:1".to_owned(),
            roles: vec!["ingest".to_owned(), "worker".to_owned(), "api".to_owned()],
            received: records as u64 + 5,
            dropped: BTreeMap::from([("kernel_udp".to_owned(), 3)]),
            ..NodeFigures::default()
        });
        let auth = Auth::open(store.clone(), auth::Options::default()).await.expect("keys");
        auth.first_user(Some(&PASSWORD.into())).await.expect("a first user");
        let admin = signed_in(&auth, "admin").await;
        let context = ApiContext {
            auth,
            store: store.clone(),
            hub: hub.clone(),
            nodes,
            queue: None,
            figures: Figures::new(),
            limits,
            retention: Retention::default(),
            public_url: None,
        };
        Fixture { schema: schema(context), store, hub, url, admin, _directory: directory }
    }

    /// The answer to an operation of the admin, as clients get it.
    pub async fn ask(&self, query: &str) -> Value {
        self.ask_with(query, json!({})).await
    }

    /// The answer to an operation of the admin with variables.
    pub async fn ask_with(&self, query: &str, variables: Value) -> Value {
        self.ask_as(&self.admin, query, variables).await
    }

    /// The answer to an operation.
    pub async fn ask_as(&self, asker: &Asker, query: &str, variables: Value) -> Value {
        let request = Request::new(query).variables(Variables::from_json(variables));
        read(&self.schema.answer(request, asker.clone()).await)
    }

    /// The answers to an operation.
    pub fn follow(&self, asker: &Asker, query: &str) -> BoxStream<'static, Value> {
        let answers = self.schema.answers(Request::new(query), asker.clone());
        answers.map(|answer| read(&answer)).boxed()
    }

    /// Stores one more record.
    pub async fn store_one(&self) {
        let head = self.store.head().await.expect("a head").last_id as usize;
        write(&self.store, Uuid::from_u128(head as u128 + 2), head..head + 1).await;
    }

    /// Commits so many more records, as far as tails can tell.
    pub fn publish(&self, records: usize) {
        let head = self.hub.head();
        let log = |n: usize| {
            let Resolved { source_id, source, entry, .. } = record(Uuid::nil(), n);
            Arc::new(Log { id: n as i64 + 1, source_id, source, entry })
        };
        let logs = (head as usize..).take(records).map(log).collect();
        self.hub.publish(Arc::new(Piece::new(logs).expect("some records")));
    }

    /// The data of an operation of the admin that must not fail.
    pub async fn data(&self, query: &str) -> Value {
        self.data_as(&self.admin, query).await
    }

    /// The data of an operation that must not fail.
    pub async fn data_as(&self, asker: &Asker, query: &str) -> Value {
        let mut answer = self.ask_as(asker, query, json!({})).await;
        assert_eq!(answer["errors"], Value::Null, "{query}");
        answer["data"].take()
    }

    /// Makes a user, whose scope is a `LogFilter` or null, and signs in.
    pub async fn user(&self, username: &str, role: Role, scope: Value) -> Asker {
        let make = "mutation($input: NewUser!) { createUser(input: $input) { id } }";
        let role = role.name().to_uppercase();
        let input =
            json!({ "username": username, "password": PASSWORD, "role": role, "scope": scope });
        let made = self.ask_with(make, json!({ "input": input })).await;
        assert_eq!(made["errors"], Value::Null);
        self.sign_in(username).await
    }

    /// Signs in.
    pub async fn sign_in(&self, username: &str) -> Asker {
        signed_in(self.schema.auth(), username).await
    }
}

/// Where the users of the fixture are.
pub fn peer() -> Peer {
    Peer { address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), user_agent: Some("test".to_owned()) }
}

/// Somebody whom a transport that sets no cookies brings.
pub fn asker(caller: Caller) -> Asker {
    Asker { caller, refresh_cookie: None, cookies: None }
}

/// Nobody.
pub fn nobody() -> Asker {
    asker(Caller::anonymous(peer()))
}

async fn signed_in(auth: &Auth, username: &str) -> Asker {
    let signed_in = auth.sign_in(username, PASSWORD.into(), &peer()).await.expect("a session");
    let bearer = signed_in.access_token.expose_secret();
    asker(auth.authenticate(bearer, peer()).await.expect("a caller"))
}

async fn write(store: &Store, producer: Uuid, numbers: Range<usize>) {
    if numbers.is_empty() {
        return;
    }
    let head = numbers.end as i64;
    let new = if numbers.start == 0 { 3 } else { 0 };
    let mut session = store.claim_writer().await.expect("a database").expect("no other writer");
    let batch = WriteBatch {
        records: numbers.map(|n| record(producer, n)).collect(),
        new_sources: (1..=new).map(|id| NewSource { id, key: source(id), seen: time(0) }).collect(),
        marks: BTreeMap::from([(producer, Marks { low: 1, ..Marks::default() })]),
    };
    session.commit(&batch).await.expect("a commit");
    let counts: Vec<SourceCount> = (1..=3)
        .map(|id| {
            let of_it = batch.records.iter().filter(|record| record.source_id == id).count();
            SourceCount { id, added: of_it as u64, last_seen: time(id.into()) }
        })
        .collect();
    session.flush_sources(&counts, head).await.expect("counts");
}

fn source(id: i32) -> SourceKey {
    SourceKey {
        host: Some(format!("web{id}")),
        app: (id != 3).then(|| "nginx".to_owned()),
        address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, id as u8)),
    }
}

fn record(producer: Uuid, n: usize) -> Resolved {
    let second = if n % 5 == 4 { n - 1 } else { n } as i64;
    Resolved {
        source_id: (n % 3) as i32 + 1,
        source: Arc::new(source((n % 3) as i32 + 1)),
        producer,
        entry: Entry {
            timestamp: time(second),
            received_at: time(n as i64),
            severity: Severity::from_code((n % 8) as u8),
            facility: Some(Facility::Local0),
            proc_id: Some("42".to_owned()),
            msg_id: None,
            message: format!("record number {}", n + 1),
            attributes: Attributes::from_json_text(format!(r#"{{"user":{{"id":{}}}}}"#, n % 2)),
        },
    }
}

fn time(second: i64) -> Timestamp {
    timestamp_from_micros(BEGIN + second * 1_000_000)
}
