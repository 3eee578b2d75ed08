//! Tasks that can be told to stop.

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A task and what stops it.
pub(super) struct Task {
    stop: CancellationToken,
    handle: JoinHandle<()>,
}

impl Task {
    pub fn spawn<F: Future<Output = ()> + Send + 'static>(
        run: impl FnOnce(CancellationToken) -> F,
    ) -> Task {
        let stop = CancellationToken::new();
        Task { handle: tokio::spawn(run(stop.clone())), stop }
    }

    pub async fn stop(self) {
        let mut tasks = Tasks(vec![self]);
        tasks.stop().await;
    }
}

/// Tasks that end together.
#[derive(Default)]
pub(super) struct Tasks(Vec<Task>);

impl Tasks {
    pub fn spawn<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        run: impl FnOnce(CancellationToken) -> F,
    ) {
        self.0.push(Task::spawn(run));
    }

    /// Tells all of them to stop and waits for each. Cancel-safe: another call waits for the rest.
    pub async fn stop(&mut self) {
        for task in &self.0 {
            task.stop.cancel();
        }
        while let Some(task) = self.0.last_mut() {
            // A task that panicked has said so in the log.
            let _ = (&mut task.handle).await;
            self.0.pop();
        }
    }
}
