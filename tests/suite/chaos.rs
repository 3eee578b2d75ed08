//! Everything is broken on purpose, at random by a seed, and nothing may be lost.
//!
//! A real Postgres, a nats-server and two processes of each role are killed and started again; the
//! wires between them are cut, slow, silent in one direction, half-open ([`schedule`], [`cluster`]).
//! Meanwhile lines with numbers come in by TCP and UDP ([`lines`]), the log is sealed and its
//! beginning removed by retention, and ten tails come and go with their cursors ([`readers`]). At the
//! end everything is mended, and held against what must be ([`judge`]).
//!
//! **What must be stored** is what NATS acknowledged. Syslog has no acknowledgement: what a process
//! had read and not handed over when it was killed is lost, and who sent it cannot know. So the
//! wires between the ingest processes and NATS are overheard ([`acknowledged`]): each line of a frame
//! that nats-server said to have is stored, exactly once. What was published and never acknowledged
//! may be stored or not, but not twice: no line is sent twice, and so none may be stored twice. Of a
//! process that was never killed more is asked: every line written to it by TCP is stored, and of
//! those by UDP all that the kernel did not drop, by the process's own count.
//!
//! **What is stored** is what the witness reads, from the database itself and without pause, so that
//! retention, which keeps many seconds' worth, never removes what it has not read. Should it all the
//! same, the witness is told how many, and at most so many may be missing.
//!
//! A seed gives the same faults at the same times. What they hit is a matter of the machine: a run
//! that failed is repeated with its seed, and then perhaps a few times.

mod acknowledged;
mod cluster;
mod judge;
mod lines;
mod readers;
mod schedule;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use acknowledged::Acknowledged;
use cluster::{Cluster, Run};
use judge::Verdict;
use lines::{Line, Sender, Sent, Transport};
use readers::{Follower, Reading, Tale};
use schedule::{Node, Role, Schedule};

use crate::support::send_tcp;
use crate::support::visitor::Visitor;

/// What a run is asked for.
struct Ordeal {
    seed: u64,
    lines: u32,
    /// Lines a second, while nothing is broken.
    rate: f64,
    /// The mean time between two faults.
    pause: Duration,
}

/// How long everything may take to be in order again. A connection to Postgres that died under a
/// commit is given up after a minute.
const PATIENCE: Duration = Duration::from_secs(150);

const TAILS: u64 = 10;
/// What each of the tails reads, however many read beside it, of a build for development on a machine
/// that does more.
const LINES_READ_A_SECOND: u64 = 4_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_acknowledged_is_lost_or_repeated_whatever_breaks() {
    let pause = Duration::from_millis(700);
    let ordeal = Ordeal { seed: 22, lines: 24_000, rate: 2_400.0, pause };
    assert!(ordeal.schedule().is_full(), "it is short, and nothing is left out");
    ordeal.undergo().await;
}

/// As long as one likes: `make chaos`.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "as long as one likes: make chaos"]
async fn as_told() {
    let told = |name: &str, otherwise: u64| match std::env::var(name).unwrap_or_default().as_str() {
        "" => otherwise,
        text => text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")),
    };
    let ordeal = Ordeal {
        seed: told("SEED", rand::random_range(0..u64::from(u32::MAX))),
        lines: u32::try_from(told("LINES", 2_000_000)).expect("LINES is below 2^32"),
        rate: told("RATE", 10_000) as f64,
        pause: Duration::from_millis(told("PAUSE", 1_500)),
    };
    ordeal.undergo().await;
}

impl Ordeal {
    async fn undergo(&self) {
        let Ordeal { seed, lines, rate, .. } = *self;
        println!("{self}");
        let schedule = self.schedule();
        let acknowledged = Acknowledged::default();
        let mut cluster = Cluster::start(&self.settings(), &acknowledged).await;

        let reader = reader(&cluster).await;
        let beginning = readers::beginning(&reader).await;
        let witness = tokio::spawn(readers::witness(cluster.database_url.clone()));
        let given_up = CancellationToken::new();
        let tails: Vec<_> = (0..TAILS)
            .map(|number| {
                let visitor = reader.clone();
                let seed = seed ^ (number << 32);
                let (board, given_up) = (cluster.board.clone(), given_up.clone());
                let follower = Follower { visitor, board, word: word_of(number), seed, given_up };
                tokio::spawn(follower.run(beginning.clone()))
            })
            .collect();

        let senders: Vec<_> = Sender::share_out(lines, rate, &cluster.board)
            .into_iter()
            .map(|sender| std::thread::spawn(|| sender.run()))
            .collect();
        let suffering = std::thread::spawn(move || {
            cluster.suffer(&schedule);
            cluster
        });
        let cluster = joined(suffering).await;
        println!("all is mended; the rest is sent and stored");
        let mut sent = Vec::new();
        for sender in senders {
            sent.extend(joined(sender).await);
        }

        let mut verdict = Verdict::default();
        let settled = settle(&cluster, &reader, &sent).await;
        verdict.hold(settled.is_ok(), || format!("it does not come to rest: {settled:?}"));
        let first = Node { role: Role::Ingest, number: 0 };
        send_tcp(cluster.board.run_of(first).expect("all is mended").tcp, [Line::last()]);

        match within(witness).await {
            Err(complaint) => verdict.hold(false, || format!("the witness: {complaint}")),
            Ok(log) => {
                let acknowledged = acknowledged.lines();
                judge_log(&mut verdict, &log, &acknowledged, &cluster, &sent);
                // They have as long as the witness had, and then as long as anything may take, and
                // they have read every line.
                let reading = Duration::from_secs(u64::from(lines) / LINES_READ_A_SECOND);
                tokio::spawn(give_up_later(given_up.clone(), PATIENCE + reading));
                judge_tails(&mut verdict, &log, tails).await;
                judge_end(&mut verdict, &log, &cluster, &reader, &beginning).await;
            }
        }
        if !verdict.complaints().is_empty() {
            eprintln!("{}", cluster.last_words());
            panic!("{self}\n  {}", verdict.complaints().join("\n  "));
        }
        for (node, server) in cluster.servers {
            let log = server.log_handle();
            let status = server.terminate().await;
            // A commit may still hang on a wire that died, and a stop does not wait that long.
            let in_order = status.success() || log.read().contains("nothing acknowledged is lost");
            assert!(in_order, "{self}: {node} ended with {status}:\n{}", log.read());
        }
    }

    fn schedule(&self) -> Schedule {
        let length = Duration::from_secs_f64(f64::from(self.lines) / self.rate);
        Schedule::of(self.seed, length, self.pause)
    }

    /// What every process is told: a log that is sealed soon, and of which the smaller part is kept.
    fn settings(&self) -> [(&'static str, String); 3] {
        const BYTES_KEPT_A_LINE: u64 = 30;
        const LEAST: u64 = 1 << 20;
        let kept = (u64::from(self.lines) * BYTES_KEPT_A_LINE).max(LEAST);
        [
            ("SEAL_AFTER", "1s".to_owned()),
            ("RETENTION_SIZE", kept.to_string()),
            ("NATS_MAX_BYTES", "256MiB".to_owned()),
        ]
    }
}

impl std::fmt::Display for Ordeal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ordeal { seed, lines, rate, pause } = self;
        write!(f, "chaos: SEED={seed} LINES={lines} RATE={rate} PAUSE={}", pause.as_millis())
    }
}

/// Somebody who reads at any node, for as long as it takes.
async fn reader(cluster: &Cluster) -> Visitor {
    let api = &cluster.servers[&Node { role: Role::Api, number: 0 }];
    let create = "mutation { createToken(name: \"chaos\", scope: READ) { token } }";
    let made = api.query(create, json!({})).await;
    api.visitor().with_token(made["createToken"]["token"].as_str().expect("a token"))
}

/// What a tail looks for: most read everything.
fn word_of(number: u64) -> Option<Transport> {
    match number {
        0 | 1 => Some(Transport::Udp),
        2 => Some(Transport::Tcp),
        _ => None,
    }
}

/// Waits until everything that was sent to a process that lives is received, and everything that
/// was received is stored.
///
/// # Errors
/// What is not so in the end.
async fn settle(cluster: &Cluster, reader: &Visitor, sent: &[Sent]) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let state = is_settled(cluster, reader, sent).await;
        if state.is_ok() || Instant::now() > deadline {
            return state;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn is_settled(cluster: &Cluster, reader: &Visitor, sent: &[Sent]) -> Result<(), String> {
    for run in cluster.runs(Role::Ingest) {
        for (sent, received) in judge::received(&run, sent).await? {
            if sent != received {
                return Err(format!("{}: {sent} were sent and {received} received", run.node));
            }
        }
    }
    for api in cluster.runs(Role::Api) {
        let books = judge::ask_books(&reader.at(api.http)).await?;
        if books["inFlight"] != 0 || books["queueDepth"]["frames"] != 0 {
            return Err(format!("{}: {books}", api.node));
        }
    }
    Ok(())
}

fn judge_log(
    verdict: &mut Verdict,
    log: &Reading,
    (acknowledged, frames): &(Vec<Line>, usize),
    cluster: &Cluster,
    sent: &[Sent],
) {
    println!(
        "{} records read by the witness, {} removed before; {} lines acknowledged in {frames} frames",
        log.seen.len(),
        log.lost(),
        acknowledged.len(),
    );
    let stored: BTreeSet<Line> = log.seen.iter().map(|(_, line)| *line).collect();
    for (run, sent) in by_run(sent) {
        let (all, kept) = (sent.len(), sent.iter().filter(|line| stored.contains(line)).count());
        let fate = if cluster.board.is_up(&run) { "lives" } else { "was killed" };
        println!("{}, start {}, {fate}: {all} lines sent, {kept} stored", run.node, run.start);
    }
    verdict.log(log, &sent.iter().flat_map(Sent::lines).collect::<BTreeSet<_>>());
    verdict.stored("lines that NATS acknowledged", acknowledged.iter().copied(), log);
    let to_the_living = sent.iter().filter(|sent| cluster.board.is_up(&sent.to));
    let by_tcp = to_the_living.filter(|sent| sent.transport == Transport::Tcp);
    verdict.stored("lines to a process that lives", by_tcp.flat_map(Sent::lines), log);
}

/// What was sent, by the run that it was sent to.
fn by_run(sent: &[Sent]) -> Vec<(Run, Vec<Line>)> {
    let mut runs: Vec<(Run, Vec<Line>)> = Vec::new();
    for sent in sent {
        match runs.iter_mut().find(|(run, _)| *run == sent.to) {
            Some((_, lines)) => lines.extend(sent.lines()),
            None => runs.push((sent.to, sent.lines().collect())),
        }
    }
    runs.sort_by_key(|(run, _)| (run.node, run.start));
    runs
}

async fn give_up_later(given_up: CancellationToken, time: Duration) {
    sleep(time).await;
    given_up.cancel();
}

async fn judge_tails(verdict: &mut Verdict, log: &Reading, tails: Vec<JoinHandle<Tale>>) {
    for (number, tail) in (0..).zip(tails) {
        let name = format!("tail {number}");
        match tail.await {
            Ok(tale) => judge_tail(verdict, &name, word_of(number), &tale, log),
            Err(error) => verdict.hold(false, || format!("{name}: {error}")),
        }
    }
}

fn judge_tail(
    verdict: &mut Verdict,
    name: &str,
    word: Option<Transport>,
    tale: &Tale,
    log: &Reading,
) {
    let Tale { reading, visits, cursor, parted } = tale;
    let (seen, lost) = (reading.seen.len(), reading.lost());
    println!("{name}: {visits} visits, {seen} read, {lost} told of as removed");
    match reading.is_done() {
        true => verdict.tail(name, word, reading, log),
        false => verdict.hold(false, || {
            format!(
                "{name} never sees the last line: at {cursor} after {visits} visits, {parted:?}"
            )
        }),
    }
}

/// What is left, and what the nodes say of all this.
async fn judge_end(
    verdict: &mut Verdict,
    log: &Reading,
    cluster: &Cluster,
    reader: &Visitor,
    beginning: &str,
) {
    let is_removed = timeout(PATIENCE, async {
        while !has_lost_its_beginning(cluster, reader).await {
            sleep(Duration::from_millis(100)).await;
        }
    });
    verdict.hold(is_removed.await.is_ok(), || "retention removes nothing".to_owned());
    let (visitor, board) = (reader.clone(), cluster.board.clone());
    let given_up = CancellationToken::new();
    tokio::spawn(give_up_later(given_up.clone(), PATIENCE));
    let late = Follower { visitor, board, word: None, seed: 0, given_up };
    let late = late.run(beginning.to_owned()).await;
    judge_tail(verdict, "who comes late", None, &late, log);
    verdict.hold(late.reading.lost() > 0, || "who comes late is told of no loss".to_owned());
    let accounts = judge::accounts_of_the_database(&cluster.database_url).await;
    verdict
        .hold(accounts.0 == accounts.1, || format!("stored by producers, and head: {accounts:?}"));
    for api in cluster.runs(Role::Api) {
        let name = api.node.to_string();
        match judge::ask_books(&reader.at(api.http)).await {
            Ok(books) => {
                verdict.books(&name, &books);
                let blocks = judge::number(&books["storage"], "blocks");
                verdict.hold(blocks > 0, || format!("{name}: nothing is sealed"));
            }
            Err(complaint) => verdict.hold(false, || format!("{name}: {complaint}")),
        }
    }
    for (name, log) in &cluster.logs {
        let log = log.read();
        verdict.hold(!log.contains("panicked at"), || format!("{name} has panicked:\n{log}"));
    }
}

/// Whether retention has done something. The writer looks every few seconds what may go.
async fn has_lost_its_beginning(cluster: &Cluster, reader: &Visitor) -> bool {
    let Some(api) = cluster.runs(Role::Api).pop() else { return false };
    let first = |books: serde_json::Value| books["storage"]["firstId"].as_str().map(str::to_owned);
    let books = judge::ask_books(&reader.at(api.http)).await;
    books.ok().and_then(first).is_some_and(|first| first != "1")
}

/// What a task comes to, if it does in time.
async fn within<T>(task: JoinHandle<T>) -> Result<T, String> {
    let ended = timeout(PATIENCE, task).await.map_err(|_| "it never sees the last line")?;
    ended.map_err(|error| error.to_string())
}

/// What a thread comes to.
async fn joined<T: Send + 'static>(thread: std::thread::JoinHandle<T>) -> T {
    let ended = tokio::task::spawn_blocking(|| thread.join()).await.expect("it is waited for");
    ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
