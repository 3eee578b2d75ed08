//! TLS for whatever listens: one certificate, nothing below TLS 1.2, made anew from its files when
//! told to.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a client may take to shake hands.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read, or does not hold what it should.
    #[error("{}: {why}", .path.display())]
    File { path: PathBuf, why: String },
}

/// A certificate with its key. Clones share it.
#[derive(Clone)]
pub struct Tls {
    files: Arc<Files>,
    current: Arc<Current>,
    acceptor: TlsAcceptor,
}

/// Where the certificate comes from.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// What the next handshake shows.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("certificate", &self.files.certificate).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads a certificate chain and its private key, both PEM.
    ///
    /// # Errors
    /// Which file, and what is wrong with it.
    pub fn load(certificate: &Path, key: &Path) -> Result<Tls, TlsError> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let provider = Arc::new(default_provider());
        let current = Arc::new(Current(ArcSwap::from_pointee(files.read(&provider)?)));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|error| files.certificate_error(error))?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        // A sender of syslog writes its lines, closes and is gone. A ticket that it never reads
        // would make its kernel reset the connection, and the lines that we have not read yet
        // would be lost with it.
        config.send_tls13_tickets = 0;
        Ok(Tls { files: Arc::new(files), current, acceptor: Arc::new(config).into() })
    }

    /// Reads the files again, for connections from now on; what is wrong changes nothing.
    ///
    /// # Errors
    /// As [`Tls::load`].
    pub fn reload(&self) -> Result<(), TlsError> {
        self.current.0.store(Arc::new(self.files.read(&default_provider())?));
        Ok(())
    }

    /// Shakes hands with a client, for at most 10 s.
    ///
    /// # Errors
    /// A client that does not, or not in time.
    pub async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        timeout(HANDSHAKE_TIMEOUT, self.acceptor.accept(stream)).await.unwrap_or_else(|_| {
            Err(io::Error::new(io::ErrorKind::TimedOut, "no TLS handshake in time"))
        })
    }
}

impl Files {
    fn read(&self, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let chain = read(&self.certificate)?;
        let chain = CertificateDer::pem_slice_iter(&chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| self.certificate_error("this is not well-formed PEM"))?;
        if chain.is_empty() {
            return Err(self.certificate_error("there is no certificate (PEM) in it"));
        }
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?).map_err(|error| {
            self.key_error(match error {
                pem::Error::NoItemsFound => "there is no private key (PEM, not encrypted) in it",
                _ => "this is not well-formed PEM",
            })
        })?;
        CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                self.key_error(format!("this is not the key of {}", self.certificate.display()))
            }
            rustls::Error::InvalidCertificate(error) => {
                self.certificate_error(format!("its first certificate cannot be used: {error}"))
            }
            error => self.key_error(format!("the private key cannot be used: {error}")),
        })
    }

    fn certificate_error(&self, why: impl ToString) -> TlsError {
        TlsError::File { path: self.certificate.clone(), why: why.to_string() }
    }

    fn key_error(&self, why: impl ToString) -> TlsError {
        TlsError::File { path: self.key.clone(), why: why.to_string() }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path)
        .map_err(|error| TlsError::File { path: path.to_owned(), why: error.to_string() })
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
