//! Slows down who guesses passwords, without locking out whose they are.
//!
//! An attempt is counted when it begins, so a hundred at once do not slip through, and taken back
//! when it turns out to be none. Three things are counted:
//!
//! - an account **from one address**: after 5 failures each next attempt waits, 1, 2, 4 … 60 s;
//! - an **address**, over all accounts: likewise after 20;
//! - an **account**, over all addresses: from the 10th failure on attempts are delayed, by 2 s at
//!   most, and never refused. Whoever attacks from elsewhere cannot lock an account.
//!
//! A quarter of an hour without an attempt forgets. An IPv6 address counts by its /64, which is
//! what one customer has. What is remembered is bounded: the longest silent goes first.
//!
//! It is pure: time is told to it.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::user::Username;

/// How pauses grow: none for the failures that are free, then each twice as long.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// The failure that brings the first pause.
    from: u32,
    first: Duration,
    longest: Duration,
}

/// An account from one address.
const PAIR: Rule =
    Rule { from: 5, first: Duration::from_secs(1), longest: Duration::from_secs(60) };
/// An address, over all accounts.
const ADDRESS: Rule =
    Rule { from: 20, first: Duration::from_secs(1), longest: Duration::from_secs(60) };
/// An account, over all addresses.
const ACCOUNT: Rule =
    Rule { from: 10, first: Duration::from_millis(125), longest: Duration::from_secs(2) };

impl Rule {
    /// The pause after so many failures.
    fn pause(self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(self.from) else { return Duration::ZERO };
        self.first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.longest)
    }
}

/// After so long without an attempt it is as if there had been none.
const FORGET_AFTER: Duration = Duration::from_secs(15 * 60);
/// Accounts, addresses and pairs of both that are remembered, each.
const REMEMBERED: usize = 10_000;

/// What somebody tries to get into.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// The account of this name, whether there is one or not.
    Account(Username),
    /// By a name that no account can have.
    NoAccount,
    /// The place of the first user.
    SetUp,
}

/// Where from: an IPv4 address, or the /64 of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Origin(IpAddr);

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => {
                Origin(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into())
            }
            v4 => Origin(v4),
        }
    }
}

/// Attempts that have been counted as failures until they are known not to be.
#[derive(Clone, Copy, Debug)]
struct Count {
    failures: u32,
    last: Instant,
    /// When the next attempt may begin.
    free_at: Instant,
}

/// What is counted of one kind of thing.
#[derive(Debug)]
struct Counts<K> {
    rule: Rule,
    counts: HashMap<K, Count>,
}

impl<K: Clone + Eq + Hash> Counts<K> {
    fn new(rule: Rule) -> Self {
        Counts { rule, counts: HashMap::new() }
    }

    fn get(&self, key: &K, now: Instant) -> Option<&Count> {
        self.counts.get(key).filter(|count| !is_forgotten(count, now))
    }

    /// How long attempts have to wait.
    fn wait(&self, key: &K, now: Instant) -> Option<Duration> {
        let wait = self.get(key, now)?.free_at.saturating_duration_since(now);
        (!wait.is_zero()).then_some(wait)
    }

    /// Counts one attempt, and gives the pause that it brings.
    fn add(&mut self, key: &K, now: Instant) -> Duration {
        let failures = self.get(key, now).map_or(0, |count| count.failures).saturating_add(1);
        let pause = self.rule.pause(failures);
        if !self.counts.contains_key(key) {
            self.make_room(now);
        }
        self.counts.insert(key.clone(), Count { failures, last: now, free_at: now + pause });
        pause
    }

    /// Takes one attempt back, and with it the pause that it brought.
    fn take_back(&mut self, key: &K) {
        let Some(count) = self.counts.get_mut(key) else { return };
        count.failures = count.failures.saturating_sub(1);
        count.free_at = count.last + self.rule.pause(count.failures);
        if count.failures == 0 {
            self.counts.remove(key);
        }
    }

    fn make_room(&mut self, now: Instant) {
        if self.counts.len() < REMEMBERED {
            return;
        }
        self.counts.retain(|_, count| !is_forgotten(count, now));
        while self.counts.len() >= REMEMBERED {
            let oldest = self.counts.iter().min_by_key(|(_, count)| count.last);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { return };
            self.counts.remove(&oldest);
        }
    }
}

fn is_forgotten(count: &Count, now: Instant) -> bool {
    now.saturating_duration_since(count.last.max(count.free_at)) >= FORGET_AFTER
}

#[derive(Debug)]
struct Counted {
    pairs: Counts<(Target, Origin)>,
    addresses: Counts<Origin>,
    accounts: Counts<Target>,
}

/// Counts the attempts to get in.
#[derive(Debug)]
pub(super) struct Throttle {
    counted: Mutex<Counted>,
}

/// An attempt that may be made, and has been counted. It stays counted unless it is told that it
/// succeeded, or was none.
#[derive(Debug)]
#[must_use]
pub(super) struct Attempt {
    target: Target,
    origin: Origin,
    /// How long it has to be delayed.
    pub delay: Duration,
}

impl Default for Throttle {
    fn default() -> Self {
        Throttle {
            counted: Mutex::new(Counted {
                pairs: Counts::new(PAIR),
                addresses: Counts::new(ADDRESS),
                accounts: Counts::new(ACCOUNT),
            }),
        }
    }
}

impl Throttle {
    /// Begins an attempt.
    ///
    /// # Errors
    /// How long to wait before the next. One that is refused does not count.
    pub fn begin(&self, target: Target, from: IpAddr, now: Instant) -> Result<Attempt, Duration> {
        let origin = Origin::from(from);
        let mut counted = self.counted();
        let pair = (target, origin);
        let waits = [counted.pairs.wait(&pair, now), counted.addresses.wait(&origin, now)];
        if let Some(wait) = waits.into_iter().flatten().max() {
            return Err(wait);
        }
        counted.pairs.add(&pair, now);
        counted.addresses.add(&origin, now);
        let delay = counted.accounts.add(&pair.0, now);
        Ok(Attempt { target: pair.0, origin, delay })
    }

    /// The attempt succeeded: its account may be tried from its address as if for the first time.
    pub fn succeeded(&self, attempt: Attempt) {
        let mut counted = self.counted();
        counted.addresses.take_back(&attempt.origin);
        counted.accounts.take_back(&attempt.target);
        counted.pairs.counts.remove(&(attempt.target, attempt.origin));
    }

    /// It came to no answer, for a reason of our own.
    pub fn withdraw(&self, attempt: Attempt) {
        let mut counted = self.counted();
        counted.addresses.take_back(&attempt.origin);
        counted.accounts.take_back(&attempt.target);
        counted.pairs.take_back(&(attempt.target, attempt.origin));
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
