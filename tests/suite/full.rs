//! Disks and streams that are full: what receives waits and says so, goes on when there is room,
//! and nothing that was accepted is lost.

use std::collections::BTreeSet;
use std::thread::JoinHandle;

use crate::support::disk::SmallDisk;
use crate::support::nats::NatsServer;
use crate::support::pair::Pair;
use crate::support::postgres::Postgres;
use crate::support::server::{Server, Setup};
use crate::support::{Noise, contiguous, messages, send_tcp};

/// Few lines, and long ones.
const LINES: usize = 1_500;
/// Together these are more than a queue of 1 MiB and the buffers of the kernel hold.
const LONG: usize = 10_000;
/// These are more than a stream of 1 MiB.
const SHORTER: usize = 4_000;
/// Too little for either.
const ROOM: u64 = 1 << 20;

/// Sends lines of so many bytes from a thread of its own, with text that hardly compresses.
fn send(server: &Server, bytes: usize) -> JoinHandle<()> {
    let to = server.tcp.expect("it receives");
    std::thread::spawn(move || {
        let mut noise = Noise(1);
        send_tcp(
            to,
            (0..LINES).map(|n| {
                let noise = noise.hex(bytes);
                format!("<134>1 - host app - - [noise@32473 hex=\"{noise}\"] line {n}")
            }),
        );
    })
}

/// Waits until all of it is sent.
async fn wait_until_sent(server: &Server, sender: JoinHandle<()>) {
    server
        .eventually("everything is sent", async || {
            if sender.is_finished() { Ok(()) } else { Err("it is held back".to_owned()) }
        })
        .await;
    sender.join().expect("everything is sent");
}

/// Waits until `/readyz` says 503, and of this part why.
async fn wait_until_down(server: &Server, part: &str, reason: &str) {
    let url = format!("http://{}/readyz", server.http);
    server
        .eventually(&format!("{part} is down: {reason}"), async || {
            let answer = crate::support::http().get(&url).send().await;
            let answer = answer.map_err(|error| error.to_string())?;
            let status = answer.status();
            let said: serde_json::Value = answer.json().await.map_err(|error| error.to_string())?;
            let told = said["parts"][part]["reason"] == reason;
            if told && status == 503 { Ok(()) } else { Err(said.to_string()) }
        })
        .await;
}

/// Asserts that each line is stored once. A stream that refuses a long frame may take the next, so
/// they need not be in their order.
async fn assert_all_stored_once(server: &Server) {
    server.wait_balanced(LINES as u64).await;
    let stored = contiguous(server.all_messages().await);
    let lines: BTreeSet<String> = messages(0..LINES).into_iter().collect();
    assert_eq!(stored.len(), LINES);
    assert_eq!(BTreeSet::from_iter(stored), lines);
}

/// A disk of the database is full, and later it is not.
async fn a_full_database_is_waited_for(disk: &SmallDisk, database_url: String) {
    let server = Setup::new("serve")
        .with("DATABASE_URL", database_url)
        .with("QUEUE_MAX_BYTES", "1MiB")
        .start()
        .await;
    disk.fill(ROOM);
    let sender = send(&server, LONG);
    wait_until_down(&server, "writer", "the database has no room").await;
    assert!(!sender.is_finished(), "the sender is held back");
    disk.make_room();
    wait_until_sent(&server, sender).await;
    server.wait_ready().await;
    assert_all_stored_once(&server).await;
    assert!(server.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_sqlite_is_waited_for_and_nothing_is_lost() {
    let Some(disk) = SmallDisk::mount(96) else { return };
    let url = format!("sqlite://{}/tailwater.db", disk.path().display());
    a_full_database_is_waited_for(&disk, url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_postgres_is_waited_for_and_nothing_is_lost() {
    let Some(disk) = SmallDisk::mount(128) else { return };
    let postgres = Postgres::start();
    let url = postgres.database_on(&disk).await;
    a_full_database_is_waited_for(&disk, url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_stream_is_waited_for_and_nothing_is_lost() {
    let pair = Pair::nats_postgres().await;
    let ingest = pair.role("ingest").with("NATS_MAX_BYTES", "1MiB").start().await;
    let sender = send(&ingest, SHORTER);
    wait_until_down(&ingest, "queue", "the queue has no room").await;
    let _worker = pair.role("worker").with("NATS_MAX_BYTES", "1MiB").start().await;
    let api = pair.role("api").with("NATS_MAX_BYTES", "1MiB").start().await;
    wait_until_sent(&ingest, sender).await;
    ingest.wait_ready().await;
    assert_all_stored_once(&api).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_nats_is_waited_for_and_nothing_is_lost() {
    let Some(disk) = SmallDisk::mount(96) else { return };
    let mut nats = NatsServer::start_on(&disk);
    let database_url = Postgres::shared().database().await;
    let role = |role| {
        Setup::new(role)
            .with("DATABASE_URL", &database_url)
            .with("NATS_URL", nats.url())
            .with("NATS_MAX_BYTES", "64MiB")
    };
    let ingest = role("ingest").start().await;
    let (worker, api) = (role("worker"), role("api"));
    disk.fill(ROOM);
    let sender = send(&ingest, SHORTER);
    // A server whose disk is full does not say so: it says nothing.
    wait_until_down(&ingest, "queue", "the queue does not acknowledge what it is given").await;
    disk.make_room();
    nats.kill();
    nats.restart();
    let _worker = worker.start().await;
    let api = api.start().await;
    wait_until_sent(&ingest, sender).await;
    ingest.wait_ready().await;
    assert_all_stored_once(&api).await;
}
