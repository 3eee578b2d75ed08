//! What is done to it: lines at an even rate, tails that follow them, queries.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::curve::median;
use crate::support::visitor::{Tail, Visitor};
use crate::support::{Noise, PATIENCE};

/// How much, for how long, and from how many hosts in turn.
#[derive(Clone, Copy)]
pub struct Load {
    pub rate: u64,
    pub seconds: u64,
    pub hosts: u64,
}

/// The sender writes so often.
const TICK: Duration = Duration::from_millis(10);
/// The pause between two rounds of queries.
const QUERY_PAUSE: Duration = Duration::from_millis(500);

/// Microseconds since 1970: what a line says of when it was sent.
fn micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
    since.as_micros() as u64
}

/// Sends the lines over one connection.
pub struct Sender(JoinHandle<u64>);

impl Sender {
    pub fn start(to: SocketAddr, load: Load) -> Sender {
        Sender(std::thread::spawn(move || send(to, load)))
    }

    /// How many lines were sent, once all are.
    pub fn finish(self) -> u64 {
        self.0.join().expect("the sender ends")
    }
}

fn send(to: SocketAddr, load: Load) -> u64 {
    let mut stream = TcpStream::connect(to).expect("a connection");
    let mut noise = Noise(1);
    let mut buffer = Vec::new();
    let mut sent = 0;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(load.seconds) {
        let due = (begun.elapsed().as_secs_f64() * load.rate as f64) as u64;
        buffer.clear();
        let now = micros();
        for n in sent..due {
            let (host, text) = (n % load.hosts, noise.hex(64));
            writeln!(buffer, "<134>1 - host-{host} app {n} - - {now} of {n} {text}")
                .expect("memory");
        }
        stream.write_all(&buffer).expect("it is read");
        sent = due.max(sent);
        std::thread::sleep(TICK);
    }
    sent
}

/// The tails, each of the lines of one host.
pub struct Tails {
    tasks: JoinSet<bool>,
    lag: Arc<Mutex<Duration>>,
    sent: watch::Sender<Option<u64>>,
}

impl Tails {
    /// Opens so many, which see every line from now on.
    pub async fn open(reader: &Visitor, load: Load, count: u64) -> Tails {
        let (sent, known) = watch::channel(None);
        let lag = Arc::default();
        let mut tasks = JoinSet::new();
        for host in 0..count {
            let arguments = format!("(filter: {{ hosts: [\"host-{host}\"] }})");
            let mut tail = reader.tail(&arguments).await;
            tail.batch().await;
            tasks.spawn(follow(tail, host, load, known.clone(), Arc::clone(&lag)));
        }
        Tails { tasks, lag, sent }
    }

    /// The longest time, since this was last asked, from the sending of a line to its coming, in
    /// milliseconds.
    pub fn take_longest_lag(&self) -> Option<f64> {
        let lag = std::mem::take(&mut *lock(&self.lag));
        Some(lag.as_secs_f64() * 1_000.0).filter(|_| !self.tasks.is_empty())
    }

    /// Whether every tail has seen every line of its host, of so many lines.
    pub async fn finish(self, sent: u64) -> bool {
        let Tails { tasks, sent: announced, .. } = self;
        announced.send_replace(Some(sent));
        tasks.join_all().await.into_iter().all(|complete| complete)
    }
}

/// Reads until all lines of the host have come; `false` when they do not.
async fn follow(
    mut tail: Tail,
    host: u64,
    load: Load,
    mut sent: watch::Receiver<Option<u64>>,
    lag: Arc<Mutex<Duration>>,
) -> bool {
    let mut seen = 0;
    let mut last_id = 0;
    loop {
        let known = *sent.borrow_and_update();
        // Host h sends the lines h, h + hosts, h + 2 hosts and so on.
        let due = known.map(|sent| sent.saturating_sub(host).div_ceil(load.hosts));
        if due.is_some_and(|due| seen >= due) {
            return due == Some(seen);
        }
        let batch = tokio::select! {
            batch = timeout(PATIENCE, tail.read_batch()) => batch,
            _ = sent.changed(), if known.is_none() => continue,
        };
        let Ok(logs) = batch else {
            println!("host-{host}: {seen} lines of {due:?}, and no more come");
            return false;
        };
        let now = micros();
        for (id, message) in logs {
            assert!(id > last_id, "{id} after {last_id}");
            (last_id, seen) = (id, seen + 1);
            let sent = message.split(' ').next().and_then(|sent| sent.parse().ok()).unwrap_or(now);
            let took = Duration::from_micros(now.saturating_sub(sent));
            let mut longest = lock(&lag);
            *longest = took.max(*longest);
        }
    }
}

/// Somebody who searches all the time.
pub struct Queries {
    task: tokio::task::JoinHandle<u64>,
    taken: Arc<Mutex<Vec<f64>>>,
    stop: watch::Sender<bool>,
}

/// The newest lines of a host, a search in all lines, and counts over time.
const ROUND: &str = r#"query ($host: String!, $text: String!) {
    newest: logs(filter: { hosts: [$host] }, first: 100) { edges { node { id message } } }
    found: logs(filter: { text: $text }, first: 10) { edges { node { id } } }
    histogram(buckets: 60) { start count } }"#;

impl Queries {
    pub fn start(reader: Visitor, load: Load) -> Queries {
        let (stop, mut stopped) = watch::channel(false);
        let taken: Arc<Mutex<Vec<f64>>> = Arc::default();
        let times = Arc::clone(&taken);
        let task = tokio::spawn(async move {
            let mut rounds = 0;
            while timeout(QUERY_PAUSE, stopped.wait_for(|stop| *stop)).await.is_err() {
                let host = format!("host-{}", rounds % load.hosts);
                let variables = json!({ "host": host, "text": format!("of {rounds}000 ") });
                let begun = Instant::now();
                reader.query(ROUND, variables).await;
                lock(&times).push(begun.elapsed().as_secs_f64() * 1_000.0);
                rounds += 1;
            }
            rounds
        });
        Queries { task, taken, stop }
    }

    /// The median time of the rounds since this was last asked, in milliseconds.
    pub fn take_median(&self) -> Option<f64> {
        let taken = std::mem::take(&mut *lock(&self.taken));
        (!taken.is_empty()).then(|| median(&taken))
    }

    /// How many rounds were answered.
    pub async fn finish(self) -> u64 {
        self.stop.send_replace(true);
        self.task.await.expect("every round is answered")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
