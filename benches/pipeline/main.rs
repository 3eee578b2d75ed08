//! The pipeline bench: the steps of a record's way, one by one, and then the real program with its
//! real servers, from the socket to the database.
//!
//! Everything is measured on made-up RFC 5424 lines (260 bytes on average, 200 hosts): lines a
//! second, and the CPU time (user and system) of every process that works for it, nats-server and
//! Postgres included, the sender left out. Nothing that makes data durable is switched off. rsyslog
//! does the same job beside it where it is installed with its Postgres output.
//!
//! Compare CPU time before rates, and only within one run of the bench: other load of the machine
//! moves both.

mod lines;
mod load;
mod place;
mod rsyslog;
mod servers;
mod service;
mod steps;
mod table;
#[allow(dead_code)]
mod tailwater;
mod usage;
mod whole;

use clap::Parser;

use table::{Sample, Table};

/// Measures the steps of the pipeline and the whole of it.
#[derive(Parser)]
struct Options {
    /// Lines of a run as fast as they are taken
    #[arg(long, default_value_t = 500_000)]
    lines: u64,
    /// Seconds of a run at a rate
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Lines of a step
    #[arg(long, default_value_t = 200_000)]
    step_lines: usize,
    /// Runs of everything; the table shows medians
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Lines a second over UDP
    #[arg(long, value_delimiter = ',', default_value = "25000,5000")]
    udp_rates: Vec<u64>,
    /// Only what has this in its name, for example `sqlite`
    #[arg(long, default_value = "")]
    only: String,
    /// What `cargo bench` passes to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// Something that is measured, under its name in the table.
struct Subject {
    name: String,
    measure: Box<dyn Fn(&Options) -> Sample>,
}

fn main() {
    let options = Options::parse();
    let subjects: Vec<Subject> = steps::subjects()
        .into_iter()
        .chain(whole::subjects(&options))
        .filter(|subject| subject.name.contains(&options.only))
        .collect();
    let mut table = Table::default();
    // Round by round, so that a disturbance of the machine meets all alike.
    for round in 1..=options.runs {
        for subject in &subjects {
            let sample = (subject.measure)(&options);
            println!("round {round}: {}: {sample}", subject.name);
            table.add(&subject.name, sample);
        }
    }
    println!("\n{table}");
}
