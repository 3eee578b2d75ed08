//! When a frame that is not full leaves.
//!
//! Each frame costs everybody on its way a wake-up, so records that keep coming share one. The first
//! after a quiet moment leaves at once: it has nobody to wait for.

use std::time::{Duration, Instant};

/// A frame of so many records was worth waiting for, and the next one may take so many times as
/// long: at 4 ms, from some thousand records a second on, where nobody can follow them one by one.
const WORTH: [(usize, u32); 2] = [(48, 6), (16, 3)];

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
        self.due = Some(Instant::now() + self.delay * patience(records));
    }
}

fn patience(records: usize) -> u32 {
    WORTH.iter().find(|(many, _)| records >= *many).map_or(1, |(_, patience)| *patience)
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
        pace.sent(1);
        assert!((DELAY / 2..=DELAY).contains(&wait(&pace)));
    }

    #[test]
    fn a_frame_that_was_worth_waiting_for_is_followed_by_a_larger_one() {
        assert_eq!([1, 15, 16, 47, 48, 1_000].map(patience), [1, 1, 3, 3, 6, 6]);
        let mut pace = Pace::new(DELAY);
        pace.sent(16);
        assert!((DELAY * 2..=DELAY * 3).contains(&wait(&pace)));
    }
}
