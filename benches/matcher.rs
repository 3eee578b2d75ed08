//! What a record costs the matcher, by kind of filter. Time is for a thousand records, most of
//! which do not pass: the case of a scan.

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tailwater::filter::{Matcher, parse};
use tailwater::log::{Attributes, Entry, Log, Severity, SourceKey, timestamp_from_micros};

const RECORDS: i64 = 1_000;

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
    for (name, query) in [
        ("severity", "severity>=error"),
        ("host", "host:web-07*"),
        ("word", "timeout"),
        ("three words", "users orders timeout"),
        ("regex", r"/timed? ?out after \d+/"),
        ("attribute", "attributes.user.id:42"),
        ("absent attribute", "attributes.order.total>100"),
    ] {
        let matcher = Matcher::new(&parse(query).expect("the query is valid"));
        group.bench_function(name, |b| {
            b.iter(|| black_box(&logs).iter().filter(|log| matcher.matches(log)).count());
        });
    }
    group.finish();
}

criterion_group!(benches, matching);
criterion_main!(benches);
