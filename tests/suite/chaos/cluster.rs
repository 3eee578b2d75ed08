//! Everything that may break: Postgres, nats-server, two processes of each role, and a wire of each
//! process to each server that it needs.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::acknowledged::Acknowledged;
use super::schedule::{Fault, Kind, Node, Part, Peer, Role, Schedule, Step};
use crate::support::nats::NatsServer;
use crate::support::postgres::Postgres;
use crate::support::proxy::Proxy;
use crate::support::server::{LogOf, Server, Setup};

/// One run of one of our processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub node: Node,
    /// Counts the starts of this node.
    pub start: usize,
    pub tcp: SocketAddr,
    pub udp: SocketAddr,
    pub http: SocketAddr,
}

/// Where everybody sees which processes there are. Clones are one board.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<BTreeMap<Node, Run>>>);

impl Board {
    pub fn run_of(&self, node: Node) -> Option<Run> {
        self.runs().get(&node).copied()
    }

    pub fn is_up(&self, run: &Run) -> bool {
        self.run_of(run.node) == Some(*run)
    }

    fn runs(&self) -> std::sync::MutexGuard<'_, BTreeMap<Node, Run>> {
        self.0.lock().expect("the board is whole")
    }
}

/// The servers and the processes.
pub struct Cluster {
    pub board: Board,
    /// The database, not through a wire.
    pub database_url: String,
    pub servers: BTreeMap<Node, Server>,
    /// Of every run there ever was, by name.
    pub logs: Vec<(String, LogOf)>,
    setups: BTreeMap<Node, Setup>,
    wires: BTreeMap<(Node, Peer), Proxy>,
    starts: BTreeMap<Node, usize>,
    nats: NatsServer,
    postgres: Postgres,
}

impl Cluster {
    /// Starts everything and waits until it is ready. `settings` reach every process;
    /// `acknowledged` overhears the wires of ingest processes to NATS.
    pub async fn start(settings: &[(&str, String)], acknowledged: &Acknowledged) -> Cluster {
        let postgres = Postgres::start();
        let database_url = postgres.database().await;
        let nats = NatsServer::start();
        let (before, rest) = database_url.split_once('@').expect("credentials");
        let (address, database) = rest.split_once('/').expect("a database");
        let postgres_address: SocketAddr = address.parse().expect("an address");

        let (mut setups, mut wires) = (BTreeMap::new(), BTreeMap::new());
        for node in Node::all() {
            let to_nats = match node.role {
                Role::Ingest => {
                    Proxy::start_overheard(nats.address(), acknowledged.listeners()).await
                }
                Role::Worker | Role::Api => Proxy::start(nats.address()).await,
            };
            let to_postgres = Proxy::start(postgres_address).await;
            let url = format!("{before}@{}/{database}", to_postgres.address());
            let mut setup = Setup::new(node.role.name())
                .with("NATS_URL", format!("nats://{}", to_nats.address()))
                .with("LOG_LEVEL", "info");
            if node.reaches(Peer::Postgres) {
                setup = setup.with("DATABASE_URL", url);
                wires.insert((node, Peer::Postgres), to_postgres);
            }
            for (name, value) in settings {
                setup = setup.with(name, value);
            }
            wires.insert((node, Peer::Nats), to_nats);
            setups.insert(node, setup);
        }
        let mut cluster = Cluster {
            board: Board::default(),
            database_url,
            servers: BTreeMap::new(),
            logs: Vec::new(),
            setups,
            wires,
            starts: BTreeMap::new(),
            nats,
            postgres,
        };
        for node in Node::all() {
            cluster.start_node(node);
        }
        for server in cluster.servers.values() {
            server.wait_ready().await;
        }
        cluster
    }

    /// The runs of a role that live.
    pub fn runs(&self, role: Role) -> Vec<Run> {
        let runs = self.board.runs();
        runs.values().filter(|run| run.node.role == role).copied().collect()
    }

    fn start_node(&mut self, node: Node) {
        let server = self.setups[&node].start_unready();
        let start = self.starts.entry(node).or_default();
        *start += 1;
        self.logs.push((format!("{node}, start {start}"), server.log_handle()));
        let listener = |address: Option<SocketAddr>| address.unwrap_or(server.http);
        let run = Run {
            node,
            start: *start,
            tcp: listener(server.tcp),
            udp: listener(server.udp),
            http: server.http,
        };
        self.board.runs().insert(node, run);
        self.servers.insert(node, server);
    }

    /// Breaks and mends what the schedule says, when it says so, and tells of it.
    pub fn suffer(&mut self, schedule: &Schedule) {
        let begun = Instant::now();
        for (at, step) in schedule.steps() {
            std::thread::sleep(at.saturating_sub(begun.elapsed()));
            match step {
                Step::Begins(fault) => {
                    println!("{fault}{}", lateness(at, begun.elapsed()));
                    self.break_down(&fault);
                }
                Step::Ends(fault) => self.mend(&fault),
            }
        }
    }

    fn break_down(&mut self, fault: &Fault) {
        match fault.part {
            Part::Node(node) => {
                self.board.runs().remove(&node);
                if let Some(server) = self.servers.remove(&node) {
                    server.kill();
                }
            }
            Part::Peer(Peer::Nats) => self.nats.kill(),
            Part::Peer(Peer::Postgres) => self.postgres.kill(),
            Part::Wire(node, peer) => {
                let wire = &self.wires[&(node, peer)];
                match fault.kind {
                    Kind::Killed | Kind::Cut => wire.cut(),
                    Kind::Slow => wire.slow_down(fault.delay),
                    Kind::Unanswered => wire.hold_answers(),
                    Kind::HalfOpen => wire.let_die(),
                }
            }
        }
    }

    fn mend(&mut self, fault: &Fault) {
        match fault.part {
            Part::Node(node) => self.start_node(node),
            Part::Peer(Peer::Nats) => self.nats.restart(),
            Part::Peer(Peer::Postgres) => self.postgres.restart(),
            Part::Wire(node, peer) => {
                let wire = &self.wires[&(node, peer)];
                // Answers that were held back are lost: that is what makes a commit unclear.
                if fault.kind == Kind::Unanswered {
                    wire.cut();
                }
                wire.heal();
            }
        }
    }

    /// What the processes said last, of every run.
    pub fn last_words(&self) -> String {
        const LINES: usize = 60;
        let words = self.logs.iter().map(|(name, log)| {
            let log = log.read();
            let lines: Vec<&str> = log.lines().collect();
            let from = lines.len().saturating_sub(LINES);
            format!("--- {name} ---\n{}\n", lines[from..].join("\n"))
        });
        words.collect()
    }
}

/// A machine that is busy breaks things later than was meant.
fn lateness(planned: Duration, real: Duration) -> String {
    let late = real.saturating_sub(planned);
    if late < Duration::from_millis(500) {
        return String::new();
    }
    format!(" (at {:.2} s)", real.as_secs_f64())
}
