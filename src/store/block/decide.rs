//! What the catalogue says of a filter: that every record of a block passes, or none, or that it
//! must be opened to know.

use std::ops::RangeInclusive;

use crate::filter::{Field, Filter, Matcher, Test, TimeRange};
use crate::log::{Facility, Severity, SourceKey, Timestamp};

/// What is known of some records of a block.
#[derive(Clone, Debug)]
pub(in crate::store) struct Cell<'a> {
    pub ids: RangeInclusive<i64>,
    /// Both ends included; several where the records lie in several stretches.
    pub times: &'a [(Timestamp, Timestamp)],
    pub received: (Timestamp, Timestamp),
    /// As in [`Summary::severities`](super::Summary::severities).
    pub severities: i32,
    /// As in [`Summary::facilities`](super::Summary::facilities).
    pub facilities: i32,
    /// Every source of the records, and perhaps more.
    pub sources: &'a [&'a SourceKey],
}

/// Whether the filter lets every one of these records pass (`Some(true)`), or none of them
/// (`Some(false)`). `None`: they must be looked at.
pub(in crate::store) fn decide(filter: &Filter, cell: &Cell<'_>) -> Option<bool> {
    match filter {
        // Each of two ranges may hold a timestamp, and both together none.
        Filter::And(_) if decide_times(&filter.time_range(), cell.times) == Some(false) => {
            Some(false)
        }
        Filter::And(parts) => joined(parts, cell, false),
        Filter::Or(parts) => joined(parts, cell, true),
        Filter::Not(inner) => decide(inner, cell).map(|holds| !holds),
        Filter::Test(test) => decide_test(test, cell),
    }
}

/// The outcome of several filters of which one with the outcome `decisive` decides.
fn joined(parts: &[Filter], cell: &Cell<'_>, decisive: bool) -> Option<bool> {
    let mut outcome = Some(!decisive);
    for part in parts {
        match decide(part, cell) {
            Some(holds) if holds == decisive => return Some(decisive),
            Some(_) => {}
            None => outcome = None,
        }
    }
    outcome
}

fn decide_test(test: &Test, cell: &Cell<'_>) -> Option<bool> {
    match test {
        Test::Id(range) => {
            let (first, last) = (*cell.ids.start(), *cell.ids.end());
            unanimous([
                range.contains(&first) && range.contains(&last),
                first <= *range.end() && last >= *range.start() && !range.is_empty(),
            ])
        }
        Test::Timestamp(range) => decide_times(range, cell.times),
        Test::ReceivedAt(range) => decide_times(range, &[cell.received]),
        Test::Severity(set) => {
            let passing = Severity::ALL.into_iter().filter(|s| set.contains(*s));
            decide_codes(cell.severities, passing.map(Severity::code))
        }
        Test::Facility(set) => {
            let passing = Facility::ALL.into_iter().filter(|f| set.contains(*f));
            decide_codes(cell.facilities, passing.map(Facility::code))
        }
        Test::Exists(Field::Message) => Some(true),
        test if test.is_of_source() => {
            let matcher = Matcher::new(&Filter::Test(test.clone()));
            let mut outcomes = cell.sources.iter().map(|source| matcher.matches_source(source));
            let first = outcomes.next()?;
            outcomes.all(|outcome| outcome == first).then_some(first)
        }
        Test::Text(..) | Test::Number(..) | Test::Exists(_) => None,
    }
}

/// The outcome where all pass, or where not even some do.
fn unanimous([all, some]: [bool; 2]) -> Option<bool> {
    (all || !some).then_some(all)
}

fn decide_times(range: &TimeRange, times: &[(Timestamp, Timestamp)]) -> Option<bool> {
    if times.is_empty() {
        return None;
    }
    let passes =
        |(first, last): &(Timestamp, Timestamp)| range.contains(*first) && range.contains(*last);
    let may_pass = |(first, last): &(Timestamp, Timestamp)| {
        range.from.is_none_or(|from| *last >= from) && range.to.is_none_or(|to| *first < to)
    };
    unanimous([times.iter().all(passes), times.iter().any(may_pass)])
}

/// Of the codes that there are (the bits of a mask), whether they pass.
fn decide_codes(there: i32, passing: impl Iterator<Item = u8>) -> Option<bool> {
    let passing = passing.fold(0, |mask, code| mask | 1 << code);
    unanimous([there & !passing == 0, there & passing != 0])
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::filter::random;
    use crate::log::Record;

    /// What the catalogue may know of records: the least that holds them, and now and then more.
    fn masks(records: &[Record]) -> (i32, i32) {
        let severity = |r: &Record| 1 << r.entry.severity.map_or(8, Severity::code);
        let facility = |r: &Record| 1 << r.entry.facility.map_or(24, Facility::code);
        (
            records.iter().map(severity).fold(0, |mask, bit: i32| mask | bit),
            records.iter().map(facility).fold(0, |mask, bit: i32| mask | bit),
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn whatever_is_decided_is_what_the_matcher_says_of_each(
            filter in random::filter(),
            records in vec(random::record(), 1..6),
            others in vec(random::source(), 0..2),
            first_id in 0..random::MAX_ID,
        ) {
            let last_id = first_id + records.len() as i64 - 1;
            let mut times: Vec<_> =
                records.iter().map(|r| (r.entry.timestamp, r.entry.timestamp)).collect();
            times.sort();
            // The last two lie in one stretch.
            if let Some((_, last)) = times.pop() && let Some(before) = times.last_mut() {
                before.1 = last;
            }
            let received = || records.iter().map(|record| record.entry.received_at);
            let (severities, facilities) = masks(&records);
            let sources: Vec<&SourceKey> =
                records.iter().map(|record| &record.source).chain(&others).collect();
            let cell = Cell {
                ids: first_id..=last_id,
                times: &times,
                received: received().min().zip(received().max()).expect("there are records"),
                severities,
                facilities,
                sources: &sources,
            };
            if let Some(outcome) = decide(&filter, &cell) {
                let matcher = Matcher::new(&filter);
                for (id, record) in (first_id..).zip(&records) {
                    let passes = matcher.matches_entry(id, &record.source, &record.entry);
                    prop_assert_eq!(passes, outcome, "{}", filter);
                }
            }
        }
    }

    fn decided(query: &str) -> Option<bool> {
        let at = |micros| crate::log::timestamp_from_micros(micros);
        let source = |host: &str| SourceKey {
            host: Some(host.to_owned()),
            app: Some("nginx".to_owned()),
            address: [10, 0, 0, 1].into(),
        };
        let (one, two) = (source("web1"), source("web2"));
        let cell = Cell {
            ids: 11..=20,
            times: &[(at(0), at(10_000_000)), (at(60_000_000), at(60_000_000))],
            received: (at(0), at(1_000_000)),
            severities: 1 << 3 | 1 << 4,
            facilities: 1 << 0 | 1 << 24,
            sources: &[&one, &two],
        };
        decide(&crate::filter::parse(query).unwrap(), &cell)
    }

    #[test]
    fn what_all_records_have_in_common_is_known() {
        for query in [
            "",
            "app:nginx",
            "-host:db*",
            "id>10",
            "severity>=warning",
            "timestamp>=1970-01-01",
            "received<1970-01-02",
            "message:*",
            "app:nginx OR word",
        ] {
            assert_eq!(decided(query), Some(true), "{query}");
        }
        for query in [
            "app:apache",
            "id>20",
            "severity:info",
            "facility:user",
            "timestamp:1970-01-01T00:00:30Z",
            "word app:apache",
        ] {
            assert_eq!(decided(query), Some(false), "{query}");
        }
        for query in ["word", "host:web1", "id:15", "severity:error", "facility:kern", "attr.a:*"] {
            assert_eq!(decided(query), None, "{query}");
        }
    }
}
