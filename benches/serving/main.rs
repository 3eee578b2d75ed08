//! The serving bench: a log of some million lines, and who reads it: many clients that ask for
//! pages, and subscribers that follow it live. The real program with its real servers, over the
//! network.
//!
//! The clients run beside it on the same machine; only the service's processes are counted. Compare
//! within one run only: other load of the machine moves everything.

mod asking;
mod following;
#[path = "../pipeline/lines.rs"]
mod lines;
#[allow(dead_code)]
#[path = "../pipeline/load.rs"]
mod load;
#[allow(dead_code)]
#[path = "../pipeline/servers.rs"]
mod servers;
#[allow(dead_code)]
#[path = "../pipeline/service.rs"]
mod service;
mod spread;
mod table;
#[allow(dead_code)]
#[path = "../pipeline/tailwater.rs"]
mod tailwater;
#[allow(dead_code)]
#[path = "../pipeline/usage.rs"]
mod usage;

use std::time::{Duration, Instant};

use clap::Parser;
use tokio::runtime::Runtime;

use crate::load::{Load, Transport};
use crate::service::Service;
use crate::table::{Row, Table};
use crate::tailwater::Tailwater;

/// Measures who reads a log.
#[derive(Parser)]
struct Options {
    /// Lines of the log
    #[arg(long, default_value_t = 1_000_000)]
    lines: u64,
    /// Seconds of a measurement
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Runs of each; the table shows medians
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Clients that ask at once
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// Only what has this in its name, for example `live`
    #[arg(long, default_value = "")]
    only: String,
    /// Only the database that has this in its name, for example `sqlite`
    #[arg(long, default_value = "")]
    database: String,
    /// What `cargo bench` passes to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured, and how it is started.
type Start = (&'static str, fn() -> Tailwater);

/// Subscribers, and lines a second.
const LIVE: [(usize, u64); 3] = [(1, 100), (100, 100), (1_000, 1_000)];

/// Lines a second that come in while pages are asked for.
const ASKED_AT: [Option<u64>; 2] = [None, Some(1_000)];

fn main() {
    let options = Options::parse();
    let services: [Start; 2] =
        [("memory → sqlite", Tailwater::embedded), ("nats → postgres", Tailwater::distributed)];
    let runtime = Runtime::new().expect("a runtime");
    let mut table = Table::default();
    for (name, start) in services.into_iter().filter(|(name, _)| name.contains(&options.database)) {
        let mut service = start();
        fill(&mut service, options.lines);
        let mut add = |row: Row| {
            println!("{row}");
            table.add(row);
        };
        let wanted = |what: &str| what.contains(&options.only);
        for _ in 0..options.runs {
            for rate in ASKED_AT {
                let of = rate.map_or(String::new(), |rate| format!(", {rate} lines/s"));
                let asked =
                    format!("{name}: newest 100 of a host, {} clients{of}", options.clients);
                if wanted(&asked) {
                    add(runtime.block_on(asking::measure(asked, &mut service, &options, rate)));
                }
            }
            for (subscribers, rate) in LIVE {
                let live = format!("{name}: live, {subscribers} subscribers, {rate} lines/s");
                if wanted(&live) {
                    add(runtime.block_on(following::measure(
                        live,
                        &mut service,
                        subscribers,
                        rate,
                        options.seconds,
                    )));
                }
            }
        }
    }
    println!("\n{table}");
}

/// Sends lines, and waits until they are stored.
fn fill(service: &mut Tailwater, lines: u64) {
    let began = Instant::now();
    let to = service.address(Transport::Tcp);
    let load = Load { to, transport: Transport::Tcp, lines, rate: None };
    load.send().expect("the lines can be sent");
    while service.progress().settled < lines {
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("{lines} lines stored in {:.1} s", began.elapsed().as_secs_f64());
}
