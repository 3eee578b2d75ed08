//! Who reads the log while everything breaks: a witness on the database itself, and tails.

use std::time::Duration;

use rand::prelude::*;
use serde_json::{Value, json};
use tailwater::filter::Filter;
use tailwater::store::{Store, StoreOptions};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::cluster::Board;
use super::lines::{LAST, Line, Transport};
use super::schedule::{NODES_A_ROLE, Node, Role};
use crate::support::socket::{Frame, Socket};
use crate::support::visitor::Visitor;

/// What somebody has read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// In the order in which it came.
    pub seen: Vec<(i64, Line)>,
    /// What he was told of as removed before he read it: behind which position, how many.
    pub lost: Vec<(i64, u64)>,
    /// Messages that are no lines of ours.
    pub strange: Vec<String>,
}

impl Reading {
    /// How many records were lost.
    pub fn lost(&self) -> u64 {
        self.lost.iter().map(|(_, count)| count).sum()
    }

    fn lose(&mut self, count: u64) {
        if count > 0 {
            self.lost.push((self.seen.last().map_or(0, |(id, _)| *id), count));
        }
    }

    fn see(&mut self, id: i64, message: &str) {
        match Line::read(message) {
            Some(line) => self.seen.push((id, line)),
            None => self.strange.push(format!("{id}: {message}")),
        }
    }

    pub fn is_done(&self) -> bool {
        self.seen.last().is_some_and(|(_, line)| *line == LAST)
    }
}

/// How long a reader rests when there is nothing to read.
const REST: Duration = Duration::from_millis(50);

/// Reads the log from its beginning to [`LAST`], past every wire, as the database has it.
pub async fn witness(database_url: String) -> Reading {
    let store = Store::connect(&StoreOptions::new(database_url)).await.expect("a connection");
    let mut reading = Reading::default();
    let mut at = 0;
    while !reading.is_done() {
        match store.scan(&Filter::ALL, at, i64::MAX, 10_000).await {
            Ok(scan) if scan.scanned_to > at => {
                at = scan.scanned_to;
                reading.lose(scan.lost);
                scan.logs.iter().for_each(|log| reading.see(log.id, &log.entry.message));
            }
            // At the head, or the database is away.
            Ok(_) | Err(_) => sleep(REST).await,
        }
    }
    reading
}

/// A reader of the live feed, who comes back with its cursor again and again.
pub struct Follower {
    /// Somebody who has signed in, at whichever node.
    pub visitor: Visitor,
    pub board: Board,
    /// What it looks for; everything when it is `None`.
    pub word: Option<Transport>,
    pub seed: u64,
    /// Tells it to come back no more.
    pub given_up: CancellationToken,
}

/// What a follower has to tell.
pub struct Tale {
    pub reading: Reading,
    /// How often it came.
    pub visits: usize,
    /// Where it stands.
    pub cursor: String,
    /// Why it went the last time, when it was not of its own will.
    pub parted: Parted,
}

/// How a connection ended that did not bring the end of the log.
type Parted = Result<(), String>;

/// A tail that is silent for so long is given up.
const SILENCE: Duration = Duration::from_secs(5);
/// Who got nothing stays twice as long the next time, so often: a machine may be very busy.
const STRETCHES: u32 = 4;

impl Follower {
    /// Follows from a cursor to [`LAST`].
    pub async fn run(self, cursor: String) -> Tale {
        let mut dice = StdRng::seed_from_u64(self.seed);
        let reading = Reading::default();
        let mut tale = Tale { reading, visits: 0, cursor, parted: Ok(()) };
        let mut fruitless = 0;
        while !tale.reading.is_done() && !self.given_up.is_cancelled() {
            tale.visits += 1;
            let number = dice.random_range(0..NODES_A_ROLE);
            let patience = Duration::from_millis(dice.random_range(300..6_000));
            let before = tale.cursor.clone();
            tale.parted = self.visit(number, patience, 1 << fruitless, &mut tale).await;
            fruitless = if tale.cursor == before { STRETCHES.min(fruitless + 1) } else { 0 };
            if tale.parted.is_err() {
                sleep(REST).await;
            }
        }
        tale
    }

    /// One connection, held for about so long, times `stretch`.
    async fn visit(
        &self,
        number: usize,
        patience: Duration,
        stretch: u32,
        tale: &mut Tale,
    ) -> Parted {
        let run = self.board.run_of(Node { role: Role::Api, number }).ok_or("it is down")?;
        let mut socket = timeout(SILENCE, Socket::try_open(run.http, &[]))
            .await
            .map_err(|_| "no WebSocket in time")?
            .map_err(|error| error.to_string())?;
        socket.send(&self.visitor.init()).await;
        socket.send(&self.subscribe(&tale.cursor)).await;
        let until = Instant::now() + patience * stretch;
        while Instant::now() < until && !tale.reading.is_done() {
            let frame = timeout(SILENCE * stretch, socket.frame()).await;
            let frame = frame.map_err(|_| "it is silent")?;
            match frame {
                Frame::Message(message) if message["type"] == "next" => {
                    let batch = &message["payload"]["data"]["tail"];
                    tale.take(batch).ok_or_else(|| message.to_string())?;
                }
                Frame::Message(message) if message["type"] == "connection_ack" => {}
                Frame::Message(message) => return Err(message.to_string()),
                Frame::Closed(code, reason) => return Err(format!("{code} {reason}")),
            }
        }
        Ok(())
    }

    fn subscribe(&self, cursor: &str) -> Value {
        let filter = self
            .word
            .map_or(String::new(), |word| format!(", filter: {{ query: \"{}\" }}", word.word()));
        let query = format!(
            "subscription {{ tail(after: \"{cursor}\"{filter}) {{
                cursor lostBefore logs {{ id message }} }} }}"
        );
        json!({ "type": "subscribe", "id": "1", "payload": { "query": query } })
    }
}

impl Tale {
    /// Takes a batch in; `None` when it is none.
    fn take(&mut self, batch: &Value) -> Option<()> {
        let next = batch["cursor"].as_str()?;
        self.reading.lose(batch["lostBefore"].as_u64().unwrap_or(0));
        for log in batch["logs"].as_array()? {
            self.reading.see(log["id"].as_str()?.parse().ok()?, log["message"].as_str()?);
        }
        self.cursor = next.to_owned();
        Some(())
    }
}

/// The cursor at the beginning of a log that is empty.
pub async fn beginning(visitor: &Visitor) -> String {
    let mut tail = visitor.tail("").await;
    tail.batch().await;
    tail.cursor
}
