//! Separate roles over NATS and Postgres, and what may break between them.

use serde_json::json;

use crate::support::nats::NatsServer;
use crate::support::pair::Pair;
use crate::support::postgres::Postgres;
use crate::support::proxy::Proxy;
use crate::support::server::{Server, Setup};
use crate::support::{contiguous, line, messages, send_tcp};

const LINES: usize = 50_000;

/// Sends the lines of a test from a thread of its own, in pieces, so that something can break on
/// the way.
fn send_slowly(server: &Server) -> std::thread::JoinHandle<()> {
    let to = server.tcp.unwrap();
    std::thread::spawn(move || send_tcp(to, (0..LINES).map(line)))
}

async fn assert_all_stored_once(api: &Server) {
    api.wait_balanced(LINES as u64).await;
    assert_eq!(contiguous(api.all_messages().await), messages(0..LINES));
}

async fn wait_for_records(api: &Server, least: u64) {
    api.eventually(&format!("{least} records are stored"), async || {
        let p = api.pipeline().await;
        if p["stored"].as_u64() >= Some(least) { Ok(()) } else { Err(p.to_string()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_api_node_shows_what_any_ingest_node_received() {
    let pair = Pair::nats_postgres().await;
    let _worker = pair.role("worker").start().await;
    let ingest = [pair.role("ingest").start().await, pair.role("ingest").start().await];
    let api = [pair.role("api").start().await, pair.role("api").start().await];
    let mut tails = [api[0].tail("").await, api[1].tail("").await];
    for tail in &mut tails {
        tail.batch().await;
    }
    send_tcp(ingest[0].tcp.unwrap(), ["one".to_owned()]);
    for tail in &mut tails {
        assert_eq!(tail.read(1).await, [(1, "one".to_owned())]);
    }
    send_tcp(ingest[1].tcp.unwrap(), ["two".to_owned()]);
    for tail in &mut tails {
        assert_eq!(tail.read(1).await, [(2, "two".to_owned())]);
    }
    for node in &api {
        node.wait_balanced(2).await;
        node.wait_for_metric("tailwater_head 2").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_in_mid_stream_and_started_again_stores_every_line_once() {
    let pair = Pair::nats_postgres().await;
    let worker = pair.role("worker").start().await;
    let ingest = pair.role("ingest").start().await;
    let api = pair.role("api").start().await;
    let sender = send_slowly(&ingest);
    wait_for_records(&api, 5_000).await;
    worker.kill();
    let worker = pair.role("worker").start().await;
    wait_for_records(&api, 20_000).await;
    worker.kill();
    let _worker = pair.role("worker").start().await;
    sender.join().unwrap();
    assert_all_stored_once(&api).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_standby_takes_over_when_the_writer_is_killed() {
    let pair = Pair::nats_postgres().await;
    let writer = pair.role("worker").start().await;
    writer.wait_for_log("writing").await;
    let standby = pair.role("worker").start().await;
    standby.wait_for_log("standing by").await;
    let ingest = pair.role("ingest").start().await;
    let api = pair.role("api").start().await;
    let sender = send_slowly(&ingest);
    wait_for_records(&api, 5_000).await;
    writer.kill();
    sender.join().unwrap();
    assert_all_stored_once(&api).await;
    standby.wait_for_log("writing").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nats_server_killed_and_restarted_under_load_loses_nothing() {
    let mut pair = Pair::nats_postgres().await;
    let _worker = pair.role("worker").start().await;
    let ingest = pair.role("ingest").start().await;
    let api = pair.role("api").start().await;
    let sender = send_slowly(&ingest);
    wait_for_records(&api, 5_000).await;
    let nats = pair.nats.as_mut().unwrap();
    nats.kill();
    nats.restart();
    sender.join().unwrap();
    assert_all_stored_once(&api).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_killed_and_restarted_under_load_is_waited_for() {
    let mut postgres = Postgres::start();
    let database_url = postgres.database().await;
    let nats = NatsServer::start();
    let role =
        |role| Setup::new(role).with("DATABASE_URL", &database_url).with("NATS_URL", nats.url());
    let worker = role("worker").start().await;
    let ingest = role("ingest").start().await;
    let api = role("api").start().await;
    let sender = send_slowly(&ingest);
    wait_for_records(&api, 5_000).await;
    postgres.kill();
    worker.wait_for_log("not available").await;
    postgres.restart();
    sender.join().unwrap();
    assert_all_stored_once(&api).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledgements_lost_between_ingest_and_nats_store_nothing_twice() {
    let pair = Pair::nats_postgres().await;
    let proxy = Proxy::start(pair.nats.as_ref().unwrap().address()).await;
    let _worker = pair.role("worker").start().await;
    let ingest =
        pair.role("ingest").with("NATS_URL", format!("nats://{}", proxy.address())).start().await;
    let api = pair.role("api").start().await;
    let sender = send_slowly(&ingest);
    for least in [5_000, 15_000, 25_000] {
        wait_for_records(&api, least).await;
        proxy.cut();
        proxy.heal();
    }
    sender.join().unwrap();
    assert_all_stored_once(&api).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_survives_live_messages_that_are_lost() {
    let pair = Pair::nats_postgres().await;
    let proxy = Proxy::start(pair.nats.as_ref().unwrap().address()).await;
    let _worker = pair.role("worker").start().await;
    let ingest = pair.role("ingest").start().await;
    let api =
        pair.role("api").with("NATS_URL", format!("nats://{}", proxy.address())).start().await;
    let mut tail = api.tail("").await;
    tail.batch().await;
    let sender = send_slowly(&ingest);
    let mut read = tail.read(5_000).await;
    proxy.cut();
    while read.len() < 20_000 {
        read.extend(tail.read_batch().await);
    }
    proxy.heal();
    read.extend(tail.read(LINES - read.len()).await);
    sender.join().unwrap();
    assert_eq!(contiguous(read), messages(0..LINES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_published_again_after_the_dedupe_window_is_skipped() {
    let pair = Pair::nats_postgres().await;
    let nats = async_nats::connect(pair.nats.as_ref().unwrap().url()).await.unwrap();
    let mut frames = nats.subscribe("tailwater.frames").await.unwrap();
    nats.flush().await.unwrap();
    let worker = pair.role("worker").start().await;
    let ingest = pair.role("ingest").start().await;
    let api = pair.role("api").start().await;
    send_tcp(ingest.tcp.unwrap(), ["once".to_owned()]);
    api.wait_balanced(1).await;
    let frame = futures_util::StreamExt::next(&mut frames).await.unwrap();
    // Without the name in the header NATS cannot know it; the writer does.
    let stream = async_nats::jetstream::new(nats);
    stream.publish("tailwater.frames", frame.payload.clone()).await.unwrap().await.unwrap();
    // And a worker that starts anew knows it too.
    worker.kill();
    stream.publish("tailwater.frames", frame.payload).await.unwrap().await.unwrap();
    let _worker = pair.role("worker").start().await;
    send_tcp(ingest.tcp.unwrap(), ["twice".to_owned()]);
    api.wait_balanced(2).await;
    assert_eq!(contiguous(api.all_messages().await), ["once", "twice"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drained_stream_deleted_and_made_anew_loses_nothing() {
    let pair = Pair::nats_postgres().await;
    let _worker = pair.role("worker").start().await;
    let ingest = pair.role("ingest").start().await;
    let api = pair.role("api").start().await;
    send_tcp(ingest.tcp.unwrap(), (0..1_000).map(line));
    api.wait_balanced(1_000).await;
    let nats = async_nats::connect(pair.nats.as_ref().unwrap().url()).await.unwrap();
    let stream = async_nats::jetstream::new(nats);
    stream.delete_stream("tailwater").await.unwrap();
    send_tcp(ingest.tcp.unwrap(), (1_000..2_000).map(line));
    api.wait_balanced(2_000).await;
    assert_eq!(contiguous(api.all_messages().await), messages(0..2_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_of_another_database_refuses_a_namespace_that_is_taken() {
    let pair = Pair::nats_postgres().await;
    let first = pair.role("worker").start().await;
    first.wait_for_log("writing").await;
    let other = Postgres::shared().database().await;
    let second = pair.role("worker").with("DATABASE_URL", other).start_unready();
    second.wait_for_log("belongs to database").await;
    assert_eq!(second.ended().await.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_comes_late_is_waited_for_and_readyz_says_so() {
    let mut postgres = Postgres::start();
    let database_url = postgres.database().await;
    postgres.kill();
    let server = Setup::new("serve").with("DATABASE_URL", database_url).start_unready();
    server.wait_for_log("not available").await;
    let answer =
        crate::support::http().get(format!("http://{}/readyz", server.http)).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.unwrap().contains("database"));
    send_tcp(server.tcp.unwrap(), ["received meanwhile".to_owned()]);
    postgres.restart();
    server.wait_ready().await;
    server.wait_balanced(1).await;
    assert_eq!(contiguous(server.all_messages().await), ["received meanwhile"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ingest_node_that_was_killed_is_shown_as_unknown() {
    let pair = Pair::nats_postgres().await;
    let _worker = pair.role("worker").start().await;
    let ingest = pair.role("ingest").start().await;
    let api = pair.role("api").start().await;
    send_tcp(ingest.tcp.unwrap(), (0..10).map(line));
    api.wait_balanced(10).await;
    ingest.kill();
    let states = "{ pipeline { stored unknown nodes { roles state } } }";
    api.eventually("the node is lost", async || {
        let p = api.query(states, json!({})).await["pipeline"].clone();
        let lost = json!({ "roles": ["INGEST"], "state": "LOST" });
        let shown = p["nodes"].as_array().unwrap().contains(&lost) && p["unknown"] == true;
        if shown && p["stored"] == 10 { Ok(()) } else { Err(p.to_string()) }
    })
    .await;
}
