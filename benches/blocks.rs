//! What it costs to make a block, to read it, and to sum it up, by the number of its records.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tailwater::filter::ColumnSet;
use tailwater::store::{BlockCodec, Resolved};

#[path = "history/records.rs"]
#[allow(dead_code)]
mod records;

const SIZES: [u64; 3] = [256, 1_024, 16_384];

fn blocks(criterion: &mut Criterion) {
    let sources = records::Sources::new();
    let mut group = criterion.benchmark_group("block");
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    for size in SIZES {
        let records: Vec<Resolved> =
            (0..size).map(|number| records::record(&sources, number, size)).collect();
        let block = BlockCodec::new(&records);
        let message: usize = records.iter().map(|record| record.entry.message.len()).sum();
        println!(
            "{size} records: {:.1} bytes each at rest, {:.1} of them of the catalogue; messages \
             of {:.1} bytes",
            block.stored_bytes() as f64 / size as f64,
            block.catalogue_bytes() as f64 / size as f64,
            message as f64 / size as f64,
        );
        group.throughput(Throughput::Elements(size));
        group.bench_function(format!("encode/{size}"), |bencher| {
            bencher.iter(|| BlockCodec::new(black_box(&records)));
        });
        group.bench_function(format!("summary/{size}"), |bencher| {
            bencher.iter(|| BlockCodec::sum_up(black_box(&records)));
        });
        for (name, columns) in [
            ("message", ColumnSet::MESSAGE),
            ("time and source", ColumnSet::TIMESTAMP.and(ColumnSet::SOURCE)),
            ("all columns", ColumnSet::ALL),
        ] {
            group.bench_function(format!("decode {name}/{size}"), |bencher| {
                bencher.iter(|| black_box(&block).decode(columns));
            });
        }
        group.bench_function(format!("decode all records/{size}"), |bencher| {
            bencher.iter(|| black_box(&block).decode_records());
        });
        group.bench_function(format!("decode one record/{size}"), |bencher| {
            bencher.iter(|| black_box(&block).decode_one());
        });
    }
    group.finish();
}

criterion_group!(benches, blocks);
criterion_main!(benches);
