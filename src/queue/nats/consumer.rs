//! The way out: reads the stream in order, and ends with an error rather than skip a frame.
//!
//! A consumer of the server keeps no promise by itself: messages that were on their way when a
//! connection broke are gone for it, and it goes on behind them. So a consumer here lives only as
//! long as its connection, counts what it gets, and is made anew from the first frame kept
//! whenever anything is out of order. The writer skips what it has stored already.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::purge::Purger;
use super::{Delivery, Link, NatsQueue, QueueError, REQUEST_TIMEOUT, Ticket, away, stream};
use crate::queue::{Frame, FrameError};

/// Frames asked for at once; up to half as many more are under way, and the server is never
/// waited for between two frames.
const BATCH: usize = 64;
/// Decoded frames that wait for the writer.
const READ_AHEAD: usize = 16;
/// How often an idle server must show that it still knows us; it is given up after the second.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long a request for frames stays with the server.
const EXPIRY: Duration = Duration::from_secs(30);
/// After this long without a frame the server is asked whether it has sent any.
const IDLE_CHECK: Duration = Duration::from_secs(2);
/// The server forgets a consumer that has not asked for frames for this long.
const INACTIVE: Duration = Duration::from_secs(60);

/// See [`crate::queue::Consumer`].
#[derive(Debug)]
pub struct NatsConsumer {
    /// Its tickets carry it: those of an earlier consumer may count a stream that is gone.
    number: u64,
    deliveries: mpsc::Receiver<Result<Delivery, QueueError>>,
    released: watch::Sender<u64>,
    /// The reader and the purger, which end with the consumer.
    _tasks: JoinSet<()>,
}

impl NatsConsumer {
    pub(super) async fn open(queue: &NatsQueue) -> Result<Self, QueueError> {
        let mut link = queue.link();
        let up = timeout(REQUEST_TIMEOUT, link.wait_for(|link| link.up)).await;
        up.map_err(|_| QueueError::Away("the connection is lost".into()))?.map_err(away)?;
        let stream = stream::ensure(queue.jetstream(), queue.options()).await?;
        let consumer = stream.create_consumer(config()).await.map_err(away)?;
        let created = stream.cached_info().created;
        if stream.get_info().await.map_err(away)?.created != created {
            return Err(QueueError::Restart("the stream was made anew".into()));
        }
        let messages = consumer
            .stream()
            .max_messages_per_batch(BATCH)
            .heartbeat(HEARTBEAT)
            .expires(EXPIRY)
            .messages()
            .await
            .map_err(away)?;

        let number = queue.shared.consumers.fetch_add(1, Ordering::Relaxed);
        let (sender, deliveries) = mpsc::channel(READ_AHEAD);
        let (released, releases) = watch::channel(0);
        let purger = Purger {
            stream: stream.clone(),
            created,
            link: link.clone(),
            releases,
            deliveries: sender.downgrade(),
        };
        let reader = Reader {
            queue: queue.clone(),
            // A consumer begins at the first message kept, and says so.
            next: consumer.cached_info().delivered.stream_sequence + 1,
            received: 0,
            behind: false,
            number,
            stream,
            consumer,
            messages,
            link,
            deliveries: sender,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(reader.run());
        tasks.spawn(purger.run());
        Ok(NatsConsumer { number, deliveries, released, _tasks: tasks })
    }

    pub(in crate::queue) async fn next(&mut self) -> Result<Delivery, QueueError> {
        let ended = || Err(QueueError::Restart("the reader has ended".into()));
        self.deliveries.recv().await.unwrap_or_else(ended)
    }

    pub(in crate::queue) fn release(&mut self, ticket: Ticket) {
        if ticket.consumer != self.number {
            return;
        }
        self.released.send_if_modified(|released| {
            let newer = ticket.sequence > *released;
            *released = ticket.sequence.max(*released);
            newer
        });
    }
}

fn config() -> pull::Config {
    pull::Config {
        description: Some("The writer of the log".to_owned()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        inactive_threshold: INACTIVE,
        num_replicas: 1,
        memory_storage: true,
        ..Default::default()
    }
}

struct Reader {
    queue: NatsQueue,
    number: u64,
    stream: Stream,
    consumer: Consumer<pull::Config>,
    messages: pull::Stream,
    link: watch::Receiver<Link>,
    /// The sequence that must come next.
    next: u64,
    /// Messages received.
    received: u64,
    /// The server said that it has sent more, and nothing has come since.
    behind: bool,
    deliveries: mpsc::Sender<Result<Delivery, QueueError>>,
}

impl Reader {
    async fn run(mut self) {
        let end = loop {
            match self.read().await {
                Ok(None) => {}
                Ok(Some(delivery)) => {
                    if self.deliveries.send(Ok(delivery)).await.is_err() {
                        return;
                    }
                }
                Err(error) => break error,
            }
        };
        // Nobody may be left who could be told.
        let _ = self.deliveries.send(Err(end)).await;
    }

    /// Waits for the next frame. `None`: there was none, and all is well.
    async fn read(&mut self) -> Result<Option<Delivery>, QueueError> {
        let message = tokio::select! {
            biased;
            _ = self.link.changed() => return Err(restart("the connection was lost")),
            message = self.messages.next() => message,
            () = sleep(IDLE_CHECK) => return self.check().await.map(|()| None),
        };
        let message =
            message.ok_or_else(|| restart("the messages have ended"))?.map_err(restart)?;
        self.receive(message).await
    }

    /// A frame that was lost on its way with none behind it shows no gap, so a silent server is
    /// asked how many it has sent. What it sent just now may be on its way: only a difference that
    /// stays is one.
    async fn check(&mut self) -> Result<(), QueueError> {
        let info = self.consumer.get_info().await.map_err(restart)?;
        let behind = info.delivered.consumer_sequence != self.received;
        if behind && self.behind {
            return Err(restart("frames were lost on their way"));
        }
        self.behind = behind;
        Ok(())
    }

    async fn receive(&mut self, message: Message) -> Result<Option<Delivery>, QueueError> {
        let sequence = message.info().map_err(restart)?.stream_sequence;
        if sequence != self.next {
            self.explain_gap(sequence).await?;
        }
        self.next = sequence + 1;
        self.received += 1;
        self.behind = false;
        match Frame::decode(message.message.payload) {
            Ok(frame) => {
                let ticket = Ticket { sequence, consumer: self.number };
                Ok(Some(Delivery { frame, ticket }))
            }
            // Not lost, and not to be passed over: whoever knows it may come.
            Err(error @ FrameError::Version(_)) => Err(QueueError::Unusable(format!(
                "message {sequence} of the stream: {error}; it takes a newer tailwater"
            ))),
            Err(error) => {
                self.queue.shared.unreadable.fetch_add(1, Ordering::Relaxed);
                tracing::error!(sequence, %error, "a message in the stream is passed over");
                Ok(None)
            }
        }
    }

    /// Frames are missing before this one. A new consumer would find them if they are in the
    /// stream. If they are not, it would find the same gap: somebody has removed them, and that
    /// can only be said.
    async fn explain_gap(&self, sequence: u64) -> Result<(), QueueError> {
        let gap = || restart(format!("sequence {sequence} came where {} was due", self.next));
        if sequence < self.next {
            return Err(gap());
        }
        let following = self
            .stream
            .raw_message_builder()
            .sequence(self.next)
            .next_by_subject(stream::subject(self.queue.namespace()))
            .send()
            .await
            .map_err(|_| gap())?;
        if following.sequence != sequence {
            return Err(gap());
        }
        // A purge that an earlier consumer had under way takes stored frames out of our sight.
        if self.received > 0 {
            let (first, last) = (self.next, sequence - 1);
            tracing::warn!(first, last, "frames were removed from the stream by somebody else");
        }
        Ok(())
    }
}

fn restart(why: impl ToString) -> QueueError {
    QueueError::Restart(why.to_string())
}
