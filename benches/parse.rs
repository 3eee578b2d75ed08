//! What it costs to read a record, by format.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tailwater::log::{RawRecord, Transport, now};
use tailwater::parse::Parser;

const LINES: &[(&str, &str)] = &[
    (
        "rfc5424",
        "<134>1 2024-06-15T12:00:00.123456Z host-042 api-gateway 4711 ID12 [meta@32473 seq=\"123456\" t=\"1718452800123456789\"] GET /api/v2/accounts/4711/orders/123456 HTTP/1.1 status=200 bytes=5120 upstream_ms=17 client=10.1.2.3 req=00f1e2d3c4b5a697 ua=Mozilla/5.0",
    ),
    (
        "rfc3164",
        "<38>Jun 15 12:00:00 host-042 sshd[4711]: Accepted publickey for eva from 10.1.2.3 port 50022 ssh2: ED25519 SHA256:0123456789abcdef0123456789abcdef",
    ),
    (
        "json",
        r#"{"level":30,"time":1718452800123,"pid":4711,"hostname":"host-042","req":{"method":"GET","url":"/api/v2/orders/42","remote":"10.1.2.3"},"status":200,"duration_ms":17.25,"msg":"request completed"}"#,
    ),
    (
        "gelf",
        r#"{"version":"1.1","host":"host-042","short_message":"request completed","timestamp":1718452800.123,"level":6,"_app":"api-gateway","_method":"GET","_url":"/api/v2/orders/42","_status":200}"#,
    ),
    ("plain", "job 4711 finished in 42 ms, processed 1000 records from queue orders-7 on shard 3"),
];

fn parse(criterion: &mut Criterion) {
    let parser = Parser::default();
    let mut group = criterion.benchmark_group("parse");
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    for (format, line) in LINES {
        let raw = RawRecord {
            bytes: line.as_bytes(),
            received_at: now(),
            peer: [192, 0, 2, 1].into(),
            transport: Transport::Tcp,
            cut: false,
        };
        group.throughput(Throughput::Elements(1));
        group.bench_function(*format, |bencher| bencher.iter(|| parser.parse(black_box(raw))));
    }
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
