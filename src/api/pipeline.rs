//! `pipeline`: the loss accounting of the whole system.
//!
//! For every ingest node, and so for all of them:
//!
//! ```text
//! received + dropped by the kernel = stored + rejected + dropped + in flight
//! ```
//!
//! What a node received, rejected and dropped is what it says; what is stored of it, and what the
//! database refused, is read from the database, by the producer that the node is.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::{ComplexObject, Enum, ID, SimpleObject};
use futures_util::future::BoxFuture;

use super::errors::{ApiError, Fallible};
use super::reader::Reader;
use super::scalars::{Count, DateTime};
use super::storage::{Retention, Storage, storage};
use crate::live::{NodeFigures, NodeState as State, NodeView, Nodes};
use crate::store::Producer;
use crate::telemetry::DEAD_LETTER;

/// How the reasons begin under which drops stand that our process never saw.
const KERNEL: &str = "kernel";

/// Where the records are: received, with what the kernel dropped, is stored, rejected, dropped
/// and in flight. Counted since each node started.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Pipeline {
    /// Records read off sockets.
    received: Count,
    /// Records in the log.
    stored: Count,
    /// Records refused for what they are, by reason.
    rejected: Vec<ReasonCount>,
    /// Records lost for want of room, by reason. Those of `kernel_udp` were never received.
    dropped: Vec<ReasonCount>,
    /// Records received that are nowhere else yet: in a listener, the queue or the writer.
    in_flight: Count,
    /// Whether a node fell silent without a word: what it received after its last announcement
    /// is in none of these numbers.
    unknown: bool,
    /// What waits in the queue; null when the queue cannot say.
    queue_depth: Option<QueueDepth>,
    /// The newest position of the log.
    head: Count,
    /// Records stored that the live feed of the node that answers has not seen yet.
    lag: Count,
    /// Every node heard of since the node that answers started, that one first.
    nodes: Vec<Node>,
    #[graphql(skip)]
    reader: Reader,
    #[graphql(skip)]
    retention: Retention,
}

#[ComplexObject]
impl Pipeline {
    /// How much is stored, in which form, and how long it is kept.
    async fn storage(&self) -> Fallible<Storage> {
        Some(storage(&self.reader, self.retention).await)
    }
}

/// How often something happened, by reason.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct ReasonCount {
    reason: String,
    count: Count,
}

/// What waits in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, SimpleObject)]
pub struct QueueDepth {
    /// Frames: each holds many records.
    pub frames: Count,
    /// Bytes of those frames.
    pub bytes: Count,
}

impl QueueDepth {
    /// So many frames of so many bytes.
    pub fn new(frames: u64, bytes: u64) -> Self {
        QueueDepth { frames: Count(frames), bytes: Count(bytes) }
    }
}

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub enum NodeRole {
    /// Receives.
    Ingest,
    /// Writes.
    Worker,
    /// Answers.
    Api,
}

/// How a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "State")]
pub enum NodeState {
    /// It was heard of a moment ago.
    Up,
    /// It said that it stopped; its figures are final.
    Stopped,
    /// It fell silent without a word.
    Lost,
}

/// One run of one process.
#[derive(Debug, SimpleObject)]
pub struct Node {
    /// This run of the process.
    id: ID,
    /// The host's name and the process id.
    name: String,
    /// What it does.
    roles: Vec<NodeRole>,
    /// How it is.
    state: NodeState,
    /// When it started.
    started_at: DateTime,
    /// When it was last heard of.
    heard_at: DateTime,
    /// Records it read off sockets.
    received: Count,
    /// Records it received that are in the log.
    stored: Count,
    /// Records it received that were refused for what they are, by reason.
    rejected: Vec<ReasonCount>,
    /// Records lost on the way to it or in it for want of room, by reason.
    dropped: Vec<ReasonCount>,
    /// Records it received that are nowhere else yet.
    in_flight: Count,
    /// Whether what it received after its last announcement is unknown.
    unknown: bool,
    /// Whether it is the writer of the database.
    writer: bool,
    /// Records its writer committed, of whichever node.
    committed: Count,
    /// Records its writer skipped because they were stored already.
    repeated: Count,
    /// The newest position it knows.
    head: Count,
    /// Open TCP connections.
    connections: Count,
}

/// Asks how much waits in the queue; `None` when the queue cannot say at the moment.
pub type ReadQueueDepth = Arc<dyn Fn() -> BoxFuture<'static, Option<QueueDepth>> + Send + Sync>;

/// What the accounting is read from, beside the database.
#[derive(Clone)]
pub struct Stations {
    /// What every node says of itself.
    pub nodes: Nodes,
    /// How to ask the queue; `None` where this process has none.
    pub queue: Option<ReadQueueDepth>,
    /// How much of the log is kept.
    pub retention: Retention,
}

/// Reads the accounting of every node.
///
/// # Errors
/// The reader sees a part of the log only, and these figures are of all of it; the store fails.
pub async fn pipeline(reader: &Reader, stations: &Stations) -> Result<Pipeline, ApiError> {
    let (store, hub) = reader.everything()?;
    let ids: Vec<_> = stations.nodes.read().iter().map(|node| node.figures.id).collect();
    let producers = store.producers(&ids).await?;
    let head = store.head().await?.last_id;
    let queue_depth = match &stations.queue {
        Some(ask) => ask().await,
        None => None,
    };
    // Read after the database, so that what is stored was received before.
    let views = stations.nodes.read();
    let accounts: Vec<Account> =
        views.iter().map(|view| Account::of(view, producers.get(&view.figures.id))).collect();
    let total = accounts.iter().fold(Account::default(), |sum, account| sum.plus(account));
    Ok(Pipeline {
        received: Count(total.received),
        stored: Count(total.stored),
        rejected: reasons(&total.rejected),
        dropped: reasons(&total.dropped),
        in_flight: Count(total.in_flight()),
        unknown: accounts.iter().any(|account| account.unknown),
        queue_depth,
        head: position(head),
        lag: position(head.saturating_sub(hub.head())),
        nodes: views.iter().zip(accounts).map(|(view, account)| node(view, account)).collect(),
        reader: reader.clone(),
        retention: stations.retention,
    })
}

/// The balance of what ingest nodes received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Account {
    received: u64,
    stored: u64,
    rejected: BTreeMap<String, u64>,
    dropped: BTreeMap<String, u64>,
    unknown: bool,
}

impl Account {
    /// The account of a node. One that does not receive has an empty one.
    fn of(view: &NodeView, producer: Option<&Producer>) -> Account {
        let NodeFigures { roles, received, rejected, dropped, .. } = &view.figures;
        if !roles.iter().any(|role| role == "ingest") {
            return Account::default();
        }
        let mut account = Account {
            received: *received,
            stored: producer.map_or(0, |producer| producer.stored),
            rejected: rejected.clone(),
            dropped: dropped.clone(),
            unknown: view.state == State::Lost,
        };
        // The database knows exactly what it refused, whoever wrote it.
        account.rejected.remove(DEAD_LETTER);
        if let Some(refused) = producer.map(|producer| producer.rejected).filter(|n| *n > 0) {
            account.rejected.insert(DEAD_LETTER.to_owned(), refused);
        }
        // A node's word is up to a second old, or its last. It received at least what became of
        // its records.
        let least = account.settled().saturating_sub(account.kernel_drops());
        account.received = account.received.max(least);
        account
    }

    /// Records that are on their way no more.
    fn settled(&self) -> u64 {
        let refused = self.rejected.values().chain(self.dropped.values());
        refused.fold(self.stored, |sum, count| sum.saturating_add(*count))
    }

    fn kernel_drops(&self) -> u64 {
        let kernel = self.dropped.iter().filter(|(reason, _)| reason.starts_with(KERNEL));
        kernel.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    fn in_flight(&self) -> u64 {
        self.received.saturating_add(self.kernel_drops()).saturating_sub(self.settled())
    }

    fn plus(mut self, other: &Account) -> Account {
        self.received = self.received.saturating_add(other.received);
        self.stored = self.stored.saturating_add(other.stored);
        self.unknown |= other.unknown;
        add(&mut self.rejected, &other.rejected);
        add(&mut self.dropped, &other.dropped);
        self
    }
}

/// Other nodes' figures come over the network: sums of them stop at the largest number.
fn add(sums: &mut BTreeMap<String, u64>, counts: &BTreeMap<String, u64>) {
    for (reason, count) in counts {
        let sum = sums.entry(reason.clone()).or_default();
        *sum = sum.saturating_add(*count);
    }
}

fn node(view: &NodeView, account: Account) -> Node {
    let figures = &view.figures;
    Node {
        id: figures.id.to_string().into(),
        name: figures.name.clone(),
        roles: figures.roles.iter().filter_map(|role| read_role(role)).collect(),
        state: view.state.into(),
        started_at: DateTime(figures.started_at),
        heard_at: DateTime(view.heard_at),
        received: Count(account.received),
        stored: Count(account.stored),
        rejected: reasons(&account.rejected),
        dropped: reasons(&account.dropped),
        in_flight: Count(account.in_flight()),
        unknown: account.unknown,
        writer: figures.writer,
        committed: Count(figures.stored),
        repeated: Count(figures.repeated),
        head: position(figures.head),
        connections: position(figures.connections),
    }
}

fn read_role(name: &str) -> Option<NodeRole> {
    match name {
        "ingest" => Some(NodeRole::Ingest),
        "worker" => Some(NodeRole::Worker),
        "api" => Some(NodeRole::Api),
        _ => None,
    }
}

fn reasons(counts: &BTreeMap<String, u64>) -> Vec<ReasonCount> {
    counts
        .iter()
        .map(|(reason, count)| ReasonCount { reason: reason.clone(), count: Count(*count) })
        .collect()
}

/// A number that is not negative by its nature.
fn position(value: i64) -> Count {
    Count(u64::try_from(value).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::log::timestamp_from_micros;

    fn view(state: State, received: u64, dropped: &[(&str, u64)]) -> NodeView {
        NodeView {
            figures: NodeFigures {
                id: Uuid::from_u128(1),
                name: "host:1".into(),
                roles: vec!["ingest".into(), "worker".into()],
                started_at: timestamp_from_micros(0),
                stopped: false,
                received,
                rejected: BTreeMap::from([("empty".to_owned(), 1), ("dead_letter".to_owned(), 9)]),
                dropped: dropped.iter().map(|(reason, n)| ((*reason).to_owned(), *n)).collect(),
                stored: 0,
                repeated: 0,
                writer: true,
                head: 0,
                connections: 0,
            },
            state,
            heard_at: timestamp_from_micros(0),
        }
    }

    fn producer(stored: u64, rejected: u64) -> Producer {
        Producer { stored, rejected, ..Producer::default() }
    }

    fn balances(account: &Account) -> bool {
        account.received + account.kernel_drops() == account.settled() + account.in_flight()
    }

    #[test]
    fn what_is_received_is_somewhere() {
        let view = view(State::Up, 100, &[("kernel_udp", 7), ("queue_full", 5)]);
        let account = Account::of(&view, Some(&producer(80, 2)));
        assert_eq!(account.in_flight(), 100 - 80 - 2 - 1 - 5);
        assert_eq!(account.rejected["dead_letter"], 2, "the database knows, not the node");
        assert!(!account.unknown && balances(&account));
    }

    #[test]
    fn a_lost_node_received_at_least_what_became_of_it_and_the_rest_is_unknown() {
        let view = view(State::Lost, 10, &[("kernel_udp", 7)]);
        let account = Account::of(&view, Some(&producer(50, 1)));
        assert_eq!((account.received, account.in_flight()), (52, 0));
        assert!(account.unknown && balances(&account));
    }

    #[test]
    fn a_node_that_does_not_receive_has_nothing_to_account_for() {
        let mut view = view(State::Lost, 10, &[]);
        view.figures.roles = vec!["worker".into()];
        assert_eq!(Account::of(&view, None), Account::default());
    }

    #[test]
    fn absurd_figures_add_up_to_an_absurd_sum_and_nothing_breaks() {
        let view = view(State::Up, u64::MAX, &[("kernel_udp", u64::MAX), ("queue_full", u64::MAX)]);
        let account = Account::of(&view, Some(&producer(u64::MAX, u64::MAX)));
        assert_eq!(account.clone().plus(&account).received, u64::MAX);
    }

    #[test]
    fn accounts_add_up() {
        let up = Account::of(&view(State::Up, 100, &[("kernel_udp", 1)]), Some(&producer(60, 0)));
        let lost = Account::of(&view(State::Lost, 10, &[("kernel_udp", 2)]), Some(&producer(5, 1)));
        let total = Account::default().plus(&up).plus(&lost);
        assert_eq!((total.received, total.stored, total.dropped["kernel_udp"]), (110, 65, 3));
        assert_eq!(total.in_flight(), up.in_flight() + lost.in_flight());
        assert!(total.unknown && balances(&total));
    }
}
