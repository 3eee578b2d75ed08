//! A stretch of the log in an order, and where in it a block can begin. Pure.

use chrono::TimeDelta;

use super::super::block::Intervals;
use super::super::{Direction, Order, Position};
use crate::filter::{Filter, TimeRange};
use crate::log::Timestamp;

/// What lies strictly between two places, in an order and a direction.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Span {
    pub order: Order,
    pub direction: Direction,
    /// Begins just past this place.
    pub past: Option<Position>,
    /// Ends just before this place.
    pub before: Option<Position>,
}

/// A place as a span comes to it: the first one is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct Rank {
    /// Microseconds, 0 in [`Order::Arrival`]; mirrored when the newest comes first.
    at: i64,
    /// The position; mirrored likewise.
    id: i64,
}

/// Instants from and to, both included, in microseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Times {
    pub from: i64,
    pub to: i64,
}

impl Rank {
    /// No place comes before it.
    pub const FIRST: Rank = Rank { at: i64::MIN, id: i64::MIN };

    /// The first place after this one.
    pub fn next(self) -> Rank {
        Rank { id: self.id.saturating_add(1), ..self }
    }
}

impl Span {
    /// The whole log.
    pub fn all(order: Order, direction: Direction) -> Self {
        Span { order, direction, past: None, before: None }
    }

    /// Whether a place lies in the span.
    pub fn holds(&self, place: Rank) -> bool {
        self.past.is_none_or(|past| place > self.rank_of(past))
            && self.before.is_none_or(|before| place < self.rank_of(before))
    }

    /// The position of a place.
    pub fn id_of(&self, place: Rank) -> i64 {
        self.mirrored(place.id)
    }

    /// The place of a record.
    pub fn rank(&self, micros: i64, id: i64) -> Rank {
        let at = match self.order {
            Order::Arrival => 0,
            Order::Timestamp => self.mirrored(micros),
        };
        Rank { at, id: self.mirrored(id) }
    }

    /// The rank of a place.
    pub fn rank_of(&self, place: Position) -> Rank {
        self.rank(place.timestamp.timestamp_micros(), place.id)
    }

    /// The first place that a record of a block can have in the span, given that its timestamp
    /// lies within `times`; `None` when it can have none.
    pub fn first_place(
        &self,
        first_id: i64,
        last_id: i64,
        intervals: &Intervals,
        times: Times,
    ) -> Option<Rank> {
        let after = self.past.map(|place| self.rank_of(place));
        let (least, most) = self.mirrored_range(first_id, last_id);
        let best = match self.order {
            Order::Arrival => {
                let id = after.map_or(least, |after| least.max(after.id.saturating_add(1)));
                (id <= most).then_some(Rank { at: 0, id })
            }
            Order::Timestamp => {
                let id_past = |id: i64| id.saturating_add(1).max(least);
                let at = self.first_instant(intervals, times, after.map(|after| after.at))?;
                match after {
                    // The instant of the place itself: only greater ids lie past it.
                    Some(after) if after.at == at && id_past(after.id) > most => self
                        .first_instant(intervals, times, Some(at.saturating_add(1)))
                        .map(|at| Rank { at, id: least }),
                    Some(after) if after.at == at => Some(Rank { at, id: id_past(after.id) }),
                    _ => Some(Rank { at, id: least }),
                }
            }
        }?;
        self.before.is_none_or(|place| best < self.rank_of(place)).then_some(best)
    }

    /// The first instant in the span's direction, mirrored, that lies in the intervals and the
    /// times and is no less than `low`.
    fn first_instant(&self, intervals: &Intervals, times: Times, low: Option<i64>) -> Option<i64> {
        let (from, to) = self.mirrored_range(times.from, times.to);
        let from = low.map_or(from, |low| from.max(low));
        intervals
            .0
            .iter()
            .map(|(a, b)| self.mirrored_range(a.timestamp_micros(), b.timestamp_micros()))
            .map(|(a, b)| (a.max(from), b.min(to)))
            .filter(|(a, b)| a <= b)
            .map(|(a, _)| a)
            .min()
    }

    /// A number, turned around when the newest comes first: `!x` is less where `x` is greater.
    fn mirrored(&self, number: i64) -> i64 {
        match self.direction {
            Direction::NewestFirst => !number,
            Direction::OldestFirst => number,
        }
    }

    fn mirrored_range(&self, low: i64, high: i64) -> (i64, i64) {
        match self.direction {
            Direction::NewestFirst => (!high, !low),
            Direction::OldestFirst => (low, high),
        }
    }
}

impl Times {
    /// Every instant.
    pub const ALL: Times = Times { from: i64::MIN, to: i64::MAX };

    /// Timestamps that a filter can accept: none of them is outside of this.
    pub fn of(filter: &Filter) -> Times {
        let TimeRange { from, to } = filter.time_range();
        let last = |to: Timestamp| to.checked_sub_signed(TimeDelta::nanoseconds(1)).unwrap_or(to);
        Times {
            from: from.map_or(i64::MIN, |from| from.timestamp_micros()),
            to: to.map_or(i64::MAX, |to| last(to).timestamp_micros()),
        }
    }

    /// The instants that are in both.
    pub fn and(self, other: Times) -> Times {
        Times { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// Those that are no earlier.
    pub fn since(self, from: Timestamp) -> Times {
        self.and(Times { from: from.timestamp_micros(), ..Times::ALL })
    }

    /// Those that are no later.
    pub fn until(self, to: Timestamp) -> Times {
        self.and(Times { to: to.timestamp_micros(), ..Times::ALL })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::log::timestamp_from_micros;

    fn place((micros, id): (i64, i64)) -> Position {
        Position { timestamp: timestamp_from_micros(micros), id }
    }

    fn span() -> impl Strategy<Value = Span> {
        let end = || proptest::option::of((0..12_i64, 0..12_i64).prop_map(place));
        (any::<bool>(), any::<bool>(), end(), end()).prop_map(|(by_time, newest, past, before)| {
            Span {
                order: if by_time { Order::Timestamp } else { Order::Arrival },
                direction: if newest { Direction::NewestFirst } else { Direction::OldestFirst },
                past,
                before,
            }
        })
    }

    /// Four intervals, the last one repeated where fewer are needed.
    fn intervals() -> impl Strategy<Value = Intervals> {
        vec(0..14_i64, 2..=8).prop_map(|mut ends| {
            ends.sort_unstable();
            let mut pairs: Vec<_> = ends
                .chunks_exact(2)
                .map(|pair| (timestamp_from_micros(pair[0]), timestamp_from_micros(pair[1])))
                .collect();
            pairs.dedup_by(|next, last| {
                next.0 <= last.1 && {
                    last.1 = next.1;
                    true
                }
            });
            let last = pairs[pairs.len() - 1];
            pairs.resize(4, last);
            Intervals([pairs[0], pairs[1], pairs[2], pairs[3]])
        })
    }

    proptest! {
        #[test]
        fn the_first_place_is_the_first_that_a_record_could_have(
            span in span(),
            intervals in intervals(),
            first_id in 0..12_i64,
            more in 0..4_i64,
            from in 0..12_i64,
            to in 0..16_i64,
        ) {
            let times = Times { from, to };
            let last_id = first_id + more;
            let by_time = span.order == Order::Timestamp;
            let covered = |micros: i64| {
                let at = timestamp_from_micros(micros);
                (from..=to).contains(&micros) && intervals.0.iter().any(|(a, b)| (*a..=*b).contains(&at))
            };
            let could_be = (0..16)
                .filter(|micros| !by_time || covered(*micros))
                .flat_map(|micros| (first_id..=last_id).map(move |id| (micros, id)))
                .map(|(micros, id)| span.rank(micros, id))
                .filter(|rank| span.holds(*rank))
                .min();
            prop_assert_eq!(span.first_place(first_id, last_id, &intervals, times), could_be);
        }

        #[test]
        fn ranks_are_in_the_order_of_the_span(
            span in span(), a in (0..5_i64, 0..5_i64), b in (0..5_i64, 0..5_i64),
        ) {
            let key = |(micros, id)| match span.order {
                Order::Arrival => (0, id),
                Order::Timestamp => (micros, id),
            };
            let natural = key(a).cmp(&key(b));
            let expected = match span.direction {
                Direction::OldestFirst => natural,
                Direction::NewestFirst => natural.reverse(),
            };
            prop_assert_eq!(span.rank_of(place(a)).cmp(&span.rank_of(place(b))), expected);
            prop_assert_eq!(span.id_of(span.rank_of(place(a))), a.1);
        }
    }

    #[test]
    fn a_wild_clock_does_not_make_a_block_come_first() {
        let at = timestamp_from_micros;
        let last = (at(9_000), at(9_000));
        let intervals = Intervals([(at(100), at(200)), last, last, last]);
        let newest = Span::all(Order::Timestamp, Direction::NewestFirst);
        assert_eq!(newest.first_place(1, 10, &intervals, Times::ALL), Some(newest.rank(9_000, 10)));
        let page = Span { past: Some(Position { timestamp: at(500), id: 99 }), ..newest };
        assert_eq!(page.first_place(1, 10, &intervals, Times::ALL), Some(page.rank(200, 10)));
        let page = Span { past: Some(Position { timestamp: at(100), id: 1 }), ..newest };
        assert_eq!(page.first_place(1, 10, &intervals, Times::ALL), None);
    }

    #[test]
    fn of_equal_timestamps_only_the_ids_that_are_left_count() {
        let at = timestamp_from_micros;
        let all = Intervals([(at(50), at(50)); 4]);
        let span = Span {
            past: Some(Position { timestamp: at(50), id: 20 }),
            ..Span::all(Order::Timestamp, Direction::NewestFirst)
        };
        assert_eq!(span.first_place(11, 30, &all, Times::ALL), Some(span.rank(50, 19)));
        assert_eq!(span.first_place(20, 30, &all, Times::ALL), None);
    }
}
