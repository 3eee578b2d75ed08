//! Private servers for a run, set up as they come: nothing is made faster by being less safe.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::usage::Root;

/// A process of ours; asked to stop when dropped, and waited for.
pub struct Process {
    name: &'static str,
    child: Child,
    stop: Signal,
}

impl Process {
    /// Starts a command that is stopped by a signal.
    pub fn start(name: &'static str, command: &mut Command, stop: Signal) -> Self {
        let child = command.stdin(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        Process { name, child, stop }
    }

    pub fn root(&self) -> Root {
        Root { name: self.name, pid: self.child.id() }
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits until a local port answers.
    pub fn wait_for_port(&mut self, port: u16) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = self.child.try_wait().expect("the state of a child");
            assert!(ended.is_none(), "{} ended while it started", self.name);
            assert!(Instant::now() < deadline, "{} does not listen", self.name);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = kill(Pid::from_raw(self.child.id() as i32), self.stop);
        let _ = self.child.wait();
    }
}

/// A free port of this machine.
pub fn free_port() -> u16 {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    socket.local_addr().expect("the address of a socket").port()
}

/// Where the servers' programs are: Postgres's directory, and nats-server.
fn programs() -> &'static (PathBuf, PathBuf) {
    static PROGRAMS: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/test-needs");
        let output = Command::new(script).arg("--print").stderr(Stdio::inherit()).output();
        let output = output.expect("scripts/test-needs runs");
        assert!(output.status.success(), "Postgres or nats-server is missing");
        let text = String::from_utf8(output.stdout).expect("paths in UTF-8");
        let (postgres, nats) = text.trim().split_once('\n').expect("two paths");
        (postgres.into(), nats.into())
    })
}

/// nats-server with JetStream on disk.
pub struct Nats {
    pub process: Process,
    pub url: String,
    _directory: TempDir,
}

impl Nats {
    pub fn start() -> Self {
        let directory = TempDir::with_prefix("tailwater-bench-").expect("a directory");
        let port = free_port();
        let mut command = Command::new(&programs().1);
        command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"]);
        command.arg(directory.path()).stderr(Stdio::null());
        let mut process = Process::start("nats", &mut command, Signal::SIGINT);
        process.wait_for_port(port);
        Nats { process, url: format!("nats://127.0.0.1:{port}"), _directory: directory }
    }
}

/// Postgres with an empty database `bench` and its default settings.
pub struct Postgres {
    pub process: Process,
    pub port: u16,
    _directory: TempDir,
}

/// The user and the database of the bench.
pub const DATABASE: &str = "bench";

impl Postgres {
    pub fn start() -> Self {
        let directory = TempDir::with_prefix("tailwater-bench-").expect("a directory");
        let owner = unprivileged();
        if let Some((user, group)) = owner {
            chown(directory.path(), Some(user), Some(group)).expect("give the directory away");
        }
        let data = directory.path().join("data");
        let program = |name: &str| {
            let mut command = Command::new(programs().0.join(name));
            command.current_dir("/").arg("-D").arg(&data);
            if let Some((user, group)) = owner {
                command.uid(user).gid(group);
            }
            command
        };
        let mut initdb = program("initdb");
        let made =
            initdb.args(["-U", DATABASE, "-A", "trust", "-E", "UTF8", "--locale=C"]).output();
        let made = made.expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));

        let port = free_port();
        let log = fs::File::create(directory.path().join("log")).expect("a log file");
        let mut postgres = program("postgres");
        postgres.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k", ""]).stderr(log);
        let mut process = Process::start("postgres", &mut postgres, Signal::SIGINT);
        process.wait_for_port(port);
        let server = Postgres { process, port, _directory: directory };
        server.create_database();
        server
    }

    fn create_database(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.psql("postgres", &format!("create database {DATABASE}")).is_none() {
            assert!(Instant::now() < deadline, "Postgres makes no database");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What a statement answers, or `None` when it fails.
    pub fn psql(&self, database: &str, statement: &str) -> Option<String> {
        let output = Command::new(programs().0.join("psql"))
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", DATABASE])
            .args(["-d", database, "-XAtqc", statement])
            .output()
            .expect("psql runs");
        let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(answer)
    }

    pub fn url(&self) -> String {
        format!("postgres://{DATABASE}@127.0.0.1:{}/{DATABASE}", self.port)
    }
}

/// The user and group `postgres`, when we are root, as whom Postgres refuses to run.
fn unprivileged() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().expect("id runs");
        String::from_utf8_lossy(&output.stdout).trim().parse::<u32>().ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    id(&["-u", "postgres"]).zip(id(&["-g", "postgres"]))
}
