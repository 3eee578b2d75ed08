//! What people ask of a log, and how long the answer takes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tailwater::filter::{ColumnSet, Filter, parse};
use tailwater::store::{
    BlockCodec, Direction, HistogramField, Order, Page, PageRequest, Resolved, Store,
};

use crate::Options;
use crate::place::Place;
use crate::records::{self, Sources};
use crate::table::Table;
use crate::watch::{Spent, Watch};

/// Asking goes on for so long at most, after the second time.
const LONGEST: Duration = Duration::from_secs(20);

/// A question.
enum Question {
    /// The newest hundred hits of a search.
    Newest(String),
    /// How many records a search hits.
    Count(String),
    /// Records by minute and severity, of the last hour or of all.
    Minutes { last_hour: bool },
    /// The record of a position.
    ById,
}

/// Each question under its name, and how many hits it must have at least and at most.
fn questions() -> Vec<(&'static str, Question, std::ops::RangeInclusive<u64>)> {
    let newest = |query: &str| Question::Newest(query.to_owned());
    let host = format!("host:{}", records::host(42));
    let any = 1..=u64::MAX;
    vec![
        ("newest 100 of a host", newest(&host), 100..=100),
        ("rare substring", newest(&format!("\"{}\"", records::NEEDLE)), 1..=1),
        ("substring that prunes nothing", newest(&format!("\"{}\"", records::SHUFFLED)), 0..=0),
        ("common word, newest 100", newest(records::COMMON), 100..=100),
        ("common word, count", Question::Count(records::COMMON.to_owned()), any.clone()),
        ("minute × severity, 1 h", Question::Minutes { last_hour: true }, any.clone()),
        ("minute × severity, all", Question::Minutes { last_hour: false }, any.clone()),
        ("rare attribute", newest("attributes.user.id:4242"), 0..=100),
        ("regex", newest("/trace=0000[0-9a-f]{12} /"), 0..=100),
        ("one record by id", Question::ById, 1..=1),
    ]
}

/// Asks everything, and puts medians into the table.
pub async fn ask(
    database: &'static str,
    store: &Store,
    place: &Place,
    options: &Options,
    table: &mut Table,
) {
    let asked = questions().into_iter().filter(|(name, ..)| name.contains(&options.ask));
    for (name, question, expected) in asked {
        let mut spent: Vec<Spent> = Vec::new();
        let asked = Instant::now();
        for run in 0..=options.runs as u64 {
            if run > 2 && asked.elapsed() > LONGEST {
                break;
            }
            let watch = Watch::start(place);
            let hits = question.answer(store, options.records, run).await;
            let now = watch.stop();
            assert!(expected.contains(&hits), "{name}: {hits} hits");
            // The first time warms up.
            if run > 0 {
                spent.push(now);
            }
        }
        let milliseconds = |of: fn(&Spent) -> Duration| {
            let mut times: Vec<f64> = spent.iter().map(|s| of(s).as_secs_f64() * 1e3).collect();
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).copied().unwrap_or(0.0)
        };
        table.add_time(
            name,
            database,
            milliseconds(|spent| spent.elapsed),
            milliseconds(|spent| spent.cpu),
        );
    }
}

/// What it takes to decode every message as the Parquet reader does, on one thread: what a question
/// is held against that must look at all of them.
pub fn decode_messages(options: &Options, table: &mut Table) {
    let sources = Sources::new();
    let size = options.batch as u64;
    let records: Vec<Resolved> =
        (0..size).map(|number| records::record(&sources, number, options.records)).collect();
    let block = BlockCodec::new(&records);
    let blocks = options.records.div_ceil(size);
    let began = Instant::now();
    for _ in 0..blocks {
        assert_eq!(black_box(&block).decode(ColumnSet::MESSAGE) as u64, size);
    }
    let elapsed = began.elapsed().as_secs_f64() * 1e3;
    table.add_time("the messages decoded, nothing else", "sqlite", elapsed, elapsed);
}

impl Question {
    /// Asks it; how many hits there are.
    async fn answer(&self, store: &Store, count: u64, run: u64) -> u64 {
        match self {
            Question::Newest(query) => {
                let filter = parse(query).expect("the query is valid");
                let page = newest(store, &filter).await;
                assert!(page.damaged.is_empty(), "{:?}", page.damaged);
                page.logs.len() as u64
            }
            Question::Count(query) => {
                let filter = parse(query).expect("the query is valid");
                let all = Duration::from_micros(records::micros(count));
                let answer = store.histogram(&filter, records::time(0), all, 1, None).await;
                answer.expect("an answer").value.iter().map(|bucket| bucket.count).sum()
            }
            Question::Minutes { last_hour } => {
                let minutes = records::micros(count).div_ceil(60_000_000);
                let skipped = if *last_hour { minutes.saturating_sub(60) } else { 0 };
                let from = records::time(0) + Duration::from_secs(skipped * 60);
                let (minute, by) = (Duration::from_secs(60), Some(HistogramField::Severity));
                let buckets = (minutes - skipped) as usize;
                let answer = store.histogram(&Filter::ALL, from, minute, buckets, by).await;
                answer.expect("an answer").value.iter().map(|bucket| bucket.count).sum()
            }
            Question::ById => {
                let id = 1 + (run * 7_919_777 + 12_345) % count;
                let log = store.log(id as i64).await.expect("an answer");
                log.map_or(0, |_| 1)
            }
        }
    }
}

async fn newest(store: &Store, filter: &Filter) -> Page {
    let request = PageRequest {
        filter,
        order: Order::Timestamp,
        direction: Direction::NewestFirst,
        past: None,
        before: None,
        limit: 100,
    };
    store.page(request).await.expect("an answer")
}
