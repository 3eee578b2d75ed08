use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::Limits;
use super::test_support::{Bench, PATIENCE, eventually};
use crate::log::Transport;
use crate::tls::fixture::{self, Pair};

async fn connect(bench: &Bench, pair: &Pair) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(bench.address).await.unwrap();
    fixture::connect(stream, &pair.certificate, rustls::ALL_VERSIONS).await.unwrap()
}

#[tokio::test]
async fn counted_octets_and_lines_arrive_as_they_do_in_the_clear() {
    let pair = Pair::new();
    let mut bench = Bench::tls(pair.load().unwrap(), Limits::default()).await;
    let mut stream = connect(&bench, &pair).await;
    stream.write_all(b"8 <34>a\nb\na line\n").await.unwrap();
    let got = bench.take(2).await;
    let texts: Vec<_> = got.iter().map(|record| record.text()).collect();
    assert_eq!(texts, ["<34>a\nb\n", "a line"]);
    assert!(got.iter().all(|record| record.transport == Transport::Tls));
    assert_eq!(bench.figures.received.of("tls").get(), 2);
    assert_eq!(bench.figures.connections.get(), 1);
    bench.stop().await;
}

#[tokio::test]
async fn a_sender_that_writes_and_is_gone_loses_nothing() {
    const LINES: usize = 20_000;
    let pair = Pair::new();
    let mut bench = Bench::tls(pair.load().unwrap(), Limits::default()).await;
    for goodbye in [true, false] {
        let mut stream = connect(&bench, &pair).await;
        for n in 0..LINES {
            stream.write_all(format!("{n}\n").as_bytes()).await.unwrap();
        }
        stream.flush().await.unwrap();
        if goodbye {
            stream.shutdown().await.unwrap();
        }
        drop(stream);
        let got = bench.take(LINES).await;
        assert!(got.iter().enumerate().all(|(n, record)| record.text().parse() == Ok(n)));
    }
    assert_eq!(bench.stop().await, []);
}

#[tokio::test]
async fn a_stop_reads_what_has_arrived_and_says_goodbye() {
    let pair = Pair::new();
    let mut bench = Bench::tls(pair.load().unwrap(), Limits::default()).await;
    let mut stream = connect(&bench, &pair).await;
    stream.write_all(b"first\n").await.unwrap();
    assert_eq!(bench.take(1).await[0].text(), "first");
    stream.write_all(b"whole\nhal").await.unwrap();
    stream.flush().await.unwrap();
    let got = bench.stop().await;
    assert_eq!(got.iter().map(|record| record.text()).collect::<Vec<_>>(), ["whole", "hal"]);
    // Not an error: the end is authentic.
    assert_eq!(timeout(PATIENCE, stream.read(&mut [0])).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn what_is_no_handshake_is_counted_and_disturbs_nobody() {
    let pair = Pair::new();
    let mut bench = Bench::tls(pair.load().unwrap(), Limits::default()).await;
    let mut plain = TcpStream::connect(bench.address).await.unwrap();
    plain.write_all(b"<34>in the clear\n").await.unwrap();
    let failed = bench.figures.handshakes_failed.of("tls");
    eventually(|| failed.get() == 1).await;
    let mut stream = connect(&bench, &pair).await;
    stream.write_all(b"sealed\n").await.unwrap();
    assert_eq!(bench.take(1).await[0].text(), "sealed");
    assert_eq!(bench.stop().await, []);
}

#[tokio::test]
async fn handshakes_that_wait_take_places_and_hold_up_nobody() {
    let pair = Pair::new();
    let limits = Limits { max_connections: 3, ..Limits::default() };
    let mut bench = Bench::tls(pair.load().unwrap(), limits).await;
    let figures = bench.figures.clone();
    let silent = TcpStream::connect(bench.address).await.unwrap();
    let _silent_too = TcpStream::connect(bench.address).await.unwrap();
    let mut stream = connect(&bench, &pair).await;
    stream.write_all(b"past them\n").await.unwrap();
    assert_eq!(bench.take(1).await[0].text(), "past them");
    let _refused = TcpStream::connect(bench.address).await.unwrap();
    eventually(|| figures.connections_refused.of("tls").get() == 1).await;
    drop(silent);
    eventually(|| figures.connections.get() == 2).await;
    // A handshake that is still waited for does not hold up a stop.
    timeout(Duration::from_secs(5), bench.stop()).await.expect("stopped at once");
}
