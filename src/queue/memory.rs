//! The queue inside the process: bounded in bytes, kept until committed.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::{Delivery, Depth, Draft, Frame, FrameId, QueueError, Ticket};

/// A bounded queue of frames. Clones share it.
#[derive(Clone, Debug)]
pub struct MemoryQueue {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// One permit a KiB.
    room: Arc<Semaphore>,
    capacity: u32,
    /// Something came, or the queue was closed.
    changed: Notify,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    frames: VecDeque<(Frame, OwnedSemaphorePermit)>,
    /// The sequence of the first frame kept.
    first: u64,
    bytes: u64,
    /// Records that were released.
    released: u64,
    closed: bool,
}

impl MemoryQueue {
    /// A queue for at most `bytes` of frames. A frame larger than that goes in alone.
    pub fn new(bytes: usize) -> Self {
        let capacity = kib(bytes).max(1);
        MemoryQueue {
            shared: Arc::new(Shared {
                room: Arc::new(Semaphore::new(capacity as usize)),
                capacity,
                changed: Notify::new(),
                kept: Mutex::new(Kept {
                    frames: VecDeque::new(),
                    first: 1,
                    bytes: 0,
                    released: 0,
                    closed: false,
                }),
            }),
        }
    }

    pub(super) fn publisher(&self, producer: Uuid) -> MemoryPublisher {
        MemoryPublisher { shared: self.shared.clone(), producer, counter: Arc::default() }
    }

    pub(super) fn consume(&self) -> MemoryConsumer {
        let next = self.shared.kept().first;
        MemoryConsumer { shared: self.shared.clone(), next }
    }

    pub(super) fn depth(&self) -> Depth {
        let kept = self.shared.kept();
        Depth { frames: kept.frames.len() as u64, bytes: kept.bytes }
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kib(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX >> 4).min(u32::MAX >> 4)
}

/// See [`super::Publisher`].
#[derive(Clone, Debug)]
pub struct MemoryPublisher {
    shared: Arc<Shared>,
    producer: Uuid,
    counter: Arc<AtomicU64>,
}

impl MemoryPublisher {
    pub(super) async fn publish(&self, draft: Draft) -> Result<FrameId, QueueError> {
        let size = kib(draft.size()).min(self.shared.capacity);
        let room = self
            .shared
            .room
            .clone()
            .acquire_many_owned(size)
            .await
            .map_err(|_| QueueError::Closed)?;
        let mut kept = self.shared.kept();
        if kept.closed {
            return Err(QueueError::Closed);
        }
        // Counted under the lock, so that the counters lie in the queue in their order.
        let counter = self.counter.fetch_add(1, Ordering::Relaxed) + 1;
        let id = FrameId { producer: self.producer, counter };
        let frame = draft.name(id);
        kept.bytes += frame.bytes().len() as u64;
        kept.frames.push_back((frame, room));
        drop(kept);
        self.shared.changed.notify_one();
        Ok(id)
    }

    /// Records of all publishers: a process has one.
    pub(super) fn settled(&self) -> u64 {
        self.shared.kept().released
    }

    pub(super) fn close(&self) {
        self.shared.kept().closed = true;
        self.shared.changed.notify_one();
    }
}

/// See [`super::Consumer`].
#[derive(Debug)]
pub struct MemoryConsumer {
    shared: Arc<Shared>,
    /// The sequence to read next.
    next: u64,
}

impl MemoryConsumer {
    pub(super) async fn next(&mut self) -> Option<Delivery> {
        loop {
            {
                let kept = self.shared.kept();
                let index = self.next.saturating_sub(kept.first) as usize;
                if let Some((frame, _)) = kept.frames.get(index) {
                    let frame = frame.clone();
                    let ticket = Ticket { sequence: self.next, consumer: 0 };
                    self.next += 1;
                    return Some(Delivery { frame, ticket });
                }
                if kept.closed {
                    return None;
                }
            }
            self.shared.changed.notified().await;
        }
    }

    pub(super) fn release(&mut self, ticket: Ticket) {
        let mut kept = self.shared.kept();
        while kept.first <= ticket.sequence {
            let Some((frame, _)) = kept.frames.pop_front() else { break };
            kept.bytes -= frame.bytes().len() as u64;
            kept.released += frame.records() as u64;
            kept.first += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::log::{Transport, now};
    use crate::queue::RawRecord;

    fn draft(text: &str) -> Draft {
        let mut draft = Draft::default();
        draft.push(RawRecord {
            bytes: text.as_bytes(),
            received_at: now(),
            peer: [127, 0, 0, 1].into(),
            transport: Transport::Tcp,
            cut: false,
        });
        draft
    }

    fn text(delivery: &Delivery) -> String {
        let record = delivery.frame.iter().next().expect("one record");
        String::from_utf8_lossy(record.bytes).into_owned()
    }

    #[tokio::test]
    async fn a_new_consumer_reads_again_what_was_not_released() {
        let queue = MemoryQueue::new(1 << 20);
        let publisher = queue.publisher(Uuid::new_v4());
        for word in ["a", "b", "c"] {
            publisher.publish(draft(word)).await.unwrap();
        }
        let mut consumer = queue.consume();
        let first = consumer.next().await.unwrap();
        let second = consumer.next().await.unwrap();
        assert_eq!((text(&first), text(&second)), ("a".into(), "b".into()));
        assert_eq!(publisher.settled(), 0);
        consumer.release(first.ticket);
        assert_eq!(publisher.settled(), 1);
        let mut consumer = queue.consume();
        assert_eq!(text(&consumer.next().await.unwrap()), "b");
        assert_eq!(text(&consumer.next().await.unwrap()), "c");
    }

    #[tokio::test]
    async fn a_full_queue_makes_the_publisher_wait_until_a_frame_is_released() {
        let queue = MemoryQueue::new(1024);
        let publisher = queue.publisher(Uuid::new_v4());
        publisher.publish(draft("a")).await.unwrap();
        let mut waiting = Box::pin(publisher.publish(draft("b")));
        tokio::select! {
            biased;
            _ = &mut waiting => panic!("the queue was full"),
            () = std::future::ready(()) => {}
        }
        let mut consumer = queue.consume();
        let first = consumer.next().await.unwrap();
        consumer.release(first.ticket);
        tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_closed_queue_is_read_to_its_end() {
        let queue = MemoryQueue::new(1 << 20);
        let publisher = queue.publisher(Uuid::new_v4());
        publisher.publish(draft("a")).await.unwrap();
        publisher.close();
        assert!(matches!(publisher.publish(draft("b")).await, Err(QueueError::Closed)));
        let mut consumer = queue.consume();
        assert!(consumer.next().await.is_some());
        assert!(consumer.next().await.is_none());
    }
}
