//! What a process says about itself: its accounting, its health, its metrics, its log.

mod own_log;
pub mod supervisor;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

pub use own_log::{LogFormat, OwnLog};

/// The reason under which a record is rejected that the database refused for its content.
pub const DEAD_LETTER: &str = "dead_letter";

/// Counts by a label, which can be read back: the accounting is made of these.
#[derive(Clone, Debug)]
pub struct Tally {
    family: Family<Vec<(&'static str, String)>, Counter>,
    label: &'static str,
    known: Arc<Mutex<BTreeMap<String, Counter>>>,
}

impl Tally {
    fn new(label: &'static str) -> Self {
        Tally { family: Family::default(), label, known: Arc::default() }
    }

    /// The counter of one value of the label. Hold on to it where it is hot.
    pub fn of(&self, value: &str) -> Counter {
        let mut known = lock(&self.known);
        if let Some(counter) = known.get(value) {
            return counter.clone();
        }
        let counter = self.family.get_or_create(&vec![(self.label, value.to_owned())]).clone();
        known.insert(value.to_owned(), counter.clone());
        counter
    }

    /// Every value with its count.
    pub fn read(&self) -> BTreeMap<String, u64> {
        lock(&self.known).iter().map(|(value, counter)| (value.clone(), counter.get())).collect()
    }

    /// The sum over all values.
    pub fn total(&self) -> u64 {
        lock(&self.known).values().map(|counter| counter.get()).sum()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The figures of one process. Clones count together.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Records read off sockets, by listener (`udp`, `tcp`, `tls`).
    pub received: Tally,
    /// Records refused for what they are, by reason.
    pub rejected: Tally,
    /// Records lost for want of room, by reason (`kernel_udp`: the socket's buffer was full).
    pub dropped: Tally,
    /// Bytes of the records received, by listener.
    pub received_bytes: Tally,
    /// Bytes cut off records that were too long, by listener; not among `received_bytes`.
    pub cut_bytes: Tally,
    /// Records committed by this process's writer.
    pub stored: Counter,
    /// Records of frames that were stored already and were skipped.
    pub repeated: Counter,
    /// Open TCP connections, over TLS or not.
    pub connections: Gauge,
    /// Connections closed as they came because there were too many, in all or of their address,
    /// by listener.
    pub connections_refused: Tally,
    /// Attempts to accept a connection for which the system had none, by listener.
    pub accepts_failed: Tally,
    /// TLS handshakes that failed, by listener.
    pub handshakes_failed: Tally,
    /// The newest position this process knows.
    pub head: Gauge,
    /// 1 while this process is the writer of its database.
    pub writer: Gauge,
    /// Seconds a commit took.
    pub commit_seconds: Histogram,
    /// Records a batch.
    pub batch_records: Histogram,
    /// Records that are not in a block of its final form yet.
    pub unsealed: Gauge,
    /// Blocks of the log.
    pub blocks: Gauge,
    /// Records that this process sealed into blocks of their final form.
    pub sealed: Counter,
    /// Seconds it took to seal a block.
    pub seal_seconds: Histogram,
    /// Records that retention removed.
    pub expired: Counter,
    /// Open live subscriptions.
    pub tails: Gauge,
    /// Whether the parts this process needs are there.
    pub health: Health,
    registry: Arc<Registry>,
}

impl Default for Figures {
    fn default() -> Self {
        Self::new()
    }
}

impl Figures {
    /// New figures, all zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("tailwater");
        let figures = Figures {
            received: Tally::new("listener"),
            rejected: Tally::new("reason"),
            dropped: Tally::new("reason"),
            received_bytes: Tally::new("listener"),
            cut_bytes: Tally::new("listener"),
            stored: Counter::default(),
            repeated: Counter::default(),
            connections: Gauge::default(),
            connections_refused: Tally::new("listener"),
            accepts_failed: Tally::new("listener"),
            handshakes_failed: Tally::new("listener"),
            head: Gauge::default(),
            writer: Gauge::default(),
            commit_seconds: Histogram::new(exponential_buckets(0.000_5, 2.0, 16)),
            batch_records: Histogram::new(exponential_buckets(1.0, 4.0, 9)),
            unsealed: Gauge::default(),
            blocks: Gauge::default(),
            sealed: Counter::default(),
            seal_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            expired: Counter::default(),
            tails: Gauge::default(),
            health: Health::default(),
            registry: Arc::default(),
        };
        let f = &figures;
        registry.register("received", "Records read off sockets", f.received.family.clone());
        registry.register(
            "rejected",
            "Records refused for what they are, by reason",
            f.rejected.family.clone(),
        );
        registry.register(
            "dropped",
            "Records lost for want of room, by reason",
            f.dropped.family.clone(),
        );
        registry.register_with_unit(
            "received",
            "Bytes of the records received",
            Unit::Bytes,
            f.received_bytes.family.clone(),
        );
        registry.register_with_unit(
            "cut",
            "Bytes cut off records that were too long",
            Unit::Bytes,
            f.cut_bytes.family.clone(),
        );
        registry.register("stored", "Records committed by this process", f.stored.clone());
        registry.register(
            "repeated",
            "Records skipped because they are stored already",
            f.repeated.clone(),
        );
        registry.register("connections", "Open TCP connections", f.connections.clone());
        registry.register(
            "connections_refused",
            "Connections closed because there were too many, by listener",
            f.connections_refused.family.clone(),
        );
        registry.register(
            "accepts_failed",
            "Attempts to accept a connection for which the system had none, by listener",
            f.accepts_failed.family.clone(),
        );
        registry.register(
            "tls_handshakes_failed",
            "TLS handshakes that failed, by listener",
            f.handshakes_failed.family.clone(),
        );
        registry.register("head", "The newest position known", f.head.clone());
        registry.register("writer", "1 while this process is the writer", f.writer.clone());
        registry.register_with_unit(
            "commit",
            "Time it took to commit a batch",
            Unit::Seconds,
            f.commit_seconds.clone(),
        );
        registry.register(
            "batch_records",
            "Records in a batch that was committed",
            f.batch_records.clone(),
        );
        registry.register(
            "unsealed",
            "Records that are not in a block of its final form yet, as the writer knows",
            f.unsealed.clone(),
        );
        registry.register("blocks", "Blocks of the log, as the writer knows", f.blocks.clone());
        registry.register(
            "sealed",
            "Records sealed by this process into blocks of their final form",
            f.sealed.clone(),
        );
        registry.register_with_unit(
            "seal",
            "Time it took to seal a block",
            Unit::Seconds,
            f.seal_seconds.clone(),
        );
        registry.register("expired", "Records removed by retention", f.expired.clone());
        registry.register("tails", "Open live subscriptions", f.tails.clone());
        Figures { registry: Arc::new(registry), ..figures }
    }

    /// Records this process has received and its own writer has not dealt with yet.
    pub fn in_flight(&self) -> u64 {
        let accounted = self.stored.get() + self.rejected.total();
        self.received.total().saturating_sub(accounted)
    }

    /// The metrics as Prometheus reads them (OpenMetrics text).
    pub fn metrics(&self) -> String {
        let mut page = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut page, &self.registry);
        page
    }
}

/// Whether the parts a process needs are there, by name (`database`, `queue`, `writer`, …).
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Arc<Mutex<BTreeMap<&'static str, Result<(), String>>>>,
}

impl Health {
    /// The part is not there yet.
    pub fn starting(&self, part: &'static str) {
        lock(&self.parts).insert(part, Err("starting".to_owned()));
    }

    /// The part works. Says so in the log when it did not before.
    pub fn up(&self, part: &'static str) {
        if let Some(Err(_)) = lock(&self.parts).insert(part, Ok(())) {
            tracing::info!(part, "available");
        }
    }

    /// The part does not work, and why. Said in the log once, until it works again.
    pub fn down(&self, part: &'static str, why: impl std::fmt::Display) {
        let why = why.to_string();
        if !matches!(lock(&self.parts).insert(part, Err(why.clone())), Some(Err(_))) {
            tracing::warn!(part, why, "not available; trying again until it is");
        }
    }

    /// Every part with its state.
    pub fn read(&self) -> BTreeMap<&'static str, Result<(), String>> {
        lock(&self.parts).clone()
    }

    /// Whether every part works.
    pub fn is_ready(&self) -> bool {
        lock(&self.parts).values().all(Result::is_ok)
    }
}
