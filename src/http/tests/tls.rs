//! HTTP over TLS.

use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Options, Server};
use crate::tls::fixture::{Pair, connect};

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

async fn server(pair: &Pair) -> Server {
    let options = Options { tls: Some(pair.load().unwrap()), ..Options::default() };
    Server::without_schema(options).await
}

#[tokio::test]
async fn answers_over_tls_bind_browsers_to_it() {
    let pair = Pair::new();
    let server = server(&pair).await;
    for version in [&TLS12, &TLS13] {
        let stream = TcpStream::connect(server.address).await.unwrap();
        let mut stream = connect(stream, &pair.certificate, &[version]).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("strict-transport-security: max-age=31536000"), "{answer}");
    }
}

#[tokio::test]
async fn nothing_is_answered_in_the_clear() {
    let pair = Pair::new();
    let server = server(&pair).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.windows(4).any(|window| window == b"HTTP"), "{answer:?}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_handshake() {
    let pair = Pair::new();
    let server = server(&pair).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    // Connections are accepted in turn: once this one is served, the silent one was accepted.
    let stream = TcpStream::connect(server.address).await.unwrap();
    connect(stream, &pair.certificate, &[&TLS13]).await.unwrap();
    server.stop.cancel();
    server.handle.await.unwrap().unwrap();
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
}
