//! The listeners of a process, and what became of what they received.

use std::time::Duration;

use super::open::ingest_limits;
use super::tasks::Tasks;
use super::{StartError, Unfinished};
use crate::config::Config;
use crate::ingest;
use crate::queue::Publisher;
use crate::telemetry::{DEAD_LETTER, Figures};
use crate::tls::Tls;

/// The listeners and their way into the queue.
pub(super) struct Receive {
    listeners: Tasks,
    pub receipts: Receipts,
}

impl Receive {
    pub fn start(
        config: &Config,
        udp: Vec<ingest::udp::Listener>,
        tcp: Vec<ingest::tcp::Listener>,
        tls: Vec<(ingest::tcp::Listener, Tls)>,
        publisher: Publisher,
        figures: &Figures,
    ) -> Receive {
        let limits = ingest_limits(config);
        let mut listeners = Tasks::default();
        let parts = || (publisher.clone(), figures.clone(), limits.clone());
        for listener in udp {
            let (publisher, figures, limits) = parts();
            listeners.spawn(|stop| ingest::udp::run(listener, publisher, figures, limits, stop));
        }
        for listener in tcp {
            let (publisher, figures, limits) = parts();
            listeners.spawn(|stop| ingest::tcp::run(listener, publisher, figures, limits, stop));
        }
        for (listener, tls) in tls {
            let (publisher, figures, limits) = parts();
            listeners.spawn(|stop| {
                ingest::tcp::run_tls(listener, tls, publisher, figures, limits, stop)
            });
        }
        Receive { listeners, receipts: Receipts { publisher, figures: figures.clone() } }
    }

    /// Reads no more and hands over what was read: to NATS until it is acknowledged, in memory
    /// to a queue that then is closed. Cancel-safe: another call goes on.
    pub async fn stop(&mut self) {
        self.listeners.stop().await;
        // An error means that the queue is closed already, and nothing waits in it.
        let _ = self.receipts.publisher.flush().await;
        self.receipts.publisher.close();
    }

    /// Told to stop while the database is still being opened: receives no more, and waits for the
    /// database if there are records for it.
    pub async fn settle<T>(
        &mut self,
        opening: impl Future<Output = Result<T, StartError>>,
        timeout: Duration,
    ) -> Result<T, StartError> {
        let receipts = self.receipts.clone();
        let nothing_waits = async {
            self.stop().await;
            if receipts.unsettled() > 0 {
                tracing::info!("waiting for the database, to store what was received");
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            opened = opening => opened,
            () = nothing_waits => Err(StartError::Stopped),
            () = tokio::time::sleep(timeout) => match receipts.unsettled() {
                0 => Err(StartError::Stopped),
                records => Err(Unfinished::Lost { records, timeout }.into()),
            },
        }
    }
}

/// Knows what became of the records that were received.
#[derive(Clone)]
pub(super) struct Receipts {
    publisher: Publisher,
    figures: Figures,
}

impl Receipts {
    /// Records that were received and would be lost if the process ended now.
    pub fn unsettled(&self) -> u64 {
        let figures = &self.figures;
        // Those that the database refused went through the queue, and are settled.
        let refused = figures.rejected.total() - figures.rejected.of(DEAD_LETTER).get();
        let settled = refused + self.publisher.settled();
        figures.received.total().saturating_sub(settled)
    }
}
