//! What breaks between a process and its database or NATS, and how a process stops while it is
//! broken.

use std::net::SocketAddr;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::json;
use tailwater::store::{Store, StoreOptions};

use crate::support::nats::NatsServer;
use crate::support::pair::Pair;
use crate::support::postgres::Postgres;
use crate::support::proxy::Proxy;
use crate::support::server::{Server, Setup};
use crate::support::{PATIENCE, contiguous, line, messages, send_tcp, until};

/// A proxy in front of the server of a database, and the database's URL through it.
async fn behind_a_proxy(database_url: &str) -> (Proxy, String) {
    let (before, rest) = database_url.split_once('@').expect("credentials");
    let (server, database) = rest.split_once('/').expect("a database");
    let proxy = Proxy::start(server.parse::<SocketAddr>().expect("an address")).await;
    let url = format!("{before}@{}/{database}", proxy.address());
    (proxy, url)
}

async fn wait_for_records(server: &Server, least: u64) {
    server
        .eventually(&format!("{least} records are stored"), async || {
            let answer = server.ask("{ pipeline { stored } }", json!({})).await?;
            let stored = answer["data"]["pipeline"]["stored"].as_u64();
            if stored >= Some(least) { Ok(()) } else { Err(answer.to_string()) }
        })
        .await;
}

/// Waits until `/readyz` says of a part whether it is up.
async fn wait_for_part(server: &Server, part: &str, up: bool) {
    let url = format!("http://{}/readyz", server.http);
    server
        .eventually(&format!("{part} is {}", if up { "up" } else { "down" }), async || {
            let answer =
                crate::support::http().get(&url).send().await.map_err(|e| e.to_string())?;
            let status = answer.status();
            let readiness: serde_json::Value = answer.json().await.map_err(|e| e.to_string())?;
            let said = readiness["parts"][part]["up"] == up;
            // One part that is down is enough for a 503.
            let fits = up || status == 503;
            if said && fits { Ok(()) } else { Err(readiness.to_string()) }
        })
        .await;
}

async fn commits_whose_answers_are_lost_are_neither_lost_nor_repeated(pair: Pair) {
    const LINES: usize = 30_000;
    let (proxy, url) = behind_a_proxy(&pair.database_url).await;
    let server = pair.role("serve").with("DATABASE_URL", url).start().await;
    let to = server.tcp.unwrap();
    let sender = std::thread::spawn(move || send_tcp(to, (0..LINES).map(line)));
    let witness = open(&pair.database_url).await;
    for least in [1, 5_000, 10_000, 15_000, 20_000] {
        wait_for_head(&witness, least).await;
        // What the writer sends still arrives; that it was committed the writer never hears.
        proxy.hold_answers();
        tokio::time::sleep(Duration::from_millis(50)).await;
        proxy.cut();
        proxy.heal();
    }
    sender.join().unwrap();
    server.wait_balanced(LINES as u64).await;
    assert_eq!(contiguous(server.all_messages().await), messages(0..LINES));
    assert!(server.terminate().await.success());
}

/// The database as it is, not through a process.
async fn open(url: &str) -> Store {
    let options = StoreOptions { read_timeout: PATIENCE, ..StoreOptions::new(url) };
    Store::connect(&options).await.expect("a connection")
}

async fn wait_for_head(store: &Store, least: i64) {
    until(async || store.head().await.is_ok_and(|head| head.last_id >= least)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_whose_answers_are_lost_store_each_line_once_from_memory() {
    let pair = Pair::memory_postgres().await;
    commits_whose_answers_are_lost_are_neither_lost_nor_repeated(pair).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_whose_answers_are_lost_store_each_line_once_from_nats() {
    let pair = Pair::nats_postgres().await;
    commits_whose_answers_are_lost_are_neither_lost_nor_repeated(pair).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_commit_was_never_confirmed_is_found_and_skipped() {
    let pair = Pair::memory_postgres().await;
    let (proxy, url) = behind_a_proxy(&pair.database_url).await;
    let server = pair.role("serve").with("DATABASE_URL", url).start().await;
    let witness = sea_orm::Database::connect(&pair.database_url).await.unwrap();
    // A commit takes a moment from now on: the trigger runs as its last step.
    witness
        .execute_unprepared(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql
                 AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END';
             CREATE CONSTRAINT TRIGGER slow AFTER UPDATE OF last_id ON head
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()",
        )
        .await
        .unwrap();
    send_tcp(server.tcp.unwrap(), ["once".to_owned()]);
    let number = async |question: &str| -> i64 {
        let question = Statement::from_string(DbBackend::Postgres, question);
        witness.query_one_raw(question).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    };
    let committing = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'tailwater writer' AND state = 'active'
        AND query LIKE '%UPDATE head SET last_id%'";
    until(async || number(committing).await == 1).await;
    proxy.hold_answers();
    until(async || number("SELECT last_id FROM head").await == 1).await;
    proxy.cut();
    proxy.heal();
    server.wait_for_metric("tailwater_repeated_total 1").await;
    server.wait_balanced(1).await;
    assert_eq!(contiguous(server.all_messages().await), ["once"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_database_is_shown_by_an_idle_api_and_its_return_too() {
    let pair = Pair::nats_postgres().await;
    let (proxy, url) = behind_a_proxy(&pair.database_url).await;
    let api = pair.role("api").with("DATABASE_URL", url).start().await;
    proxy.cut();
    wait_for_part(&api, "database", false).await;
    proxy.heal();
    wait_for_part(&api, "database", true).await;
    api.wait_ready().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_nats_is_shown_by_every_role_and_its_return_too() {
    let mut pair = Pair::nats_postgres().await;
    let nodes = [
        pair.role("ingest").start().await,
        pair.role("worker").start().await,
        pair.role("api").start().await,
    ];
    pair.nats.as_mut().unwrap().kill();
    for node in &nodes {
        wait_for_part(node, "queue", false).await;
    }
    pair.nats.as_mut().unwrap().restart();
    for node in &nodes {
        node.wait_ready().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_never_hears_of_its_commit_stops_in_time_and_nothing_is_lost() {
    let pair = Pair::nats_postgres().await;
    let (proxy, url) = behind_a_proxy(&pair.database_url).await;
    let ingest = pair.role("ingest").start().await;
    let setup = pair.role("worker").with("SHUTDOWN_TIMEOUT", "500ms");
    let worker = setup.with("DATABASE_URL", url).start().await;
    let witness = open(&pair.database_url).await;
    send_tcp(ingest.tcp.unwrap(), [line(0)]);
    wait_for_head(&witness, 1).await;
    proxy.hold_answers();
    send_tcp(ingest.tcp.unwrap(), [line(1)]);
    wait_for_head(&witness, 2).await;
    let log = worker.log_handle();
    assert_eq!(worker.terminate().await.code(), Some(1));
    assert!(log.read().contains("nothing acknowledged is lost"), "{}", log.read());

    let next = pair.role("serve").start().await;
    send_tcp(next.tcp.unwrap(), [line(2)]);
    wait_for_head(&witness, 3).await;
    assert_eq!(contiguous(next.all_messages().await), messages(0..3));
    assert!(next.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_during_a_start_is_waited_for() {
    let mut postgres = Postgres::start();
    let database_url = postgres.database().await;
    let setup = Setup::new("serve").with("DATABASE_URL", &database_url);
    assert!(setup.start().await.terminate().await.success());

    // The next start comes as far as to the keys.
    let holder = sea_orm::Database::connect(&database_url).await.unwrap();
    let lock = holder.begin().await.unwrap();
    lock.execute_unprepared("LOCK TABLE signing_key IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let server = setup.start_unready();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event_type = 'Lock' AND query LIKE '%signing_key%'";
    let waiting = Statement::from_string(DbBackend::Postgres, waiting);
    until(async || {
        let row = holder.query_one_raw(waiting.clone()).await.unwrap().unwrap();
        row.try_get_by_index::<i64>(0).unwrap() > 0
    })
    .await;
    postgres.kill();
    server.wait_for_log("not available").await;
    postgres.restart();
    server.wait_ready().await;
    assert!(server.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_before_the_database_ever_came_says_how_many_are_lost() {
    let mut postgres = Postgres::start();
    let database_url = postgres.database().await;
    postgres.kill();
    let server = Setup::new("serve")
        .with("DATABASE_URL", database_url)
        .with("SHUTDOWN_TIMEOUT", "500ms")
        .start_unready();
    server.wait_for_log("not available").await;
    send_tcp(server.tcp.unwrap(), (0..5).map(line));
    server.wait_for_metric("tailwater_received_total{listener=\"tcp\"} 5").await;
    let log = server.log_handle();
    assert_eq!(server.terminate().await.code(), Some(1));
    assert!(log.read().contains("5 received records were not stored"), "{}", log.read());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_waits_for_a_database_that_has_not_come_yet() {
    let mut postgres = Postgres::start();
    let database_url = postgres.database().await;
    postgres.kill();
    let server = Setup::new("serve").with("DATABASE_URL", &database_url).start_unready();
    server.wait_for_log("not available").await;
    send_tcp(server.tcp.unwrap(), (0..5).map(line));
    server.wait_for_metric("tailwater_received_total{listener=\"tcp\"} 5").await;
    server.tell_to_stop();
    server.wait_for_log("waiting for the database").await;
    postgres.restart();
    assert!(server.ended().await.success());
    let server = Setup::new("serve").with("DATABASE_URL", &database_url).start().await;
    assert_eq!(contiguous(server.all_messages().await), messages(0..5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_with_nothing_received_needs_no_database() {
    let mut postgres = Postgres::start();
    let database_url = postgres.database().await;
    postgres.kill();
    let server = Setup::new("serve").with("DATABASE_URL", database_url).start_unready();
    server.wait_for_log("not available").await;
    assert!(server.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_without_nats_says_how_many_it_has_not_taken() {
    let nats = NatsServer::start();
    let proxy = Proxy::start(nats.address()).await;
    let ingest = Setup::new("ingest")
        .with("NATS_URL", format!("nats://{}", proxy.address()))
        .with("SHUTDOWN_TIMEOUT", "500ms")
        .start()
        .await;
    send_tcp(ingest.tcp.unwrap(), (0..3).map(line));
    ingest.wait_for_metric("tailwater_received_total{listener=\"tcp\"} 3").await;
    let stream = async_nats::jetstream::new(async_nats::connect(nats.url()).await.unwrap());
    until(async || {
        stream.get_stream("tailwater").await.is_ok_and(|s| s.cached_info().state.messages > 0)
    })
    .await;
    proxy.cut();
    wait_for_part(&ingest, "queue", false).await;
    send_tcp(ingest.tcp.unwrap(), (3..10).map(line));
    ingest.wait_for_metric("tailwater_received_total{listener=\"tcp\"} 10").await;
    let log = ingest.log_handle();
    assert_eq!(ingest.terminate().await.code(), Some(1));
    assert!(log.read().contains("7 received records were not stored"), "{}", log.read());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_stops_at_once_while_its_database_is_silent() {
    let pair = Pair::nats_postgres().await;
    let (proxy, url) = behind_a_proxy(&pair.database_url).await;
    let worker = pair.role("worker").with("DATABASE_URL", url).start().await;
    worker.wait_for_log("writing").await;
    proxy.stall();
    wait_for_part(&worker, "database", false).await;
    let log = worker.log_handle();
    assert!(worker.terminate().await.success(), "{}", log.read());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_wait_for_each_other_no_longer_than_a_stop() {
    let pair = Pair::memory_sqlite().await;
    let setup = pair.role("serve").with("BATCH_MAX_ROWS", 100).with("BATCH_MAX_DELAY", "1h");
    let server = setup.start().await;
    // A full batch goes at once, and what is left over with the stop.
    send_tcp(server.tcp.unwrap(), (0..250).map(line));
    server.wait_for_metric("tailwater_received_total{listener=\"tcp\"} 250").await;
    wait_for_records(&server, 100).await;
    assert!(server.terminate().await.success());
    let server = setup.start().await;
    assert_eq!(contiguous(server.all_messages().await), messages(0..250));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_beyond_the_limit_share_a_source_and_lose_nothing() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").with("MAX_SOURCES", 3).start().await;
    // Lines of seven hosts in turn.
    send_tcp(server.tcp.unwrap(), (0..70).map(line));
    server.wait_balanced(70).await;
    let found = server
        .query(
            "{ sources { edges { node { host } } }
               logs(first: 100, filter: { query: \"attributes.tailwater.host:host-6\" }) {
                 edges { node { message } } } }",
            json!({}),
        )
        .await;
    assert_eq!(found["sources"]["edges"].as_array().unwrap().len(), 4);
    assert_eq!(found["logs"]["edges"].as_array().unwrap().len(), 10);
    assert_eq!(contiguous(server.all_messages().await), messages(0..70));
}
