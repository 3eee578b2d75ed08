//! A private nats-server with JetStream, on loopback, in a directory of its own.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::disk::SmallDisk;

/// A running nats-server; killed when dropped.
pub struct NatsServer {
    child: Child,
    directory: TempDir,
    /// Where its streams are.
    store: PathBuf,
    port: u16,
}

impl NatsServer {
    /// Starts a server on a free port of its own choice.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with arguments of its own (which a restart leaves out).
    pub fn start_with(arguments: &[&str]) -> Self {
        let directory = TempDir::with_prefix("tailwater-nats-").expect("a directory");
        let store = directory.path().to_owned();
        Self::start_in(directory, store, arguments)
    }

    /// The same, with its streams on a disk of the test's own.
    pub fn start_on(disk: &SmallDisk) -> Self {
        let directory = TempDir::with_prefix("tailwater-nats-").expect("a directory");
        Self::start_in(directory, disk.path().to_owned(), &[])
    }

    fn start_in(directory: TempDir, store: PathBuf, arguments: &[&str]) -> Self {
        let child = spawn(directory.path(), &store, "-1", arguments);
        let ports = directory.path().join(format!("nats-server_{}.ports", child.id()));
        let mut server = NatsServer { child, directory, store, port: 0 };
        server.wait_for("its ports file", |server| {
            server.port = fs::read(&ports).ok().and_then(|ports| read_port(&ports)).unwrap_or(0);
            server.port != 0
        });
        server
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    pub fn url(&self) -> String {
        format!("nats://{}", self.address())
    }

    /// Kills it at once (SIGKILL).
    pub fn kill(&mut self) {
        self.child.kill().expect("kill nats-server");
        self.child.wait().expect("nats-server ends");
    }

    /// Starts it again after [`kill`](Self::kill), on the same port and the same store.
    pub fn restart(&mut self) {
        self.child = spawn(self.directory.path(), &self.store, &self.port.to_string(), &[]);
        self.wait_for("it to listen", |server| TcpStream::connect(server.address()).is_ok());
    }

    fn wait_for(&mut self, what: &str, mut there: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + super::PATIENCE;
        while !there(self) {
            if let Some(status) = self.child.try_wait().expect("state of nats-server") {
                panic!("nats-server ended with {status}:\n{}", self.log());
            }
            assert!(Instant::now() < deadline, "waited too long for {what}:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        // It may have been killed by the test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(directory: &Path, store: &Path, port: &str, arguments: &[&str]) -> Child {
    Command::new(binary())
        .args(["--addr", "127.0.0.1", "--port", port, "--jetstream"])
        .args(arguments)
        .arg("--store_dir")
        .arg(store)
        .arg("--ports_file_dir")
        .arg(directory)
        .arg("--log")
        .arg(directory.join("log"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("start nats-server")
}

/// Reads the client port from `{"nats": ["nats://127.0.0.1:1234"], …}`.
fn read_port(ports: &[u8]) -> Option<u16> {
    let ports: serde_json::Value = serde_json::from_slice(ports).ok()?;
    ports["nats"][0].as_str()?.rsplit(':').next()?.parse().ok()
}

/// The server's program: `TAILWATER_TEST_NATS_SERVER`, else from PATH and the usual places.
fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("TAILWATER_TEST_NATS_SERVER") {
        return path.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools");
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/bin".into(), tools])
        .map(|directory| directory.join("nats-server"))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("no nats-server found; install it: apt-get install nats-server"))
}
