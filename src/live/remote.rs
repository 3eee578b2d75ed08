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
    nodes: Subject,
    node: Uuid,
}

impl Remote {
    /// Joins the nodes of a namespace as `node`.
    pub fn new(client: Client, namespace: &str, node: Uuid) -> Remote {
        Remote {
            client,
            live: format!("{namespace}.live").into(),
            nodes: format!("{namespace}.nodes").into(),
            node,
        }
    }

    /// Starts announcing what this node's writer commits to the log behind `hub`.
    pub fn announcer(&self, hub: Hub) -> Announcer {
        let (sender, pieces) = mpsc::channel(PIECES_WAITING);
        let voice = Voice {
            client: self.client.clone(),
            subject: self.live.clone(),
            envelope: Envelope { node: self.node, database: hub.database() },
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
                Ok(Some(message)) => self.hear(&hub, &message.payload),
                Ok(None) => return,
                // An error is said by whoever needs the database next.
                Err(_) => {
                    if let Ok(head) = store.head().await {
                        hub.announce(head.last_id);
                    }
                }
            }
        }
    }

    fn hear(&self, hub: &Hub, payload: &[u8]) {
        let Ok((envelope, rest)) = postcard::take_from_bytes::<Envelope>(payload) else { return };
        if envelope.node == self.node || envelope.database != hub.database() {
            return;
        }
        match postcard::from_bytes(rest) {
            Ok(Message::Logs(logs)) => {
                let contiguous = logs.windows(2).all(|pair| pair[0].id + 1 == pair[1].id);
                if let Some(piece) = Piece::new(logs.into_owned()).filter(|_| contiguous) {
                    hub.publish(Arc::new(piece));
                }
            }
            Ok(Message::Head(head)) => hub.announce(head),
            Err(error) => tracing::debug!(%error, "a live message could not be read"),
        }
    }

    /// Announces this node's figures every second and gathers the others', until told to stop;
    /// the last announcement says that it stopped.
    pub async fn exchange_figures(&self, nodes: Nodes, stop: CancellationToken) {
        let Ok(mut messages) = self.client.subscribe(self.nodes.clone()).await else { return };
        let mut tick = tokio::time::interval(ANNOUNCE_EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = tick.tick() => self.announce_figures(nodes.own()).await,
                message = messages.next() => {
                    let Some(message) = message else { break };
                    match serde_json::from_slice::<NodeFigures>(&message.payload) {
                        Ok(figures) => nodes.hear(figures),
                        Err(error) => tracing::debug!(%error, "a node's figures could not be read"),
                    }
                }
            }
        }
        self.announce_figures(NodeFigures { stopped: true, ..nodes.own() }).await;
        // The farewell is on its way before the process ends.
        let _ = self.client.flush().await;
    }

    async fn announce_figures(&self, figures: NodeFigures) {
        let Ok(payload) = serde_json::to_vec(&figures) else { return };
        // NATS being away is said elsewhere; the next announcement makes up for this one.
        let _ = self.client.publish(self.nodes.clone(), payload.into()).await;
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
}

impl Voice {
    async fn speak(self, mut pieces: mpsc::Receiver<Arc<Piece>>, hub: Hub) {
        let mut tick = tokio::time::interval(ANNOUNCE_EVERY);
        loop {
            tokio::select! {
                _ = tick.tick() => self.send(&Message::Head(hub.head())).await,
                piece = pieces.recv() => match piece {
                    Some(piece) => self.piece(&piece).await,
                    None => return,
                }
            }
        }
    }

    /// Sends a piece in messages that are not too large.
    async fn piece(&self, piece: &Piece) {
        let mut logs = piece.logs();
        while !logs.is_empty() {
            let mut size = 0;
            let fitting = logs.iter().take_while(|log| {
                size += log.size();
                size <= MESSAGE_BYTES && log.size() <= RECORD_BYTES
            });
            let count = fitting.count();
            if count > 0 {
                self.send(&Message::Logs(logs[..count].into())).await;
            }
            if count == 0 {
                // It fits nowhere: readers hear of its position and find it in the store.
                self.send(&Message::Head(logs[0].id)).await;
            }
            logs = &logs[count.max(1)..];
        }
    }

    async fn send(&self, message: &Message<'_>) {
        if let Some(payload) = encode(&self.envelope, message) {
            let _ = self.client.publish(self.subject.clone(), payload).await;
        }
    }
}

fn encode(envelope: &Envelope, message: &Message<'_>) -> Option<Bytes> {
    let bytes = postcard::to_extend(envelope, Vec::new()).ok()?;
    Some(postcard::to_extend(message, bytes).ok()?.into())
}
