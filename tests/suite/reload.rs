//! A running process that is told to read its files again (SIGHUP). The certificate is in `tls.rs`.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::pair::Pair;
use crate::support::send_tcp;
use crate::support::server::Server;

/// What only `debug` says: a connection came to its end.
const DEBUG: &str = "connection closed";

/// A configuration file that changes.
struct Settings(TempDir);

impl Settings {
    fn new(text: &str) -> Settings {
        let settings = Settings(tempfile::tempdir().expect("a directory"));
        settings.write(text);
        settings
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("tailwater.toml")
    }

    fn write(&self, text: &str) {
        std::fs::write(self.path(), text).expect("it can be written");
    }

    /// A server with this file, and without the level that tests give to others.
    async fn start(&self, pair: &Pair) -> Server {
        let setup = pair.role("serve").without("LOG_LEVEL");
        setup.with("CONFIG", self.path().display()).start().await
    }
}

/// Tells it to read its files again, and waits until it has done so for the n-th time.
async fn hang_up(server: &Server, n: usize) {
    server.hang_up();
    server
        .eventually("the files were read again", async || {
            let times = server.log().matches("the files were read again").count();
            if times == n { Ok(()) } else { Err(times.to_string()) }
        })
        .await;
}

/// Makes the server say something, if `debug` is let through, and waits until it would have.
async fn provoke(server: &Server) {
    send_tcp(server.tcp.unwrap(), ["a line".to_owned()]);
    server.wait_for_metric("tailwater_connections 0").await;
}

#[tokio::test]
async fn the_log_level_of_the_file_is_taken_over_and_the_rest_is_said_to_wait() {
    let pair = Pair::memory_sqlite().await;
    let settings = Settings::new("log-level = \"info\"\n");
    let server = settings.start(&pair).await;
    provoke(&server).await;
    server.wait_balanced(1).await;
    assert!(!server.log().contains(DEBUG), "{}", server.log());

    settings.write("log-level = \"debug\"\nretention-age = \"5d\"\n");
    hang_up(&server, 1).await;
    let log = server.log();
    assert!(log.contains("the log level is another now from=info to=debug"), "{log}");
    assert!(log.contains("hold from the next start on settings=retention-age"), "{log}");
    provoke(&server).await;
    server.wait_for_log(DEBUG).await;

    settings.write("log-level = \"error\"\n");
    hang_up_in_silence(&server, &settings).await;
}

/// With `error` the process says nothing of what it reads, until it is told of `info` again.
async fn hang_up_in_silence(server: &Server, settings: &Settings) {
    server.hang_up();
    server.wait_for_log("from=debug to=error").await;
    let before = server.log();
    provoke(server).await;
    settings.write("log-level = \"info\"\n");
    server.hang_up();
    server.wait_for_log("from=error to=info").await;
    let since = server.log().split_off(before.len());
    assert!(!since.contains(DEBUG), "{since}");
}

#[tokio::test]
async fn a_file_that_cannot_be_used_changes_nothing_and_the_log_says_why() {
    let pair = Pair::memory_sqlite().await;
    let settings = Settings::new("log-level = \"info\"\n");
    let server = settings.start(&pair).await;
    let broken = [
        ("log-level = \"debug\"\nlog_level = 1\n", "unknown key `log_level`; did you mean"),
        ("log-level = \"tailwater=loud\"\n", "is not a level or filter of levels"),
        ("log-level = \"debug\"\nretention-age = \"soon\"\n", "`soon` is not a time such as"),
        ("log-level = \"debug\"\nudp =\n", "line 2: "),
    ];
    for (n, (text, why)) in (1..).zip(broken) {
        settings.write(text);
        hang_up(&server, n).await;
        let log = server.log();
        let said = log.lines().find(|line| line.contains(why));
        let said = said.unwrap_or_else(|| panic!("{why}\n{log}"));
        assert!(said.contains("the old settings stay in use"), "{said}");
        assert!(said.contains("tailwater.toml"), "{said}");
    }
    std::fs::remove_file(settings.path()).unwrap();
    hang_up(&server, broken.len() + 1).await;
    assert!(server.log().contains("No such file"), "{}", server.log());

    provoke(&server).await;
    server.wait_balanced(1).await;
    let log = server.log();
    assert!(!log.contains("the log level is another now") && !log.contains(DEBUG), "{log}");
}

#[tokio::test]
async fn a_variable_still_beats_the_file() {
    let pair = Pair::memory_sqlite().await;
    let settings = Settings::new("log-level = \"debug\"\n");
    let setup = pair.role("serve").with("LOG_LEVEL", "info");
    let server = setup.with("CONFIG", settings.path().display()).start().await;
    hang_up(&server, 1).await;
    provoke(&server).await;
    server.wait_balanced(1).await;
    let log = server.log();
    assert!(!log.contains("the log level is another now") && !log.contains(DEBUG), "{log}");
}
