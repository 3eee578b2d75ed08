//! The open WebSockets, so that a stop can say goodbye on each.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Time for the last messages of ending subscriptions to leave before the sockets are closed.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// Time for clients to take their leave; what is still open afterwards is cut.
const GOODBYE: Duration = Duration::from_secs(2);

/// Every open WebSocket of a server. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Sockets {
    tasks: TaskTracker,
    closing: CancellationToken,
}

impl Sockets {
    /// Counts a socket in for as long as its future runs.
    pub(super) async fn track<F: Future>(&self, socket: F) -> F::Output {
        self.tasks.track_future(socket).await
    }

    /// Resolves when sockets are to be closed by us.
    pub(super) fn closing(&self) -> impl Future<Output = ()> + Send + use<> {
        self.closing.clone().cancelled_owned()
    }

    /// Closes every socket. By now the subscriptions are ending by themselves.
    pub(super) async fn close(&self) {
        self.tasks.close();
        if tokio::time::timeout(LAST_WORDS, self.tasks.wait()).await.is_ok() {
            return;
        }
        self.closing.cancel();
        let _ = tokio::time::timeout(GOODBYE, self.tasks.wait()).await;
    }
}
