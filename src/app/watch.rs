//! Looks after the database and the queue, in every role: whether they are there is known while
//! nobody else needs them, and shown in `/readyz`.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

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
        match timeout(PATIENCE, store.ping()).await {
            Ok(Ok(())) => health.up(DATABASE),
            Ok(Err(error)) => health.down(DATABASE, error),
            Err(_) => health.down(DATABASE, format!("no answer within {PATIENCE:?}")),
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

/// Pauses. `false`, at once, when told to stop.
async fn goes_on(stop: &CancellationToken) -> bool {
    timeout(PAUSE, stop.cancelled()).await.is_err()
}
