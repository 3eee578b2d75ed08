//! One connection to a receiver, in the clear or over TLS, that knows how much of what was written
//! to it the other kernel has taken.

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use nix::libc;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::target::Target;

/// For the connection and the handshake together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection.
#[derive(Debug)]
pub struct Wire {
    stream: Stream,
    /// Bytes written to it, before TLS.
    written: u64,
    /// Over TLS: where the bytes written so far end on the socket. Oldest first, and none that is
    /// known to be acknowledged.
    marks: VecDeque<Mark>,
    /// Over TLS: bytes, before TLS, that are known to be acknowledged.
    acknowledged: u64,
    /// Our end of the stream is closed. The kernel counts that as one byte.
    half_closed: bool,
}

#[derive(Debug)]
enum Stream {
    Plain(Counted),
    Tls(Box<TlsStream<Counted>>),
}

#[derive(Debug)]
struct Mark {
    written: u64,
    on_socket: u64,
}

/// A socket that counts what is written to it.
#[derive(Debug)]
struct Counted {
    socket: TcpStream,
    written: u64,
}

impl Wire {
    /// Connects, and shakes hands when there is a configuration of TLS.
    ///
    /// # Errors
    /// When that fails or takes too long.
    pub async fn connect(target: &Target, tls: Option<&Arc<ClientConfig>>) -> io::Result<Wire> {
        let connecting = async || -> io::Result<Stream> {
            let addresses = target.resolve().await?;
            let socket = TcpStream::connect(addresses.as_slice()).await?;
            socket.set_nodelay(true)?;
            let socket = Counted { socket, written: 0 };
            let Some(config) = tls else { return Ok(Stream::Plain(socket)) };
            let connector = TlsConnector::from(config.clone());
            let stream = connector.connect(target.server_name()?, socket).await?;
            Ok(Stream::Tls(Box::new(stream)))
        };
        let stream = timeout(CONNECT_TIMEOUT, connecting())
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        Ok(Wire { stream, written: 0, marks: VecDeque::new(), acknowledged: 0, half_closed: false })
    }

    /// Writes some of the bytes; how many. Cancel-safe.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.either().write(bytes).await?;
        self.written += written as u64;
        Ok(written)
    }

    /// Gives the kernel all that was written. Cancel-safe.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.stream.either().flush().await?;
        if matches!(self.stream, Stream::Tls(_)) {
            let on_socket = self.stream.counted().written;
            self.marks.push_back(Mark { written: self.written, on_socket });
        }
        Ok(())
    }

    /// Reads what the other side says; 0 is its end. Cancel-safe.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream.either().read(into).await
    }

    /// Finds out whether the other side has closed, without waiting. What it says is ignored.
    ///
    /// # Errors
    /// It has, or the connection is broken.
    pub fn check_open(&mut self) -> io::Result<()> {
        match self.read(&mut [0; 4096]).now_or_never() {
            Some(Ok(0)) => Err(closed()),
            Some(Err(error)) => Err(error),
            Some(Ok(_)) | None => Ok(()),
        }
    }

    /// Waits until the other side has closed. What it says is ignored.
    pub async fn broken(&mut self) -> io::Error {
        let mut ignored = [0; 4096];
        loop {
            match self.read(&mut ignored).await {
                Ok(0) => return closed(),
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }

    /// Closes our end.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn shut_down(&mut self) -> io::Result<()> {
        self.stream.either().shutdown().await?;
        self.half_closed = true;
        Ok(())
    }

    /// Bytes written, before TLS, that the other kernel is known to have taken.
    pub fn acknowledged(&mut self) -> u64 {
        let counted = self.stream.counted();
        let waiting = bytes_in_flight(&counted.socket).saturating_sub(u64::from(self.half_closed));
        let on_socket = counted.written.saturating_sub(waiting);
        if matches!(self.stream, Stream::Plain(_)) {
            return on_socket;
        }
        while let Some(mark) = self.marks.front()
            && mark.on_socket <= on_socket
        {
            self.acknowledged = mark.written;
            self.marks.pop_front();
        }
        self.acknowledged
    }
}

/// Whether the next try will fail as well: the other side is not who it should be.
pub fn is_final(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    matches!(cause, Some(rustls::Error::InvalidCertificate(_)))
}

/// What both kinds of stream are.
trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

impl Stream {
    fn either(&mut self) -> &mut dyn Duplex {
        match self {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream,
        }
    }

    fn counted(&self) -> &Counted {
        match self {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        }
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, into)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.socket).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = polled {
            self.written += written as u64;
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

/// What is said when the other side has closed.
pub fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "the other side closed the connection")
}

/// Bytes written to the socket that the other kernel has not acknowledged (`SIOCOUTQ`, which
/// still answers once the connection is broken). 0 where the system cannot tell.
fn bytes_in_flight(socket: &TcpStream) -> u64 {
    let mut bytes: libc::c_int = 0;
    // SAFETY: the descriptor is open, and the call writes one int to a place that is one.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &mut bytes) };
    if result == 0 { u64::try_from(bytes).unwrap_or(0) } else { 0 }
}
