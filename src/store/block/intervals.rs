//! The stretches of time in which the records of a block lie.

use crate::log::{Timestamp, timestamp_from_micros};

/// Up to four stretches of time, both ends included, in order and apart, that hold every
/// timestamp of a block: one sender with a wild clock must not spoil the time range of all. The
/// last one repeats itself where fewer are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals(pub [(Timestamp, Timestamp); 4]);

impl Intervals {
    /// Holds these instants (microseconds since the Unix epoch), with the widest gaps between them
    /// left out. `None` when there are none.
    pub(super) fn of(mut micros: Vec<i64>) -> Option<Self> {
        micros.sort_unstable();
        let (mut from, last) = (*micros.first()?, *micros.last()?);
        let mut rest = widest_gaps(&micros).into_iter();
        let stretches = std::array::from_fn(|_| {
            let Some((end, next)) = rest.next() else { return (from, last) };
            let stretch = (from, end);
            from = next;
            stretch
        });
        Some(Intervals(
            stretches.map(|(from, to)| (timestamp_from_micros(from), timestamp_from_micros(to))),
        ))
    }
}

/// Up to three pairs of neighbours that lie farthest apart, in order.
fn widest_gaps(sorted: &[i64]) -> Vec<(i64, i64)> {
    let mut widest: Vec<(i64, i64)> = Vec::with_capacity(4);
    let width = |(before, after): &(i64, i64)| after.abs_diff(*before);
    for pair in sorted.windows(2) {
        let &[before, after] = pair else { continue };
        let gap = (before, after);
        if before == after || widest.len() == 3 && width(&gap) <= width(&widest[2]) {
            continue;
        }
        let place = widest.partition_point(|known| width(known) >= width(&gap));
        widest.insert(place, gap);
        widest.truncate(3);
    }
    widest.sort_unstable();
    widest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn micros(intervals: Intervals) -> [(i64, i64); 4] {
        intervals.0.map(|(from, to)| (from.timestamp_micros(), to.timestamp_micros()))
    }

    #[test]
    fn a_wild_clock_gets_an_interval_of_its_own() {
        let intervals = Intervals::of(vec![500, -9_000_000, 501, 505, 9_000_000, 503]);
        let expected = [(-9_000_000, -9_000_000), (500, 501), (503, 505), (9_000_000, 9_000_000)];
        assert_eq!(intervals.map(micros), Some(expected));
    }

    #[test]
    fn unused_intervals_repeat_the_last_one() {
        assert_eq!(Intervals::of(vec![7, 7]).map(micros), Some([(7, 7); 4]));
        let expected = [(1, 1), (9, 9), (9, 9), (9, 9)];
        assert_eq!(Intervals::of(vec![9, 1, 9, 1]).map(micros), Some(expected));
        assert_eq!(Intervals::of(Vec::new()), None);
    }

    proptest! {
        #[test]
        fn every_instant_lies_in_an_interval(
            instants in prop::collection::vec(
                prop_oneof![-50i64..50, -8_000_000_000_000_000_000i64..8_000_000_000_000_000_000],
                1..40,
            )
        ) {
            let intervals = micros(Intervals::of(instants.clone()).unwrap());
            for instant in &instants {
                prop_assert!(intervals.iter().any(|(from, to)| (from..=to).contains(&instant)));
            }
            for (from, to) in intervals {
                prop_assert!(instants.contains(&from) && instants.contains(&to) && from <= to);
            }
            let apart = |pair: &[(i64, i64)]| pair[0] == pair[1] || pair[0].1 < pair[1].0;
            prop_assert!(intervals.windows(2).all(apart));
            prop_assert_eq!(intervals[0].0, *instants.iter().min().unwrap());
            prop_assert_eq!(intervals[3].1, *instants.iter().max().unwrap());
        }
    }
}
