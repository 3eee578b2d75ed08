//! TLS for whatever listens: one certificate, nothing below TLS 1.2, made anew from its files when
//! told to.

use std::io;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::server::TlsStream;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read, or does not hold what it should.
    #[error("{}: {why}", .path.display())]
    File { path: PathBuf, why: String },
}

/// A certificate with its key. Clones share it.
#[derive(Clone, Debug)]
pub struct Tls {}

impl Tls {
    /// Reads a certificate chain and its private key, both PEM.
    ///
    /// # Errors
    /// Which file, and what is wrong with it.
    pub fn load(certificate: &Path, key: &Path) -> Result<Tls, TlsError> {
        todo!()
    }

    /// Reads the files again, for connections from now on; what is wrong changes nothing.
    ///
    /// # Errors
    /// As [`Tls::load`].
    pub fn reload(&self) -> Result<(), TlsError> {
        todo!()
    }

    /// Shakes hands with a client, for at most 10 s.
    ///
    /// # Errors
    /// A client that does not, or not in time.
    pub async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        todo!()
    }
}
