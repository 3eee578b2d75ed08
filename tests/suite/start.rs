//! What a process says when it starts, and when it cannot.

use std::path::Path;

use sea_orm::ConnectionTrait;

use crate::support::client::{Client, run};
use crate::support::pair::Pair;
use crate::support::postgres::Postgres;

const NO_SOCKETS: [&str; 6] = ["--udp", "off", "--tcp", "off", "--http", "off"];

fn sqlite(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

/// Starts a server that cannot, and gives what it says about it.
#[track_caller]
fn refused(database_url: &str) -> String {
    let ended = run(["serve", "--database-url", database_url].into_iter().chain(NO_SOCKETS));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "one line: {}", ended.stderr);
    ended.stderr
}

#[test]
fn a_start_says_what_is_in_use_and_how_to_send_a_first_line() {
    let directory = tempfile::tempdir().unwrap();
    let url = sqlite(&directory.path().join("log.db"));
    let addresses = ["--udp", "0.0.0.0:0", "--tcp", "off", "--http", "127.0.0.1:0"];
    let mut server = Client::start(["serve", "--database-url", &url].into_iter().chain(addresses));
    let mut said = |beginning: &str| {
        let line = server.line();
        let rest = line.strip_prefix(beginning);
        rest.unwrap_or_else(|| panic!("{beginning} was expected: {line}")).to_owned()
    };
    let port = said("listening udp 0.0.0.0:");
    let http = said("listening http http://");
    assert_eq!(said("database      "), url);
    assert_eq!(said("queue         "), "in memory");
    assert_eq!(said("send          "), format!("logger -n 127.0.0.1 -P {port} -d hello"));
    assert_eq!(said("read          "), format!("tailwater tail --last 10 --url http://{http}"));
    assert_eq!(said("dashboard     "), format!("http://{http}"));
    assert_eq!(said("GraphiQL      "), format!("http://{http}/graphiql"));
    let link = said("set-up        ");
    assert!(link.starts_with(&format!("http://{http}/setup?token=")), "{link}");
    server.interrupt();
    assert_eq!(server.ended().code, Some(0));
}

#[test]
fn passwords_do_not_show_at_the_start() {
    // Nobody listens on port 1, so it waits for both.
    let mut server = Client::start([
        "worker",
        "--http=127.0.0.1:0",
        "--nats-url=nats://u:hunter2@127.0.0.1:1",
        "--database-url=postgres://u:hunter2?@127.0.0.1:1/log?password=hunter2",
    ]);
    server.line();
    assert_eq!(server.line(), "database      postgres://127.0.0.1:1/log");
    assert_eq!(server.line(), "queue         nats://127.0.0.1:1");
    server.interrupt();
    let ended = server.ended();
    assert_eq!(ended.code, Some(0));
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("notes.txt");
    std::fs::write(&file, "buy milk, and more of it than fits a header\n").unwrap();
    let said = refused(&sqlite(&file));
    assert!(said.contains("notes.txt") && said.contains("not an SQLite database"), "{said}");
    assert!(refused(&sqlite(directory.path())).contains("cannot use"), "a directory is no file");
}

#[tokio::test]
async fn a_schema_newer_than_the_program_is_refused() {
    for pair in [Pair::memory_sqlite().await, Pair::memory_postgres().await] {
        assert_eq!(run(["migrate", "up", "--database-url", &pair.database_url]).code, Some(0));
        let database = sea_orm::Database::connect(&pair.database_url).await.unwrap();
        let newer = "INSERT INTO seaql_migrations VALUES ('m29990101_000001_later', 0)";
        database.execute_unprepared(newer).await.unwrap();
        assert!(refused(&pair.database_url).contains("newer than this tailwater"));
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named_with_the_reason() {
    let known = Postgres::shared().database().await;
    let unknown = format!("{known}_none");
    assert!(refused(&unknown).contains("does not exist"));

    let ended = run(["migrate", "status", "--database-url", "postgres://u@127.0.0.1:1/log"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("Connection refused"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_standby_with_nothing_to_store_stops_at_once() {
    let pair = Pair::memory_sqlite().await;
    let first = pair.role("serve").start().await;
    first.wait_for_log("writing").await;
    let standby = pair.role("serve").with("SHUTDOWN_TIMEOUT", "1h").start().await;
    standby.wait_for_log("standing by").await;
    assert!(standby.terminate().await.success());
}

#[tokio::test]
async fn the_metrics_page_is_well_formed() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let page = crate::support::http().get(format!("http://{}/metrics", server.http)).send().await;
    let page = page.unwrap().text().await.unwrap();
    assert!(page.ends_with("# EOF\n"));
    let samples = page.lines().filter(|line| !line.starts_with('#'));
    for sample in samples {
        let (series, value) = sample.rsplit_once(' ').expect("a name and a value");
        assert!(series.starts_with("tailwater_"), "{sample}");
        assert!(value.parse::<f64>().is_ok(), "{sample}");
        let name = series.split('{').next().unwrap_or_default();
        let bare = ["_total", "_sum", "_count", "_bucket"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .unwrap_or(name);
        assert!(page.contains(&format!("# HELP {bare} ")), "{name} is explained");
    }
}
