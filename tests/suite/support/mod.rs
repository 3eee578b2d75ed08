//! Real servers and real clients for the tests.

pub mod client;
pub mod clock;
pub mod copy;
pub mod disk;
pub mod duckdb;
pub mod graphql;
pub mod nats;
pub mod pair;
pub mod postgres;
pub mod proxy;
pub mod server;
pub mod socket;
pub mod visitor;

use std::fmt::Write as _;
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::OnceLock;
use std::time::Duration;

/// How long a test waits for what must come; reached only when something is broken.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The HTTP client of the tests.
pub fn http() -> reqwest::Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().timeout(PATIENCE).build().expect("a client")
}

/// The n-th line of a test, in RFC 5424.
pub fn line(n: usize) -> String {
    let host = n % 7;
    format!("<134>1 2026-01-02T03:04:05.{:06}Z host-{host} app {n} - - line {n}", n % 1_000_000)
}

/// Text that hardly compresses, the same in each run.
pub struct Noise(pub u64);

impl Noise {
    /// Hexadecimal digits that follow no pattern.
    pub fn hex(&mut self, length: usize) -> String {
        let mut text = String::with_capacity(length + 16);
        while text.len() < length {
            // The generator of Knuth's MMIX, its weak low bits mixed with better ones.
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let _ = write!(text, "{:016x}", self.0 ^ (self.0 >> 29));
        }
        text.truncate(length);
        text
    }
}

/// Sends lines over one TCP connection and closes it.
pub fn send_tcp(to: SocketAddr, lines: impl IntoIterator<Item = String>) {
    let mut stream = TcpStream::connect(to).expect("a connection");
    let mut buffer = String::new();
    for line in lines {
        buffer.push_str(&line);
        buffer.push('\n');
        if buffer.len() > 32 << 10 {
            stream.write_all(buffer.as_bytes()).expect("it can be written");
            buffer.clear();
        }
    }
    stream.write_all(buffer.as_bytes()).expect("it can be written");
}

/// Sends datagrams.
pub fn send_udp(to: SocketAddr, lines: impl IntoIterator<Item = String>) {
    let local = if to.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
    let socket = UdpSocket::bind(local).expect("a socket");
    for line in lines {
        socket.send_to(line.as_bytes(), to).expect("it can be sent");
    }
}

/// The messages of [`line`]s `from..to`.
pub fn messages(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| format!("line {n}")).collect()
}

/// Asserts that the ids are contiguous from 1 and gives the messages in their order.
pub fn contiguous(logs: Vec<(i64, String)>) -> Vec<String> {
    for (n, (id, message)) in logs.iter().enumerate() {
        assert_eq!(*id, n as i64 + 1, "ids are contiguous; here stands `{message}`");
    }
    logs.into_iter().map(|(_, message)| message).collect()
}

/// Waits for what must come.
#[track_caller]
pub fn soon<F: Future>(what: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move {
        match tokio::time::timeout(PATIENCE, what).await {
            Ok(output) => output,
            Err(_) => panic!("still waiting after {PATIENCE:?}, at {caller}"),
        }
    }
}

/// Asks until the answer is yes.
#[track_caller]
pub fn until<F: AsyncFnMut() -> bool>(mut holds: F) -> impl Future<Output = ()> {
    soon(async move {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
}
