//! The soak: a server under an even load for minutes, its retention at work, tails and queries
//! beside it. What it takes must not grow: memory, disk, files, the time of a query, the lag of a
//! tail. Then everybody leaves, and it must come to rest.
//!
//! `make soak` runs it on the release build; it is no part of `cargo test`. It fails for what grew,
//! for a line that is lost, and for work that goes on without a cause.

mod curve;
mod deployment;
mod load;
#[allow(dead_code, unused_imports, unused_macros)]
#[path = "../suite/support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;

use curve::{Curve, Growth};
use deployment::Deployment;
use load::{Load, Queries, Sender, Tails};

/// Keeps a server under load, and watches what it takes.
#[derive(Parser)]
struct Options {
    /// How long the load lasts
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// Lines a second
    #[arg(long, default_value_t = 20_000)]
    rate: u64,
    /// Tails, each of the lines of one host
    #[arg(long, default_value_t = 50)]
    tails: u64,
    /// Seconds to be idle afterwards
    #[arg(long, default_value_t = 60)]
    idle: u64,
    /// ingest, worker and api as processes of their own, over NATS and Postgres
    #[arg(long)]
    roles: bool,
}

/// How much of the time passes before anything is judged: until then caches fill, and the log grows
/// to the size that retention leaves it.
const WARM_UP: f64 = 0.4;
/// What a line takes at rest, about, in bytes.
const LINE_AT_REST: u64 = 60;
/// Of all lines sent, retention leaves about so many: one in five.
const KEPT: u64 = 5;
/// What it may compute while nothing is asked of it: this part of a core.
const IDLE: f64 = 0.01;

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if runtime.block_on(soak(&options)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether all went well.
async fn soak(options: &Options) -> bool {
    let Options { seconds, rate, tails, .. } = *options;
    println!("{rate} lines/s for {seconds} s, {tails} tails, {}", deployment::name(options.roles));
    let kept = (rate * seconds * LINE_AT_REST / KEPT).max(1 << 20);
    let deployment = Deployment::start(options.roles, kept).await;
    let reader = deployment.reader().await;
    let load = Load { rate, seconds, hosts: tails.max(1) };
    let tails = Tails::open(&reader, load, tails).await;
    let queries = Queries::start(reader.clone(), load);
    let sender = Sender::start(deployment.tcp(), load);

    let watched = watch(&deployment, &tails, &queries, seconds).await;
    let sent = sender.finish();
    let all_seen = tails.finish(sent).await;
    let searched = queries.finish().await;
    deployment.api().wait_balanced(sent).await;
    println!("{sent} lines sent and stored, {searched} rounds of queries\n");
    let grown = watched.iter().map(Curve::show).filter(|flat| !flat).count();
    if !all_seen {
        println!("a tail did not see every line of its host");
    }
    let rests = comes_to_rest(&deployment, options.idle).await;
    grown == 0 && all_seen && rests
}

/// Samples what it takes until the time is over.
async fn watch(
    deployment: &Deployment,
    tails: &Tails,
    queries: &Queries,
    seconds: u64,
) -> Vec<Curve> {
    let mut memory = Curve::new("memory", "MiB", Growth::AtMost { ratio: 1.10, more: 16.0 });
    let mut stored = Curve::new("log", "MiB", Growth::AtMost { ratio: 1.15, more: 8.0 });
    let mut disk = Curve::new("disk", "MiB", deployment.growth_of_disk());
    let mut files = Curve::new("open files", "", Growth::AtMost { ratio: 1.05, more: 8.0 });
    let mut latency = Curve::new("queries", "ms", Growth::AtMost { ratio: 1.5, more: 20.0 });
    let mut lag = Curve::new("tail lag", "ms", Growth::AtMost { ratio: 1.5, more: 50.0 });
    let mut cpu = Curve::new("CPU", "% of a core", Growth::Any);
    let interval = Duration::from_secs((seconds / 120).max(1));
    let begun = Instant::now();
    let mut last = (begun, deployment.cpu_time());
    while begun.elapsed() < Duration::from_secs(seconds) {
        tokio::time::sleep(interval).await;
        let now = (Instant::now(), deployment.cpu_time());
        cpu.add(100.0 * (now.1 - last.1).as_secs_f64() / (now.0 - last.0).as_secs_f64());
        last = now;
        memory.add(mib(deployment.memory()));
        files.add(deployment.open_files() as f64);
        if let Some((bytes, on_disk)) = deployment.storage().await {
            stored.add(mib(bytes));
            disk.add(mib(on_disk));
        }
        latency.extend(queries.take_median());
        lag.extend(tails.take_longest_lag());
    }
    vec![memory, stored, disk, files, latency, lag, cpu]
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Waits until what was left to do is done, and says what it computes then.
async fn comes_to_rest(deployment: &Deployment, seconds: u64) -> bool {
    if seconds == 0 {
        return true;
    }
    // Retention and sealing may still have something to do.
    let settled = Instant::now() + Duration::from_secs(120);
    loop {
        let before = deployment.cpu_time();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let quiet = deployment.cpu_time() - before < Duration::from_millis(100);
        if quiet || Instant::now() > settled {
            break;
        }
    }
    let before = deployment.cpu_time();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let used = (deployment.cpu_time() - before).as_secs_f64() / seconds as f64;
    let rests = used < IDLE;
    let verdict = if rests { "at rest" } else { "NOT AT REST" };
    println!("idle: {:.2} % of a core within {seconds} s: {verdict}", 100.0 * used);
    for (role, of_it) in deployment.cpu_times() {
        println!("  {role}: {:.1} s in all", of_it.as_secs_f64());
    }
    rests
}
