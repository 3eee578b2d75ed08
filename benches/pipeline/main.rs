//! The pipeline bench: the real program and its real servers, from the socket to the database.
//!
//! Made-up RFC 5424 lines (260 bytes on average, 200 hosts) go to a freshly started service, with
//! a fresh database each time. Measured until the last line is stored: lines a second, and the CPU
//! time (user and system) of every process of the service, nats-server and Postgres included, the
//! sender left out. Nothing that makes data durable is switched off. rsyslog does the same job
//! beside it where it is installed with its Postgres output.
//!
//! Compare CPU time before rates, and only within one run of the bench: other load of the machine
//! moves both.

mod lines;
mod load;
mod rsyslog;
mod servers;
mod tailwater;
mod usage;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::Parser;

use load::{Load, Transport};
use usage::{Root, Usage};

/// Measures the whole pipeline.
#[derive(Parser)]
struct Options {
    /// Lines a run
    #[arg(long, default_value_t = 1_000_000)]
    lines: u64,
    /// Runs of each scenario; the table shows medians
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Lines a second over TCP; 0: as fast as they are taken
    #[arg(long, default_value_t = 0)]
    tcp_rate: u64,
    /// Lines a second over UDP; 0: as fast as they can be sent, whatever is lost
    #[arg(long, default_value_t = 50_000)]
    udp_rate: u64,
    /// Only scenarios whose name contains this, for example `sqlite, tcp`
    #[arg(long, default_value = "")]
    only: String,
    /// What `cargo bench` passes to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured: a service that takes lines and stores them.
trait Subject {
    /// Where it receives.
    fn address(&self, transport: Transport) -> SocketAddr;
    /// The processes it is made of, each with all its children.
    fn roots(&self) -> Vec<Root>;
    /// How far it is. Cheap enough to be asked ten times a second.
    fn progress(&mut self) -> Progress;
    /// How many lines it stored, exactly, once it has come to rest.
    fn stored(&mut self) -> u64;
}

/// How far a service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// Lines stored.
    stored: u64,
    /// Lines that are accounted for: stored, or refused or lost and counted as that.
    settled: u64,
}

/// A service and the way lines come to it.
#[derive(Clone, Copy)]
struct Scenario {
    service: Service,
    transport: Transport,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Service {
    Embedded,
    Distributed,
    Rsyslog,
}

impl Scenario {
    fn all() -> Vec<Scenario> {
        let mut services = vec![Service::Embedded, Service::Distributed];
        if rsyslog::is_installed() {
            services.push(Service::Rsyslog);
        } else {
            println!("rsyslog with ompgsql is not installed: it is not measured beside us");
        }
        services
            .into_iter()
            .flat_map(|service| {
                [Transport::Tcp, Transport::Udp].map(|transport| Scenario { service, transport })
            })
            .collect()
    }

    fn name(self) -> String {
        let service = match self.service {
            Service::Embedded => "tailwater, memory + sqlite",
            Service::Distributed => "tailwater, nats + postgres",
            Service::Rsyslog => "rsyslog, postgres",
        };
        format!("{service}, {}", self.transport)
    }

    fn start(self) -> Box<dyn Subject> {
        match self.service {
            Service::Embedded => Box::new(tailwater::Tailwater::embedded()),
            Service::Distributed => Box::new(tailwater::Tailwater::distributed()),
            Service::Rsyslog => Box::new(rsyslog::Rsyslog::start()),
        }
    }
}

/// What one run showed.
#[derive(Clone, Debug)]
struct Measured {
    sent: u64,
    stored: u64,
    elapsed: Duration,
    /// What the service's processes used, each with its children.
    usage: Vec<Usage>,
    /// The most private memory that all of them held together, in bytes.
    peak_memory: u64,
}

impl Measured {
    fn rate(&self) -> f64 {
        self.stored as f64 / self.elapsed.as_secs_f64()
    }

    fn cpu_per_million(&self) -> f64 {
        let seconds: f64 = self.usage.iter().map(|usage| usage.cpu.as_secs_f64()).sum();
        seconds / self.stored as f64 * 1e6
    }

    fn lost_percent(&self) -> f64 {
        (self.sent - self.stored) as f64 / self.sent as f64 * 100.0
    }
}

/// How often progress is read.
const STEP: Duration = Duration::from_millis(100);
/// A service that stores nothing for so long has come to rest: what is missing is lost.
const REST: Duration = Duration::from_secs(5);

fn measure(scenario: Scenario, options: &Options) -> Measured {
    let mut subject = scenario.start();
    let load = Load {
        to: subject.address(scenario.transport),
        transport: scenario.transport,
        lines: options.lines,
        rate: match scenario.transport {
            Transport::Tcp => options.tcp_rate,
            Transport::Udp => options.udp_rate,
        },
    };
    let roots = subject.roots();
    let before = usage::read(&roots);
    let start = Instant::now();
    let sender = std::thread::spawn(move || load.send());

    let mut peak_memory = 0;
    let mut last = Progress::default();
    let mut changed = start;
    let mut used = before.clone();
    while last.settled < options.lines {
        std::thread::sleep(STEP);
        let now = subject.progress();
        if now != last || !sender.is_finished() {
            (last, changed) = (now, Instant::now());
            used = usage::read(&roots);
            peak_memory = peak_memory.max(used.iter().map(|usage| usage.memory).sum());
        } else if changed.elapsed() > REST {
            break;
        }
    }
    sender.join().expect("the sender ends").expect("the lines can be sent");
    let stored = subject.stored();
    assert!(stored <= options.lines, "{stored} of {} lines were stored", options.lines);
    Measured {
        sent: options.lines,
        stored,
        elapsed: changed - start,
        usage: used.iter().zip(&before).map(|(now, then)| now.since(then)).collect(),
        peak_memory,
    }
}

/// The run in the middle by CPU time.
fn median(mut runs: Vec<Measured>) -> Measured {
    runs.sort_by(|a, b| a.cpu_per_million().total_cmp(&b.cpu_per_million()));
    runs.swap_remove(runs.len() / 2)
}

fn print_table(rows: &[(String, Measured)]) {
    println!("\n| scenario | lines/s | CPU s/M lines | of it | lost | peak memory MB |");
    println!("|---|---|---|---|---|---|");
    for (name, row) in rows {
        let per_process: Vec<String> = row
            .usage
            .iter()
            .map(|usage| {
                let seconds = usage.cpu.as_secs_f64() / row.stored as f64 * 1e6;
                format!("{} {seconds:.2}", usage.name)
            })
            .collect();
        println!(
            "| {name} | {:.0} | {:.2} | {} | {:.2} % | {:.0} |",
            row.rate(),
            row.cpu_per_million(),
            per_process.join(", "),
            row.lost_percent(),
            row.peak_memory as f64 / 1e6,
        );
    }
}

fn main() {
    let options = Options::parse();
    let scenarios: Vec<Scenario> = Scenario::all()
        .into_iter()
        .filter(|scenario| scenario.name().contains(&options.only))
        .collect();
    let mut runs: Vec<Vec<Measured>> = vec![Vec::new(); scenarios.len()];
    // Round by round, so that a disturbance of the machine meets every scenario alike.
    for round in 1..=options.runs {
        for (scenario, runs) in scenarios.iter().zip(&mut runs) {
            let run = measure(*scenario, &options);
            println!(
                "round {round}: {}: {:.0} lines/s, {:.2} CPU s/M, {:.2} % lost",
                scenario.name(),
                run.rate(),
                run.cpu_per_million(),
                run.lost_percent(),
            );
            runs.push(run);
        }
    }
    let rows: Vec<(String, Measured)> = scenarios
        .iter()
        .map(|scenario| scenario.name())
        .zip(runs.into_iter().map(median))
        .collect();
    print_table(&rows);
}
