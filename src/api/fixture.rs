//! A schema over a real log in SQLite, for tests.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use async_graphql::{Executor, Request, Variables};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use super::{ApiContext, Limits, TailwaterSchema, schema};
use crate::live::{Hub, NodeFigures, Nodes};
use crate::log::{
    Attributes, Entry, Facility, Severity, SourceKey, Timestamp, timestamp_from_micros,
};
use crate::store::{
    Marks, NewSource, Resolved, SourceCount, SqliteSynchronous, Store, StoreOptions, WriteBatch,
};
use crate::telemetry::Figures;

/// When the fixture's log begins: 2026-01-02T03:00:00Z.
pub const BEGIN: i64 = 1_767_322_800_000_000;

/// A schema and what is behind it.
pub struct Fixture {
    pub schema: TailwaterSchema,
    pub hub: Hub,
    /// Goes with the fixture.
    _directory: TempDir,
}

impl Fixture {
    /// A log of `records` records, one a second, of three sources in turn, with the severities in
    /// turn; every fifth shares its time with the one before.
    pub async fn with_records(records: usize) -> Fixture {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = Store::connect(&StoreOptions {
            url: format!("sqlite://{}/log.db", directory.path().display()),
            read_connections: 4,
            sqlite_synchronous: SqliteSynchronous::Normal,
            read_timeout: Duration::from_secs(30),
        })
        .await
        .expect("a database");
        store.migrate().await.expect("a schema");
        let producer = Uuid::from_u128(1);
        write(&store, producer, records).await;
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
        let auth = crate::auth::Auth::open(store.clone(), Default::default()).await.unwrap();
        let context = ApiContext {
            auth,
            store,
            hub: hub.clone(),
            nodes,
            queue: None,
            figures: Figures::new(),
            limits: Limits::default(),
        };
        Fixture { schema: schema(context), hub, _directory: directory }
    }

    /// The answer to an operation, as clients get it.
    pub async fn ask(&self, query: &str) -> Value {
        self.ask_with(query, serde_json::json!({})).await
    }

    /// The answer to an operation with variables.
    pub async fn ask_with(&self, query: &str, variables: Value) -> Value {
        let request = Request::new(query).variables(Variables::from_json(variables));
        serde_json::to_value(self.schema.execute(request).await).expect("an answer is JSON")
    }

    /// The data of an operation that must not fail.
    pub async fn data(&self, query: &str) -> Value {
        let mut answer = self.ask(query).await;
        assert_eq!(answer["errors"], Value::Null, "{query}");
        answer["data"].take()
    }
}

async fn write(store: &Store, producer: Uuid, records: usize) {
    if records == 0 {
        return;
    }
    let mut session = store.claim_writer().await.expect("a database").expect("no other writer");
    let batch = WriteBatch {
        records: (0..records).map(|n| record(producer, n)).collect(),
        new_sources: (1..=3).map(|id| NewSource { id, key: source(id), seen: time(0) }).collect(),
        marks: BTreeMap::from([(producer, Marks { low: 1, ..Marks::default() })]),
    };
    session.commit(&batch).await.expect("a commit");
    let counts: Vec<SourceCount> = (1..=3)
        .map(|id| {
            let of_it = batch.records.iter().filter(|record| record.source_id == id).count();
            SourceCount { id, added: of_it as u64, last_seen: time(id.into()) }
        })
        .collect();
    session.flush_sources(&counts, records as i64).await.expect("counts");
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
