//! `tailwater serve` as the subject: embedded, or with NATS and Postgres.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::load::Transport;
use crate::servers::{Nats, Postgres, Process};
use crate::service::{Progress, Service};
use crate::usage::Root;

/// The password of the user `admin`, who is made at the first start.
const ADMIN_PASSWORD: &str = "only for the bench";

/// A running service. Its fields are dropped in flow order.
pub struct Tailwater {
    process: Process,
    addresses: Addresses,
    /// What the admin asks with.
    access_token: String,
    nats: Option<Nats>,
    postgres: Option<Postgres>,
    _directory: TempDir,
}

struct Addresses {
    udp: SocketAddr,
    tcp: SocketAddr,
    http: SocketAddr,
}

impl Tailwater {
    /// The embedded default: SQLite, and a queue in memory.
    pub fn embedded() -> Self {
        Self::start(None, None)
    }

    /// NATS JetStream and Postgres.
    pub fn distributed() -> Self {
        Self::start(Some(Nats::start()), Some(Postgres::start()))
    }

    fn start(nats: Option<Nats>, postgres: Option<Postgres>) -> Self {
        let directory = TempDir::with_prefix("tailwater-bench-").expect("a directory");
        let mut command = Command::new(env!("CARGO_BIN_EXE_tailwater"));
        command.arg("serve").current_dir(directory.path()).stdout(Stdio::piped());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TAILWATER_")) {
            command.env_remove(name);
        }
        for option in ["--udp", "--tcp", "--http"] {
            command.args([option, "127.0.0.1:0"]);
        }
        command.args(["--log-level", "warn"]);
        command.env("TAILWATER_ADMIN_PASSWORD", ADMIN_PASSWORD);
        if let Some(nats) = &nats {
            command.args(["--nats-url", &nats.url]);
        }
        if let Some(postgres) = &postgres {
            command.args(["--database-url", &postgres.url()]);
        }
        let mut process = Process::start("tailwater", &mut command, Signal::SIGTERM);
        let stdout = process.child().stdout.take().expect("its output is piped");
        let mut service = Tailwater {
            process,
            addresses: Addresses::read(stdout),
            access_token: String::new(),
            nats,
            postgres,
            _directory: directory,
        };
        service.wait_until_ready();
        service.sign_in();
        service
    }

    /// Where it answers.
    pub fn http(&self) -> SocketAddr {
        self.addresses.http
    }

    /// An access token that is good for some minutes.
    pub fn fresh_token(&mut self) -> String {
        self.access_token.clear();
        self.sign_in();
        self.access_token.clone()
    }

    fn sign_in(&mut self) {
        let login = format!(
            r#"mutation {{ login(username: "admin", password: "{ADMIN_PASSWORD}") {{ accessToken }} }}"#
        );
        let answer = self.ask(&login);
        let token = answer["data"]["login"]["accessToken"].as_str();
        self.access_token = token.unwrap_or_else(|| panic!("no sign-in: {answer}")).to_owned();
    }

    fn wait_until_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.request("GET /readyz", "").starts_with("HTTP/1.0 200") {
            assert!(Instant::now() < deadline, "tailwater does not get ready");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The answer to an HTTP request, head and body; empty when there is none.
    fn request(&self, what: &str, body: &str) -> String {
        let mut answer = String::new();
        let asked = TcpStream::connect(self.addresses.http).and_then(|mut stream| {
            write!(
                stream,
                "{what} HTTP/1.0\r\nHost: {}\r\nContent-Type: application/json\r\n\
                 {}Content-Length: {}\r\n\r\n{body}",
                self.addresses.http,
                self.authorization(),
                body.len(),
            )?;
            stream.read_to_string(&mut answer)
        });
        asked.map_or_else(|_| String::new(), |_| answer)
    }

    /// The header that says who asks; none before the sign-in.
    fn authorization(&self) -> String {
        match self.access_token.as_str() {
            "" => String::new(),
            token => format!("Authorization: Bearer {token}\r\n"),
        }
    }

    /// The answer to an operation.
    fn ask(&self, query: &str) -> Value {
        let answer = self.request("POST /graphql", &json!({ "query": query }).to_string());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        serde_json::from_str(body).unwrap_or_else(|error| panic!("no JSON ({error}): {answer}"))
    }

    /// The accounting. A run may outlast an access token, so one that has expired is renewed.
    fn accounting(&mut self) -> Accounting {
        let mut answer = self.ask(QUESTION);
        if answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED" {
            self.access_token.clear();
            self.sign_in();
            answer = self.ask(QUESTION);
        }
        serde_json::from_value(answer["data"]["pipeline"].take())
            .unwrap_or_else(|error| panic!("no accounting ({error}): {answer}"))
    }
}

const QUESTION: &str = "{ pipeline { stored rejected { count } dropped { count } inFlight } }";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accounting {
    stored: u64,
    rejected: Vec<Count>,
    dropped: Vec<Count>,
    in_flight: u64,
}

#[derive(Deserialize)]
struct Count {
    count: u64,
}

impl Service for Tailwater {
    fn address(&self, transport: Transport) -> SocketAddr {
        match transport {
            Transport::Tcp => self.addresses.tcp,
            Transport::Udp => self.addresses.udp,
        }
    }

    fn roots(&self) -> Vec<Root> {
        let nats = self.nats.as_ref().map(|nats| nats.process.root());
        let postgres = self.postgres.as_ref().map(|postgres| postgres.process.root());
        [Some(self.process.root()), nats, postgres].into_iter().flatten().collect()
    }

    fn progress(&mut self) -> Progress {
        let now = self.accounting();
        let lost: u64 = now.rejected.iter().chain(&now.dropped).map(|reason| reason.count).sum();
        Progress { stored: now.stored, settled: now.stored + lost }
    }

    fn stored(&mut self) -> u64 {
        let now = self.accounting();
        assert_eq!(now.in_flight, 0, "what was received is still in flight");
        now.stored
    }
}

impl Addresses {
    /// Reads the lines `listening udp 127.0.0.1:40001` and so on, which come as the sockets do.
    fn read(output: ChildStdout) -> Self {
        let (mut udp, mut tcp, mut http) = (None, None, None);
        let mut lines = BufReader::new(output).lines();
        while udp.is_none() || tcp.is_none() || http.is_none() {
            let line = lines.next().expect("tailwater says where it listens").expect("text");
            let Some(listening) = line.strip_prefix("listening ") else { continue };
            let (kind, address) = listening.split_once(' ').expect("a kind and an address");
            let address = address.trim_start_matches("http://").parse().ok();
            match kind {
                "udp" => udp = address,
                "tcp" => tcp = address,
                "http" => http = address,
                _ => {}
            }
        }
        // What it may print later goes nowhere, but must find an open pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let said = "the loop ends when all are said";
        Addresses { udp: udp.expect(said), tcp: tcp.expect(said), http: http.expect(said) }
    }
}
