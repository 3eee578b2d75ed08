//! What every node says of itself, gathered: the figures behind `pipeline`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::log::{Timestamp, now};

/// A node that was not heard of for this long, and did not say that it stopped, is lost.
const LOST_AFTER: Duration = Duration::from_secs(5);
/// Nodes remembered after they ended, at most; the longest silent go first.
const REMEMBERED: usize = 1_000;

/// What one process announces, once a second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeFigures {
    /// This run of the process; the producer's name of an ingest node.
    pub id: Uuid,
    /// `hostname:pid`.
    pub name: String,
    /// Lower-case names of the roles it runs: `ingest`, `worker`, `api`.
    pub roles: Vec<String>,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub started_at: Timestamp,
    /// Whether it is the last announcement of a clean stop.
    pub stopped: bool,
    /// Records read off sockets.
    pub received: u64,
    /// Records refused, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Records lost for want of room, by reason. `kernel_udp` is what the kernel dropped, which is
    /// not in `received`.
    pub dropped: BTreeMap<String, u64>,
    /// Records this node's writer committed.
    pub stored: u64,
    /// Records this node's writer skipped, because they were stored already.
    pub repeated: u64,
    /// Whether it is the writer.
    pub writer: bool,
    /// The newest position it knows.
    pub head: i64,
    /// Open TCP connections.
    pub connections: i64,
}

/// How a node is doing, as seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// It was heard of a moment ago.
    Up,
    /// It said that it stopped; its figures are final.
    Stopped,
    /// It fell silent without a word: what it received after its last announcement is unknown.
    Lost,
}

/// A node as this one sees it.
#[derive(Clone, Debug)]
pub struct NodeView {
    pub figures: NodeFigures,
    pub state: NodeState,
    pub heard_at: Timestamp,
}

/// Every node heard of in this process's lifetime. Clones share it.
#[derive(Clone)]
pub struct Nodes {
    own: Arc<dyn Fn() -> NodeFigures + Send + Sync>,
    others: Arc<Mutex<BTreeMap<Uuid, Heard>>>,
}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nodes").finish_non_exhaustive()
    }
}

struct Heard {
    figures: NodeFigures,
    at: Instant,
    heard_at: Timestamp,
}

impl Heard {
    fn state(&self) -> NodeState {
        if self.figures.stopped {
            NodeState::Stopped
        } else if self.at.elapsed() > LOST_AFTER {
            NodeState::Lost
        } else {
            NodeState::Up
        }
    }
}

impl Nodes {
    /// A board with this process on it; `own` reads its figures.
    pub fn new(own: impl Fn() -> NodeFigures + Send + Sync + 'static) -> Nodes {
        Nodes { own: Arc::new(own), others: Arc::default() }
    }

    /// This process's figures, now.
    pub fn own(&self) -> NodeFigures {
        (self.own)()
    }

    /// Takes in an announcement.
    pub fn hear(&self, figures: NodeFigures) {
        if figures.id == self.own().id {
            return;
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        others.insert(figures.id, Heard { figures, at: Instant::now(), heard_at: now() });
        if others.len() > REMEMBERED
            && let Some(oldest) = others.iter().min_by_key(|(_, heard)| heard.at).map(|(id, _)| *id)
        {
            others.remove(&oldest);
        }
    }

    /// Whether another node answers queries, and so follows the log.
    pub fn somebody_follows(&self) -> bool {
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let follows = |roles: &[String]| roles.iter().any(|role| role == "api");
        others.values().any(|heard| heard.state() == NodeState::Up && follows(&heard.figures.roles))
    }

    /// Every node, this process first; this process's own figures are exact at the call.
    pub fn read(&self) -> Vec<NodeView> {
        let own = NodeView { figures: self.own(), state: NodeState::Up, heard_at: now() };
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let others = others.values().map(|heard| NodeView {
            figures: heard.figures.clone(),
            state: heard.state(),
            heard_at: heard.heard_at,
        });
        std::iter::once(own).chain(others).collect()
    }
}
