//! The window of a publisher: every frame that was accepted and is not acknowledged yet.
//!
//! While all goes well frames go out as they come. At the first failure (a refusal, silence, a
//! lost connection) the window holds everything back, then tries the oldest frame alone, with
//! growing pauses, until that one is acknowledged; then it sends all the others again, in their
//! order. A full stream is such a failure: the window fills up behind it, and so do the
//! listeners. A frame leaves the window by its acknowledgement and in no other way.
//!
//! Repetitions are harmless: a frame keeps its name, and the writer knows what it has stored.

use std::collections::BTreeMap;
use std::future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{HeaderMap, Message, StatusCode, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::{Link, NatsQueue, away, stream};
use crate::queue::{Backoff, FrameId, QueueError};

/// How long an acknowledgement may take. A server that syncs every message to a slow disk needs
/// some time for a whole window.
const ACK_TIMEOUT: Duration = Duration::from_secs(10);

/// How the server says that a frame does not fit: into the stream (the first), onto its disk, or
/// into what the account may store.
const NO_ROOM: [ErrorCode; 4] = [
    ErrorCode::STREAM_STORE_FAILED,
    ErrorCode::INSUFFICIENT_RESOURCES,
    ErrorCode::STORAGE_RESOURCES_EXCEEDED,
    ErrorCode::ACCOUNT_RESOURCES_EXCEEDED,
];

/// Trouble is said in the log at most this often: a full stream comes and goes with every purge.
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// A frame with the room it takes, which comes free with it.
#[derive(Debug)]
pub(super) struct Accepted {
    pub id: FrameId,
    /// As it travels.
    pub frame: Bytes,
    pub records: usize,
    #[expect(dead_code, reason = "held, and given back by being dropped")]
    pub room: OwnedSemaphorePermit,
    #[expect(dead_code, reason = "held, and given back by being dropped")]
    pub slot: OwnedSemaphorePermit,
}

struct Waiting {
    accepted: Accepted,
    sent_at: Instant,
}

#[derive(Clone, Copy)]
enum Flow {
    /// Frames go out as they come.
    Open,
    /// Nothing goes out until then; then the oldest frame is tried alone.
    Held { until: Instant },
    /// The oldest frame is out alone; its acknowledgement opens the flow.
    Probing,
}

/// What happens next.
enum Step {
    Accepted(Option<Accepted>),
    Reply(Option<Message>),
    LinkChanged,
    TimeUp,
}

pub(super) struct Window {
    queue: NatsQueue,
    subject: String,
    /// Acknowledgements come to `{inbox}.{attempt}.{counter}`.
    inbox: String,
    link: watch::Receiver<Link>,
    incoming: mpsc::UnboundedReceiver<Accepted>,
    closed: bool,
    /// By counter.
    waiting: BTreeMap<u64, Waiting>,
    /// The newest counter that was accepted.
    newest: u64,
    flow: Flow,
    /// Counts up whenever the flow is tried again: failures of earlier attempts say nothing new.
    attempt: u64,
    backoff: Backoff,
    stream_missing: bool,
    /// The newest frame that was waiting at the last failure; `None` when all goes well.
    trouble: Option<u64>,
    /// The trouble was said in the log.
    said: bool,
    said_at: Option<Instant>,
    acknowledged: watch::Sender<u64>,
    /// Records whose frames are acknowledged.
    settled: Arc<AtomicU64>,
}

impl Window {
    pub(super) fn new(
        queue: &NatsQueue,
        incoming: mpsc::UnboundedReceiver<Accepted>,
        acknowledged: watch::Sender<u64>,
        settled: Arc<AtomicU64>,
    ) -> Self {
        let mut link = queue.link();
        link.mark_unchanged();
        Window {
            queue: queue.clone(),
            subject: stream::subject(queue.namespace()),
            inbox: queue.client().new_inbox(),
            link,
            incoming,
            closed: false,
            waiting: BTreeMap::new(),
            newest: 0,
            flow: Flow::Open,
            attempt: 0,
            backoff: Backoff::default(),
            stream_missing: false,
            trouble: None,
            said: false,
            said_at: None,
            acknowledged,
            settled,
        }
    }

    /// Runs until the publisher is closed and every frame is acknowledged.
    pub(super) async fn run(mut self) {
        let replies = format!("{}.*.*", self.inbox);
        let mut replies = match self.queue.client().subscribe(replies).await {
            Ok(replies) => replies,
            Err(error) => return tracing::error!(%error, "cannot listen for acknowledgements"),
        };
        while !(self.closed && self.waiting.is_empty()) {
            match self.next_step(&mut replies).await {
                Step::Accepted(Some(accepted)) => self.accept(accepted).await,
                Step::Accepted(None) => self.closed = true,
                Step::Reply(Some(reply)) => self.reply(&reply).await,
                Step::Reply(None) => return tracing::error!("the client of NATS was closed"),
                Step::LinkChanged => self.link_changed().await,
                Step::TimeUp => self.time_up().await,
            }
        }
    }

    async fn next_step(&mut self, replies: &mut Subscriber) -> Step {
        let oldest = self.waiting.values().next();
        let deadline = match self.flow {
            Flow::Held { until } => Some(until),
            Flow::Open | Flow::Probing => oldest.map(|oldest| oldest.sent_at + ACK_TIMEOUT),
        };
        let time_up = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Ok(()) = self.link.changed() => Step::LinkChanged,
            reply = replies.next() => Step::Reply(reply),
            () = time_up => Step::TimeUp,
            accepted = self.incoming.recv(), if !self.closed => Step::Accepted(accepted),
        }
    }

    async fn accept(&mut self, accepted: Accepted) {
        let counter = accepted.id.counter;
        self.newest = counter;
        self.waiting.insert(counter, Waiting { accepted, sent_at: Instant::now() });
        if let Flow::Open = self.flow {
            self.send(counter).await;
        }
    }

    async fn link_changed(&mut self) {
        if !self.link.borrow_and_update().up {
            return self.hold(QueueError::Away("the connection is lost".to_owned()));
        }
        // What was on its way may be lost. The stream may be too, but that shows.
        self.probe().await;
    }

    async fn time_up(&mut self) {
        match self.flow {
            Flow::Held { .. } => self.probe().await,
            Flow::Open | Flow::Probing => self.hold(QueueError::Silent),
        }
    }

    /// Holds everything back for a while. Said in the log once, until all that waits now is in.
    fn hold(&mut self, why: QueueError) {
        let now = Instant::now();
        let rested = self.said_at.is_none_or(|said_at| now - said_at >= SAY_AGAIN);
        if self.trouble.is_none() && rested {
            let frames = self.waiting.len();
            tracing::warn!(%why, frames, "NATS takes no frames; trying again until it does");
            self.said = true;
            self.said_at = Some(now);
        }
        self.queue.is_stuck(why);
        self.trouble = Some(self.newest);
        self.flow = Flow::Held { until: now + self.backoff.next_delay() };
    }

    /// Tries the oldest frame alone, on a stream that is made again if it has gone.
    async fn probe(&mut self) {
        if !self.queue.is_connected() {
            return self.hold(QueueError::Away("the connection is lost".to_owned()));
        }
        if self.stream_missing {
            if let Err(error) = stream::ensure(self.queue.jetstream(), self.queue.options()).await {
                return self.hold(error);
            }
            self.stream_missing = false;
        }
        let Some(oldest) = self.waiting.keys().next().copied() else {
            return self.open().await;
        };
        self.flow = Flow::Probing;
        self.attempt += 1;
        self.send(oldest).await;
    }

    /// Lets everything out again.
    async fn open(&mut self) {
        self.queue.is_flowing();
        self.flow = Flow::Open;
        self.attempt += 1;
        self.backoff.reset();
        self.settle();
        for counter in Vec::from_iter(self.waiting.keys().copied()) {
            if let Flow::Open = self.flow {
                self.send(counter).await;
            }
        }
    }

    async fn send(&mut self, counter: u64) {
        let Some(waiting) = self.waiting.get_mut(&counter) else { return };
        waiting.sent_at = Instant::now();
        let Accepted { id, frame, .. } = &waiting.accepted;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id.to_string());
        let sent = self
            .queue
            .client()
            .publish_with_reply_and_headers(
                self.subject.clone(),
                format!("{}.{}.{counter}", self.inbox, self.attempt),
                headers,
                frame.clone(),
            )
            .await;
        if let Err(error) = sent {
            self.hold(away(error));
        }
    }

    async fn reply(&mut self, reply: &Message) {
        let mut words = reply.subject.rsplit('.').map(str::parse::<u64>);
        let (Some(Ok(counter)), Some(Ok(attempt))) = (words.next(), words.next()) else { return };
        let failure = match judge(reply, self.queue.namespace()) {
            Ok(()) => return self.acknowledge(counter).await,
            Err(failure) => failure,
        };
        let held = matches!(self.flow, Flow::Held { .. });
        if attempt == self.attempt && !held && self.waiting.contains_key(&counter) {
            self.stream_missing = reply.status == Some(StatusCode::NO_RESPONDERS);
            self.hold(failure);
        }
    }

    async fn acknowledge(&mut self, counter: u64) {
        let Some(waiting) = self.waiting.remove(&counter) else { return };
        self.settled.fetch_add(waiting.accepted.records as u64, Ordering::Relaxed);
        self.settle();
        if matches!(self.flow, Flow::Probing) {
            self.open().await;
        }
    }

    /// Says how far everything is acknowledged, and whether the last trouble is over.
    fn settle(&mut self) {
        let oldest = self.waiting.keys().next();
        let upto = oldest.map_or(self.newest, |oldest| oldest - 1);
        self.acknowledged.send_replace(upto);
        if self.trouble.is_some_and(|newest| newest <= upto) {
            self.trouble = None;
            if std::mem::take(&mut self.said) {
                tracing::info!("NATS takes frames again");
            }
        }
    }
}

/// Whether a reply says that the frame is in our stream.
fn judge(reply: &Message, stream: &str) -> Result<(), QueueError> {
    if reply.status == Some(StatusCode::NO_RESPONDERS) {
        return Err(QueueError::Away("no stream takes the subject".to_owned()));
    }
    match serde_json::from_slice::<Response<PublishAck>>(&reply.payload) {
        Ok(Response::Ok(ack)) if ack.stream == stream => Ok(()),
        Ok(Response::Ok(ack)) => {
            Err(QueueError::Away(format!("stream `{}` took a frame", ack.stream)))
        }
        Ok(Response::Err { error }) if NO_ROOM.contains(&error.error_code()) => {
            Err(QueueError::Full(error.to_string()))
        }
        Ok(Response::Err { error }) => Err(away(error)),
        Err(error) => Err(away(format!("an acknowledgement that cannot be read: {error}"))),
    }
}
