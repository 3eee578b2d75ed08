//! Looks after the database, the queue and the head of the log, in every role: what `/readyz` and
//! `/metrics` say of them holds also while nobody else needs them.

use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::live::Hub;
use crate::queue::Queue;
use crate::store::Store;
use crate::telemetry::Health;

/// The pause between two questions. Each is one short round trip.
const PAUSE: Duration = Duration::from_secs(2);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// These parts of a process, as its health names them.
pub(super) const DATABASE: &str = "database";
pub(super) const QUEUE: &str = "queue";

/// Watches the database until told to stop.
pub(super) async fn database(store: Store, health: Health, stop: CancellationToken) {
    while goes_on(&stop).await {
        match stop.run_until_cancelled(timeout(PATIENCE, store.ping())).await {
            Some(Ok(Ok(()))) => health.up(DATABASE),
            Some(Ok(Err(error))) => health.down(DATABASE, error),
            Some(Err(_)) => health.down(DATABASE, format!("no answer within {PATIENCE:?}")),
            None => return,
        }
    }
}

/// Watches the queue until told to stop.
pub(super) async fn queue(queue: Queue, health: Health, stop: CancellationToken) {
    while goes_on(&stop).await {
        match queue.check() {
            Ok(()) => health.up(QUEUE),
            Err(error) => health.down(QUEUE, error),
        }
    }
}

/// Shows the newest position that this process knows, until told to stop.
pub(super) async fn head(hub: Hub, shown: Gauge, stop: CancellationToken) {
    let mut head = hub.watch_head();
    loop {
        shown.set(*head.borrow_and_update());
        tokio::select! {
            moved = head.changed() => if moved.is_err() { return },
            () = stop.cancelled() => return,
        }
    }
}

/// Pauses. `false`, at once, when told to stop.
async fn goes_on(stop: &CancellationToken) -> bool {
    timeout(PAUSE, stop.cancelled()).await.is_err()
}
