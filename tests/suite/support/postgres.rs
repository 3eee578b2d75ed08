//! A private Postgres, on loopback, in a directory of its own.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use super::disk::SmallDisk;

/// A running Postgres; stopped, and its data removed, when dropped or when this process ends,
/// however it ends.
pub struct Postgres {
    directory: TempDir,
    port: u16,
    /// Runs the server until its standard input closes.
    guard: Guard,
    databases: AtomicU32,
}

struct Guard {
    process: Child,
    alive: Option<ChildStdin>,
}

/// Starts the server ("$@") and stops it when nobody holds the other end of the input any more.
/// Its data goes with it, unless the last word was to keep them.
const GUARD: &str = r#"
directory=$1; shift
"$@" >>"$directory/log" 2>&1 </dev/null &
server=$!
last_words=$(cat)
kill -QUIT $server 2>/dev/null
wait $server
[ "$last_words" = keep ] || rm -rf "$directory"
"#;

impl Postgres {
    /// Starts a server of this test's own.
    pub fn start() -> Self {
        let directory = TempDir::with_prefix("tailwater-postgres-").expect("a directory");
        if let Some((user, group)) = unprivileged() {
            chown(directory.path(), Some(user), Some(group)).expect("give the directory away");
        }
        let made = command(&binary("initdb"))
            .arg("-D")
            .arg(directory.path().join("data"))
            .args(["-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
            .output()
            .expect("run initdb");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let guard = run(directory.path(), port);
        let server = Postgres { directory, port, guard, databases: AtomicU32::new(0) };
        server.wait_until_up();
        server
    }

    /// The server that tests share which do it no harm.
    pub fn shared() -> &'static Postgres {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Postgres::start)
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:secret@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a new, empty database and returns its URL.
    pub async fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let mut admin = PgConnection::connect(&self.url("postgres")).await.expect("connect");
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut admin)
            .await
            .expect("create a database");
        self.url(&name)
    }

    /// What `pg_dump` makes of a database.
    pub fn dump(&self, url: &str) -> Vec<u8> {
        let dump = Command::new(binary("pg_dump")).args(["--no-owner", "--dbname", url]).output();
        let dump = dump.expect("run pg_dump");
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        dump.stdout
    }

    /// A new database with what a dump holds; its URL.
    pub async fn restored(&self, dump: &[u8]) -> String {
        let url = self.database().await;
        let mut psql = Command::new(binary("psql"))
            .args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", &url])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("run psql");
        let mut stdin = psql.stdin.take().expect("its input is piped");
        stdin.write_all(dump).expect("psql reads");
        drop(stdin);
        assert!(psql.wait().expect("psql ends").success());
        url
    }

    /// Makes a new, empty database on a disk of the test's own. What the server writes ahead stays
    /// where it was.
    pub async fn database_on(&self, disk: &SmallDisk) -> String {
        disk.give_to(unprivileged().expect("who may mount a disk is root"));
        let mut admin = PgConnection::connect(&self.url("postgres")).await.expect("connect");
        let place = format!("CREATE TABLESPACE small LOCATION '{}'", disk.path().display());
        for statement in [place, "CREATE DATABASE small TABLESPACE small".to_owned()] {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await.expect("it is right");
        }
        self.url("small")
    }

    /// Kills the server at once (SIGKILL), and waits until its backends have followed.
    pub fn kill(&mut self) {
        let file = self.directory.path().join("data/postmaster.pid");
        let text = fs::read_to_string(file).expect("the server's pid file");
        let pid = text.lines().next().expect("a pid");
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let killed = Command::new("kill").args(["-KILL", pid]).status().expect("run kill");
        assert!(killed.success());
        let deadline = Instant::now() + super::PATIENCE;
        for child in children.expect("the server's children").split_whitespace() {
            while Path::new("/proc").join(child).exists() {
                assert!(Instant::now() < deadline, "a backend outlives its server");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }

    /// Starts it again after [`kill`](Self::kill), on the same port and the same data.
    pub fn restart(&mut self) {
        if let Some(alive) = &mut self.guard.alive {
            alive.write_all(b"keep").expect("the guard listens");
        }
        self.guard.stop();
        self.guard = run(self.directory.path(), self.port);
        self.wait_until_up();
    }

    fn wait_until_up(&self) {
        let deadline = Instant::now() + super::PATIENCE;
        let ready = binary("pg_isready");
        loop {
            let answer = Command::new(&ready)
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .expect("run pg_isready");
            if answer.success() {
                return;
            }
            let log = || fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "Postgres does not come up:\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Guard {
    fn of(mut process: Child) -> Self {
        let alive = process.stdin.take();
        Guard { process, alive }
    }

    /// Stops the server and waits for its end.
    fn stop(&mut self) {
        self.alive = None;
        self.process.wait().expect("the guard ends");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.guard.stop();
    }
}

fn run(directory: &Path, port: u16) -> Guard {
    let process = command(Path::new("sh"))
        .args(["-c", GUARD, "guard"])
        .arg(directory)
        .arg(binary("postgres"))
        .arg("-D")
        .arg(directory.join("data"))
        .args(["-h", "127.0.0.1", "-p", &port.to_string()])
        .arg("-k")
        .arg(directory)
        .args(["-c", "max_connections=200", "-c", "fsync=off"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("start Postgres");
    Guard::of(process)
}

/// A command that runs as somebody whom Postgres accepts: it refuses to run as root.
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    command
}

/// The user and group `postgres`, when we are root.
fn unprivileged() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().expect("run id");
        String::from_utf8_lossy(&output.stdout).trim().parse::<u32>().ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    id(&["-u", "postgres"]).zip(id(&["-g", "postgres"]))
}

/// A program of Postgres: from `TAILWATER_TEST_PG_BIN`, PATH, or where Debian keeps them.
fn binary(name: &str) -> PathBuf {
    if let Some(directory) = std::env::var_os("TAILWATER_TEST_PG_BIN") {
        return Path::new(&directory).join(name);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|v| v.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    std::env::split_paths(&path)
        .chain(debian.into_iter().rev())
        .map(|directory| directory.join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("no {name} found; install it: apt-get install postgresql"))
}
