//! `tailwater export` against a real server.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::client::{Client, run, run_as};
use crate::support::pair::Pair;
use crate::support::proxy::Proxy;
use crate::support::server::Server;
use crate::support::{duckdb, line, send_tcp, until};

const LINES: usize = 1_000;

async fn with_lines() -> (Pair, Server, String) {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), (0..LINES).map(line));
    server.wait_balanced(LINES as u64).await;
    let url = format!("http://{}", server.http);
    (pair, server, url)
}

/// One with so much in it that it takes a while to be read.
async fn with_long_lines() -> (Pair, Server) {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let long = |n| format!("{} {}", line(n), "x".repeat(16 << 10));
    send_tcp(server.tcp.unwrap(), (0..4 * LINES).map(long));
    server.wait_balanced(4 * LINES as u64).await;
    (pair, server)
}

fn names(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_file_is_whole_under_its_name_and_is_not_replaced_unasked() {
    let (_pair, server, url) = with_lines().await;
    let admin = server.admin().await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).display().to_string();
    for name in ["a.ndjson", "a.csv", "a.parquet"] {
        let path = path(name);
        let export = |more: &[&str]| {
            let arguments = ["export", "--url", &url, "--output", &path];
            run_as(&admin, arguments.into_iter().chain(more.to_vec()))
        };
        let ended = export(&[]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stderr.contains("wrote 1,000 records"), "{}", ended.stderr);
        let count = duckdb::ask(&format!("select count(*) from '{path}'"));
        assert_eq!(count, [["1000"]], "{name}");
        let before = fs::read(&path).expect("the file");
        let refused = export(&["host:host-1"]);
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
        assert_eq!(fs::read(&path).expect("the file"), before, "it is as it was");
        let replaced = export(&["host:host-1", "--force"]);
        assert_eq!(replaced.code, Some(0), "{}", replaced.stderr);
        let count = duckdb::ask(&format!("select count(*) from '{path}'"));
        assert_eq!(count, [["143"]], "{name}");
    }
    assert_eq!(names(directory.path()), ["a.csv", "a.ndjson", "a.parquet"]);
}

#[tokio::test]
async fn stdout_gets_what_search_prints_and_the_address() {
    let (_pair, server, url) = with_lines().await;
    let admin = server.admin().await;
    let lines = |arguments: &[&str]| -> Vec<Value> {
        let ended = run_as(&admin, arguments.iter().copied());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let search = ["search", "--url", &url, "--json", "--all", "--order", "arrival"];
    let found = lines(&[&search[..], &["--oldest-first"]].concat());
    let mut exported = lines(&["export", "--url", &url]);
    for line in &mut exported {
        assert_eq!(line.as_object_mut().unwrap().remove("address"), Some(json!("127.0.0.1")));
    }
    assert_eq!(exported, found);
    assert_eq!(found.len(), LINES);
}

#[tokio::test]
async fn what_cannot_be_is_said_and_leaves_nothing_behind() {
    let (_pair, server, url) = with_lines().await;
    let admin = server.admin().await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("a.csv").display().to_string();
    let wrong = run_as(&admin, ["export", "--url", &url, "--output", &path, "host:(a"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains('^'), "{}", wrong.stderr);
    let nobody = run(["export", "--url", &url, "--output", &path]);
    assert_eq!(nobody.code, Some(1));
    assert!(nobody.stderr.contains("sign in"), "{}", nobody.stderr);
    let nowhere = format!("{path}/b.csv");
    let unwritable = run_as(&admin, ["export", "--url", &url, "--output", &nowhere]);
    assert_eq!(unwritable.code, Some(1));
    assert!(unwritable.stderr.contains("cannot write"), "{}", unwritable.stderr);
    assert!(names(directory.path()).is_empty());
}

// The proxy works on while the test waits for the client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_leaves_no_file() {
    let (_pair, server) = with_long_lines().await;
    let proxy = Proxy::start(server.http).await;
    let url = format!("http://{}", proxy.address());
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("a.ndjson").display().to_string();
    let admin = server.admin().await;
    let client = Client::start_as(&admin, ["export", "--url", &url, "--output", &path]);
    let begun = || {
        let part = names(directory.path()).pop()?;
        Some(fs::metadata(directory.path().join(part)).ok()?.len() > 0)
    };
    until(async || begun() == Some(true)).await;
    proxy.cut();
    let ended = client.ended();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("broke off"), "{}", ended.stderr);
    assert!(names(directory.path()).is_empty());
}

#[tokio::test]
async fn an_interrupt_ends_it_at_once_here_and_at_the_server() {
    let (_pair, server) = with_long_lines().await;
    let admin = server.admin().await;
    let url = format!("http://{}", server.http);
    let mut client = Command::new(env!("CARGO_BIN_EXE_tailwater"))
        .args(["export", "--url", &url])
        .env("TAILWATER_TOKEN", admin.token.as_deref().expect("a token"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // Of what it writes only the first byte is read: it waits, and hears the interrupt all the same.
    let mut stdout = client.stdout.take().expect("stdout is piped");
    stdout.read_exact(&mut [0]).expect("it begins");
    let pid = Pid::from_raw(i32::try_from(client.id()).expect("a pid"));
    kill(pid, Signal::SIGINT).expect("it can be interrupted");
    let ended = tokio::task::spawn_blocking(move || client.wait_with_output());
    let ended = ended.await.expect("a thread").expect("it ends");
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("interrupted"));
    let audit = "{ audit(first: 10) { edges { node { action target } } } }";
    let audit = admin.query(audit, json!({})).await["audit"]["edges"].clone();
    let created = audit.as_array().unwrap().iter().map(|edge| &edge["node"]);
    let created = created.clone().find(|node| node["action"] == "createExport").expect("an entry");
    let state = "query ($id: ID!) { export(id: $id) { state } }";
    let state = admin.query(state, json!({ "id": created["target"] })).await;
    assert_eq!(state["export"]["state"], "CANCELLED");
}
