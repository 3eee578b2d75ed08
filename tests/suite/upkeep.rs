//! The log is kept small while it is written: sealing and retention, whatever is killed meanwhile.

use std::ops::RangeInclusive;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::json;

use crate::support::pair::Pair;
use crate::support::server::Setup;
use crate::support::{contiguous, line, messages, send_tcp, until};

/// The database as it is, not through a process.
struct Witness(DatabaseConnection);

impl Witness {
    async fn of(pair: &Pair) -> Witness {
        Witness(sea_orm::Database::connect(&pair.database_url).await.expect("a connection"))
    }

    async fn run(&self, statement: &str) {
        self.0.execute_unprepared(statement).await.expect("the statement is right");
    }

    async fn number(&self, question: &str) -> i64 {
        let question = Statement::from_string(self.0.get_database_backend(), question);
        let row = self.0.query_one_raw(question).await.expect("an answer").expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    /// Rows and blocks by their positions, as of one moment.
    async fn forms(&self) -> Vec<(i64, i64)> {
        let question = "SELECT id, id FROM log UNION ALL SELECT first_id, last_id FROM block
            ORDER BY 1";
        let question = Statement::from_string(self.0.get_database_backend(), question);
        let rows = self.0.query_all_raw(question).await.expect("an answer");
        let number = |row: &sea_orm::QueryResult, n| row.try_get_by_index(n).expect("a number");
        rows.iter().map(|row| (number(row, 0), number(row, 1))).collect()
    }

    /// Asserts that each position kept is in exactly one form, and each block has all its parts and
    /// no part is without a block.
    async fn assert_whole(&self) -> RangeInclusive<i64> {
        let forms = self.forms().await;
        for pair in forms.windows(2) {
            assert_eq!(pair[0].1 + 1, pair[1].0, "{pair:?}");
        }
        let head = self.number("SELECT last_id FROM head").await;
        assert_eq!(forms.last().map_or(head, |(_, last)| *last), head);
        let blocks = self.number("SELECT count(*) FROM block").await;
        let parts = self.number("SELECT count(*) FROM block_part").await;
        let theirs = "SELECT count(*) FROM block JOIN block_part USING (first_id)";
        assert_eq!((parts, self.number(theirs).await), (3 * blocks, 3 * blocks));
        forms.first().map_or(head + 1, |(first, _)| *first)..=head
    }

    /// From now on a statement on the blocks of Postgres does not come to its end.
    async fn hold(&self, event: &str) {
        self.run(&format!(
            "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql
                 AS 'BEGIN PERFORM pg_sleep(50); RETURN NULL; END';
             CREATE TRIGGER hold AFTER {event} ON block
                 FOR EACH STATEMENT EXECUTE FUNCTION hold()"
        ))
        .await;
    }

    /// Waits until a statement is held.
    async fn wait_until_held(&self) {
        until(async || self.number(&format!("SELECT count(*) {HELD}")).await > 0).await;
    }

    /// Ends what is held, as the server does when it finds its client gone, and holds nothing more.
    async fn let_go(&self) {
        let held = format!("SELECT count(*) {HELD}");
        until(async || {
            self.number(&format!("SELECT count(pg_terminate_backend(pid)) {HELD}")).await;
            self.number(&held).await == 0
        })
        .await;
        self.run("DROP FUNCTION hold CASCADE").await;
    }
}

const HELD: &str = "FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'PgSleep'";

/// A worker that writes rows only, and seals them at once or never.
fn worker_of_rows(pair: &Pair, seal_after: &str) -> Setup {
    pair.role("worker").with("BATCH_MAX_ROWS", 100).with("SEAL_AFTER", seal_after)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_in_the_middle_of_sealing_leaves_the_rows() {
    const LINES: usize = 2_000;
    let pair = Pair::nats_postgres().await;
    let worker = worker_of_rows(&pair, "1h").start().await;
    let ingest = pair.role("ingest").with("BATCH_MAX_ROWS", 100).start().await;
    let api = pair.role("api").start().await;
    let witness = Witness::of(&pair).await;
    send_tcp(ingest.tcp.unwrap(), (0..LINES).map(line));
    api.wait_balanced(LINES as u64).await;
    assert!(worker.terminate().await.success());

    witness.hold("INSERT").await;
    let worker = worker_of_rows(&pair, "1ms").start().await;
    witness.wait_until_held().await;
    worker.kill();
    witness.let_go().await;
    assert_eq!(witness.assert_whole().await, 1..=LINES as i64);
    assert_eq!(witness.number("SELECT count(*) FROM log").await, LINES as i64);

    let _worker = worker_of_rows(&pair, "1ms").start().await;
    until(async || witness.number("SELECT count(*) FROM log").await == 0).await;
    assert_eq!(witness.assert_whole().await, 1..=LINES as i64);
    api.wait_balanced(LINES as u64).await;
    assert_eq!(contiguous(api.all_messages().await), messages(0..LINES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_in_the_middle_of_a_block_written_at_once_stores_it_later() {
    const LINES: usize = 5_000;
    let pair = Pair::nats_postgres().await;
    let worker = pair.role("worker").with("SEAL_AFTER", "1h").start().await;
    let ingest = pair.role("ingest").start().await;
    let api = pair.role("api").start().await;
    let witness = Witness::of(&pair).await;
    witness.hold("INSERT").await;
    send_tcp(ingest.tcp.unwrap(), (0..LINES).map(line));
    witness.wait_until_held().await;
    worker.kill();
    witness.let_go().await;
    witness.assert_whole().await;
    assert_eq!(witness.number("SELECT count(*) FROM block").await, 0);

    let _worker = pair.role("worker").start().await;
    api.wait_balanced(LINES as u64).await;
    assert_eq!(witness.assert_whole().await, 1..=LINES as i64);
    assert!(witness.number("SELECT count(*) FROM block").await > 0);
    assert_eq!(contiguous(api.all_messages().await), messages(0..LINES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_in_the_middle_of_retention_removes_it_later() {
    const LINES: usize = 2_000;
    let pair = Pair::nats_postgres().await;
    let worker = worker_of_rows(&pair, "1ms").start().await;
    let ingest = pair.role("ingest").start().await;
    let api = pair.role("api").start().await;
    let witness = Witness::of(&pair).await;
    send_tcp(ingest.tcp.unwrap(), (0..LINES).map(line));
    api.wait_balanced(LINES as u64).await;
    until(async || witness.number("SELECT count(*) FROM log").await == 0).await;
    assert!(worker.terminate().await.success());

    witness.hold("DELETE").await;
    let short = worker_of_rows(&pair, "1h").with("RETENTION_AGE", "1s");
    let worker = short.start().await;
    witness.wait_until_held().await;
    worker.kill();
    witness.let_go().await;
    assert_eq!(witness.assert_whole().await, 1..=LINES as i64);

    let _worker = short.start().await;
    until(async || witness.forms().await.is_empty()).await;
    let head = LINES as i64;
    assert_eq!(witness.assert_whole().await, head + 1..=head);
    api.wait_balanced(LINES as u64).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_stored_while_a_block_is_being_sealed() {
    let pair = Pair::memory_postgres().await;
    let witness = Witness::of(&pair).await;
    let server = pair.role("serve").with("SEAL_AFTER", "1ms").start().await;
    witness.hold("INSERT").await;
    send_tcp(server.tcp.unwrap(), (0..10).map(line));
    witness.wait_until_held().await;
    send_tcp(server.tcp.unwrap(), (10..20).map(line));
    server.wait_balanced(20).await;
    witness.wait_until_held().await;
    assert_eq!(contiguous(server.all_messages().await), messages(0..20));
    // Nor does a stop wait for it.
    assert!(server.terminate().await.success());
    witness.let_go().await;
    assert_eq!(witness.assert_whole().await, 1..=20);
}

/// Numbers that follow no pattern, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % end
    }
}

/// Kills the writer again and again, each time when what is stored has changed its form a number
/// of times, with records coming in and everything sealed as soon as it can be.
async fn killed_again_and_again(pair: Pair, seed: u64) {
    const ROUNDS: usize = 8;
    const LINES: usize = 3_000;
    let mut random = Random(seed);
    let split = pair.nats.is_some();
    let ingest = if split { Some(pair.role("ingest").start().await) } else { None };
    let writer = pair
        .role(if split { "worker" } else { "serve" })
        .with("BATCH_MAX_ROWS", 600)
        .with("SEAL_AFTER", "1ms");
    // Migrates the database.
    assert!(writer.start().await.terminate().await.success());
    let witness = Witness::of(&pair).await;
    for round in 0..ROUNDS {
        let server = writer.start().await;
        let to = ingest.as_ref().unwrap_or(&server).tcp.unwrap();
        let lines = round * LINES..(round + 1) * LINES;
        // A stream, rather than one large batch.
        let paced = move |n: usize| {
            if n.is_multiple_of(100) {
                std::thread::sleep(Duration::from_millis(5));
            }
            line(n)
        };
        let sender = std::thread::spawn(move || send_tcp(to, lines.map(paced)));
        let mut seen = witness.forms().await;
        for _ in 0..=random.below(8) {
            until(async || {
                let now = witness.forms().await;
                let changed = now != seen;
                // All came in and are in blocks: nothing changes any more.
                let over = sender.is_finished() && now.iter().all(|(first, last)| first < last);
                seen = now;
                changed || over
            })
            .await;
        }
        server.kill();
        // A sender whose server was killed fails.
        assert!(sender.join().is_ok() || !split);
        until_alone(&witness).await;
        assert_eq!(*witness.assert_whole().await.start(), 1);
    }
    let server = writer.start().await;
    let api = if split { Some(pair.role("api").start().await) } else { None };
    let api = api.as_ref().unwrap_or(&server);
    if split {
        api.wait_balanced((ROUNDS * LINES) as u64).await;
    }
    until(async || witness.number("SELECT count(*) FROM log").await == 0).await;
    let kept = witness.assert_whole().await;
    let found = contiguous(api.all_messages().await);
    assert_eq!(found.len() as i64, *kept.end());
    let numbers = found.iter().map(|message| message["line ".len()..].parse::<usize>());
    let mut numbers: Vec<usize> = numbers.map(|number| number.expect("a number")).collect();
    numbers.sort_unstable();
    // What a killed process had not stored is lost where it was the one that received; nothing is
    // there twice.
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(!split || numbers.len() == ROUNDS * LINES);
}

/// Waits until Postgres has ended what a killed process had begun.
async fn until_alone(witness: &Witness) {
    if witness.0.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let others = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
          AND state <> 'idle' AND pid <> pg_backend_pid()";
    until(async || witness.number(others).await == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_leaves_each_record_in_one_form_on_postgres() {
    killed_again_and_again(Pair::nats_postgres().await, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_leaves_each_record_in_one_form_on_sqlite() {
    killed_again_and_again(Pair::memory_sqlite().await, 5).await;
}

async fn what_is_too_old_goes_and_a_tail_that_was_behind_is_told(pair: Pair) {
    const LINES: usize = 3_000;
    let keeping = pair.role("serve").with("RETENTION_AGE", "off");
    let server = keeping.start().await;
    let mut tail = server.tail("").await;
    tail.batch().await;
    let start = tail.cursor.clone();
    send_tcp(server.tcp.unwrap(), (0..LINES).map(line));
    server.wait_balanced(LINES as u64).await;
    assert!(server.terminate().await.success());
    let witness = Witness::of(&pair).await;
    assert_eq!(witness.assert_whole().await, 1..=LINES as i64);

    let server = pair.role("serve").with("RETENTION_AGE", "2s").start().await;
    until(async || witness.forms().await.is_empty()).await;
    server.wait_for_metric(&format!("tailwater_expired_total {LINES}")).await;
    let mut tail = server.tail(&format!("(after: \"{start}\")")).await;
    assert_eq!(tail.batch().await["lostBefore"], LINES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_old_goes_from_sqlite() {
    what_is_too_old_goes_and_a_tail_that_was_behind_is_told(Pair::memory_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_old_goes_from_postgres() {
    what_is_too_old_goes_and_a_tail_that_was_behind_is_told(Pair::memory_postgres().await).await;
}

/// A line whose text hardly compresses.
fn long_line(n: usize) -> String {
    let mut random = Random(n as u64);
    let text: String = (0..400).map(|_| format!("{:08x}", random.below(1 << 31))).collect();
    format!("{} {text}", line(n))
}

async fn the_oldest_go_when_there_is_too_much(pair: Pair) {
    const LINES: usize = 6_000;
    const SIZE: i64 = 4 << 20;
    let server = pair
        .role("serve")
        .with("RETENTION_AGE", "off")
        .with("RETENTION_SIZE", "4MiB")
        .with("SEAL_AFTER", "1ms")
        .start()
        .await;
    let witness = Witness::of(&pair).await;
    send_tcp(server.tcp.unwrap(), (0..LINES).map(long_line));
    server.wait_balanced(LINES as u64).await;
    // Everything is in blocks, and there are no more than may be.
    let stored = "SELECT CAST(coalesce(sum(stored_bytes), 0) AS bigint) FROM block";
    until(async || {
        witness.number("SELECT count(*) FROM log").await == 0
            && witness.number(stored).await <= SIZE
    })
    .await;
    let kept = witness.assert_whole().await;
    assert!(*kept.start() > 1 && !kept.is_empty() && *kept.end() == LINES as i64, "{kept:?}");
    if let Some(file) = pair.database_url.strip_prefix("sqlite://") {
        // 19 MB came in.
        until(async || std::fs::metadata(file).expect("the database").len() < 8 << 20).await;
    }
    let newest = server.query("{ logs(first: 1) { edges { node { id } } } }", json!({})).await;
    let newest = &newest["logs"]["edges"][0]["node"]["id"];
    assert_eq!(*newest, LINES.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_go_from_sqlite_when_there_is_too_much_and_the_file_shrinks() {
    the_oldest_go_when_there_is_too_much(Pair::memory_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_go_from_postgres_when_there_is_too_much() {
    the_oldest_go_when_there_is_too_much(Pair::memory_postgres().await).await;
}
