//! What is under load: one process with SQLite, or a process a role with NATS and Postgres.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;

use crate::curve::Growth;
use crate::support::pair::Pair;
use crate::support::server::{Server, Setup};
use crate::support::visitor::Visitor;

pub struct Deployment {
    /// The first receives, the last answers.
    servers: Vec<(&'static str, Server)>,
    separate: bool,
    _pair: Pair,
}

/// What it is called.
pub fn name(separate: bool) -> &'static str {
    if separate { "ingest, worker and api on NATS and Postgres" } else { "serve on SQLite" }
}

impl Deployment {
    /// Starts it, with a log of at most about so many bytes.
    pub async fn start(separate: bool, retention: u64) -> Deployment {
        let pair = if separate { Pair::nats_postgres().await } else { Pair::memory_sqlite().await };
        let roles: &[&'static str] =
            if separate { &["ingest", "worker", "api"] } else { &["serve"] };
        let mut servers = Vec::new();
        for role in roles {
            let setup: Setup = pair.role(role).with("RETENTION_SIZE", retention);
            // What is shipped does not tell of every step.
            servers.push((*role, setup.with("LOG_LEVEL", "info").start().await));
        }
        Deployment { servers, separate, _pair: pair }
    }

    /// Where lines go.
    pub fn tcp(&self) -> SocketAddr {
        let (_, first) = self.servers.first().expect("a process");
        first.tcp.expect("it receives")
    }

    /// The one that answers.
    pub fn api(&self) -> &Server {
        let (_, last) = self.servers.last().expect("a process");
        last
    }

    /// Somebody who may read, for longer than a sign-in lasts.
    pub async fn reader(&self) -> Visitor {
        let create = r#"mutation { createToken(name: "soak", scope: READ) { token } }"#;
        let admin = self.api().admin().await;
        let made = admin.query(create, json!({})).await;
        admin.with_token(made["createToken"]["token"].as_str().expect("a token"))
    }

    pub fn memory(&self) -> u64 {
        self.servers.iter().map(|(_, server)| server.memory()).sum()
    }

    pub fn open_files(&self) -> usize {
        self.servers.iter().map(|(_, server)| server.open_files()).sum()
    }

    pub fn cpu_time(&self) -> Duration {
        self.cpu_times().map(|(_, time)| time).sum()
    }

    /// What each process has computed so far.
    pub fn cpu_times(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        self.servers.iter().map(|(role, server)| (*role, server.cpu_time()))
    }

    /// Bytes that the records take, and those of the database on disk.
    pub async fn storage(&self) -> Option<(u64, u64)> {
        let question = "{ pipeline { storage { bytes diskBytes } } }";
        let answer = self.api().ask(question, json!({})).await.ok()?;
        let storage = &answer["data"]["pipeline"]["storage"];
        Some((storage["bytes"].as_u64()?, storage["diskBytes"].as_u64()?))
    }

    /// Postgres gives disk back a partition of eight million records at a time, which a run like
    /// this one hardly sees.
    pub fn growth_of_disk(&self) -> Growth {
        if self.separate { Growth::Any } else { Growth::AtMost { ratio: 1.15, more: 16.0 } }
    }
}
