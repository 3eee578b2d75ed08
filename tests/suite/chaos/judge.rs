//! The verdict: what was sent, acknowledged, stored and read, held against each other.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use super::cluster::Run;
use super::lines::{LAST, Line, Sent, Transport};
use super::readers::Reading;
use crate::support::visitor::Visitor;

/// Complaints that name single lines name so many at most.
const NAMED: usize = 5;

/// What is wrong; nothing, if all is well.
#[derive(Debug, Default)]
pub struct Verdict(Vec<String>);

impl Verdict {
    pub fn complaints(&self) -> &[String] {
        &self.0
    }

    pub fn hold(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.0.push(otherwise());
        }
    }

    /// The log as the witness read it: contiguous, each line once, and nothing that nobody sent.
    pub fn log(&mut self, log: &Reading, sent: &BTreeSet<Line>) {
        self.hold(log.strange.is_empty(), || format!("strange records: {:?}", some(&log.strange)));
        let (gaps, disorder) = gaps(&log.seen);
        self.hold(disorder.is_empty(), || format!("ids out of order: {:?}", some(&disorder)));
        let told = told(log);
        self.hold(gaps == told, || format!("ids with holes: {gaps:?}, told of were {told:?}"));
        let mut known = BTreeSet::new();
        let twice: Vec<_> = log.seen.iter().filter(|(_, line)| !known.insert(*line)).collect();
        self.hold(twice.is_empty(), || {
            format!("{} lines stored twice: {:?}", twice.len(), some(&twice))
        });
        let foreign: Vec<_> = known.difference(sent).filter(|line| **line != LAST).collect();
        self.hold(foreign.is_empty(), || format!("lines that nobody sent: {:?}", some(&foreign)));
    }

    /// Every one of these lines is in the log. What retention removed before the witness read it
    /// may be among them, and only so many.
    pub fn stored(&mut self, what: &str, lines: impl IntoIterator<Item = Line>, log: &Reading) {
        let stored: BTreeSet<Line> = log.seen.iter().map(|(_, line)| *line).collect();
        let missing: Vec<_> = lines.into_iter().filter(|line| !stored.contains(line)).collect();
        let excused = usize::try_from(log.lost()).unwrap_or(usize::MAX);
        self.hold(missing.len() <= excused, || {
            let (count, some) = (missing.len(), some(&missing));
            format!("{count} {what} are not stored ({excused} were removed unread): {some:?}")
        });
    }

    /// A tail: the log as the witness has it, in order, each record once, and told of every one
    /// that is missing.
    pub fn tail(&mut self, name: &str, word: Option<Transport>, tail: &Reading, log: &Reading) {
        let (gaps, disorder) = gaps(&tail.seen);
        self.hold(disorder.is_empty(), || format!("{name}: out of order: {:?}", some(&disorder)));
        self.hold(tail.strange.is_empty(), || {
            format!("{name}: strange: {:?}", some(&tail.strange))
        });
        let truth: BTreeMap<i64, Line> = log.seen.iter().copied().collect();
        let wrong: Vec<_> = tail
            .seen
            .iter()
            .filter(|(id, line)| truth.get(id).is_some_and(|truth| truth != line))
            .collect();
        self.hold(wrong.is_empty(), || format!("{name}: not what is stored: {:?}", some(&wrong)));
        let Some(word) = word else {
            let told = told(tail);
            return self.hold(gaps == told, || format!("{name}: holes {gaps:?}, told of {told:?}"));
        };
        let seen: BTreeSet<i64> = tail.seen.iter().map(|(id, _)| *id).collect();
        let unwanted: Vec<_> = tail.seen.iter().filter(|(_, line)| !line.holds(word)).collect();
        self.hold(unwanted.is_empty(), || format!("{name}: not asked for: {:?}", some(&unwanted)));
        let missed: Vec<_> =
            truth.iter().filter(|(id, line)| line.holds(word) && !seen.contains(id)).collect();
        self.hold(missed.len() as u64 <= tail.lost(), || {
            format!("{name}: {} missed, told of {}: {:?}", missed.len(), tail.lost(), some(&missed))
        });
    }

    /// The books of a node: they balance, of whoever lives to the record, and of whoever was killed
    /// it is said that more is not known.
    pub fn books(&mut self, name: &str, books: &Value) {
        for account in books["nodes"].as_array().into_iter().flatten().chain([books]) {
            let received = number(account, "received") + sum(&account["dropped"], "kernel");
            let went = number(account, "stored")
                + sum(&account["rejected"], "")
                + sum(&account["dropped"], "")
                + number(account, "inFlight");
            self.hold(received == went, || format!("{name}: {received} is not {went}: {account}"));
            let lost = account["state"] == "LOST" && account["roles"] == json!(["INGEST"]);
            if account["state"].is_string() {
                self.hold((account["unknown"] == true) == lost, || format!("{name}: {account}"));
            }
        }
        self.hold(number(books, "inFlight") == 0, || format!("{name}: in flight: {books}"));
        self.hold(sum(&books["rejected"], "") == 0, || format!("{name}: rejected: {books}"));
    }
}

/// The first few.
fn some<T>(of: &[T]) -> &[T] {
    &of[..of.len().min(NAMED)]
}

/// How many positions are missing, by the position before them; and what does not come after what
/// came before it.
fn gaps(seen: &[(i64, Line)]) -> (BTreeMap<i64, u64>, Vec<(i64, i64)>) {
    let (mut gaps, mut disorder, mut last) = (BTreeMap::new(), Vec::new(), 0);
    for (id, _) in seen {
        match u64::try_from(id - last - 1) {
            Ok(0) => {}
            Ok(gap) => drop(gaps.insert(last, gap)),
            Err(_) => disorder.push((last, *id)),
        }
        last = *id;
    }
    (gaps, disorder)
}

/// The gaps that a reader was told of.
fn told(reading: &Reading) -> BTreeMap<i64, u64> {
    let mut told = BTreeMap::new();
    for (behind, count) in &reading.lost {
        *told.entry(*behind).or_default() += count;
    }
    told
}

pub fn number(of: &Value, name: &str) -> u64 {
    of[name].as_u64().unwrap_or_else(|| panic!("no {name} in {of}"))
}

/// The sum of the counts whose reasons begin so.
fn sum(counts: &Value, beginning: &str) -> u64 {
    let counts = counts.as_array().expect("counts by reason").iter();
    let wanted =
        |count: &&Value| count["reason"].as_str().is_some_and(|r| r.starts_with(beginning));
    counts.filter(wanted).map(|count| number(count, "count")).sum()
}

/// What a node says of where the records are.
pub async fn ask_books(visitor: &Visitor) -> Result<Value, String> {
    let fields =
        "received stored inFlight unknown rejected { reason count } dropped { reason count }";
    let question = format!(
        "{{ pipeline {{ {fields} queueDepth {{ frames }} nodes {{ roles state name {fields} }}
            storage {{ blocks firstId }} }} }}"
    );
    let answer = visitor.ask(&question, json!({})).await?;
    let books = &answer["data"]["pipeline"];
    if books.is_object() { Ok(books.clone()) } else { Err(answer.to_string()) }
}

/// What was sent to a run that lives, and what it says that it received, by transport.
pub async fn received(run: &Run, sent: &[Sent]) -> Result<[(u64, u64); 2], String> {
    let url = format!("http://{}/metrics", run.http);
    let answer = crate::support::http().get(url).send().await.map_err(|error| error.to_string())?;
    let page = answer.text().await.map_err(|error| error.to_string())?;
    let metric = |name: &str| -> u64 {
        let line = page.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
    };
    let sent_by = |transport| -> u64 {
        let theirs = sent.iter().filter(|sent| sent.to == *run && sent.transport == transport);
        theirs.map(|sent| sent.numbers.len() as u64).sum()
    };
    let tcp = metric("tailwater_received_total{listener=\"tcp\"}");
    let udp = metric("tailwater_received_total{listener=\"udp\"}");
    let kernel = metric("tailwater_dropped_total{reason=\"kernel_udp\"}");
    Ok([(sent_by(Transport::Tcp), tcp), (sent_by(Transport::Udp), udp + kernel)])
}

/// How many records of all producers are stored, as the database has counted, and its head.
pub async fn accounts_of_the_database(url: &str) -> (i64, i64) {
    let database = sea_orm::Database::connect(url).await.expect("a connection");
    let question = "SELECT (SELECT sum(stored) FROM producer)::bigint, last_id FROM head";
    let question = Statement::from_string(DbBackend::Postgres, question);
    let row = database.query_one_raw(question).await.expect("an answer").expect("a row");
    (row.try_get_by_index(0).expect("a number"), row.try_get_by_index(1).expect("a number"))
}
