//! The command line and the configuration, at the boundary a user sees.

use std::process::{Command, Output};

use crate::support::pair::Pair;
use crate::support::server::Setup;

fn tailwater(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tailwater"))
        .args(arguments)
        .env("TAILWATER_CONFIG", "/dev/null")
        .output()
        .expect("the tailwater binary starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_example_configuration_is_current() {
    let committed = std::fs::read_to_string("tailwater.example.toml").unwrap_or_default();
    assert!(
        committed == tailwater::config::example_file(),
        "tailwater.example.toml is stale; mend it with: cargo run -- example-config > tailwater.example.toml"
    );
}

#[test]
fn the_example_configuration_says_the_defaults() {
    let text = tailwater::config::example_file();
    let uncommented: String = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| !line.starts_with(' '))
        .fold(String::new(), |text, line| text + line + "\n");
    let table: toml::Table = uncommented.parse().expect("the example is valid");
    assert_eq!(table.len(), tailwater::config::SETTINGS.len());
}

#[test]
fn the_readme_lists_every_setting() {
    let readme = std::fs::read_to_string("README.md").expect("README.md is there");
    assert!(
        readme.contains(&tailwater::config::markdown_table()),
        "the table of settings in README.md is stale; it should be:\n{}",
        tailwater::config::markdown_table()
    );
}

#[test]
fn the_schema_file_is_current() {
    let committed = std::fs::read_to_string("schema.graphql").unwrap_or_default();
    assert!(
        committed == tailwater::api::sdl(),
        "schema.graphql is stale; mend it with: cargo run -- schema > schema.graphql"
    );
}

#[test]
fn an_unknown_option_is_named_and_exits_with_2() {
    let output = tailwater(&["serve", "--batch-max-row", "5"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("--batch-max-rows"), "{}", said(&output));
}

#[test]
fn a_bad_value_is_one_clear_line_and_exits_with_2() {
    let output = tailwater(&["--batch-max-rows", "many"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(said(&output), "tailwater: --batch-max-rows: `many` is not a whole number\n");
}

#[test]
fn a_role_without_nats_says_what_it_needs() {
    let output = tailwater(&["ingest", "--http", "off"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(said(&output), "tailwater: a role of its own needs --nats-url\n");
}

#[test]
fn an_address_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = tailwater(&["--http", &address, "--udp", "off", "--tcp", "off"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains(&format!("cannot listen on http {address}")),
        "{}",
        said(&output)
    );
}

#[test]
fn a_password_never_shows() {
    let url = "postgres://user:hunter2@127.0.0.1:1/none";
    let output = tailwater(&["migrate", "status", "--database-url", url]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!said(&output).contains("hunter2"), "{}", said(&output));
    let help = Command::new(env!("CARGO_BIN_EXE_tailwater"))
        .args(["serve", "--help"])
        .env("TAILWATER_DATABASE_URL", url)
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&help.stdout).contains("hunter2"));
}

#[tokio::test]
async fn a_second_process_on_the_same_file_stands_by_and_takes_over() {
    let pair = Pair::memory_sqlite().await;
    let first = pair.role("serve").start().await;
    first.wait_for_log("writing").await;
    let second = pair.role("serve").start().await;
    second.wait_for_log("standing by").await;
    crate::support::send_tcp(second.tcp.unwrap(), ["patience".to_owned()]);
    assert!(first.terminate().await.success());
    second.wait_balanced(1).await;
}

#[tokio::test]
async fn ipv6_is_listened_on_when_asked_for() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").with("UDP", "[::1]:0").with("TCP", "[::1]:0").start().await;
    crate::support::send_udp(server.udp.unwrap(), ["six".to_owned()]);
    crate::support::send_tcp(server.tcp.unwrap(), ["six too".to_owned()]);
    server.wait_balanced(2).await;
}

#[tokio::test]
async fn a_stop_past_its_time_out_says_how_many_are_lost_and_fails() {
    let mut postgres = crate::support::postgres::Postgres::start();
    let database_url = postgres.database().await;
    let server = Setup::new("serve")
        .with("DATABASE_URL", database_url)
        .with("SHUTDOWN_TIMEOUT", "500ms")
        .start()
        .await;
    postgres.kill();
    crate::support::send_tcp(server.tcp.unwrap(), (0..5).map(crate::support::line));
    server.wait_for_metric("tailwater_received_total{listener=\"tcp\"} 5").await;
    server.wait_for_log("not available").await;
    let log = server.log_handle();
    assert_eq!(server.terminate().await.code(), Some(1));
    assert!(log.read().contains("5 received records were not stored"), "{}", log.read());
}
