//! Where frames wait between the sockets and the database: in memory, or in NATS JetStream.
//!
//! Both are a log with one reader. A [`Publisher`] appends frames; a [`Consumer`] reads them in
//! order from the first one kept; what is committed is removed, and never more than this consumer
//! has read. A consumer that is made anew starts again at the first frame kept, and the writer
//! skips what it has stored already.

pub mod frame;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub mod memory;
pub mod nats;

use std::time::Duration;

use uuid::Uuid;

pub use frame::{Draft, Frame, FrameError, FrameId, RawRecord};

/// What goes wrong with a queue.
#[derive(Clone, Debug, thiserror::Error)]
pub enum QueueError {
    /// The queue is closed: nothing more goes in.
    #[error("the queue is closed")]
    Closed,
    /// The queue cannot be reached at the moment; it is worth trying again.
    #[error("the queue is away: {0}")]
    Away(String),
    /// The queue is there and says nothing to what it is given; it is worth trying again.
    #[error("the queue does not acknowledge what it is given")]
    Silent,
    /// The queue is there and takes no frames, for want of room; it is worth trying again.
    #[error("the queue has no room: {0}")]
    Full(String),
    /// The consumer lost its place (a gap, a stream made anew, a new connection): make a new one.
    #[error("the consumer must be made anew: {0}")]
    Restart(String),
    /// The namespace belongs to another database.
    #[error(
        "namespace `{namespace}` of NATS belongs to database {owner}, this one is {ours}; choose another --namespace"
    )]
    Foreign { namespace: String, owner: Uuid, ours: Uuid },
    /// A setting or the server makes it impossible.
    #[error("{0}")]
    Unusable(String),
}

/// The queue, one of two backends.
#[derive(Clone, Debug)]
pub enum Queue {
    Memory(memory::MemoryQueue),
    Nats(nats::NatsQueue),
}

/// What waits in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    pub frames: u64,
    pub bytes: u64,
}

/// A frame that was read, and the ticket that removes it once it is stored.
#[derive(Debug)]
pub struct Delivery {
    pub frame: Frame,
    pub ticket: Ticket,
}

/// The place of a delivery in its queue. Releasing it says that this frame and all before it are
/// stored; it is taken by value, so it cannot be released twice.
#[derive(Debug)]
pub struct Ticket {
    sequence: u64,
    /// Which consumer read it: sequences of one mean nothing to another.
    consumer: u64,
}

impl Queue {
    /// The way in. `producer` names this run of this process.
    pub fn publisher(&self, producer: Uuid) -> Publisher {
        match self {
            Queue::Memory(q) => Publisher::Memory(q.publisher(producer)),
            Queue::Nats(q) => Publisher::Nats(q.publisher(producer)),
        }
    }

    /// Claims the queue for a database: a worker calls it before it consumes. Whoever comes first
    /// owns it until it [gives it back](Queue::disclaim).
    ///
    /// # Errors
    /// [`QueueError::Foreign`] when another database holds it, [`QueueError::Away`] when NATS is.
    pub async fn claim(&self, database: Uuid) -> Result<(), QueueError> {
        match self {
            Queue::Memory(_) => Ok(()),
            Queue::Nats(q) => q.claim(database).await,
        }
    }

    /// Gives the queue back that was claimed for a database: the next one that claims it owns it,
    /// and what waits in it.
    ///
    /// # Errors
    /// [`QueueError::Foreign`] when another database holds it, [`QueueError::Away`] when NATS is.
    pub async fn disclaim(&self, database: Uuid) -> Result<(), QueueError> {
        match self {
            Queue::Memory(_) => Ok(()),
            Queue::Nats(q) => q.disclaim(database).await,
        }
    }

    /// A consumer that starts at the first frame kept. One is used at a time.
    pub async fn consume(&self) -> Result<Consumer, QueueError> {
        match self {
            Queue::Memory(q) => Ok(Consumer::Memory(q.consume())),
            Queue::Nats(q) => Ok(Consumer::Nats(Box::new(q.consume().await?))),
        }
    }

    /// Whether the queue is there at the moment, and takes what this process has for it.
    ///
    /// # Errors
    /// [`QueueError::Away`] when it is not, [`QueueError::Full`] and [`QueueError::Silent`] when it
    /// takes nothing. One in memory is always there.
    pub fn check(&self) -> Result<(), QueueError> {
        match self {
            Queue::Memory(_) => Ok(()),
            Queue::Nats(q) => q.check(),
        }
    }

    /// How much waits.
    pub async fn depth(&self) -> Result<Depth, QueueError> {
        match self {
            Queue::Memory(q) => Ok(q.depth()),
            Queue::Nats(q) => q.depth().await,
        }
    }
}

/// The way into the queue. Clones share the producer's counter.
#[derive(Clone, Debug)]
pub enum Publisher {
    Memory(memory::MemoryPublisher),
    Nats(nats::NatsPublisher),
}

impl Publisher {
    /// Names the draft and hands it over. Waits while the queue is full: this is the
    /// back-pressure every listener feels. Once it returns the queue owns the frame (memory: it
    /// is in the queue; NATS: it is in the bounded window and is retried until acknowledged).
    /// Cancelling the wait loses the draft only if the future is dropped: do not drop it.
    pub async fn publish(&self, draft: Draft) -> Result<FrameId, QueueError> {
        match self {
            Publisher::Memory(p) => p.publish(draft).await,
            Publisher::Nats(p) => p.publish(draft).await,
        }
    }

    /// Waits until everything handed over is acknowledged.
    pub async fn flush(&self) -> Result<(), QueueError> {
        match self {
            Publisher::Memory(_) => Ok(()),
            Publisher::Nats(p) => p.flush().await,
        }
    }

    /// Records handed over that this process need not care for any more: NATS has acknowledged
    /// them, or they are stored and gone from memory. The rest would be lost with the process.
    pub fn settled(&self) -> u64 {
        match self {
            Publisher::Memory(p) => p.settled(),
            Publisher::Nats(p) => p.settled(),
        }
    }

    /// Nothing more comes: the consumer of a memory queue ends when it has read what is there.
    pub fn close(&self) {
        match self {
            Publisher::Memory(p) => p.close(),
            Publisher::Nats(p) => p.close(),
        }
    }
}

/// The way out of the queue.
#[derive(Debug)]
pub enum Consumer {
    Memory(memory::MemoryConsumer),
    Nats(Box<nats::NatsConsumer>),
}

impl Consumer {
    /// The next frame, waiting for it. `None`: the queue is closed and read to its end (only a
    /// memory queue ends). Cancel-safe: a dropped wait loses no frame.
    ///
    /// # Errors
    /// [`QueueError::Restart`] and [`QueueError::Away`]: make a new consumer.
    pub async fn next(&mut self) -> Result<Option<Delivery>, QueueError> {
        match self {
            Consumer::Memory(c) => Ok(c.next().await),
            Consumer::Nats(c) => c.next().await.map(Some),
        }
    }

    /// Says that the ticket's frame and all before it are stored, so that they can be removed.
    /// Removal may come later; a failed removal is harmless (the frames are skipped when they are
    /// read again) and is retried with the next release.
    pub async fn release(&mut self, ticket: Ticket) {
        match self {
            Consumer::Memory(c) => c.release(ticket),
            Consumer::Nats(c) => c.release(ticket),
        }
    }
}

/// How long to wait before the next try: 50 ms doubled to 5 s, with a random share so that many
/// do not come back at once.
#[derive(Debug, Default)]
pub struct Backoff {
    tries: u32,
}

impl Backoff {
    /// The next pause.
    pub fn next_delay(&mut self) -> Duration {
        let full = 50u64.saturating_mul(1 << self.tries.min(7)).min(5_000);
        self.tries += 1;
        Duration::from_millis(full / 2 + rand::random_range(0..=full / 2))
    }

    /// It worked: the next failure starts over.
    pub fn reset(&mut self) {
        self.tries = 0;
    }
}
