//! Clients that ask for the newest lines of a host, each again as soon as it has its answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;

use crate::Options;
use crate::load::{Load, Transport};
use crate::service::Service;
use crate::spread::Durations;
use crate::table::Row;
use crate::tailwater::Tailwater;
use crate::usage;

/// What is asked: what a list of lines shows.
const QUERY: &str = "query ($host: String!) { logs(first: 100, filter: { hosts: [$host] }) \
    { edges { node { id timestamp severity host app message } } } }";
/// Hosts that are asked about.
const HOSTS: usize = 200;
/// Questions of each client that warm up.
const WARM_UP: usize = 20;

/// Asks for a while; with a rate, while so many lines a second come in.
pub async fn measure(
    name: String,
    service: &mut Tailwater,
    options: &Options,
    rate: Option<u64>,
) -> Row {
    let (http, token) = (service.http(), service.fresh_token());
    let time = Duration::from_secs(options.seconds);
    let clients: Vec<Client> = futures_util::future::join_all(
        (0..options.clients).map(|number| Client::connect(http, token.clone(), number)),
    )
    .await;
    let roots = service.roots();
    let load = rate.map(|rate| Load {
        to: service.address(Transport::Tcp),
        transport: Transport::Tcp,
        lines: rate * options.seconds,
        rate: Some(rate),
    });
    let sender = load.map(|load| spawn_blocking(move || load.send()));
    let before = usage::read(&roots);
    let began = Instant::now();
    let asked = clients.into_iter().map(|client| tokio::spawn(client.ask_until(began + time)));
    let mut took = Durations::default();
    for client in futures_util::future::join_all(asked).await {
        took.extend(client.expect("a client asks to the end"));
    }
    let elapsed = began.elapsed().as_secs_f64();
    let used = usage::read(&roots);
    if let Some(sender) = sender {
        sender.await.expect("the sender ends").expect("the lines can be sent");
    }
    let part = |now: &usage::Usage, then: &usage::Usage| {
        (now.name, (now.cpu - then.cpu).as_secs_f64() / elapsed)
    };
    let parts: Vec<_> = used.iter().zip(&before).map(|(now, then)| part(now, then)).collect();
    Row {
        name,
        rate: took.len() as f64 / elapsed,
        p50: took.quantile(0.5),
        p99: took.quantile(0.99),
        cores: parts.iter().map(|(_, cores)| cores).sum(),
        memory: used.first().map_or(0.0, |service| service.memory as f64 / 1e6),
        parts,
        wrong: 0,
    }
}

/// A client with a connection of its own.
struct Client {
    stream: TcpStream,
    requests: Vec<Vec<u8>>,
    next: usize,
    answer: Vec<u8>,
}

impl Client {
    async fn connect(http: SocketAddr, token: String, number: usize) -> Client {
        let stream = TcpStream::connect(http).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket takes its options");
        let requests = (0..HOSTS)
            .map(|host| {
                let variables = json!({ "host": format!("host-{host:03}") });
                let body = json!({ "query": QUERY, "variables": variables }).to_string();
                let head = format!(
                    "POST /graphql HTTP/1.1\r\nHost: {http}\r\nAuthorization: Bearer {token}\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                (head + &body).into_bytes()
            })
            .collect();
        let next = number * 37;
        let mut client = Client { stream, requests, next, answer: Vec::new() };
        for _ in 0..WARM_UP {
            client.ask().await;
        }
        client
    }

    async fn ask_until(mut self, end: Instant) -> Durations {
        let mut took = Durations::default();
        while Instant::now() < end {
            let began = Instant::now();
            self.ask().await;
            took.add(began.elapsed());
        }
        took
    }

    /// Asks, and reads the whole answer, which has a hundred lines.
    async fn ask(&mut self) {
        self.next = (self.next + 1) % self.requests.len();
        self.stream.write_all(&self.requests[self.next]).await.expect("a request is taken");
        self.answer.clear();
        let (head, length) = loop {
            self.stream.read_buf(&mut self.answer).await.expect("an answer comes");
            if let Some(end) = memchr::memmem::find(&self.answer, b"\r\n\r\n") {
                let head = std::str::from_utf8(&self.answer[..end]).expect("a head in ASCII");
                assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                break (end + 4, content_length(head));
            }
        };
        while self.answer.len() < head + length {
            self.stream.read_buf(&mut self.answer).await.expect("the answer goes on");
        }
        let lines = memchr::memmem::find_iter(&self.answer, b"\"message\":").count();
        assert_eq!(lines, 100, "{}", String::from_utf8_lossy(&self.answer));
    }
}

fn content_length(head: &str) -> usize {
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    value.expect("the length of the answer")
}
