//! The head as tails see it.
//!
//! Few tails hear of every commit as it comes. Many hear of several together, all at the same
//! moment: that bounds what they cost, and those that keep up read the same stretches of the log,
//! so that what is made of one can be shared.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// The time between two beats, for each tail that hears them: to wake one and to write to its
/// socket takes about a third of this.
const PER_TAIL: Duration = Duration::from_micros(40);
/// With fewer tails than come to this, every move of the head is a beat.
const SHORTEST: Duration = Duration::from_millis(2);
const LONGEST: Duration = Duration::from_millis(100);

/// Tells tails of the head. Clones are the same beat.
#[derive(Clone, Debug)]
pub(super) struct Beat {
    head: Arc<watch::Sender<i64>>,
    clock: Arc<Mutex<Clock>>,
}

#[derive(Debug, Default)]
struct Clock {
    last: Option<Instant>,
    /// The next beat has a task that waits for its time.
    wound: bool,
}

impl Beat {
    pub fn new(head: i64) -> Self {
        Beat { head: Arc::new(watch::Sender::new(head)), clock: Arc::default() }
    }

    pub fn watch(&self) -> watch::Receiver<i64> {
        self.head.subscribe()
    }

    /// The head has moved: tells tails now or, with the next moves, when it is time. Must be called
    /// within a Tokio runtime where there are tails.
    pub fn follow(&self, head: &watch::Sender<i64>) {
        let pace = pace(self.head.receiver_count());
        if pace.is_zero() {
            return self.tell(*head.borrow());
        }
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if clock.wound {
            return;
        }
        let now = Instant::now();
        match clock.last.map(|last| last + pace).filter(|due| *due > now) {
            None => {
                clock.last = Some(now);
                drop(clock);
                self.tell(*head.borrow());
            }
            Some(due) => {
                clock.wound = true;
                let (beat, mut head) = (self.clone(), head.subscribe());
                tokio::spawn(async move {
                    sleep_until(due).await;
                    {
                        let mut clock = beat.clock.lock().unwrap_or_else(PoisonError::into_inner);
                        *clock = Clock { last: Some(Instant::now()), wound: false };
                    }
                    beat.tell(*head.borrow_and_update());
                });
            }
        }
    }

    fn tell(&self, head: i64) {
        self.head.send_if_modified(|known| {
            let newer = head > *known;
            *known = head.max(*known);
            newer
        });
    }
}

/// The time between two beats for so many tails.
fn pace(tails: usize) -> Duration {
    let pace = PER_TAIL * u32::try_from(tails).unwrap_or(u32::MAX);
    if pace < SHORTEST { Duration::ZERO } else { pace.min(LONGEST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_tails_hear_of_every_move() {
        let (beat, head) = (Beat::new(0), watch::Sender::new(0));
        let tail = beat.watch();
        for moved in 1..=3 {
            head.send_replace(moved);
            beat.follow(&head);
            assert_eq!(*tail.borrow(), moved);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_tails_hear_of_the_first_move_at_once_and_of_the_next_ones_together() {
        let (beat, head) = (Beat::new(0), watch::Sender::new(0));
        let mut tails: Vec<_> = (0..1_000).map(|_| beat.watch()).collect();
        for moved in 1..=9 {
            head.send_replace(moved);
            beat.follow(&head);
        }
        assert!(tails.iter_mut().all(|tail| *tail.borrow_and_update() == 1));
        let began = Instant::now();
        for tail in &mut tails {
            tail.changed().await.unwrap();
            assert_eq!(*tail.borrow_and_update(), 9);
        }
        assert_eq!(began.elapsed().as_millis(), pace(1_000).as_millis());
    }
}
