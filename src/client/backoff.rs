//! How long to wait before trying a connection again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// Exponential back-off: 100 ms doubled up to 10 s. Each pause is shortened by a random share of
/// up to a half, so that many clients do not come back in the same moment.
#[derive(Debug, Default)]
pub struct Backoff {
    tries: u32,
}

impl Backoff {
    /// The next pause.
    pub fn next_delay(&mut self) -> Duration {
        let full = FIRST.saturating_mul(1 << self.tries.min(10)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        full.mul_f64(rand::random_range(0.5..=1.0))
    }

    /// It worked: the next failure starts over.
    pub fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_a_limit_and_start_over_after_a_reset() {
        let mut backoff = Backoff::default();
        for n in 0..20u32 {
            let full = FIRST.saturating_mul(1 << n.min(10)).min(LONGEST);
            let delay = backoff.next_delay();
            assert!(delay >= full / 2 && delay <= full, "pause {n} is {delay:?}");
        }
        backoff.reset();
        assert!(backoff.next_delay() <= FIRST);
    }
}
