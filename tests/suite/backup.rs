//! Copies of a database that is in use, restored elsewhere (docs/operations.md).

use serde_json::json;

use crate::support::client::run;
use crate::support::pair::{Pair, on_both_databases};
use crate::support::server::Server;
use crate::support::visitor::code_of;
use crate::support::{contiguous, line, messages, send_tcp, until};

on_both_databases!(
    a_copy_taken_under_load_serves_elsewhere_what_it_holds,
    an_older_copy_that_was_restored_is_a_log_of_its_own,
);

/// The newest position of a log.
async fn head(server: &Server) -> usize {
    let newest = server.query("{ logs(first: 1) { edges { node { id } } } }", json!({})).await;
    let id = &newest["logs"]["edges"][0]["node"]["id"];
    id.as_str().map_or(0, |id| id.parse().expect("a number"))
}

/// The cursor at the end of the log.
async fn cursor(server: &Server) -> String {
    let mut tail = server.tail("").await;
    tail.batch().await;
    tail.cursor
}

async fn a_copy_taken_under_load_serves_elsewhere_what_it_holds(pair: Pair) {
    const LINES: usize = 20_000;
    let server = pair.role("serve").with("SEAL_AFTER", "1ms").start().await;
    let to = server.tcp.unwrap();
    send_tcp(to, (0..100).map(line));
    server.wait_balanced(100).await;
    let cursor = cursor(&server).await;
    let sender = std::thread::spawn(move || send_tcp(to, (100..LINES).map(line)));
    until(async || head(&server).await > 2_000).await;
    let copy = pair.copy().await;
    sender.join().unwrap();
    server.wait_balanced(LINES as u64).await;
    assert!(server.terminate().await.success());

    // Nobody is made here: whoever asks now signs in by the password of before.
    let server = copy.role("serve").without("ADMIN_PASSWORD").start().await;
    let held = contiguous(server.all_messages().await);
    let count = held.len();
    assert!(count > 2_000, "{count} lines");
    assert_eq!(held, messages(0..count));
    let mut tail = server.tail(&format!("(after: \"{cursor}\")")).await;
    let read = tail.read(count - 100).await;
    assert_eq!((read[0].0, read.len()), (101, count - 100));
    send_tcp(server.tcp.unwrap(), ["one more".to_owned()]);
    assert_eq!(tail.read(1).await, [(count as i64 + 1, "one more".to_owned())]);
    assert!(server.terminate().await.success());
}

fn restored(database_url: &str, more: &[&str]) -> crate::support::client::Ended {
    let command = ["migrate", "restored", "--database-url", database_url];
    run(command.into_iter().chain(more.iter().copied()))
}

async fn an_older_copy_that_was_restored_is_a_log_of_its_own(pair: Pair) {
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), (0..100).map(line));
    server.wait_balanced(100).await;
    let early = cursor(&server).await;
    let session = server.admin().await;
    let copy = pair.copy().await;
    // What the copy does not know, and the cursor of somebody who has read it.
    send_tcp(server.tcp.unwrap(), (100..150).map(line));
    server.wait_balanced(150).await;
    let late = cursor(&server).await;
    assert!(server.terminate().await.success());

    let said = restored(&copy.database_url, &[]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert!(said.stdout[0].contains("after position 100; all sessions are over"), "{said:?}");

    let server = copy.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), (0..100).map(|n| format!("<13>another {n}")));
    server
        .eventually("the log goes on", async || match head(&server).await {
            200 => Ok(()),
            head => Err(head.to_string()),
        })
        .await;
    for cursor in [early, late] {
        let mut tail = server.tail(&format!("(after: \"{cursor}\")")).await;
        let refused = tail.message().await.to_string();
        assert!(refused.contains("another database"), "{refused}");
    }
    let ended = session.at(server.http).ask("{ me { id } }", json!({})).await.unwrap();
    assert_eq!(code_of(&ended), "UNAUTHENTICATED", "{ended}");
    let audit = server.query("{ audit { edges { node { actor action } } } }", json!({})).await;
    assert!(audit.to_string().contains("\"action\":\"restored\""), "{audit}");

    // Not while somebody writes: they would go on under the old id.
    server.wait_for_log("writing").await;
    let said = restored(&copy.database_url, &[]);
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("stop it first"), "{}", said.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_in_nats_goes_into_the_restored_log() {
    let pair = Pair::nats_postgres().await;
    let worker = pair.role("worker").start().await;
    let ingest = pair.role("ingest").start().await;
    let api = pair.role("api").start().await;
    send_tcp(ingest.tcp.unwrap(), (0..10).map(line));
    api.wait_balanced(10).await;
    let mut copy = pair.copy().await;
    send_tcp(ingest.tcp.unwrap(), ["lost with the database".to_owned()]);
    api.wait_balanced(11).await;
    assert!(worker.terminate().await.success());
    assert!(api.terminate().await.success());
    send_tcp(ingest.tcp.unwrap(), (10..15).map(line));
    ingest.wait_for_metric("tailwater_received_total{listener=\"tcp\"} 16").await;

    copy.nats = pair.nats;
    let nats = copy.nats.as_ref().unwrap().url();
    let said = restored(&copy.database_url, &["--nats-url", &nats, "--nats-max-bytes", "256MiB"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let _worker = copy.role("worker").start().await;
    let api = copy.role("api").start().await;
    api.eventually("what waited is stored", async || match head(&api).await {
        15 => Ok(()),
        head => Err(head.to_string()),
    })
    .await;
    assert_eq!(contiguous(api.all_messages().await), messages(0..15));
}
