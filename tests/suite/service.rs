//! What a service manager is told (`sd_notify`): systemd starts and stops by it.

use std::os::unix::net::UnixDatagram;

use tempfile::TempDir;

use crate::support::PATIENCE;
use crate::support::pair::Pair;
use crate::support::postgres::Postgres;
use crate::support::server::Setup;

/// Stands for systemd: the socket that a service speaks to.
struct Manager {
    socket: UnixDatagram,
    directory: TempDir,
}

impl Manager {
    fn new() -> Manager {
        let directory = tempfile::tempdir().expect("a directory");
        let socket = UnixDatagram::bind(directory.path().join("notify")).expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("it can wait");
        Manager { socket, directory }
    }

    /// The same, for a process that it starts.
    fn of(&self, mut setup: Setup) -> Setup {
        let path = self.directory.path().join("notify").display().to_string();
        setup.variables.push(("NOTIFY_SOCKET".to_owned(), path));
        setup
    }

    /// The next thing that it is told.
    fn told(&self) -> Vec<String> {
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer).expect("it is told something");
        let text = std::str::from_utf8(&buffer[..length]).expect("text");
        text.lines().map(str::to_owned).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_told_of_the_start_of_a_reload_and_of_the_stop() {
    let pair = Pair::memory_sqlite().await;
    let manager = Manager::new();
    let setup = pair.role("serve").with("SHUTDOWN_TIMEOUT", "10m");
    let server = manager.of(setup).start().await;
    assert_eq!(manager.told(), ["READY=1", "STATUS=listening; waiting for what it needs"]);
    assert_eq!(manager.told(), ["STATUS=running"]);

    server.hang_up();
    let reloading = manager.told();
    assert_eq!(reloading[0], "RELOADING=1");
    assert!(reloading[1].starts_with("MONOTONIC_USEC="), "{reloading:?}");
    assert_eq!(manager.told(), ["READY=1"]);

    assert!(server.terminate().await.success());
    let stopping = manager.told();
    assert_eq!(stopping[0], "STOPPING=1");
    // Ten minutes, and something for the rest.
    assert_eq!(stopping[2], "EXTEND_TIMEOUT_USEC=615000000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_does_not_hold_up_the_start() {
    let mut postgres = Postgres::start();
    let database_url = postgres.database().await;
    postgres.kill();
    let manager = Manager::new();
    let server = manager.of(Setup::new("serve").with("DATABASE_URL", database_url)).start_unready();
    assert_eq!(manager.told()[0], "READY=1");
    server.wait_for_log("not available").await;
    assert!(server.terminate().await.success());
    assert_eq!(manager.told()[0], "STOPPING=1");
}
