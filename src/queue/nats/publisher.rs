//! The way in: names frames and hands them to the window, which answers for them from then on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, mpsc, watch};
use uuid::Uuid;

use super::window::{Accepted, Window};
use super::{Draft, FrameId, NatsQueue, QueueError};

/// See [`crate::queue::Publisher`]. When the last clone is gone, the frames in its window are
/// still seen through to their acknowledgement.
#[derive(Clone, Debug)]
pub struct NatsPublisher {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    producer: Uuid,
    max_frame_bytes: usize,
    /// Room for bytes: one permit a KiB, `capacity` of them.
    room: Arc<Semaphore>,
    capacity: u32,
    /// Room for frames: one permit each.
    slots: Arc<Semaphore>,
    entrance: Mutex<Entrance>,
    /// All frames up to this counter are acknowledged.
    acknowledged: watch::Receiver<u64>,
    /// Records whose frames are acknowledged.
    settled: Arc<AtomicU64>,
}

/// Where frames get their counters and their order.
#[derive(Debug)]
struct Entrance {
    counter: u64,
    /// `None`: closed.
    window: Option<mpsc::UnboundedSender<Accepted>>,
}

impl NatsPublisher {
    /// Opens a publisher and starts its window, which runs as a task of its own.
    pub(super) fn open(queue: &NatsQueue, producer: Uuid) -> Self {
        let options = queue.options();
        let capacity = kib(options.window_bytes).max(1);
        // The semaphores bound what is in this channel.
        let (window, incoming) = mpsc::unbounded_channel();
        let (acknowledge, acknowledged) = watch::channel(0);
        let settled = Arc::default();
        let task = Window::new(queue, incoming, acknowledge, Arc::clone(&settled));
        tokio::spawn(task.run());
        NatsPublisher {
            shared: Arc::new(Shared {
                producer,
                max_frame_bytes: options.max_frame_bytes,
                room: Arc::new(Semaphore::new(capacity as usize)),
                capacity,
                slots: Arc::new(Semaphore::new(options.window_frames.max(1))),
                entrance: Mutex::new(Entrance { counter: 0, window: Some(window) }),
                acknowledged,
                settled,
            }),
        }
    }

    pub(in crate::queue) async fn publish(&self, draft: Draft) -> Result<FrameId, QueueError> {
        let shared = &*self.shared;
        if draft.size() > shared.max_frame_bytes {
            return Err(QueueError::Unusable(format!(
                "a frame of {} bytes is larger than the limit of {}",
                draft.size(),
                shared.max_frame_bytes
            )));
        }
        let slot = shared.slots.clone().acquire_owned().await.map_err(|_| QueueError::Closed)?;
        let size = kib(draft.size()).min(shared.capacity);
        let room = shared.room.clone().acquire_many_owned(size).await;
        let mut room = room.map_err(|_| QueueError::Closed)?;
        let packed = draft.pack();
        let records = packed.records();
        drop(room.split(size.saturating_sub(kib(packed.size())) as usize));

        // Named and handed over under the lock, so that the counters go out in their order.
        let mut entrance = shared.entrance();
        let window = entrance.window.clone().ok_or(QueueError::Closed)?;
        entrance.counter += 1;
        let id = FrameId { producer: shared.producer, counter: entrance.counter };
        let frame = packed.name(id);
        window.send(Accepted { id, frame, records, room, slot }).map_err(|_| QueueError::Closed)?;
        Ok(id)
    }

    pub(in crate::queue) async fn flush(&self) -> Result<(), QueueError> {
        let newest = self.shared.entrance().counter;
        let mut acknowledged = self.shared.acknowledged.clone();
        acknowledged.wait_for(|upto| *upto >= newest).await.map_err(|_| QueueError::Closed)?;
        Ok(())
    }

    pub(in crate::queue) fn settled(&self) -> u64 {
        self.shared.settled.load(Ordering::Relaxed)
    }

    pub(in crate::queue) fn close(&self) {
        self.shared.entrance().window = None;
        self.shared.room.close();
        self.shared.slots.close();
    }
}

impl Shared {
    fn entrance(&self) -> MutexGuard<'_, Entrance> {
        self.entrance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kib(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX >> 4).min(u32::MAX >> 4)
}
