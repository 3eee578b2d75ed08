//! Certificates for tests.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::generate_simple_self_signed;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Tls, TlsError};

/// A certificate for `localhost`, signed by itself, and its key, in files.
pub struct Pair {
    directory: TempDir,
    pub certificate: CertificateDer<'static>,
}

impl Pair {
    pub fn new() -> Pair {
        let directory = tempfile::tempdir().expect("a directory");
        let mut pair = Pair { directory, certificate: CertificateDer::from(Vec::new()) };
        pair.renew();
        pair
    }

    /// Puts another certificate in the place of the one that is there.
    pub fn renew(&mut self) {
        let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        fs::write(self.certificate_path(), made.cert.pem()).expect("a file");
        fs::write(self.key_path(), made.signing_key.serialize_pem()).expect("a file");
        self.certificate = made.cert.der().clone();
    }

    pub fn certificate_path(&self) -> PathBuf {
        self.directory.path().join("cert.pem")
    }

    pub fn key_path(&self) -> PathBuf {
        self.directory.path().join("key.pem")
    }

    pub fn load(&self) -> Result<Tls, TlsError> {
        Tls::load(&self.certificate_path(), &self.key_path())
    }
}

/// Shakes hands as a client that trusts this certificate alone.
pub async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    trusted: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<TlsStream<S>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .expect("versions of TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}
