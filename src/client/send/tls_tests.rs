use std::path::PathBuf;
use std::sync::Arc;

use rcgen::generate_simple_self_signed;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::tests::{args, send_all, sequence_of};
use super::*;

/// Receives over TLS with a certificate of its own.
struct Receiver {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    directory: TempDir,
}

impl Receiver {
    /// Its certificate is for this name.
    async fn named(name: &str) -> Receiver {
        let made = generate_simple_self_signed([name.to_owned()]).unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("ca.pem"), made.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        Receiver {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            acceptor: Arc::new(config).into(),
            directory,
        }
    }

    /// The arguments that send to it, and trust it.
    fn args(&self, more: &str) -> SendArgs {
        let port = self.listener.local_addr().unwrap().port();
        let authorities: PathBuf = self.directory.path().join("ca.pem");
        args(&format!("--to tls://localhost:{port} --tls-ca {} {more}", authorities.display()))
    }

    /// Reads a connection to its end.
    async fn read(&self) -> String {
        let (stream, _) = self.listener.accept().await.unwrap();
        let mut stream = self.acceptor.accept(stream).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }
}

/// The records of a text of counted octets.
fn records(mut text: &str) -> Vec<&str> {
    let mut records = Vec::new();
    while let Some((length, rest)) = text.split_once(' ') {
        let (record, rest) = rest.split_at(length.parse().unwrap());
        records.push(record);
        text = rest;
    }
    records
}

#[tokio::test]
async fn every_line_arrives_over_tls_in_counted_octets() {
    let receiver = Receiver::named("localhost").await;
    let args = receiver.args("--count 5000 --seed 1 --sequence");
    let (text, summary) = tokio::join!(receiver.read(), send_all(&args));
    let numbers: Vec<u64> = records(&text).into_iter().map(sequence_of).collect();
    assert_eq!(numbers, (1..=5_000).collect::<Vec<_>>());
    assert_eq!(summary.account.sent, 5_000);
    assert_eq!(summary.account.bytes, text.len() as u64);
    assert_eq!(summary.outcome(), Outcome::Done);
}

#[tokio::test]
async fn what_a_broken_connection_did_not_deliver_over_tls_is_sent_again() {
    const LINES: u64 = 100_000;
    let receiver = Receiver::named("localhost").await;
    let args = receiver.args(&format!("--count {LINES} --framing lf --sequence --seed 3"));
    let play = async {
        let (stream, _) = receiver.listener.accept().await.unwrap();
        let mut stream = receiver.acceptor.accept(stream).await.unwrap();
        // More than the buffers of both kernels is on its way: closing now cuts it.
        let mut begun = vec![0; 1 << 20];
        stream.read_exact(&mut begun).await.unwrap();
        drop(stream);
        (String::from_utf8(begun).unwrap(), receiver.read().await)
    };
    let ((begun, rest), summary) = tokio::join!(play, send_all(&args));
    let resumed: Vec<u64> = rest.lines().map(sequence_of).collect();
    assert!(resumed[0] > 1, "what was acknowledged is not sent again");
    assert!(!begun.is_empty());
    assert_eq!(resumed, (resumed[0]..=LINES).collect::<Vec<_>>());
    assert_eq!(summary.account.reconnects, 1);
    assert_eq!(summary.account.sent, LINES);
}

#[tokio::test]
async fn a_receiver_that_is_not_trusted_or_not_who_it_should_be_gets_nothing() {
    let receiver = Receiver::named("elsewhere.example").await;
    let stranger = Receiver::named("localhost").await;
    let mut of_a_stranger = stranger.args("--count 3");
    of_a_stranger.tls_ca = receiver.args("").tls_ca;
    for (receiver, args) in [(&receiver, receiver.args("--count 3")), (&stranger, of_a_stranger)] {
        let refuse = async {
            let (stream, _) = receiver.listener.accept().await.unwrap();
            receiver.acceptor.accept(stream).await.expect_err("no handshake")
        };
        // At once: it would be no other the next time.
        let (_, summary) = tokio::join!(refuse, send_all(&args));
        assert_eq!((summary.account.sent, summary.account.unsent), (0, 3));
        let trouble = summary.trouble.unwrap();
        assert!(trouble.contains("invalid peer certificate"), "{trouble}");
    }
}

#[tokio::test]
async fn a_file_without_a_certificate_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display();
    let args = args(&format!("--to tls://localhost:1 --tls-ca {path} --count 1"));
    let lines = open_lines(&args).unwrap();
    let sent = send(&args, lines, &Stop::default(), &mut Notices::without_progress()).await;
    let error = sent.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("there is no certificate (PEM) in it"), "{error}");
}
