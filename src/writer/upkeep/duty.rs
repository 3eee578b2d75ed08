//! A duty that is done again and again, and may fail.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::queue::Backoff;
use crate::store::StoreError;
use crate::telemetry::Health;

/// Failing for so long is a matter of health.
const TOO_LONG: Duration = Duration::from_secs(60);

/// How a duty fares.
pub(super) struct Duty {
    /// As the health of the process names it.
    name: &'static str,
    health: Health,
    backoff: Backoff,
    failing_since: Option<Instant>,
    is_down: bool,
}

impl Duty {
    pub fn new(name: &'static str, health: Health) -> Self {
        Duty { name, health, backoff: Backoff::default(), failing_since: None, is_down: false }
    }

    /// It was done.
    pub fn done(&mut self) {
        self.failing_since = None;
        self.backoff.reset();
        if std::mem::take(&mut self.is_down) {
            self.health.up(self.name);
        }
    }

    /// It failed; resolves when it is time to try again.
    pub async fn failed(&mut self, error: StoreError) {
        let duty = self.name;
        let since = *self.failing_since.get_or_insert_with(Instant::now);
        match &error {
            // The next look at the database usually mends it.
            StoreError::Fenced => tracing::debug!(duty, "the log is not stored as was believed"),
            _ => tracing::warn!(duty, %error, "the upkeep of the log failed; trying again"),
        }
        if since.elapsed() > TOO_LONG {
            self.is_down = true;
            self.health.down(self.name, error);
        }
        sleep(self.backoff.next_delay()).await;
    }
}

impl Drop for Duty {
    /// It is another process's now, or begins anew with the next session.
    fn drop(&mut self) {
        if self.is_down {
            self.health.up(self.name);
        }
    }
}
