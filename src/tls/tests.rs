use std::fs;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::fixture::{Pair, connect};
use super::*;

/// Why it does not load.
fn refused(pair: &Pair) -> String {
    pair.load().expect_err("it does not load").to_string()
}

/// Whether a client that trusts this certificate gets its words across.
async fn is_shown(tls: &Tls, certificate: &CertificateDer<'static>) -> bool {
    let (ours, theirs) = duplex(16 << 10);
    let serve = async {
        let Ok(mut stream) = tls.accept(ours).await else { return String::new() };
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    };
    let speak = async {
        let Ok(mut stream) = connect(theirs, certificate, rustls::ALL_VERSIONS).await else {
            return;
        };
        stream.write_all(b"hello").await.unwrap();
        stream.shutdown().await.unwrap();
    };
    let (heard, ()) = tokio::join!(serve, speak);
    heard == "hello"
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken() {
    let pair = Pair::new();
    let tls = pair.load().unwrap();
    for version in rustls::ALL_VERSIONS {
        let (ours, theirs) = duplex(16 << 10);
        let only = [*version];
        let (served, connected) =
            tokio::join!(tls.accept(ours), connect(theirs, &pair.certificate, &only));
        let agreed = connected.unwrap().get_ref().1.protocol_version();
        assert_eq!(agreed, Some(version.version));
        served.unwrap();
    }
}

#[tokio::test]
async fn nothing_below_tls_1_2_is_spoken() {
    let tls = Pair::new().load().unwrap();
    let (ours, mut theirs) = duplex(16 << 10);
    // TLS 1.1 (3, 2): 32 random bytes, no session, one cipher suite, no compression, one
    // extension (signature algorithms).
    let mut hello = vec![3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]);
    let length = u8::try_from(hello.len()).unwrap();
    let head = [22, 3, 1, 0, length + 4, 1, 0, 0, length];
    theirs.write_all(&[&head[..], &hello].concat()).await.unwrap();
    tls.accept(ours).await.expect_err("it is refused");
    let mut alert = [0; 7];
    theirs.read_exact(&mut alert).await.unwrap();
    // A fatal alert: protocol_version (RFC 5246, section 7.2).
    assert_eq!((alert[0], alert[5], alert[6]), (21, 2, 70));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_not_waited_for() {
    let tls = Pair::new().load().unwrap();
    let (ours, _theirs) = duplex(64);
    let error = tls.accept(ours).await.expect_err("nothing came");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_new_certificate_is_shown_once_it_is_read_again() {
    let mut pair = Pair::new();
    let tls = pair.load().unwrap();
    let old = pair.certificate.clone();
    pair.renew();
    assert!(is_shown(&tls, &old).await);
    tls.reload().unwrap();
    assert!(is_shown(&tls, &pair.certificate).await);
    assert!(!is_shown(&tls, &old).await);
}

#[tokio::test]
async fn what_is_wrong_with_new_files_leaves_the_old_certificate() {
    let pair = Pair::new();
    let tls = pair.load().unwrap();
    fs::write(pair.certificate_path(), "half a certif").unwrap();
    let said = tls.reload().expect_err("it is no certificate").to_string();
    assert!(said.contains("cert.pem: there is no certificate (PEM) in it"), "{said}");
    assert!(is_shown(&tls, &pair.certificate).await);
}

#[test]
fn the_file_that_is_wrong_is_named_with_the_reason() {
    let pair = Pair::new();
    let key = fs::read_to_string(pair.key_path()).unwrap();

    fs::write(pair.key_path(), fs::read(Pair::new().key_path()).unwrap()).unwrap();
    let said = refused(&pair);
    assert!(said.contains("key.pem: this is not the key of ") && said.contains("cert.pem"));

    fs::write(pair.key_path(), key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")).unwrap();
    assert!(refused(&pair).contains("key.pem: there is no private key (PEM, not encrypted)"));

    let half = &key[..key.len() / 2];
    fs::write(pair.key_path(), half).unwrap();
    let said = refused(&pair);
    assert!(said.contains("key.pem: this is not well-formed PEM"), "{said}");

    fs::remove_file(pair.key_path()).unwrap();
    assert!(refused(&pair).contains("key.pem: No such file"), "{}", refused(&pair));
}
