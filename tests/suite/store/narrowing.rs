//! THE property of the store: whatever SQL and the catalogue narrow or answer alone, and in
//! whatever mix of forms the records are stored, the answer is the matcher's.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{TestCaseError, TestRunner};
use tailwater::filter::{Field, Filter, Matcher, Test};
use tailwater::log::{Log, Record, Timestamp, timestamp_from_micros};
use tailwater::store::{
    Direction, HistogramField, Order, PageRequest, Position, Source, SourceCount, Store, TopField,
};
use tokio::runtime::Handle;

use super::mix::{Mix, Step, everything, steps};
use super::over_both_databases;
use super::support::{Database, ids, whole};
use crate::random;

over_both_databases!(every_answer_is_the_matchers);

const CASES: u32 = 48;

/// What is asked of the log.
#[derive(Clone, Debug)]
struct Question {
    filter: Filter,
    order: Order,
    direction: Direction,
    /// Hits a page, and matches a scan.
    limit: usize,
    /// Records between which the pages lie.
    past: Option<Index>,
    before: Option<Index>,
    field: TopField,
    by: Option<HistogramField>,
    /// A record, and how much around it.
    place: Index,
    around: (usize, usize),
}

fn question() -> impl Strategy<Value = Question> {
    let filter = prop_oneof![
        4 => random::filter(),
        2 => random::exact_filter(),
        1 => random::source_filter(),
    ];
    let field = prop_oneof![
        2 => Just(TopField::Severity),
        1 => Just(TopField::Facility),
        6 => select(vec![
            Field::Message, Field::Host, Field::App, Field::Address, Field::ProcId, Field::MsgId,
        ]).prop_map(TopField::Text),
        2 => select(&random::PATHS[..])
            .prop_map(|path| TopField::Text(Field::Attribute(path.to_owned()))),
    ];
    let by = [HistogramField::Severity, HistogramField::Host, HistogramField::App];
    let pages = (
        select(vec![Order::Arrival, Order::Timestamp]),
        select(vec![Direction::OldestFirst, Direction::NewestFirst]),
        select(vec![1, 3, 7, 40, 1_000]),
        option::weighted(0.3, any::<Index>()),
        option::weighted(0.3, any::<Index>()),
    );
    let counts = (field, option::of(select(by.to_vec())));
    let record = (any::<Index>(), (0..6usize, 0..6usize));
    (filter, pages, counts, record).prop_map(
        |(filter, (order, direction, limit, past, before), (field, by), (place, around))| {
            Question { filter, order, direction, limit, past, before, field, by, place, around }
        },
    )
}

async fn every_answer_is_the_matchers(database: Database) {
    let cases = (vec(random::odd_record(), 0..40), steps(), vec(question(), 1..12));
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() };
    let runtime = Handle::current();
    let mix = std::cell::RefCell::new(Mix::in_database(&database).await);
    tokio::task::block_in_place(|| {
        TestRunner::new(config)
            .run(&cases, |(records, steps, questions)| {
                let mut mix = mix.borrow_mut();
                runtime.block_on(check(&database, &mut mix, &records, &steps, &questions))
            })
            .unwrap_or_else(|failure| panic!("{failure}"));
    });
}

async fn check(
    database: &Database,
    mix: &mut Mix,
    records: &[Record],
    steps: &[Step],
    questions: &[Question],
) -> Result<(), TestCaseError> {
    let base = mix.base();
    mix.put(database, records, steps).await;
    let everything = everything(&mix.store, base).await;
    let stored = everything.iter().map(|log| (log.id, &*log.source, &log.entry));
    let given = (base + 1..).zip(records).map(|(id, record)| (id, &record.source, &record.entry));
    prop_assert_eq!(stored.collect::<Vec<_>>(), given.collect::<Vec<_>>());
    check_uncounted(mix, &everything).await?;
    for question in questions {
        let filter = shifted(&question.filter, base);
        let matcher = Matcher::new(&filter);
        let hits: Vec<&Log> = everything.iter().filter(|log| matcher.matches(log)).collect();
        let asked = Asked { store: &mix.store, question, filter, base, all: &everything, hits };
        asked.check_pages().await?;
        asked.check_scan().await?;
        asked.check_counts().await?;
        asked.check_sources().await?;
        asked.check_one().await?;
    }
    Ok(())
}

/// The filter as it is asked of a log that begins after `base`: random filters ask for ids from 1
/// on.
pub fn shifted(filter: &Filter, base: i64) -> Filter {
    let all = |parts: &[Filter]| parts.iter().map(|part| shifted(part, base)).collect();
    match filter {
        Filter::And(parts) => Filter::And(all(parts)),
        Filter::Or(parts) => Filter::Or(all(parts)),
        Filter::Not(inner) => Filter::Not(Box::new(shifted(inner, base))),
        Filter::Test(Test::Id(ids)) => {
            let shifted = ids.start().saturating_add(base)..=ids.end().saturating_add(base);
            Test::Id(shifted).into()
        }
        other => other.clone(),
    }
}

/// What the writer would count at its next start.
async fn check_uncounted(mix: &mut Mix, everything: &[Log]) -> Result<(), TestCaseError> {
    let mut expected: BTreeMap<i32, SourceCount> = BTreeMap::new();
    for log in everything {
        let seen = log.entry.received_at;
        let count = SourceCount { id: log.source_id, added: 0, last_seen: seen };
        let count = expected.entry(log.source_id).or_insert(count);
        count.added += 1;
        count.last_seen = count.last_seen.max(seen);
    }
    let counts = mix.uncounted_sources().await;
    prop_assert_eq!(counts, expected.into_values().collect::<Vec<_>>());
    Ok(())
}

/// A question, and what the matcher says of every record.
struct Asked<'a> {
    store: &'a Store,
    question: &'a Question,
    filter: Filter,
    /// The position before the first record.
    base: i64,
    all: &'a [Log],
    /// In the order of ids.
    hits: Vec<&'a Log>,
}

fn positions(logs: &[&Log]) -> Vec<i64> {
    logs.iter().map(|log| log.id).collect()
}

impl Asked<'_> {
    /// Pages from one place to another, read to the end.
    async fn check_pages(&self) -> Result<(), TestCaseError> {
        let Question { order, direction, limit, .. } = *self.question;
        let key = |place: Position| match order {
            Order::Arrival => (Timestamp::UNIX_EPOCH, place.id),
            Order::Timestamp => (place.timestamp, place.id),
        };
        let place = |index: &Option<Index>| {
            let index = index.as_ref().filter(|_| !self.all.is_empty())?;
            Some(Position::of(index.get(self.all)))
        };
        let (mut past, before) = (place(&self.question.past), place(&self.question.before));
        let (after, until) = match direction {
            Direction::OldestFirst => (past, before),
            Direction::NewestFirst => (before, past),
        };
        let mut expected: Vec<&Log> = self.hits.clone();
        expected.retain(|log| {
            let here = key(Position::of(log));
            after.is_none_or(|after| here > key(after))
                && until.is_none_or(|until| here < key(until))
        });
        expected.sort_by_key(|log| key(Position::of(log)));
        if direction == Direction::NewestFirst {
            expected.reverse();
        }
        let mut found = Vec::new();
        loop {
            let request =
                PageRequest { filter: &self.filter, order, direction, past, before, limit };
            let page = self.store.page(request).await.expect("page");
            prop_assert_eq!(page.damaged, []);
            prop_assert!(page.logs.len() == limit || !page.more);
            past = page.logs.last().map(Position::of).or(past);
            found.extend(page.logs);
            if !page.more {
                break;
            }
        }
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected);
        Ok(())
    }

    /// A cursor's way from the beginning to the end.
    async fn check_scan(&self) -> Result<(), TestCaseError> {
        let end = self.base + self.all.len() as i64;
        let (mut found, mut lost, mut after) = (Vec::new(), 0, 0);
        while after < end {
            let limit = self.question.limit;
            let scan = self.store.scan(&self.filter, after, i64::MAX, limit).await.expect("scan");
            prop_assert!(scan.logs.len() <= limit && scan.scanned_to > after);
            after = scan.scanned_to;
            lost += scan.lost;
            found.extend(scan.logs);
        }
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), self.hits.clone());
        prop_assert_eq!((lost as i64, after), (self.base, end));
        Ok(())
    }

    async fn check_counts(&self) -> Result<(), TestCaseError> {
        let (store, filter) = (self.store, &self.filter);
        let bounds = whole(store.time_bounds(filter).await);
        let times = || self.hits.iter().map(|log| log.entry.timestamp);
        prop_assert_eq!(bounds, times().min().zip(times().max()));

        let field = &self.question.field;
        let top = whole(store.top(filter, field, 1_000).await);
        let mut found: Vec<_> = top.into_iter().map(|v| (v.value, v.count)).collect();
        let in_order = found.is_sorted_by_key(|(value, count)| (!count, value.clone()));
        prop_assert!(in_order, "{:?}", found);
        found.sort();
        if let Some(expected) = self.values(field) {
            prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        }

        for (from, width) in [(0, 500_001), (-WEEK_MICROS, WEEK_MICROS), (60_000_000, 60_000_000)] {
            self.check_histogram(from, width).await?;
        }
        Ok(())
    }

    /// Counts from an instant on, in steps of some microseconds.
    async fn check_histogram(&self, from: i64, width: i64) -> Result<(), TestCaseError> {
        const STEPS: i64 = 1 << 32;
        let by = self.question.by;
        let mut expected: BTreeMap<_, u64> = BTreeMap::new();
        for log in &self.hits {
            let step = (log.entry.timestamp.timestamp_micros() - from).div_euclid(width);
            if !(0..STEPS).contains(&step) {
                continue;
            }
            let key = by.and_then(|by| match by {
                HistogramField::Severity => log.entry.severity.map(|s| s.name().to_owned()),
                HistogramField::Host => log.source.host.clone(),
                HistogramField::App => log.source.app.clone(),
            });
            let start = timestamp_from_micros(from + step * width);
            *expected.entry((start, key)).or_default() += 1;
        }
        let (from, width) = (timestamp_from_micros(from), Duration::from_micros(width as u64));
        let histogram = self.store.histogram(&self.filter, from, width, STEPS as usize, by);
        let buckets = whole(histogram.await);
        let found: Vec<_> = buckets.into_iter().map(|b| ((b.start, b.key), b.count)).collect();
        prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        Ok(())
    }

    /// How often each value of a field occurs; `None` for attributes, of which a record may have
    /// several.
    fn values(&self, field: &TopField) -> Option<BTreeMap<Option<String>, u64>> {
        let mut counts = BTreeMap::new();
        for Log { source, entry, .. } in self.hits.iter().copied() {
            let value = match field {
                TopField::Severity => entry.severity.map(|severity| severity.name().to_owned()),
                TopField::Facility => entry.facility.map(|facility| facility.name().to_owned()),
                TopField::Text(Field::Message) => Some(entry.message.clone()),
                TopField::Text(Field::Host) => source.host.clone(),
                TopField::Text(Field::App) => source.app.clone(),
                TopField::Text(Field::Address) => Some(source.address.to_string()),
                TopField::Text(Field::ProcId) => entry.proc_id.clone(),
                TopField::Text(Field::MsgId) => entry.msg_id.clone(),
                TopField::Text(Field::Attribute(_)) => return None,
            };
            *counts.entry(value).or_default() += 1;
        }
        Some(counts)
    }

    /// Who sends, as somebody knows it who sees only the hits.
    async fn check_sources(&self) -> Result<(), TestCaseError> {
        let mut expected: BTreeMap<i32, Source> = BTreeMap::new();
        for log in &self.hits {
            let seen = log.entry.received_at;
            let source = expected.entry(log.source_id).or_insert_with(|| Source {
                id: log.source_id,
                key: (*log.source).clone(),
                first_seen: seen,
                last_seen: seen,
                count: 0,
            });
            source.first_seen = source.first_seen.min(seen);
            source.last_seen = source.last_seen.max(seen);
            source.count += 1;
        }
        let visible = whole(self.store.visible_sources(&self.filter).await);
        prop_assert_eq!(&visible, &expected.into_values().collect::<Vec<_>>());
        if self.filter.is_of_sources() {
            // Then nothing of a source is hidden that shows at all.
            for source in visible {
                let count = self.all.iter().filter(|log| log.source_id == source.id).count();
                prop_assert_eq!(source.count, count as u64);
            }
        }
        Ok(())
    }

    /// One record, what lies around it, and what is not there.
    async fn check_one(&self) -> Result<(), TestCaseError> {
        for gone in [self.base, self.base + self.all.len() as i64 + 1] {
            prop_assert_eq!(self.store.log(gone).await.expect("read"), None);
        }
        if self.all.is_empty() {
            return Ok(());
        }
        let place = self.question.place.index(self.all.len());
        let log = &self.all[place];
        let found = self.store.log(log.id).await.expect("read");
        prop_assert_eq!(found.as_ref(), Some(log));
        let (before, after) = self.question.around;
        for same_source in [false, true] {
            let near = |other: &&Log| !same_source || other.source_id == log.source_id;
            let mut expected: Vec<&Log> =
                self.all[..place].iter().rev().filter(near).take(before).collect();
            expected.reverse();
            expected.push(log);
            expected.extend(self.all[place + 1..].iter().filter(near).take(after));
            let around = whole(self.store.context(log, same_source, before, after).await);
            prop_assert_eq!(ids(&around), positions(&expected));
        }
        Ok(())
    }
}

const WEEK_MICROS: i64 = 7 * 86_400_000_000;
