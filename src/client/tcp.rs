//! Lines over TCP: what a broken connection did not deliver is sent again over the next one.
//!
//! Syslog has no acknowledgement, but TCP has: the kernel knows how many of our bytes the other
//! kernel has taken. Lines stay in a window until all their bytes are acknowledged that way, and
//! after a break the window is sent again. So a line can only be lost in the receive buffer of a
//! process that dies, and only be repeated when its acknowledgement was lost with the connection.

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use nix::libc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::backoff::Backoff;
use super::batch::Batch;
use super::notices::Notices;
use super::target::Target;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the other side may take to read on, or to close, after we have said that we are done.
const FAREWELL: Duration = Duration::from_secs(3);

/// Sends batches over one connection at a time, made anew whenever it breaks.
#[derive(Debug)]
pub struct TcpSender {
    target: Target,
    retry_for: Duration,
    connection: Option<Connection>,
    /// Everything that is not known to be acknowledged, oldest first.
    window: VecDeque<Batch>,
    /// An empty batch whose memory can be used again.
    spare: Batch,
    backoff: Backoff,
    failing_since: Option<Instant>,
    figures: TcpFigures,
}

/// What has happened over TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpFigures {
    /// Bytes taken over from the caller, with framing.
    pub bytes: u64,
    /// Connections made.
    pub connects: u64,
    /// Lines that were written again because they were not acknowledged.
    pub resent: u64,
}

/// One connection, and how far the window is written to it.
#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    /// Bytes written to it.
    written: u64,
    /// Bytes of batches that have left the window since it began.
    forgotten: u64,
    /// The batch of the window that is written next, and how many of its bytes are written.
    next: usize,
    offset: usize,
    /// Our end of the stream is closed. The kernel counts that as one byte.
    half_closed: bool,
}

/// No connection worked for as long as was allowed.
#[derive(Debug, thiserror::Error)]
#[error("gave up on {target}: {error}")]
pub struct GaveUp {
    target: Target,
    error: io::Error,
}

impl TcpSender {
    /// A sender that connects when it has something to send, and gives up once no byte has got
    /// through for `retry_for`.
    pub fn new(target: Target, retry_for: Duration) -> Self {
        TcpSender {
            target,
            retry_for,
            connection: None,
            window: VecDeque::new(),
            spare: Batch::default(),
            backoff: Backoff::default(),
            failing_since: None,
            figures: TcpFigures::default(),
        }
    }

    /// Takes over what is in the batch, leaves it empty, and writes it to the kernel. If the wait
    /// is dropped, the lines stay in the window.
    ///
    /// # Errors
    /// When no connection has worked for too long.
    pub async fn send(&mut self, batch: &mut Batch, notices: &Notices) -> Result<(), GaveUp> {
        self.figures.bytes += batch.bytes().len() as u64;
        self.window.push_back(std::mem::replace(batch, std::mem::take(&mut self.spare)));
        self.write_window(notices).await
    }

    /// Watches the connection while there is nothing to send: what turns out not to have been
    /// delivered is sent again. Returns when something has happened; can be dropped at any time.
    ///
    /// # Errors
    /// When no connection has worked for too long.
    pub async fn watch(&mut self, notices: &Notices) -> Result<(), GaveUp> {
        let error = match &mut self.connection {
            Some(connection) => connection.broken().await,
            None if self.window.is_empty() => std::future::pending().await,
            None => return self.write_window(notices).await,
        };
        self.forget_acknowledged();
        if self.window.is_empty() {
            // Nothing is owed: the next line opens a new connection.
            self.connection = None;
            return Ok(());
        }
        self.recover(error, notices).await?;
        self.write_window(notices).await
    }

    /// Closes our end and waits until the other side has read everything and closed as well, or
    /// has not moved for a while: then [`TcpSender::unacknowledged`] tells what it did not take.
    ///
    /// # Errors
    /// When no connection has worked for too long.
    pub async fn finish(&mut self, notices: &Notices) -> Result<(), GaveUp> {
        loop {
            self.write_window(notices).await?;
            match self.say_farewell().await {
                Ok(()) => return Ok(()),
                Err(error) => self.recover(error, notices).await?,
            }
        }
    }

    /// What has happened so far.
    pub fn figures(&self) -> TcpFigures {
        self.figures
    }

    /// Lines that are not known to have arrived, and their bytes.
    pub fn unacknowledged(&self) -> (u64, u64) {
        self.window.iter().fold((0, 0), |(lines, bytes), batch| {
            (lines + batch.len() as u64, bytes + batch.bytes().len() as u64)
        })
    }

    async fn write_window(&mut self, notices: &Notices) -> Result<(), GaveUp> {
        loop {
            match self.try_write_window().await {
                Ok(()) => return Ok(()),
                Err(error) => self.recover(error, notices).await?,
            }
        }
    }

    async fn try_write_window(&mut self) -> io::Result<()> {
        if self.window.is_empty() {
            return Ok(());
        }
        if self.connection.is_none() {
            self.connect().await?;
        }
        let Some(connection) = &mut self.connection else {
            return Ok(());
        };
        connection.check_open()?;
        while let Some(batch) = self.window.get(connection.next) {
            let rest = batch.bytes().get(connection.offset..).unwrap_or_default();
            let written = connection.stream.write(rest).await?;
            connection.written += written as u64;
            connection.offset += written;
            if connection.offset >= batch.bytes().len() {
                connection.next += 1;
                connection.offset = 0;
            }
        }
        self.forget_acknowledged();
        Ok(())
    }

    async fn connect(&mut self) -> io::Result<()> {
        let addresses = self.target.resolve().await?;
        let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect(addresses.as_slice()))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        stream.set_nodelay(true)?;
        self.figures.connects += 1;
        self.connection = Some(Connection {
            stream,
            written: 0,
            forgotten: 0,
            next: 0,
            offset: 0,
            half_closed: false,
        });
        Ok(())
    }

    /// Lets go of the batches that are acknowledged to their last byte.
    fn forget_acknowledged(&mut self) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        let acknowledged = connection.acknowledged();
        if acknowledged > connection.forgotten {
            self.backoff.reset();
            self.failing_since = None;
        }
        while let Some(batch) = self.window.front()
            && connection.next > 0
            && connection.forgotten + batch.bytes().len() as u64 <= acknowledged
        {
            connection.forgotten += batch.bytes().len() as u64;
            connection.next -= 1;
            if let Some(mut batch) = self.window.pop_front() {
                batch.clear();
                self.spare = batch;
            }
        }
    }

    /// Leaves a broken connection, keeps what it did not deliver, and waits before the next try.
    async fn recover(&mut self, error: io::Error, notices: &Notices) -> Result<(), GaveUp> {
        self.forget_acknowledged();
        if let Some(connection) = self.connection.take() {
            let within = connection.acknowledged().saturating_sub(connection.forgotten);
            let within = usize::try_from(within).unwrap_or(usize::MAX);
            let whole = self.window.front().map_or(0, |front| front.records_within(within));
            self.figures.resent += connection.records_begun(&self.window, whole);
            if let Some(front) = self.window.front_mut() {
                front.drop_front(whole);
            }
        }
        let since = *self.failing_since.get_or_insert_with(Instant::now);
        let delay = self.backoff.next_delay();
        if since.elapsed() + delay > self.retry_for {
            return Err(GaveUp { target: self.target.clone(), error });
        }
        notices.say(format_args!(
            "{}: {error}; trying again in {:.1} s",
            self.target,
            delay.as_secs_f64()
        ));
        tokio::time::sleep(delay).await;
        Ok(())
    }

    /// Closes our end, then reads until the other side closes.
    async fn say_farewell(&mut self) -> io::Result<()> {
        let Some(connection) = &mut self.connection else {
            return Ok(());
        };
        connection.stream.shutdown().await?;
        connection.half_closed = true;
        let mut ignored = [0; 4096];
        loop {
            let Some(connection) = &mut self.connection else {
                return Ok(());
            };
            let before = connection.acknowledged();
            let read = timeout(FAREWELL, connection.stream.read(&mut ignored)).await;
            let moved = connection.acknowledged() > before;
            self.forget_acknowledged();
            match read {
                Ok(Ok(1..)) => {}
                // All is there; how the other side then leaves changes nothing.
                Ok(_) if self.window.is_empty() => return Ok(()),
                Ok(Ok(0)) => return Err(closed()),
                Ok(Err(error)) => return Err(error),
                Err(_) if moved => {}
                Err(_) => return Ok(()),
            }
        }
    }
}

impl Connection {
    /// Finds out whether the other side has closed, without waiting. What it says is ignored.
    fn check_open(&self) -> io::Result<()> {
        let mut ignored = [0; 4096];
        match self.stream.try_read(&mut ignored) {
            Ok(0) => Err(closed()),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Waits until the other side has closed. What it says is ignored.
    async fn broken(&mut self) -> io::Error {
        let mut ignored = [0; 4096];
        loop {
            match self.stream.read(&mut ignored).await {
                Ok(0) => return closed(),
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }

    /// Bytes that the other kernel has taken.
    fn acknowledged(&self) -> u64 {
        let waiting = bytes_in_flight(&self.stream).saturating_sub(u64::from(self.half_closed));
        self.written.saturating_sub(waiting)
    }

    /// Records of the window of which at least a byte was written, apart from the first `whole`.
    fn records_begun(&self, window: &VecDeque<Batch>, whole: usize) -> u64 {
        let full: usize = window.iter().take(self.next).map(Batch::len).sum();
        let partial = match window.get(self.next) {
            Some(batch) if self.offset > 0 => batch.records_within(self.offset - 1) + 1,
            _ => 0,
        };
        (full + partial).saturating_sub(whole) as u64
    }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "the other side closed the connection")
}

/// Bytes written to the socket that the other kernel has not acknowledged (`SIOCOUTQ`, which
/// still answers once the connection is broken). 0 where the system cannot tell.
fn bytes_in_flight(stream: &TcpStream) -> u64 {
    let mut bytes: libc::c_int = 0;
    // SAFETY: the descriptor is open, and the call writes one int to a place that is one.
    let result = unsafe { libc::ioctl(stream.as_raw_fd(), libc::TIOCOUTQ, &mut bytes) };
    if result == 0 { u64::try_from(bytes).unwrap_or(0) } else { 0 }
}
