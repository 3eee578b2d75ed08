//! Many at once: connections that do nothing or next to nothing, more of them than there are files,
//! and first chunks of messages that never end. Whoever behaves still gets in.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;
use socket2::{Domain, Socket, Type};

use super::is_well;
use crate::support::pair::Pair;
use crate::support::server::Server;
use crate::support::{PATIENCE, line, send_tcp};

/// The one who floods. Whoever behaves comes from 127.0.0.1.
const FLOODER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// What 2,000 connections may cost, in bytes: 16 KiB each and something for their tasks.
const GROWTH: u64 = 64 << 20;
/// The idle and the slow.
const MANY: usize = 2_000;

/// Opens a connection from this address of this machine.
fn connect_from(address: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from((address, 0)).into()).expect("an address of loopback");
    socket.connect_timeout(&to.into(), PATIENCE).expect("a connection");
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    stream
}

/// Lets this process hold the other ends of so many connections.
fn raise_own_limit() {
    let (_, highest) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    setrlimit(Resource::RLIMIT_NOFILE, highest, highest).expect("it can be raised");
}

/// Whether the other side has closed without a word.
fn is_closed(stream: &mut TcpStream) -> bool {
    // A reset is a close, too.
    matches!(stream.read(&mut [0]), Ok(0) | Err(_))
}

/// What the process computes while nothing is asked of it is next to nothing.
async fn assert_no_spin(server: &Server) {
    const MOMENT: Duration = Duration::from_secs(1);
    let before = server.cpu_time();
    tokio::time::sleep(MOMENT).await;
    let spent = server.cpu_time() - before;
    assert!(spent < MOMENT / 5, "it spins: {spent:?} within {MOMENT:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_idle_and_slow_senders_keep_nobody_out() {
    const SLOW: usize = 500;
    const LINES: usize = 1_000;
    raise_own_limit();
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    is_well(&server).await;
    let (to, before) = (server.tcp.unwrap(), server.memory());
    let mut crowd: Vec<TcpStream> = (0..MANY).map(|_| connect_from(FLOODER, to)).collect();
    server.wait_for_metric(&format!("tailwater_connections {MANY}")).await;
    for _ in 0..3 {
        crowd.iter_mut().take(SLOW).for_each(|slow| slow.write_all(b"x").unwrap());
        send_tcp(to, (0..LINES).map(line));
    }
    let stored = 1 + 3 * LINES as u64;
    server.wait_balanced(stored).await;
    let grown = server.memory().saturating_sub(before);
    assert!(grown < GROWTH, "{} MiB for {MANY} connections", grown >> 20);
    assert_no_spin(&server).await;
    // What the slow ones had said of their lines is stored, too.
    drop(crowd);
    server.wait_balanced(stored + SLOW as u64).await;
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_idle_clients_of_http_keep_nobody_out() {
    raise_own_limit();
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").with("HEADER_TIMEOUT", "20s").start().await;
    is_well(&server).await;
    let before = server.memory();
    let mut crowd: Vec<TcpStream> = (0..MANY).map(|_| connect_from(FLOODER, server.http)).collect();
    // Their share is half of all places; for the rest of them there is nothing to wait for.
    let refused = |line: &str| {
        let count =
            line.strip_prefix(r#"tailwater_connections_refused_total{listener="http"} "#)?;
        count.parse::<usize>().ok()
    };
    server
        .eventually("those beyond the share of an address are closed", async || {
            let page = server.metrics().await?;
            let refused = page.lines().find_map(refused);
            if refused >= Some(MANY - 1_024) { Ok(()) } else { Err(page) }
        })
        .await;
    assert_eq!(server.admin().await.code("{ me { id } }", json!({})).await, "OK");
    let grown = server.memory().saturating_sub(before);
    assert!(grown < GROWTH, "{} MiB for {MANY} connections", grown >> 20);
    // Nor do the others stay who never ask.
    assert!(crowd.iter_mut().all(is_closed));
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_does_not_take_every_place() {
    const SHARE: usize = 10;
    let pair = Pair::memory_sqlite().await;
    let share = |name: &str| format!("MAX_{name}CONNECTIONS_PER_ADDRESS");
    let setup = pair.role("serve").with(&share(""), SHARE).with(&share("HTTP_"), SHARE);
    let setup = setup.with("MAX_CONNECTIONS", 2 * SHARE).with("HEADER_TIMEOUT", "60s");
    let server = setup.start().await;
    let mut senders: Vec<TcpStream> =
        (0..3 * SHARE).map(|_| connect_from(FLOODER, server.tcp.unwrap())).collect();
    let mut clients: Vec<TcpStream> =
        (0..3 * SHARE).map(|_| connect_from(FLOODER, server.http)).collect();
    for crowd in [&mut senders, &mut clients] {
        assert!(crowd.drain(SHARE..).all(|mut stream| is_closed(&mut stream)));
    }
    is_well(&server).await;
    for name in ["tcp", "http"] {
        let line = format!("tailwater_connections_refused_total{{listener=\"{name}\"}} 20");
        server.wait_for_metric(&line).await;
    }
    // Its places are its own: one that it leaves it may take again.
    senders.pop();
    server.wait_for_metric(&format!("tailwater_connections {}", SHARE - 1)).await;
    let mut again = connect_from(FLOODER, server.tcp.unwrap());
    again.write_all(b"<13>again\n").unwrap();
    server.wait_for_metric(&format!("tailwater_connections {SHARE}")).await;
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_files_are_shared_out_and_the_database_keeps_its_own() {
    const FILES: u64 = 160;
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").with_files(FILES).start().await;
    server.wait_for_log("the limit on open files (ulimit -n) is too low").await;
    let mut crowd: Vec<TcpStream> = Vec::new();
    for _ in 0..FILES {
        crowd.push(connect_from(FLOODER, server.tcp.unwrap()));
        crowd.push(connect_from(FLOODER, server.http));
    }
    is_well(&server).await;
    let mut tail = server.tail("(last: 1)").await;
    assert_eq!(tail.read(1).await.len(), 1);
    assert!(server.open_files() < FILES as usize, "none was left");
    let failed = server.metrics().await.expect("the metrics");
    assert!(!failed.contains("tailwater_accepts_failed_total{"), "{failed}");
    drop(crowd);
    is_well(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_files_it_waits_says_so_and_goes_on() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    is_well(&server).await;
    let to = server.tcp.unwrap();
    let mut known = connect_from(Ipv4Addr::LOCALHOST, to);
    let mut watch = connect_from(Ipv4Addr::LOCALHOST, server.http);
    get(&mut watch, "/readyz");
    server.wait_for_metric("tailwater_connections 1").await;
    let files = server.open_files() as u64;
    server.limit_files(files + 3);
    let crowd: Vec<TcpStream> = (0..20).map(|_| connect_from(FLOODER, to)).collect();
    let said = r#""tcp":{"up":false,"reason":"it accepts nobody"}"#;
    until_it_says(&mut watch, "/readyz", said).await;
    assert_no_spin(&server).await;
    // Who is in is served meanwhile, and the database takes what they say.
    known.write_all(b"<13>1 - - - - - - while nobody gets in\n").unwrap();
    until_it_says(&mut watch, "/metrics", "tailwater_stored_total 2\n").await;
    let failed = r#"tailwater_accepts_failed_total{listener="tcp"}"#;
    until_it_says(&mut watch, "/metrics", failed).await;
    server.limit_files(files + 1_000);
    server.wait_ready().await;
    server.wait_for_metric("tailwater_connections 21").await;
    drop(crowd);
    is_well(&server).await;
}

/// Asks again and again over a connection that is there already.
async fn until_it_says(stream: &mut TcpStream, path: &str, text: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let said = get(stream, path);
        if said.contains(text) {
            return;
        }
        assert!(Instant::now() < deadline, "never `{text}`: {said}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The body of an answer, over a connection that is there already.
fn get(stream: &mut TcpStream, path: &str) -> String {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        head.extend(byte);
    }
    let head = String::from_utf8(head).expect("a head");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.expect("a length").parse().expect("a number")];
    stream.read_exact(&mut body).expect("a body");
    String::from_utf8(body).expect("text")
}

/// First chunks of messages that never end, from several addresses, until it is dropped.
struct Flood {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Flood {
    fn start(to: SocketAddr) -> Flood {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let sockets: Vec<UdpSocket> = (2..10)
            .map(|n| UdpSocket::bind((IpAddr::from([127, 0, 0, n]), 0)).expect("a socket"))
            .collect();
        let flood = move || {
            for (n, socket) in (0_u64..).zip(sockets.iter().cycle()) {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                // What the kernel has no room for is no matter.
                let _ = socket.send_to(&chunk(n, 0, 128, &[b'x'; 500]), to);
                if n % 64 == 0 {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
        };
        Flood { stop, thread: Some(std::thread::spawn(flood)) }
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_first_chunks_lets_whole_messages_through() {
    const WHOLE: u64 = 20;
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").with("GELF_TIMEOUT", "1s").start().await;
    let to = server.udp.unwrap();
    let flood = Flood::start(to);
    server.wait_for_rejected("gelf_full").await;
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let mut sent = 0;
    // What the kernel had no room for is sent again, as another message.
    while server.pipeline().await["stored"].as_u64() < Some(WHOLE) {
        let text = format!(r#"{{"version":"1.1","host":"h","short_message":"{sent}"}}"#);
        let (first, second) = text.as_bytes().split_at(20);
        socket.send_to(&chunk(sent, 0, 2, first), to).expect("it is sent");
        socket.send_to(&chunk(sent, 1, 2, second), to).expect("it is sent");
        sent += 1;
        assert!(sent < 2_000, "nobody else gets in: {}", server.pipeline().await);
    }
    drop(flood);
    is_well(&server).await;
}

/// A chunk of a GELF message.
fn chunk(message: u64, index: u8, count: u8, payload: &[u8]) -> Vec<u8> {
    [&[0x1e, 0x0f][..], &message.to_be_bytes(), &[index, count], payload].concat()
}
