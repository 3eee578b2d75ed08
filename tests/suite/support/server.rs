//! A real `tailwater` process, with its addresses, its log and its end in the test's hands.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::Mutex as AsyncMutex;

use super::PATIENCE;
use super::visitor::Visitor;

/// A running process; killed when dropped.
pub struct Server {
    child: Child,
    pub udp: Option<SocketAddr>,
    pub tcp: Option<SocketAddr>,
    /// Syslog over TLS.
    pub tls: Option<SocketAddr>,
    pub http: SocketAddr,
    /// Its admin, once somebody has asked as that.
    pub(super) admin: AsyncMutex<Option<(Visitor, Instant)>>,
    log: LogOf,
    /// What it says on stdout and nobody has read yet.
    lines: mpsc::Receiver<String>,
}

/// The last lines of a process's log; outlives the process.
#[derive(Clone, Default)]
pub struct LogOf(Arc<Mutex<VecDeque<String>>>);

impl LogOf {
    pub fn read(&self) -> String {
        let log = self.0.lock().expect("the log is whole");
        log.iter().map(|line| format!("{line}\n")).collect()
    }

    fn keep_lines(&self, from: impl std::io::Read + Send + 'static) {
        let log = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                let mut log = log.0.lock().expect("the log is whole");
                log.push_back(line);
                if log.len() > 2_000 {
                    log.pop_front();
                }
            }
        });
    }
}

/// How to start one: a role and its variables.
#[derive(Clone, Debug)]
pub struct Setup {
    pub role: &'static str,
    pub variables: Vec<(String, String)>,
    /// How many files it may open, where that is not left to this process.
    files: Option<u64>,
}

impl Setup {
    pub fn new(role: &'static str) -> Setup {
        let setup = Setup { role, variables: Vec::new(), files: None }
            .with("UDP", "127.0.0.1:0")
            .with("TCP", "127.0.0.1:0")
            .with("HTTP", "127.0.0.1:0")
            .with("LOG_LEVEL", "debug,sqlx=info,hyper=info,async_nats=info");
        match role {
            "serve" | "api" => setup.with("ADMIN_PASSWORD", Server::ADMIN_PASSWORD),
            _ => setup,
        }
    }

    /// Sets `TAILWATER_<name>`.
    pub fn with(self, name: &str, value: impl ToString) -> Setup {
        let mut setup = self.without(name);
        setup.variables.push((format!("TAILWATER_{name}"), value.to_string()));
        setup
    }

    /// Lets it open so many files and no more.
    pub fn with_files(mut self, files: u64) -> Setup {
        self.files = Some(files);
        self
    }

    /// Leaves `TAILWATER_<name>` unset.
    pub fn without(mut self, name: &str) -> Setup {
        let name = format!("TAILWATER_{name}");
        self.variables.retain(|(known, _)| *known != name);
        self
    }

    /// Starts it, and waits until its parts are there.
    pub async fn start(&self) -> Server {
        let server = self.start_unready();
        server.wait_ready().await;
        server
    }

    /// Starts it, and waits until its sockets are there.
    pub fn start_unready(&self) -> Server {
        // Another build than the one that the tests were built with, where that is named.
        let named = std::env::var("TAILWATER_BIN");
        let binary = named.as_deref().unwrap_or(env!("CARGO_BIN_EXE_tailwater"));
        let mut command = match self.files {
            // It becomes what it starts.
            Some(files) => prlimit(&format!("{files}:{files}"), &[binary]),
            None => Command::new(binary),
        };
        command.arg(self.role).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TAILWATER_")) {
            command.env_remove(name);
        }
        command.env("TAILWATER_CONFIG", "/dev/null");
        command.envs(self.variables.iter().cloned());
        let mut child = command.spawn().expect("the tailwater binary starts");
        let log = LogOf::default();
        log.keep_lines(child.stderr.take().expect("stderr is piped"));

        let (sender, lines) = mpsc::channel();
        let stdout = child.stdout.take().expect("stdout is piped");
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut server = Server {
            child,
            udp: None,
            tcp: None,
            tls: None,
            http: ([0, 0, 0, 0], 0).into(),
            admin: AsyncMutex::default(),
            log,
            lines,
        };
        while server.http.port() == 0 {
            let line = server.said("listening ");
            let mut words = line.split_whitespace();
            let (kind, address) = (words.next(), words.next().unwrap_or_default());
            match kind {
                Some("udp") => server.udp = address.parse().ok(),
                Some("tcp") => server.tcp = address.parse().ok(),
                Some("tls") => server.tls = address.parse().ok(),
                Some("http") => {
                    let (_, address) = address.split_once("://").expect("a URL");
                    server.http = address.parse().expect("an address");
                }
                _ => {}
            }
        }
        server
    }
}

/// `prlimit` with a limit on open files, as `soft:hard`, where what is left out stays.
fn prlimit(files: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("prlimit");
    command.arg(format!("--nofile={files}")).args(arguments);
    command
}

impl Server {
    /// The password of the user `admin`, who is made at the first start.
    pub const ADMIN_PASSWORD: &str = "only for tests";

    /// Waits until `/readyz` says 200.
    pub async fn wait_ready(&self) {
        let url = format!("http://{}/readyz", self.http);
        self.eventually("it is ready", async || match super::http().get(&url).send().await {
            Ok(answer) if answer.status() == 200 => Ok(()),
            Ok(answer) => Err(answer.text().await.unwrap_or_default()),
            Err(error) => Err(error.to_string()),
        })
        .await;
    }

    /// Waits until a question is answered with `Ok`, asking again and again; panics with the last
    /// answer and the log when it never is.
    pub async fn eventually<T>(
        &self,
        what: &str,
        mut ask: impl AsyncFnMut() -> Result<T, String>,
    ) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match ask().await {
                Ok(answer) => return answer,
                Err(answer) if Instant::now() > deadline => {
                    panic!("never: {what}; last: {answer}\n{}", self.log());
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    /// Waits for a line of its log that holds `text`.
    pub async fn wait_for_log(&self, text: &str) {
        self.eventually(&format!("the log says `{text}`"), async || {
            if self.log().contains(text) { Ok(()) } else { Err(String::new()) }
        })
        .await;
    }

    /// Waits until `/metrics` has this line.
    pub async fn wait_for_metric(&self, line: &str) {
        self.eventually(&format!("/metrics says `{line}`"), async || {
            let page = self.metrics().await?;
            if page.lines().any(|found| found == line) { Ok(()) } else { Err(page) }
        })
        .await;
    }

    /// What `/metrics` says.
    pub async fn metrics(&self) -> Result<String, String> {
        let url = format!("http://{}/metrics", self.http);
        let answer = super::http().get(&url).send().await.map_err(|e| e.to_string())?;
        answer.text().await.map_err(|e| e.to_string())
    }

    /// Waits until records were rejected for this reason.
    pub async fn wait_for_rejected(&self, reason: &str) {
        let line = format!("tailwater_rejected_total{{reason=\"{reason}\"}}");
        self.eventually(&format!("{reason} is counted"), async || {
            let page = self.metrics().await?;
            if page.contains(&line) { Ok(()) } else { Err(page) }
        })
        .await;
    }

    /// The rest of the next line of its stdout that begins so.
    pub fn said(&self, beginning: &str) -> String {
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                panic!("it never said `{beginning}`:\n{}", self.log());
            };
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.trim().to_owned();
            }
        }
    }

    /// The last lines of its log.
    pub fn log(&self) -> String {
        self.log.read()
    }

    /// Its log, to be read after its end.
    pub fn log_handle(&self) -> LogOf {
        self.log.clone()
    }

    /// The most memory it ever held, in bytes.
    pub fn peak_memory(&self) -> u64 {
        self.memory_line("VmHWM:")
    }

    /// The memory that it holds, in bytes.
    pub fn memory(&self) -> u64 {
        self.memory_line("VmRSS:")
    }

    fn memory_line(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.expect("the process lives");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a size");
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kib << 10
    }

    /// How many files it has open, sockets among them.
    pub fn open_files(&self) -> usize {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.pid()));
        files.expect("the process lives").count()
    }

    /// Lets it open so many files and no more, from now on.
    pub fn limit_files(&self, files: u64) {
        let mut limited = prlimit(&format!("{files}:"), &["--pid", &self.pid().to_string()]);
        assert!(limited.status().expect("prlimit runs").success());
    }

    /// The time that it has spent computing so far, in user code and in the kernel.
    pub fn cpu_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid()));
        let stat = stat.expect("the process lives");
        // What follows the name, which is in parentheses: the state is the third field, and the
        // times are the 14th and the 15th, in ticks of which Linux shows 100 a second.
        let (_, fields) = stat.rsplit_once(") ").expect("a name");
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().expect("a number"))
            .sum();
        Duration::from_millis(10 * ticks)
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"))
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process ends");
    }

    /// SIGHUP.
    pub fn hang_up(&self) {
        kill(self.pid(), Signal::SIGHUP).expect("the process can be told");
    }

    /// SIGTERM.
    pub fn tell_to_stop(&self) {
        kill(self.pid(), Signal::SIGTERM).expect("the process can be told to stop");
    }

    /// SIGTERM, and waits for the end.
    pub async fn terminate(self) -> ExitStatus {
        self.tell_to_stop();
        self.ended().await
    }

    /// SIGTERM, and what it says on stdout to its end.
    pub fn last_words(self) -> Vec<String> {
        self.tell_to_stop();
        self.lines.iter().collect()
    }

    /// Waits for the end.
    pub async fn ended(mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the process can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "it did not stop:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- log of {} ---\n{}", self.child.id(), self.log());
        }
    }
}
