//! Time and CPU time of a piece of work, those of the database's server included.

use std::time::{Duration, Instant};

use crate::place::Place;
use crate::usage::{self, Root};

/// What a piece of work took.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    pub elapsed: Duration,
    /// Of all processes, user and system. A server's is known to the hundredth of a second only.
    pub cpu: Duration,
}

/// Measures from here to there.
pub struct Watch {
    roots: Vec<Root>,
    cpu: Duration,
    start: Instant,
}

impl Watch {
    pub fn start(place: &Place) -> Self {
        let roots = place.roots();
        Watch { cpu: cpu(&roots), roots, start: Instant::now() }
    }

    pub fn stop(self) -> Spent {
        let elapsed = self.start.elapsed();
        Spent { elapsed, cpu: cpu(&self.roots) - self.cpu }
    }
}

fn cpu(roots: &[Root]) -> Duration {
    usage::own_cpu() + usage::read(roots).iter().map(|usage| usage.cpu).sum::<Duration>()
}
