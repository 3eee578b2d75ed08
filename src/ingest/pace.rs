//! When a frame that is not full leaves.
//!
//! Each frame costs everybody on its way a wake-up, so records that keep coming share one. The first
//! after a quiet moment leaves at once: it has nobody to wait for.

use std::time::{Duration, Instant};

/// A frame of so many records was worth waiting for,
const MANY: usize = 16;
/// and the next one may take so many times as long: at 4 ms, from some thousand records a second
/// on, where nobody can follow them one by one.
const PATIENCE: u32 = 3;

/// Spreads the frames of a listener over time.
#[derive(Debug)]
pub struct Pace {
    delay: Duration,
    /// When the next frame may leave.
    due: Option<Instant>,
}

impl Pace {
    /// While few records come, a frame leaves this long after the one before.
    pub fn new(delay: Duration) -> Self {
        Pace { delay, due: None }
    }

    /// When what is gathered now is to leave.
    pub fn due(&self) -> Instant {
        self.due.unwrap_or_else(Instant::now)
    }

    /// A frame leaves.
    pub fn sent(&mut self, records: usize) {
        let patience = if records >= MANY { PATIENCE } else { 1 };
        self.due = Some(Instant::now() + self.delay * patience);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_secs(100);

    /// How long the next frame has to wait, about.
    fn wait(pace: &Pace) -> Duration {
        pace.due().saturating_duration_since(Instant::now())
    }

    #[test]
    fn the_first_frame_leaves_at_once_and_the_next_a_moment_later() {
        let mut pace = Pace::new(DELAY);
        assert_eq!(wait(&pace), Duration::ZERO);
        pace.sent(MANY - 1);
        assert!((DELAY / 2..=DELAY).contains(&wait(&pace)));
    }

    #[test]
    fn a_frame_that_was_worth_waiting_for_is_followed_by_a_larger_one() {
        let mut pace = Pace::new(DELAY);
        pace.sent(MANY);
        assert!((DELAY * 2..=DELAY * PATIENCE).contains(&wait(&pace)));
    }
}
