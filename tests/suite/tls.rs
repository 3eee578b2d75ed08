//! HTTP and syslog over TLS, by the certificate of the operator.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::client::run;
use crate::support::pair::Pair;
use crate::support::server::Server;
use crate::support::{http, soon};

/// A certificate for `localhost` with its key, in files.
struct Identity {
    directory: tempfile::TempDir,
    /// The certificates that were in the file, the newest last.
    certificates: Vec<CertificateDer<'static>>,
}

impl Identity {
    fn new() -> Identity {
        let directory = tempfile::tempdir().expect("a directory");
        let mut identity = Identity { directory, certificates: Vec::new() };
        identity.renew();
        identity
    }

    /// Puts a new certificate and key in the place of the last ones.
    fn renew(&mut self) {
        let new = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a key");
        std::fs::write(self.certificate(), new.cert.pem()).expect("it can be written");
        std::fs::write(self.key(), new.signing_key.serialize_pem()).expect("it can be written");
        self.certificates.push(new.cert.der().clone());
    }

    fn certificate(&self) -> PathBuf {
        self.directory.path().join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.directory.path().join("key.pem")
    }

    async fn start(&self, pair: &Pair) -> Server {
        let setup = pair.role("serve").with("TLS", "127.0.0.1:0");
        let setup = setup.with("TLS_CERT", self.certificate().display());
        let server = setup.with("TLS_KEY", self.key().display()).start_unready();
        let url = format!("https://localhost:{}/readyz", server.http.port());
        let client = self.client();
        server
            .eventually("it is ready", async || match client.get(&url).send().await {
                Ok(answer) if answer.status() == 200 => Ok(()),
                Ok(answer) => Err(answer.status().to_string()),
                Err(error) => Err(format!("{error:?}")),
            })
            .await;
        server
    }

    /// An HTTP client that trusts the newest certificate only.
    fn client(&self) -> reqwest::Client {
        http();
        let newest = self.certificates.last().expect("there is one");
        let newest = reqwest::Certificate::from_der(newest).expect("a certificate");
        reqwest::Client::builder().tls_certs_only([newest]).build().expect("a client")
    }

    /// A connection that trusts any of the certificates.
    async fn connect(&self, to: SocketAddr) -> TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in &self.certificates {
            roots.add(certificate.clone()).expect("a certificate");
        }
        http();
        let config = rustls::ClientConfig::builder().with_root_certificates(roots);
        let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
        let stream = TcpStream::connect(to).await.expect("a connection");
        let name = ServerName::try_from("localhost").expect("a name");
        soon(connector.connect(name, stream)).await.expect("a handshake")
    }
}

/// The certificate that the server showed.
fn shown(stream: &TlsStream<TcpStream>) -> &CertificateDer<'static> {
    &stream.get_ref().1.peer_certificates().expect("it showed one")[0]
}

async fn ask(
    identity: &Identity,
    server: &Server,
    token: Option<&str>,
    query: &str,
) -> reqwest::Response {
    let url = format!("https://localhost:{}/graphql", server.http.port());
    let request = identity.client().post(url).json(&json!({ "query": query }));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    request.send().await.expect("an answer")
}

async fn sign_in(identity: &Identity, server: &Server) -> (String, String) {
    let password = Server::ADMIN_PASSWORD;
    let login = format!(
        "mutation {{ login(username: \"admin\", password: \"{password}\") {{ accessToken }} }}"
    );
    let answer = ask(identity, server, None, &login).await;
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    let answer: Value = answer.json().await.unwrap();
    (answer["data"]["login"]["accessToken"].as_str().unwrap().to_owned(), cookie)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn syslog_over_tls_is_stored_and_read_back_over_https() {
    let pair = Pair::memory_sqlite().await;
    let identity = Identity::new();
    let server = identity.start(&pair).await;
    // RFC 5425: each message begins with its length.
    let message = "<13>1 2026-01-02T03:04:05Z web-1 shop - - - over TLS";
    let mut stream = identity.connect(server.tls.expect("it listens")).await;
    let frames = format!("{} {message}", message.len()).repeat(3);
    stream.write_all(frames.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();

    let (token, cookie) = sign_in(&identity, &server).await;
    assert!(cookie.split("; ").any(|attribute| attribute == "Secure"), "{cookie}");
    server
        .eventually("the records are stored", async || {
            let logs = "{ logs { edges { node { host message } } } pipeline { received stored inFlight } }";
            let answer = ask(&identity, &server, Some(&token), logs).await;
            assert!(answer.headers().get("strict-transport-security").is_some());
            let answer: Value = answer.json().await.unwrap();
            let stored = json!({ "received": 3, "stored": 3, "inFlight": 0 });
            if answer["data"]["pipeline"] != stored {
                return Err(answer.to_string());
            }
            let edges = answer["data"]["logs"]["edges"].as_array().unwrap();
            assert!(edges.iter().all(|edge| edge["node"]["message"] == "over TLS"), "{answer}");
            Ok(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_shown_after_a_hang_up_and_open_connections_go_on() {
    let pair = Pair::memory_sqlite().await;
    let mut identity = Identity::new();
    let server = identity.start(&pair).await;
    let mut open = identity.connect(server.http).await;
    assert_eq!(shown(&open), &identity.certificates[0]);

    // What cannot be used changes nothing, and the log says so.
    std::fs::write(identity.certificate(), "no certificate").unwrap();
    server.hang_up();
    server.wait_for_log("certificate.pem").await;
    assert_eq!(shown(&identity.connect(server.http).await), &identity.certificates[0]);

    identity.renew();
    server.hang_up();
    for listener in [server.http, server.tls.expect("it listens")] {
        server
            .eventually("the new certificate is shown", async || {
                let stream = identity.connect(listener).await;
                let new = shown(&stream) == &identity.certificates[1];
                if new { Ok(()) } else { Err("the old one".to_owned()) }
            })
            .await;
    }
    open.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut start = [0; 12];
    soon(open.read_exact(&mut start)).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_speaks_no_tls_is_not_answered_and_the_next_one_is() {
    let pair = Pair::memory_sqlite().await;
    let identity = Identity::new();
    let server = identity.start(&pair).await;
    // A client hello of TLS 1.1, which is too old for us.
    let old = [
        &[0x16, 0x03, 0x01, 0x00, 0x2f, 0x01, 0x00, 0x00, 0x2b, 0x03, 0x02][..],
        &[0x07; 32],
        &[0x00, 0x00, 0x04, 0xc0, 0x13, 0x00, 0x2f, 0x01, 0x00],
    ]
    .concat();
    for hello in [&b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], b"<13>hello\n", &old] {
        for listener in [server.http, server.tls.expect("it listens")] {
            let mut stream = TcpStream::connect(listener).await.unwrap();
            stream.write_all(hello).await.unwrap();
            let mut answer = Vec::new();
            let _ = soon(stream.read_to_end(&mut answer)).await;
            // At most an alert.
            assert!(answer.is_empty() || answer[0] == 0x15, "{answer:?}");
        }
    }
    let (token, _) = sign_in(&identity, &server).await;
    let answer = ask(&identity, &server, Some(&token), "{ pipeline { received } }").await;
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["data"]["pipeline"]["received"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_health_is_known_on_its_own_machine_whatever_name_is_in_the_certificate() {
    let pair = Pair::memory_sqlite().await;
    let identity = Identity::new();
    let server = identity.start(&pair).await;
    let (certificate, key) = (identity.certificate(), identity.key());
    let files = [certificate.to_str().expect("a path"), key.to_str().expect("a path")];
    let own = server.http.to_string();
    let ended = run(["health", "--http", &own, "--tls-cert", files[0], "--tls-key", files[1]]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    // From elsewhere the certificate counts.
    let ended = run(["health", &format!("https://localhost:{}", server.http.port())]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("invalid peer certificate"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_sends_over_tls_to_whom_it_trusts() {
    let pair = Pair::memory_sqlite().await;
    let identity = Identity::new();
    let server = identity.start(&pair).await;
    let to = format!("tls://localhost:{}", server.tls.expect("it listens").port());
    let authorities = identity.certificate();
    let trusting = ["--tls-ca", authorities.to_str().expect("a path")];
    let send = ["send", "--to", &to, "--count", "2000"];
    let ended = run(send.into_iter().chain(trusting));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let ended = run(send);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("invalid peer certificate"), "{}", ended.stderr);

    let metrics = format!("https://localhost:{}/metrics", server.http.port());
    let client = identity.client();
    server
        .eventually("what was sent is stored", async || {
            let page = client.get(&metrics).send().await.map_err(|e| e.to_string())?;
            let page = page.text().await.map_err(|e| e.to_string())?;
            let says = |line: &str| page.lines().any(|found| found == line);
            let received = says("tailwater_received_total{listener=\"tls\"} 2000");
            let failed = says("tailwater_tls_handshakes_failed_total{listener=\"tls\"} 1");
            if received && failed && says("tailwater_stored_total 2000") {
                Ok(())
            } else {
                Err(page)
            }
        })
        .await;
}
