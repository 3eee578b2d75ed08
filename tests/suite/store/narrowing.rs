//! THE property of the store: whatever SQL narrows or answers alone, the answer is the matcher's.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use tailwater::filter::{Filter, Matcher};
use tailwater::log::{Log, Record, SourceKey, timestamp_from_micros};
use tailwater::store::{
    Direction, HistogramField, NewSource, Order, PageRequest, Position, Resolved, Source, Store,
    TopField, WriteBatch, WriteSession,
};
use tokio::runtime::Handle;

use super::over_both_databases;
use super::support::{Database, PRODUCER, ids};
use crate::random;

over_both_databases!(every_answer_is_the_matchers);

const CASES: u32 = 48;

/// Sources by their keys; they stay from case to case, so that many name no record.
type Sources = HashMap<SourceKey, i32>;

async fn every_answer_is_the_matchers(database: Database) {
    let filter = prop_oneof![
        4 => random::filter(),
        2 => random::exact_filter(),
        1 => random::source_filter(),
    ];
    let cases = (vec(random::record(), 0..40), vec(filter, 1..16));
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() };
    let runtime = Handle::current();
    tokio::task::block_in_place(|| {
        let sources = std::cell::RefCell::new(Sources::new());
        TestRunner::new(config)
            .run(&cases, |(records, filters)| {
                runtime.block_on(check(&database, &mut sources.borrow_mut(), &records, &filters))
            })
            .unwrap_or_else(|failure| panic!("{failure}"));
    });
}

async fn check(
    database: &Database,
    sources: &mut Sources,
    records: &[Record],
    filters: &[Filter],
) -> Result<(), TestCaseError> {
    let store = &database.store;
    database.sql("DELETE FROM log; UPDATE head SET last_id = 0").await;
    let mut batch = WriteBatch::default();
    for record in records {
        let next = sources.len() as i32 + 1;
        let source_id = *sources.entry(record.source.clone()).or_insert(next);
        if source_id == next {
            let (key, seen) = (record.source.clone(), record.entry.received_at);
            batch.new_sources.push(NewSource { id: next, key, seen });
        }
        let entry = record.entry.clone();
        let source = Arc::new(record.source.clone());
        batch.records.push(Resolved { source_id, source, producer: PRODUCER, entry });
    }
    let mut writer = WriteSession::open_without_election(store).await.expect("open");
    let committed = writer.commit(&batch).await.expect("commit");
    prop_assert!(committed.rejected.is_empty(), "{committed:?}");

    let everything = store.scan(&Filter::ALL, 0, i64::MAX, 1_000).await.expect("scan").logs;
    prop_assert_eq!(everything.len(), records.len());
    for filter in filters {
        let matcher = Matcher::new(filter);
        let hits: Vec<&Log> = everything.iter().filter(|log| matcher.matches(log)).collect();
        // A record matches alike before and after it is stored.
        let live = (1..)
            .zip(records)
            .filter(|(id, record)| matcher.matches_entry(*id, &record.source, &record.entry));
        prop_assert_eq!(live.map(|(id, _)| id).collect::<Vec<_>>(), positions(&hits));
        check_order(store, filter, &hits).await?;
        check_counts(store, filter, &hits).await?;
        check_sources(store, filter, &everything, &hits).await?;
    }
    Ok(())
}

fn positions(logs: &[&Log]) -> Vec<i64> {
    logs.iter().map(|log| log.id).collect()
}

/// Pages in both orders and directions, and scans.
async fn check_order(store: &Store, filter: &Filter, hits: &[&Log]) -> Result<(), TestCaseError> {
    let scan = store.scan(filter, 0, i64::MAX, 1_000).await.expect("scan");
    prop_assert_eq!(ids(&scan.logs), positions(hits));
    for order in [Order::Arrival, Order::Timestamp] {
        let mut sorted = hits.to_vec();
        if order == Order::Timestamp {
            sorted.sort_by_key(|log| (log.entry.timestamp, log.id));
        }
        for direction in [Direction::OldestFirst, Direction::NewestFirst] {
            let mut found = Vec::new();
            let mut past = None;
            loop {
                let limit = 7;
                let request = PageRequest { filter, order, direction, past, before: None, limit };
                let page = store.page(request).await.expect("page");
                past = page.logs.last().map(Position::of);
                found.extend(ids(&page.logs));
                if !page.more {
                    break;
                }
            }
            prop_assert_eq!(&found, &positions(&sorted), "{:?} {:?}", order, direction);
            sorted.reverse();
        }
    }
    Ok(())
}

async fn check_counts(store: &Store, filter: &Filter, hits: &[&Log]) -> Result<(), TestCaseError> {
    let bounds = store.time_bounds(filter).await.expect("bounds");
    let times = || hits.iter().map(|log| log.entry.timestamp);
    prop_assert_eq!(bounds, times().min().zip(times().max()));

    let mut severities: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for log in hits {
        *severities.entry(log.entry.severity.map(|s| s.name().to_owned())).or_default() += 1;
    }
    let top = store.top(filter, &TopField::Severity, 100).await.expect("top");
    let found: BTreeMap<_, _> = top.into_iter().map(|v| (v.value, v.count)).collect();
    prop_assert_eq!(found, severities);

    let from = timestamp_from_micros(0);
    let width = Duration::from_micros(500_001);
    let mut hosts: BTreeMap<_, u64> = BTreeMap::new();
    for log in hits {
        let micros = log.entry.timestamp.timestamp_micros();
        let start = timestamp_from_micros(micros - micros % 500_001);
        *hosts.entry((start, log.source.host.clone())).or_default() += 1;
    }
    let by = Some(HistogramField::Host);
    let buckets = store.histogram(filter, from, width, 1 << 32, by).await.expect("histogram");
    let found: Vec<_> = buckets.into_iter().map(|b| ((b.start, b.key), b.count)).collect();
    prop_assert_eq!(found, hosts.into_iter().collect::<Vec<_>>());
    Ok(())
}

/// Who sends, as somebody knows it who sees only the hits.
async fn check_sources(
    store: &Store,
    filter: &Filter,
    everything: &[Log],
    hits: &[&Log],
) -> Result<(), TestCaseError> {
    let mut expected: BTreeMap<i32, Source> = BTreeMap::new();
    for log in hits {
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
    let visible = store.visible_sources(filter).await.expect("sources");
    prop_assert_eq!(&visible, &expected.into_values().collect::<Vec<_>>());
    if filter.is_of_sources() {
        // Then nothing of a source is hidden that shows at all.
        for source in visible {
            let count = everything.iter().filter(|log| log.source_id == source.id).count();
            prop_assert_eq!(source.count, count as u64);
        }
    }
    Ok(())
}
