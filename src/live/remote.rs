//! The live feed between processes, over NATS core: the writer's node announces what it committed
//! and every node's hub hears it.
//!
//! NATS core may lose a message, and that is enough: ids are contiguous and the head is announced
//! every second, so a hub sees the hole and its readers fill it from the store.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, Subject};
use bytes::Bytes;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::hub::{Hub, Piece};
use super::nodes::{NodeFigures, Nodes};
use crate::log::Log;
use crate::store::Store;

/// A message of records is at most about this large, in bytes.
const MESSAGE_BYTES: usize = 512 * 1024;
/// A record larger than this goes as its position alone; readers fetch it from the store.
const RECORD_BYTES: usize = MESSAGE_BYTES / 2;
/// The head and the node's figures are announced this often.
const ANNOUNCE_EVERY: Duration = Duration::from_secs(1);
/// Without an announcement for this long a node asks the database for the head.
const SILENCE: Duration = Duration::from_secs(2);
/// Committed pieces that may wait to be sent; more are left to the store.
const PIECES_WAITING: usize = 16;

/// What a message of the live feed says.
#[derive(Serialize, Deserialize)]
enum Message<'a> {
    /// Contiguous records.
    Logs(Cow<'a, [Arc<Log>]>),
    /// The log reaches to here.
    Head(i64),
}

/// Who sends, and of which log; read before the rest, for a node skips its own messages.
#[derive(Serialize, Deserialize, PartialEq)]
struct Envelope {
    node: Uuid,
    database: Uuid,
}

/// The connection to the other nodes.
#[derive(Clone, Debug)]
pub struct Remote {
    client: Client,
    live: Subject,
    figures: Subject,
    node: Uuid,
    nodes: Nodes,
}

impl Remote {
    /// Joins the nodes of a namespace as `node`; `nodes` is where they are gathered.
    pub fn new(client: Client, namespace: &str, node: Uuid, nodes: Nodes) -> Remote {
        Remote {
            client,
            live: format!("{namespace}.live").into(),
            figures: format!("{namespace}.nodes").into(),
            node,
            nodes,
        }
    }

    /// Starts announcing what this node's writer commits to the log behind `hub`.
    pub fn announcer(&self, hub: Hub) -> Announcer {
        let (sender, pieces) = mpsc::channel(PIECES_WAITING);
        let voice = Voice {
            client: self.client.clone(),
            subject: self.live.clone(),
            envelope: Envelope { node: self.node, database: hub.database() },
            nodes: self.nodes.clone(),
        };
        Announcer { pieces: sender, task: tokio::spawn(voice.speak(pieces, hub)) }
    }

    /// Feeds the hub with what other nodes announce, until told to stop. While nobody announces
    /// anything the head is read from the database.
    pub async fn feed(&self, hub: Hub, store: Store, stop: CancellationToken) {
        let Ok(mut messages) = self.client.subscribe(self.live.clone()).await else { return };
        loop {
            let message = tokio::select! {
                () = stop.cancelled() => return,
                message = tokio::time::timeout(SILENCE, messages.next()) => message,
            };
            match message {
                Ok(Some(message)) => hear(self.node, &hub, &message.payload),
                Ok(None) => return,
                // An error is said by whoever needs the database next.
                Err(_) => {
                    if let Some(Ok(head)) = stop.run_until_cancelled(store.head()).await {
                        hub.announce(head.last_id);
                    }
                }
            }
        }
    }

    /// Announces this node's figures every second and gathers the others', until told to stop;
    /// the last announcement says that it stopped.
    pub async fn exchange_figures(&self, stop: CancellationToken) {
        let Ok(mut messages) = self.client.subscribe(self.figures.clone()).await else { return };
        let mut tick = tokio::time::interval(ANNOUNCE_EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = tick.tick() => self.announce_figures(self.nodes.own()).await,
                message = messages.next() => {
                    let Some(message) = message else { break };
                    match serde_json::from_slice::<NodeFigures>(&message.payload) {
                        Ok(figures) => self.nodes.hear(figures),
                        Err(error) => tracing::debug!(%error, "a node's figures could not be read"),
                    }
                }
            }
        }
        self.announce_figures(NodeFigures { stopped: true, ..self.nodes.own() }).await;
        // The farewell is on its way before the process ends.
        let _ = self.client.flush().await;
    }

    async fn announce_figures(&self, figures: NodeFigures) {
        let Ok(payload) = serde_json::to_vec(&figures) else { return };
        // NATS being away is said elsewhere; the next announcement makes up for this one.
        let _ = self.client.publish(self.figures.clone(), payload.into()).await;
    }
}

/// Passes on to the hub what another node said of its database.
fn hear(node: Uuid, hub: &Hub, payload: &[u8]) {
    let Ok((envelope, rest)) = postcard::take_from_bytes::<Envelope>(payload) else { return };
    if envelope.node == node || envelope.database != hub.database() {
        return;
    }
    match postcard::from_bytes(rest) {
        Ok(Message::Logs(logs)) => {
            let contiguous = logs.windows(2).all(|pair| pair[0].id + 1 == pair[1].id);
            if contiguous && let Some(piece) = Piece::new(logs.into_owned()) {
                hub.publish(Arc::new(piece));
            }
        }
        Ok(Message::Head(head)) => hub.announce(head),
        Err(error) => tracing::debug!(%error, "a live message could not be read"),
    }
}

/// Announces what a writer committed, and the head every second, from a task of its own. Nothing
/// here fails or makes the writer wait: what does not arrive is read from the store.
#[derive(Debug)]
pub struct Announcer {
    pieces: mpsc::Sender<Arc<Piece>>,
    task: JoinHandle<()>,
}

impl Announcer {
    /// Announces a committed piece, unless too many wait to be sent already.
    pub fn piece(&self, piece: &Arc<Piece>) {
        let _ = self.pieces.try_send(piece.clone());
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Voice {
    client: Client,
    subject: Subject,
    envelope: Envelope,
    nodes: Nodes,
}

impl Voice {
    async fn speak(self, mut pieces: mpsc::Receiver<Arc<Piece>>, hub: Hub) {
        let mut tick = tokio::time::interval(ANNOUNCE_EVERY);
        loop {
            tokio::select! {
                _ = tick.tick() => self.send(&Message::Head(hub.head())).await,
                piece = pieces.recv() => {
                    let Some(piece) = piece else { return };
                    // Whoever joins now hears of the head within a second.
                    if self.nodes.somebody_follows() {
                        for message in messages(&piece) {
                            self.send(&message).await;
                        }
                    }
                }
            }
        }
    }

    async fn send(&self, message: &Message<'_>) {
        if let Some(payload) = encode(&self.envelope, message) {
            let _ = self.client.publish(self.subject.clone(), payload).await;
        }
    }
}

/// The messages that tell of a piece, none of them too large.
fn messages(piece: &Piece) -> impl Iterator<Item = Message<'_>> {
    let mut logs = piece.logs();
    std::iter::from_fn(move || {
        let first = logs.first()?;
        if first.size() > RECORD_BYTES {
            // Readers hear of its position and find it in the store.
            logs = &logs[1..];
            return Some(Message::Head(first.id));
        }
        let mut size = 0;
        let fitting = logs.iter().take_while(|log| {
            size += log.size();
            size <= MESSAGE_BYTES && log.size() <= RECORD_BYTES
        });
        let (now, later) = logs.split_at(fitting.count());
        logs = later;
        Some(Message::Logs(now.into()))
    })
}

fn encode(envelope: &Envelope, message: &Message<'_>) -> Option<Bytes> {
    let bytes = postcard::to_extend(envelope, Vec::new()).ok()?;
    Some(postcard::to_extend(message, bytes).ok()?.into())
}

#[cfg(test)]
mod tests {
    use super::super::hub::Next;
    use super::*;
    use crate::log::{Attributes, Entry, SourceKey, now};

    fn log(id: i64, bytes: usize) -> Arc<Log> {
        let source = SourceKey { host: None, app: None, address: [127, 0, 0, 1].into() };
        Arc::new(Log {
            id,
            source_id: 1,
            source: Arc::new(source),
            entry: Entry {
                timestamp: now(),
                received_at: now(),
                severity: None,
                facility: None,
                proc_id: None,
                msg_id: None,
                message: "x".repeat(bytes),
                attributes: Attributes::EMPTY,
            },
        })
    }

    /// Encodes a piece as one node and hears it as another.
    fn pass_on(piece: &Piece, from: Uuid, to: Uuid, hub: &Hub) -> Vec<usize> {
        let envelope = Envelope { node: from, database: hub.database() };
        let payloads: Vec<Bytes> =
            messages(piece).filter_map(|message| encode(&envelope, &message)).collect();
        for payload in &payloads {
            hear(to, hub, payload);
        }
        payloads.iter().map(Bytes::len).collect()
    }

    fn ids(hub: &Hub, cursor: i64) -> Vec<i64> {
        match hub.next(cursor, hub.head()) {
            Next::Piece(piece) => piece.after(cursor).iter().map(|log| log.id).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_piece_reaches_the_hubs_of_other_nodes_as_it_was() {
        let hub = Hub::new(Uuid::new_v4(), 0, 1 << 20);
        let piece = Piece::new(vec![log(1, 10), log(2, 20)]).unwrap();
        pass_on(&piece, Uuid::new_v4(), Uuid::new_v4(), &hub);
        assert_eq!(ids(&hub, 0), [1, 2]);
        let Next::Piece(heard) = hub.next(0, hub.head()) else { panic!("it was heard") };
        assert_eq!(heard.logs(), piece.logs());
    }

    #[test]
    fn a_large_piece_goes_in_several_messages_and_a_large_record_as_its_position() {
        let hub = Hub::new(Uuid::new_v4(), 0, 64 << 20);
        let mut logs: Vec<_> = (1..=8).map(|id| log(id, 200 << 10)).collect();
        logs.push(log(9, 300 << 10));
        logs.push(log(10, 1));
        let sizes = pass_on(&Piece::new(logs).unwrap(), Uuid::new_v4(), Uuid::new_v4(), &hub);
        assert!(sizes.len() > 4 && sizes.iter().all(|size| *size <= MESSAGE_BYTES), "{sizes:?}");
        assert_eq!(hub.head(), 10);
        assert!(matches!(hub.next(8, hub.head()), Next::Store { up_to: 9 }));
        assert_eq!(ids(&hub, 9), [10]);
    }

    #[test]
    fn a_node_does_not_hear_itself_nor_another_database() {
        let hub = Hub::new(Uuid::new_v4(), 0, 1 << 20);
        let piece = Piece::new(vec![log(1, 10)]).unwrap();
        let node = Uuid::new_v4();
        pass_on(&piece, node, node, &hub);
        assert_eq!(hub.head(), 0);
        let elsewhere = Envelope { node: Uuid::new_v4(), database: Uuid::new_v4() };
        for message in messages(&piece) {
            hear(node, &hub, &encode(&elsewhere, &message).unwrap());
        }
        assert_eq!(hub.head(), 0);
    }

    #[test]
    fn bytes_that_are_no_message_are_ignored() {
        let hub = Hub::new(Uuid::new_v4(), 0, 1 << 20);
        let envelope = Envelope { node: Uuid::new_v4(), database: hub.database() };
        let payload = encode(&envelope, &Message::Head(5)).unwrap();
        for cut in 0..payload.len() {
            hear(Uuid::new_v4(), &hub, &payload[..cut]);
        }
        assert_eq!(hub.head(), 0);
        hear(Uuid::new_v4(), &hub, &payload);
        assert_eq!(hub.head(), 5);
    }
}
