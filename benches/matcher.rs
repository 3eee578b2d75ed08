//! What a record costs the matcher, by kind of filter, one after another as rows and side by side
//! as in a block. Most do not pass: the case of a scan.

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tailwater::filter::{Columns, Matcher, NO_CODE, Names, Texts, parse};
use tailwater::log::{Attributes, Entry, Log, Severity, SourceKey, timestamp_from_micros};

/// Rows.
const RECORDS: i64 = 1_000;
/// Records of a full block.
const BLOCK: i64 = 16_384;

const QUERIES: [(&str, &str); 9] = [
    ("severity", "severity>=error"),
    ("timestamp", "timestamp<1970-01-01T00:00:01Z"),
    ("host", "host:web-07*"),
    ("word", "timeout"),
    ("common word", "users"),
    ("three words", "users orders timeout"),
    ("regex", r"/timed? ?out after \d+/"),
    ("attribute", "attributes.user.id:42"),
    ("absent attribute", "attributes.order.total>100"),
];

fn log(id: i64) -> Log {
    let marker = if id % 100 == 0 { "Größe \u{212a}" } else { "bytes" };
    let message = format!(
        "GET /api/v1/users/{id}/orders?page=2 200 in {}ms, upstream=10.0.{}.7:8080, 5120 {marker}",
        id % 500,
        id % 256
    );
    let attributes = format!(
        r#"{{"trace_id":"4bf92f3577b34da6{id:016x}","user":{{"id":{},"plan":"team"}},"latency":{}}}"#,
        id % 97,
        id % 500
    );
    Log {
        id,
        source_id: 1,
        source: Arc::new(SourceKey {
            host: Some(format!("web-{:02}.example.org", id % 20)),
            app: Some("nginx".to_owned()),
            address: IpAddr::from([10, 0, 0, 1]),
        }),
        entry: Entry {
            timestamp: timestamp_from_micros(id * 1_000),
            received_at: timestamp_from_micros(id * 1_000),
            severity: Severity::from_code((id % 8) as u8),
            facility: None,
            proc_id: Some((1_000 + id).to_string()),
            msg_id: None,
            message,
            attributes: Attributes::from_json_text(attributes),
        },
    }
}

fn matching(c: &mut Criterion) {
    let logs: Vec<Log> = (1..=RECORDS).map(log).collect();
    let mut group = c.benchmark_group("matcher");
    group.throughput(Throughput::Elements(RECORDS as u64));
    for (name, query) in QUERIES {
        let matcher = Matcher::new(&parse(query).expect("the query is valid"));
        group.bench_function(name, |b| {
            b.iter(|| black_box(&logs).iter().filter(|log| matcher.matches(log)).count());
        });
    }
    group.finish();
}

/// Texts, one after another.
type OwnedTexts = (String, Vec<i32>);

fn texts_of((buffer, offsets): &OwnedTexts) -> Texts<'_> {
    Texts { buffer: buffer.as_bytes(), offsets, gap: 0, present: None }
}

fn side_by_side<'a>(texts: impl Iterator<Item = &'a str>) -> OwnedTexts {
    let mut buffer = String::new();
    let mut offsets = vec![0];
    for text in texts {
        buffer.push_str(text);
        offsets.push(i32::try_from(buffer.len()).expect("a block is small"));
    }
    (buffer, offsets)
}

fn selecting(c: &mut Criterion) {
    let logs: Vec<Log> = (1..=BLOCK).map(log).collect();
    let entries = || logs.iter().map(|log| &log.entry);
    let timestamps: Vec<i64> = entries().map(|entry| entry.timestamp.timestamp_micros()).collect();
    let severities: Vec<u8> =
        entries().map(|entry| entry.severity.map_or(NO_CODE, Severity::code)).collect();
    let mut names: Vec<&str> = logs.iter().filter_map(|log| log.source.host.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let place = |log: &Log| {
        let name = log.source.host.as_deref().unwrap_or_default();
        names.binary_search(&name).expect("it is listed") as u32 + 1
    };
    let hosts: Vec<u32> = logs.iter().map(place).collect();
    let names = side_by_side(names.iter().copied());
    let messages = side_by_side(entries().map(|entry| entry.message.as_str()));
    let attributes = side_by_side(entries().map(|entry| entry.attributes.as_json()));
    let columns = Columns {
        first_id: 1,
        len: logs.len(),
        timestamps: Some(&timestamps),
        severities: Some(&severities),
        hosts: Some(Names { places: &hosts, list: texts_of(&names) }),
        messages: Some(texts_of(&messages)),
        attributes: Some(texts_of(&attributes)),
        ..Columns::default()
    };
    let mut group = c.benchmark_group("select");
    group.throughput(Throughput::Elements(BLOCK as u64));
    for (name, query) in QUERIES {
        let matcher = Matcher::new(&parse(query).expect("the query is valid"));
        group.bench_function(name, |b| {
            b.iter(|| matcher.select(black_box(&columns)).expect("every column is there"));
        });
    }
    group.finish();
}

criterion_group!(benches, matching, selecting);
criterion_main!(benches);
