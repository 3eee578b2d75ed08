//! What the listeners' tests share: a listener with a memory queue behind it, and the accounting.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::log::Transport;
use crate::queue::memory::MemoryQueue;
use crate::queue::{Consumer, Publisher, Queue};
use crate::telemetry::Figures;
use crate::tls::Tls;

use super::{Limits, tcp, udp};

/// Longer than anything here takes: only a test that fails waits for it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A record as it came out of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    pub bytes: Vec<u8>,
    pub peer: IpAddr,
    pub transport: Transport,
    pub cut: bool,
}

impl Got {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("text")
    }
}

/// A running listener and the far end of its queue.
pub struct Bench {
    pub address: SocketAddr,
    pub figures: Figures,
    pub consumer: Consumer,
    pub publisher: Publisher,
    pub running: JoinHandle<()>,
    /// Records that came out of the queue.
    pub taken: u64,
    stop: CancellationToken,
}

impl Bench {
    pub async fn udp(address: &str, limits: Limits) -> Bench {
        let listener = udp::bind(address.parse().expect("an address"), &limits).expect("bound");
        let address = listener.local_addr().expect("bound");
        Self::start(address, 64 << 20, |publisher, figures, stop| {
            tokio::spawn(udp::run(listener, publisher, figures, limits, stop))
        })
        .await
    }

    pub async fn tcp(address: &str, limits: Limits) -> Bench {
        Self::tcp_with_queue(address, limits, 64 << 20).await
    }

    pub async fn tcp_with_queue(address: &str, limits: Limits, queue_bytes: usize) -> Bench {
        let listener = tcp::bind(address.parse().expect("an address")).expect("bound");
        let address = listener.local_addr().expect("bound");
        Self::start(address, queue_bytes, |publisher, figures, stop| {
            tokio::spawn(tcp::run(listener, publisher, figures, limits, stop))
        })
        .await
    }

    pub async fn tls(tls: Tls, limits: Limits) -> Bench {
        let listener = tcp::bind(([127, 0, 0, 1], 0).into()).expect("bound");
        let address = listener.local_addr().expect("bound");
        Self::start(address, 64 << 20, |publisher, figures, stop| {
            tokio::spawn(tcp::run_tls(listener, tls, publisher, figures, limits, stop))
        })
        .await
    }

    async fn start(
        address: SocketAddr,
        queue_bytes: usize,
        run: impl FnOnce(Publisher, Figures, CancellationToken) -> JoinHandle<()>,
    ) -> Bench {
        let figures = Figures::new();
        let queue = Queue::Memory(MemoryQueue::new(queue_bytes));
        let publisher = queue.publisher(Uuid::from_u128(1));
        let consumer = queue.consume().await.expect("a memory queue");
        let stop = CancellationToken::new();
        let running = run(publisher.clone(), figures.clone(), stop.clone());
        Bench { address, figures, consumer, publisher, running, taken: 0, stop }
    }

    /// The records of the next frame.
    pub async fn take_frame(&mut self) -> Vec<Got> {
        let next = timeout(PATIENCE, self.consumer.next()).await.expect("a frame in time");
        let Some(delivery) = next.expect("a memory queue") else { return Vec::new() };
        let got = |record: crate::queue::RawRecord<'_>| Got {
            bytes: record.bytes.to_vec(),
            peer: record.peer,
            transport: record.transport,
            cut: record.cut,
        };
        let records: Vec<_> = delivery.frame.iter().map(got).collect();
        self.consumer.release(delivery.ticket).await;
        self.taken += records.len() as u64;
        records
    }

    /// The next `count` records, and what came in the same frame as the last of them.
    pub async fn take(&mut self, count: usize) -> Vec<Got> {
        let mut records = Vec::new();
        while records.len() < count {
            records.extend(self.take_frame().await);
        }
        records
    }

    /// Stops the listener, and gives what was still in the queue. The numbers must balance.
    pub async fn stop(mut self) -> Vec<Got> {
        self.stop.cancel();
        timeout(PATIENCE, &mut self.running).await.expect("stopped in time").expect("no panic");
        self.publisher.close();
        let mut rest = Vec::new();
        loop {
            let records = self.take_frame().await;
            if records.is_empty() {
                break;
            }
            rest.extend(records);
        }
        let rejected = self.figures.rejected.total();
        assert_eq!(self.figures.received.total(), self.taken + rejected, "the numbers balance");
        assert_eq!(self.figures.connections.get(), 0);
        rest
    }

    /// Only says that it is time to stop.
    pub fn begin_stop(&self) {
        self.stop.cancel();
    }
}

/// Waits until `condition` holds.
pub async fn eventually(condition: impl Fn() -> bool) {
    let waited = timeout(PATIENCE, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    waited.await.expect("it came true in time");
}
