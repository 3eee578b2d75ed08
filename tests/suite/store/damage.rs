//! A block that cannot be read: it is named in every answer that would need it, and hides nothing
//! else.

use std::fmt::Debug;
use std::ops::RangeInclusive;
use std::time::Duration;

use tailwater::filter::{Field, Filter, SeveritySet, Test, TextTest};
use tailwater::log::{Attributes, Entry, Severity};
use tailwater::store::{
    Answer, Damaged, Direction, HistogramField, Order, PageRequest, Sealing, Store, StoreError,
    TopField,
};

use super::over_both_databases;
use super::support::{Database, batch, connect, entry, ids, new_source};

over_both_databases!(
    a_damaged_block_is_named_and_hides_nothing_else,
    a_damaged_block_is_not_sealed_over,
);

/// The blocks of the log; its last records are rows.
const BLOCKS: [RangeInclusive<i64>; 3] = [1..=10, 11..=20, 21..=30];
/// The one that is damaged.
const BROKEN: RangeInclusive<i64> = 11..=20;
const LAST: i64 = 40;

/// Records of two sources and two severities, late and early, each with a word for its ten.
async fn store_records(database: &Database) {
    let mut records = batch(
        1,
        (1..=LAST).map(|id| Entry {
            severity: Some(if id % 3 == 0 { Severity::Error } else { Severity::Info }),
            attributes: Attributes::from_json_text(format!(r#"{{"ten":{}}}"#, (id - 1) / 10)),
            ..entry(id * 17 % 41, &format!("record of ten-{}", (id - 1) / 10))
        }),
    );
    records.new_sources.push(new_source(2, "db-1", "postgres"));
    for record in records.records.iter_mut().step_by(2) {
        record.source_id = 2;
        record.source = new_source(2, "db-1", "postgres").key.into();
    }
    database.writer().await.commit(&records).await.expect("commit");
}

/// What happens to the broken block.
#[derive(Clone, Copy, Debug)]
enum Harm {
    /// A bit of a part turns.
    Part(i16),
    PartEmpty(i16),
    PartGone(i16),
    Footer,
    FooterEmpty,
    /// It says that it is of a version which nobody knows.
    Format,
    /// A column of the catalogue is garbage; with the bytes themselves nothing is wrong.
    Garbage(&'static str),
    Empty(&'static str),
    /// What lets a search pass the block over has lost every bit. It may hide the block itself,
    /// for nothing can tell.
    Bitmap(&'static str),
}

impl Harm {
    const ALL: [Harm; 14] = [
        Harm::Part(0),
        Harm::Part(1),
        Harm::Part(2),
        Harm::PartEmpty(1),
        Harm::PartGone(0),
        Harm::Footer,
        Harm::FooterEmpty,
        Harm::Format,
        Harm::Garbage("minutes"),
        Harm::Garbage("source_counts"),
        Harm::Empty("minutes"),
        Harm::Empty("source_counts"),
        Harm::Bitmap("trigrams"),
        Harm::Bitmap("sources"),
    ];

    async fn strike(self, database: &Database) {
        let block = format!("first_id = {}", BROKEN.start());
        let empty = if database.is_postgres() { "''::bytea" } else { "x''" };
        let garbage = if database.is_postgres() {
            r"'\xfffefdfcfbfaf9ff7f80ff'::bytea"
        } else {
            "x'fffefdfcfbfaf9ff7f80ff'"
        };
        let set = async |table: &str, column: &str, value: &str, place: &str| {
            database.sql(&format!("UPDATE {table} SET {column} = {value} WHERE {place}")).await;
        };
        match self {
            Harm::Part(part) => {
                let place = format!("{block} AND part = {part}");
                database.flip("block_part", "bytes", &place).await;
            }
            Harm::PartEmpty(part) => {
                set("block_part", "bytes", empty, &format!("{block} AND part = {part}")).await;
            }
            Harm::PartGone(part) => {
                let delete = format!("DELETE FROM block_part WHERE {block} AND part = {part}");
                database.sql(&delete).await;
            }
            Harm::Footer => database.flip("block", "footer", &block).await,
            Harm::FooterEmpty => set("block", "footer", empty, &block).await,
            Harm::Format => set("block", "format", "99", &block).await,
            Harm::Garbage(column) => set("block", column, garbage, &block).await,
            Harm::Empty(column) | Harm::Bitmap(column) => set("block", column, empty, &block).await,
        }
    }

    /// The records of the block cannot be had any more.
    fn is_of_records(self) -> bool {
        !matches!(self, Harm::Garbage(_) | Harm::Empty(_) | Harm::Bitmap(_))
    }
}

async fn a_damaged_block_is_named_and_hides_nothing_else(database: Database) {
    store_records(&database).await;
    for block in BLOCKS {
        database.seal(block).await;
    }
    keep(&database).await;
    let whole = answers(&database.store).await;
    assert!(whole.iter().all(|answer| answer.damaged.is_empty()));
    database.sql("DELETE FROM block WHERE first_id = 11").await;
    let without = answers(&connect(&database.url).await).await;
    for harm in Harm::ALL {
        restore(&database).await;
        harm.strike(&database).await;
        // One that has nothing of the block in memory.
        let store = connect(&database.url).await;
        for ((told, whole), without) in answers(&store).await.iter().zip(&whole).zip(&without) {
            let question = &told.question;
            let complete = if told.damaged.is_empty() { whole } else { without };
            let is_hidden = matches!(harm, Harm::Bitmap(_)) && told.value == without.value;
            assert!(is_hidden || told.value == complete.value, "{harm:?}: {told:?}");
            assert!(told.damaged.is_empty() || told.damaged == [BROKEN], "{harm:?}: {told:?}");
            let must_be_named = harm.is_of_records() && question.starts_with("page");
            let needed = whole.value != without.value;
            assert!(!(must_be_named && needed && told.damaged.is_empty()), "{harm:?}: {question}");
        }
        check_scans(&store, harm).await;
        check_records(&store, harm).await;
        store.close().await;
    }
}

/// What the store told.
#[derive(Debug)]
struct Told {
    question: String,
    value: String,
    damaged: Vec<RangeInclusive<i64>>,
}

fn told<T: Debug>(question: String, answer: Result<Answer<T>, StoreError>) -> Told {
    let Answer { value, damaged } = answer.unwrap_or_else(|error| panic!("{question}: {error}"));
    Told { question, value: format!("{value:?}"), damaged: ranges(&damaged) }
}

fn ranges(damaged: &[Damaged]) -> Vec<RangeInclusive<i64>> {
    damaged.iter().map(|damaged| damaged.first_id..=damaged.last_id).collect()
}

fn filters() -> Vec<Filter> {
    let message = |test| Filter::Test(Test::Text(Field::Message, test));
    let regex = regex::Regex::new("ten-[13]").expect("a regex");
    vec![
        Filter::ALL,
        message(TextTest::Contains("ten-1".to_owned())),
        message(TextTest::Regex(Box::new(regex))),
        Test::Severity([Severity::Error].into_iter().collect::<SeveritySet>()).into(),
        Test::Text(Field::Host, TextTest::Equals("db-1".to_owned())).into(),
        Test::Text(Field::Attribute("ten".to_owned()), TextTest::Equals("1".to_owned())).into(),
        Test::Id(15..=35).into(),
    ]
}

/// What is told of everything that can be asked.
async fn answers(store: &Store) -> Vec<Told> {
    let mut answers = Vec::new();
    for filter in &filters() {
        for order in [Order::Arrival, Order::Timestamp] {
            for direction in [Direction::OldestFirst, Direction::NewestFirst] {
                let (past, before, limit) = (None, None, 100);
                let request = PageRequest { filter, order, direction, past, before, limit };
                let page = store.page(request).await.map(|page| {
                    assert!(!page.more);
                    Answer { value: page.logs, damaged: page.damaged }
                });
                answers.push(told(format!("page {order:?} {direction:?} {filter:?}"), page));
            }
        }
        let fields = [HistogramField::Severity, HistogramField::Host, HistogramField::App];
        // In whole minutes, and in steps that no catalogue counts.
        let steps = [(0, 60), (-3, 7), (-3, 7), (0, 60)];
        for (by, (from, step)) in fields.map(Some).into_iter().chain([None]).zip(steps) {
            let (from, step) = (entry(from, "").timestamp, Duration::from_secs(step));
            let counts = store.histogram(filter, from, step, 100, by).await;
            answers.push(told(format!("histogram {by:?} {step:?} {filter:?}"), counts));
        }
        let texts = [Field::Host, Field::Message, Field::Attribute("ten".to_owned())];
        for field in texts.map(TopField::Text).into_iter().chain([TopField::Severity]) {
            let top = store.top(filter, &field, 100).await;
            answers.push(told(format!("top {field:?} {filter:?}"), top));
        }
        answers.push(told(format!("bounds {filter:?}"), store.time_bounds(filter).await));
        answers.push(told(format!("sources {filter:?}"), store.visible_sources(filter).await));
    }
    for id in [5, 25, 35] {
        let log = store.log(id).await.expect("it can be read").expect("it is there");
        for same_source in [true, false] {
            let around = store.context(&log, same_source, 12, 12).await;
            answers.push(told(format!("context {id} {same_source}"), around));
        }
    }
    answers
}

/// A cursor's way: either nothing is lost, or all of the block and nothing else.
async fn check_scans(store: &Store, harm: Harm) {
    for filter in &filters() {
        let page = |ids: RangeInclusive<i64>| PageRequest {
            filter,
            order: Order::Arrival,
            direction: Direction::OldestFirst,
            past: Some(tailwater::store::Position::of_id(ids.start() - 1)),
            before: Some(tailwater::store::Position::of_id(ids.end() + 1)),
            limit: 100,
        };
        let mut around = Vec::new();
        for side in [1..=10, 21..=LAST] {
            around.extend(ids(&store.page(page(side)).await.expect("page").logs));
        }
        let limits = if *filter == Filter::ALL { [4, 100].as_slice() } else { &[100] };
        for &limit in limits {
            let (mut found, mut lost, mut after) = (Vec::new(), 0, 0);
            while after < LAST {
                let scan = store.scan(filter, after, i64::MAX, limit).await.expect("scan");
                assert!(scan.scanned_to > after, "it always gets on");
                after = scan.scanned_to;
                lost += scan.lost;
                found.extend(ids(&scan.logs));
            }
            if lost == 0 {
                // Complete, then.
                assert!(!harm.is_of_records() || *filter != Filter::ALL, "{harm:?}");
                found.retain(|id| !BROKEN.contains(id));
            }
            assert!(lost == 0 || lost == 10, "{harm:?}: {lost} of {filter:?}");
            assert_eq!(found, around, "{harm:?}: {filter:?}");
        }
    }
}

/// Each record by itself.
async fn check_records(store: &Store, harm: Harm) {
    for id in 1..=LAST {
        let is_lost = harm.is_of_records() && BROKEN.contains(&id);
        match store.log(id).await {
            Ok(Some(log)) if !is_lost => assert_eq!(log.id, id),
            Err(StoreError::Damaged(damaged)) if is_lost => {
                assert_eq!(ranges(&[damaged]), [BROKEN]);
            }
            other => panic!("{harm:?}: {id}: {other:?}"),
        }
    }
}

/// Keeps the blocks as they are, for [`restore`].
async fn keep(database: &Database) {
    database
        .sql(
            "CREATE TABLE block_as_it_was AS SELECT * FROM block;
             CREATE TABLE part_as_it_was AS SELECT * FROM block_part",
        )
        .await;
}

async fn restore(database: &Database) {
    database
        .sql(
            "DELETE FROM block; DELETE FROM block_part;
             INSERT INTO block SELECT * FROM block_as_it_was;
             INSERT INTO block_part SELECT * FROM part_as_it_was",
        )
        .await;
}

async fn a_damaged_block_is_not_sealed_over(database: Database) {
    store_records(&database).await;
    let small = Sealing { range: BROKEN, logs: None, is_final: false };
    database.store.seal(small).await.expect("seal");
    keep(&database).await;
    let forms = async |store: &Store| -> Vec<RangeInclusive<i64>> {
        let segments = store.segments().await.expect("segments");
        segments.iter().map(|segment| segment.first_id..=segment.last_id).collect()
    };
    assert_eq!(forms(&database.store).await, [1..=10, BROKEN, 21..=LAST]);
    for harm in [Harm::Part(1), Harm::PartGone(2), Harm::Footer, Harm::Format] {
        restore(&database).await;
        harm.strike(&database).await;
        let store = connect(&database.url).await;
        let sealing = Sealing { range: 1..=LAST, logs: None, is_final: true };
        let refused = store.seal(sealing).await;
        let Err(StoreError::Damaged(damaged)) = refused else { panic!("{harm:?}: {refused:?}") };
        assert_eq!(ranges(&[damaged]), [BROKEN]);
        // It stays where it is, and nobody tries to seal it again: what lies beside it can be.
        assert_eq!(forms(&store).await, [1..=10, 21..=LAST], "{harm:?}");
        assert_eq!(database.number("SELECT count(*) FROM log").await, LAST - 10);
        assert_eq!(database.number("SELECT count(*) FROM block").await, 1);
        store.close().await;
    }
}
