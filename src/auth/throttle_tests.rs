//! Guessing, from one place and from many.

use std::net::Ipv4Addr;

use super::*;

fn account(name: &str) -> Target {
    Target::Account(name.parse().unwrap())
}

fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(192, 0, 2, last).into()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A throttle, and a clock that is moved by hand.
struct Bench {
    throttle: Throttle,
    now: Instant,
}

impl Bench {
    fn new() -> Bench {
        Bench { throttle: Throttle::default(), now: Instant::now() }
    }

    fn try_in(&self, name: &str, from: IpAddr) -> Result<Attempt, Duration> {
        self.throttle.begin(account(name), from, self.now)
    }

    /// Fails so many times, each as soon as it may; how long it took in all.
    fn fail(&mut self, name: &str, from: IpAddr, times: usize) -> Duration {
        let begin = self.now;
        for _ in 0..times {
            while let Err(wait) = self.try_in(name, from) {
                self.now += wait;
            }
        }
        self.now - begin
    }
}

#[test]
fn the_waits_of_an_account_from_one_address_double_up_to_a_minute() {
    let mut bench = Bench::new();
    assert_eq!(bench.fail("ada", address(1), 5), Duration::ZERO);
    for wait in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        assert_eq!(bench.try_in("ada", address(1)).err(), Some(seconds(wait)));
        bench.now += seconds(wait) - Duration::from_millis(1);
        assert!(bench.try_in("ada", address(1)).is_err(), "a moment too early");
        bench.now += Duration::from_millis(1);
        assert!(bench.try_in("ada", address(1)).is_ok(), "after {wait} s");
    }
}

#[test]
fn attempts_count_when_they_begin_so_that_a_hundred_at_once_do_not_slip_through() {
    let bench = Bench::new();
    let begun: Vec<_> = (0..100).filter_map(|_| bench.try_in("ada", address(1)).ok()).collect();
    assert_eq!(begun.len(), 5);
}

#[test]
fn whoever_guesses_elsewhere_does_not_lock_the_account() {
    let mut bench = Bench::new();
    for last in 0..200 {
        bench.fail("ada", address(last), 8);
    }
    let attempt = bench.try_in("ada", Ipv4Addr::new(198, 51, 100, 1).into()).unwrap();
    assert_eq!(attempt.delay, seconds(2), "slowed down, and let in");
}

#[test]
fn an_account_is_slowed_down_by_and_by() {
    let bench = Bench::new();
    let delays: Vec<u128> =
        (0..16).map(|i| bench.try_in("ada", address(i)).unwrap().delay.as_millis()).collect();
    let growing = [125, 250, 500, 1_000, 2_000, 2_000, 2_000];
    assert_eq!(delays[..9], [0; 9]);
    assert_eq!(delays[9..], growing);
}

#[test]
fn an_address_that_tries_many_accounts_waits_too() {
    let bench = Bench::new();
    let begun = (0..100).filter(|i| bench.try_in(&format!("u{i}"), address(1)).is_ok()).count();
    assert_eq!(begun, 20);
    assert_eq!(bench.try_in("ada", address(1)).err(), Some(seconds(1)));
    assert!(bench.try_in("ada", address(2)).is_ok());
}

#[test]
fn success_clears_the_account_from_that_address_and_from_no_other() {
    let mut bench = Bench::new();
    bench.fail("ada", address(1), 4);
    bench.fail("ada", address(2), 5);
    let attempt = bench.try_in("ada", address(1)).unwrap();
    bench.throttle.succeeded(attempt);
    assert_eq!(bench.fail("ada", address(1), 5), Duration::ZERO);
    assert_eq!(bench.try_in("ada", address(2)).err(), Some(seconds(1)));
}

#[test]
fn an_account_of_ones_own_does_not_clear_the_address() {
    let mut bench = Bench::new();
    for i in 0..19 {
        bench.fail(&format!("victim{i}"), address(1), 1);
        let own = bench.try_in("mallory", address(1)).unwrap();
        bench.throttle.succeeded(own);
    }
    bench.fail("victim19", address(1), 1);
    assert_eq!(bench.try_in("victim20", address(1)).err(), Some(seconds(1)));
}

#[test]
fn what_came_to_no_answer_does_not_count() {
    let bench = Bench::new();
    for _ in 0..100 {
        let attempt = bench.try_in("ada", address(1)).unwrap();
        assert_eq!(attempt.delay, Duration::ZERO);
        bench.throttle.withdraw(attempt);
    }
    let counted = bench.throttle.counted();
    assert_eq!(counted.pairs.counts.len() + counted.addresses.counts.len(), 0);
    assert_eq!(counted.accounts.counts.len(), 0);
}

#[test]
fn names_that_no_account_has_are_counted_as_one() {
    let bench = Bench::new();
    let begin = || bench.throttle.begin(Target::NoAccount, address(1), bench.now);
    assert_eq!((0..10).filter(|_| begin().is_ok()).count(), 5);
}

#[test]
fn a_quarter_of_an_hour_forgets() {
    let mut bench = Bench::new();
    bench.fail("ada", address(1), 11);
    bench.now += seconds(60) + FORGET_AFTER;
    assert_eq!(bench.fail("ada", address(1), 5), Duration::ZERO);
}

#[test]
fn an_ipv6_address_counts_by_its_network_and_a_mapped_one_as_ipv4() {
    let mut bench = Bench::new();
    let v6 = |text: &str| text.parse::<IpAddr>().unwrap();
    bench.fail("ada", v6("2001:db8:1:2::1"), 5);
    assert!(bench.try_in("ada", v6("2001:db8:1:2:ffff::9")).is_err());
    assert!(bench.try_in("ada", v6("2001:db8:1:3::1")).is_ok());
    bench.fail("ada", address(1), 5);
    assert!(bench.try_in("ada", v6("::ffff:192.0.2.1")).is_err());
    assert!(bench.try_in("ada", v6("::ffff:192.0.2.2")).is_ok());
}

#[test]
fn what_is_remembered_is_bounded_and_the_longest_silent_goes_first() {
    let mut counts = Counts::<usize>::new(PAIR);
    let begin = Instant::now();
    for key in 0..REMEMBERED + 10 {
        counts.add(&key, begin + Duration::from_millis(key as u64));
    }
    assert_eq!(counts.counts.len(), REMEMBERED);
    assert!(!counts.counts.contains_key(&9));
    assert!(counts.counts.contains_key(&10));
}
