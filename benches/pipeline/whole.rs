//! The whole pipeline: lines go to the socket of a freshly started service with a fresh database,
//! and it is measured until the last of them is stored.

use std::thread;
use std::time::{Duration, Instant};

use crate::load::{Load, Transport};
use crate::rsyslog::{self, Rsyslog};
use crate::service::{Progress, Service};
use crate::table::Sample;
use crate::tailwater::Tailwater;
use crate::usage;
use crate::{Options, Subject};

/// How often progress is read.
const STEP: Duration = Duration::from_millis(100);
/// A service that stores nothing for so long has come to rest: what is missing is lost.
const REST: Duration = Duration::from_secs(5);

/// How lines come to a service.
#[derive(Clone, Copy)]
enum Arrival {
    /// Over one TCP connection, as fast as they are taken.
    Tcp,
    /// Over UDP, so many a second.
    Udp { rate: u64 },
    /// Over UDP, more at once than is stored meanwhile.
    Burst,
}

/// Lines of a burst, and how many of them come a second.
const BURST: (u64, u64) = (300_000, 100_000);

type Start = fn() -> Box<dyn Service>;

/// Every service with every way for lines to come to it.
pub fn subjects(options: &Options) -> Vec<Subject> {
    let mut services: Vec<(&str, Start)> = vec![
        ("memory → sqlite", || Box::new(Tailwater::embedded())),
        ("nats → postgres", || Box::new(Tailwater::distributed())),
    ];
    if rsyslog::is_installed() {
        services.push(("rsyslog → postgres", || Box::new(Rsyslog::start())));
    } else {
        println!("rsyslog with ompgsql is not installed: it is not measured beside us");
    }
    let mut subjects = Vec::new();
    for (service, start) in services {
        let mut add = |from: String, arrival| {
            let measure = move |options: &Options| measure(start(), arrival, options);
            let name = format!("{from} → {service}");
            subjects.push(Subject { name, measure: Box::new(measure) });
        };
        add("tcp".to_owned(), Arrival::Tcp);
        for rate in options.udp_rates.iter().copied() {
            add(format!("udp {rate}/s"), Arrival::Udp { rate });
        }
        add(format!("udp burst of {} at {}/s", BURST.0, BURST.1), Arrival::Burst);
    }
    subjects
}

fn measure(mut service: Box<dyn Service>, arrival: Arrival, options: &Options) -> Sample {
    let (transport, lines, rate) = match arrival {
        Arrival::Tcp => (Transport::Tcp, options.lines, None),
        Arrival::Udp { rate } => (Transport::Udp, rate * options.seconds, Some(rate)),
        Arrival::Burst => (Transport::Udp, BURST.0, Some(BURST.1)),
    };
    let load = Load { to: service.address(transport), transport, lines, rate };
    let roots = service.roots();
    let before = usage::read(&roots);
    let start = Instant::now();
    let sender = thread::spawn(move || load.send());

    let mut peak_memory = 0;
    let mut last = Progress::default();
    let mut changed = start;
    let mut used = before.clone();
    while last.settled < lines {
        thread::sleep(STEP);
        let now = service.progress();
        if now != last || !sender.is_finished() {
            (last, changed) = (now, Instant::now());
            used = usage::read(&roots);
            peak_memory = peak_memory.max(used.iter().map(|usage| usage.memory).sum());
        } else if changed.elapsed() > REST {
            break;
        }
    }
    sender.join().expect("the sender ends").expect("the lines can be sent");
    let stored = service.stored();
    assert!(stored <= lines, "{stored} of {lines} lines were stored");
    Sample {
        lines: stored,
        lost: lines - stored,
        elapsed: changed - start,
        cpu: used.iter().zip(&before).map(|(now, then)| (now.name, now.cpu - then.cpu)).collect(),
        peak_memory: Some(peak_memory),
    }
}
