//! What breaks, and when: a pure function of the seed.
//!
//! Kinds of faults are dealt from a shuffled pack that is shuffled anew when it is used up, so
//! each dozen faults has about one of every kind. Nothing breaks twice at once: what is down or
//! faulty already is passed over.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use rand::prelude::*;

/// What a process of ours does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Ingest,
    Worker,
    Api,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Ingest, Role::Worker, Role::Api];

    /// The name of its command.
    pub fn name(self) -> &'static str {
        match self {
            Role::Ingest => "ingest",
            Role::Worker => "worker",
            Role::Api => "api",
        }
    }
}

/// One of our processes: each role has two, 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    pub role: Role,
    pub number: usize,
}

/// How many processes each role has.
pub const NODES_A_ROLE: usize = 2;

impl Node {
    pub fn all() -> impl Iterator<Item = Node> {
        let of = |role| (0..NODES_A_ROLE).map(move |number| Node { role, number });
        Role::ALL.into_iter().flat_map(of)
    }
}

/// A server that others have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    Nats,
    Postgres,
}

/// What can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Node(Node),
    Peer(Peer),
    /// The wire from one of our processes to a server.
    Wire(Node, Peer),
}

/// How it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// SIGKILL, and later a start.
    Killed,
    /// Connections are closed, and new ones refused.
    Cut,
    /// What is sent arrives late.
    Slow,
    /// What is sent arrives, and no answer comes.
    Unanswered,
    /// Connections die without a word.
    HalfOpen,
}

/// Which kind of which part: a card of the pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Card {
    Kill(Role),
    KillPeer(Peer),
    Wire(Peer, Kind),
}

const PACK: [Card; 13] = [
    Card::Kill(Role::Ingest),
    Card::Kill(Role::Worker),
    Card::Kill(Role::Api),
    Card::KillPeer(Peer::Nats),
    Card::KillPeer(Peer::Postgres),
    Card::Wire(Peer::Nats, Kind::Cut),
    Card::Wire(Peer::Nats, Kind::Slow),
    Card::Wire(Peer::Nats, Kind::Unanswered),
    Card::Wire(Peer::Nats, Kind::HalfOpen),
    Card::Wire(Peer::Postgres, Kind::Cut),
    Card::Wire(Peer::Postgres, Kind::Slow),
    Card::Wire(Peer::Postgres, Kind::Unanswered),
    Card::Wire(Peer::Postgres, Kind::HalfOpen),
];

/// Something that breaks for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub part: Part,
    pub kind: Kind,
    /// How late a slow wire is.
    pub delay: Duration,
    pub begins: Duration,
    pub ends: Duration,
}

impl Fault {
    fn card(&self) -> Card {
        match self.part {
            Part::Node(node) => Card::Kill(node.role),
            Part::Peer(peer) => Card::KillPeer(peer),
            Part::Wire(_, peer) => Card::Wire(peer, self.kind),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.role.name(), self.number)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Node(node) => write!(f, "{node}"),
            Part::Peer(peer) => write!(f, "{peer:?}"),
            Part::Wire(node, peer) => write!(f, "the wire {node} - {peer:?}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { part, kind, begins, ends, .. } = self;
        let (at, long) = (begins.as_secs_f64(), (*ends - *begins).as_secs_f64());
        let how = match kind {
            Kind::Killed => "is killed",
            Kind::Cut => "is cut",
            Kind::Slow => "is slow",
            Kind::Unanswered => "brings no answers",
            Kind::HalfOpen => "leaves half-open connections",
        };
        write!(f, "{at:6.2} s  {part} {how} for {long:.2} s")
    }
}

/// The faults of a run, in the order in which they begin. All are over when the run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub faults: Vec<Fault>,
}

/// What happens at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Begins(Fault),
    Ends(Fault),
}

impl Schedule {
    /// About one fault every `pause`, for as long as `length`.
    pub fn of(seed: u64, length: Duration, pause: Duration) -> Schedule {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut pack = Vec::new();
        let mut busy_until: BTreeMap<Part, Duration> = BTreeMap::new();
        let mut faults = Vec::new();
        let mut at = pause;
        while at < length {
            if pack.is_empty() {
                pack.extend(PACK);
                pack.shuffle(&mut dice);
            }
            let card = pack.pop().expect("the pack was filled");
            let (part, kind) = play(card, &mut dice);
            let lasts = dice.random_range(longest(kind) / 10..=longest(kind));
            let delay = dice.random_range(Duration::from_millis(5)..=Duration::from_millis(80));
            if busy_until.get(&part).is_none_or(|until| *until <= at) {
                let ends = (at + lasts).min(length);
                busy_until.insert(part, ends);
                faults.push(Fault { part, kind, delay, begins: at, ends });
            }
            at += pause.mul_f64(dice.random_range(0.4..1.6));
        }
        Schedule { faults }
    }

    /// Whether every kind of fault comes up.
    pub fn is_full(&self) -> bool {
        let cards: BTreeSet<Card> = self.faults.iter().map(Fault::card).collect();
        cards == PACK.into()
    }

    /// Every beginning and every end, in the order of time.
    pub fn steps(&self) -> Vec<(Duration, Step)> {
        let begins = self.faults.iter().map(|fault| (fault.begins, Step::Begins(*fault)));
        let ends = self.faults.iter().map(|fault| (fault.ends, Step::Ends(*fault)));
        let mut steps: Vec<_> = begins.chain(ends).collect();
        // Of what happens at the same moment ends come first, so that a part can break again.
        steps.sort_by_key(|(at, step)| (*at, matches!(step, Step::Begins(_))));
        steps
    }
}

/// Which one of several it hits.
fn play(card: Card, dice: &mut StdRng) -> (Part, Kind) {
    let mut one_of = |role| Node { role, number: dice.random_range(0..NODES_A_ROLE) };
    match card {
        Card::Kill(role) => (Part::Node(one_of(role)), Kind::Killed),
        Card::KillPeer(peer) => (Part::Peer(peer), Kind::Killed),
        Card::Wire(peer, kind) => {
            let nodes = Node::all().filter(|node| node.reaches(peer));
            let node = nodes.choose(dice).expect("somebody reaches every server");
            (Part::Wire(node, peer), kind)
        }
    }
}

impl Node {
    /// Whether it talks to this server.
    pub fn reaches(self, peer: Peer) -> bool {
        peer == Peer::Nats || self.role != Role::Ingest
    }
}

/// The longest that it lasts.
fn longest(kind: Kind) -> Duration {
    Duration::from_millis(match kind {
        Kind::Killed => 2_000,
        Kind::Cut | Kind::Unanswered => 3_000,
        Kind::Slow | Kind::HalfOpen => 5_000,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_secs(60);
    const PAUSE: Duration = Duration::from_secs(1);

    #[test]
    fn the_same_seed_breaks_the_same_things_at_the_same_times_and_another_does_not() {
        let schedule = Schedule::of(7, LENGTH, PAUSE);
        assert_eq!(schedule, Schedule::of(7, LENGTH, PAUSE));
        assert_ne!(schedule, Schedule::of(8, LENGTH, PAUSE));
    }

    #[test]
    fn a_part_breaks_only_when_it_is_whole_and_is_whole_at_the_end() {
        for seed in 0..50 {
            let mut broken = BTreeSet::new();
            for (at, step) in Schedule::of(seed, LENGTH, PAUSE / 10).steps() {
                assert!(at <= LENGTH);
                match step {
                    Step::Begins(fault) => assert!(broken.insert(fault.part), "{fault}"),
                    Step::Ends(fault) => assert!(broken.remove(&fault.part), "{fault}"),
                }
            }
            assert!(broken.is_empty());
        }
    }

    #[test]
    fn every_kind_of_fault_comes_up_in_time() {
        assert!(Schedule::of(1, LENGTH, PAUSE).is_full());
        assert!(!Schedule::of(1, LENGTH / 10, PAUSE).is_full());
    }
}
