//! A token bucket: how many lines may go now.

use std::time::{Duration, Instant};

/// Unused time is kept for at most this long, so that a pause is not followed by a flood.
const KEPT: Duration = Duration::from_millis(100);
/// The shortest wait worth asking a timer for.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// Grants lines at a steady rate with small bursts, or any number at once.
#[derive(Debug)]
pub struct Rate {
    bucket: Option<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    per_second: f64,
    capacity: f64,
    tokens: f64,
    filled_at: Instant,
}

/// What the bucket says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// So many lines may go now; at least one.
    Now(usize),
    /// Nothing may go before so much time has passed.
    After(Duration),
}

impl Rate {
    /// As fast as possible.
    pub fn unlimited() -> Self {
        Rate { bucket: None }
    }

    /// `per_second` lines a second (more than zero), the first one at once.
    pub fn per_second(per_second: f64, now: Instant) -> Self {
        let capacity = (per_second * KEPT.as_secs_f64()).max(1.0);
        Rate { bucket: Some(Bucket { per_second, capacity, tokens: 1.0, filled_at: now }) }
    }

    /// Takes up to `wanted` lines (at least one is wanted).
    pub fn take(&mut self, wanted: usize, now: Instant) -> Grant {
        let Some(bucket) = &mut self.bucket else {
            return Grant::Now(wanted);
        };
        let passed = now.saturating_duration_since(bucket.filled_at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * bucket.per_second).min(bucket.capacity);
        bucket.filled_at = now;
        if bucket.tokens < 1.0 {
            let missing = (1.0 - bucket.tokens) / bucket.per_second;
            return Grant::After(Duration::from_secs_f64(missing).max(SHORTEST_WAIT));
        }
        let granted = wanted.min(bucket.tokens as usize);
        bucket.tokens -= granted as f64;
        Grant::Now(granted)
    }

    /// Gives back lines that were granted and not used.
    pub fn give_back(&mut self, unused: usize) {
        if let Some(bucket) = &mut self.bucket {
            bucket.tokens = (bucket.tokens + unused as f64).min(bucket.capacity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines granted within `span` to somebody who always wants more and waits as told.
    fn granted_within(span: Duration, per_second: f64) -> usize {
        let start = Instant::now();
        let mut now = start;
        let mut rate = Rate::per_second(per_second, start);
        let mut total = 0;
        while now < start + span {
            match rate.take(1_000, now) {
                Grant::Now(n) => total += n,
                Grant::After(pause) => now += pause,
            }
        }
        total
    }

    #[test]
    fn the_rate_is_kept_whether_slow_or_fast() {
        for per_second in [0.5, 3.0, 1_000.0, 250_000.0] {
            let granted = granted_within(Duration::from_secs(20), per_second) as f64;
            let due = per_second * 20.0;
            assert!((granted - due).abs() <= 1.0 + due * 0.001, "{granted} of {due}");
        }
    }

    #[test]
    fn a_pause_is_not_made_up_for() {
        let start = Instant::now();
        let mut rate = Rate::per_second(100.0, start);
        assert_eq!(rate.take(50, start), Grant::Now(1));
        assert_eq!(rate.take(50, start + Duration::from_secs(60)), Grant::Now(10));
    }

    #[test]
    fn what_is_not_used_can_be_given_back() {
        let start = Instant::now();
        let mut rate = Rate::per_second(10.0, start);
        assert_eq!(rate.take(5, start), Grant::Now(1));
        assert_eq!(rate.take(5, start), Grant::After(Duration::from_millis(100)));
        rate.give_back(1);
        assert_eq!(rate.take(5, start), Grant::Now(1));
    }

    #[test]
    fn without_a_limit_everything_goes() {
        let mut rate = Rate::unlimited();
        assert_eq!(rate.take(1_000_000, Instant::now()), Grant::Now(1_000_000));
    }
}
