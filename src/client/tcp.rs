//! Lines over TCP, in the clear or over TLS: what a broken connection did not deliver is sent again over the next one.
//!
//! Syslog has no acknowledgement, but TCP has: the kernel knows how many of our bytes the other
//! kernel has taken. Lines stay in a window until all their bytes are acknowledged that way, and
//! after a break the window is sent again. So a line can only be lost in the receive buffer of a
//! process that dies, and only be repeated when its acknowledgement was lost with the connection.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use tokio::time::timeout;

use super::backoff::Backoff;
use super::batch::Batch;
use super::notices::Notices;
use super::target::Target;
use super::wire::{Wire, closed, is_final};

/// How long the other side may take to read on, or to close, after we have said that we are done.
const FAREWELL: Duration = Duration::from_secs(3);

/// Sends batches over one connection at a time, made anew whenever it breaks.
#[derive(Debug)]
pub struct TcpSender {
    target: Target,
    /// `None`: in the clear.
    tls: Option<Arc<ClientConfig>>,
    retry_for: Duration,
    connection: Option<Connection>,
    /// Everything that is not known to be acknowledged, oldest first.
    window: VecDeque<Batch>,
    /// An empty batch whose memory can be used again.
    spare: Batch,
    backoff: Backoff,
    failing_since: Option<Instant>,
    /// The other side is not who it should be, and nothing more is tried.
    hopeless: bool,
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
    wire: Wire,
    /// Bytes of batches that have left the window since it began.
    forgotten: u64,
    /// The batch of the window that is written next, and how many of its bytes are written.
    next: usize,
    offset: usize,
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
    pub fn new(target: Target, tls: Option<Arc<ClientConfig>>, retry_for: Duration) -> Self {
        TcpSender {
            target,
            tls,
            retry_for,
            connection: None,
            window: VecDeque::new(),
            spare: Batch::default(),
            backoff: Backoff::default(),
            failing_since: None,
            hopeless: false,
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
            Some(connection) => connection.wire.broken().await,
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
        while !self.hopeless {
            self.write_window(notices).await?;
            match self.say_farewell().await {
                Ok(()) => return Ok(()),
                Err(error) => self.recover(error, notices).await?,
            }
        }
        Ok(())
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
        connection.wire.check_open()?;
        while let Some(batch) = self.window.get(connection.next) {
            let rest = batch.bytes().get(connection.offset..).unwrap_or_default();
            connection.offset += connection.wire.write(rest).await?;
            if connection.offset >= batch.bytes().len() {
                connection.next += 1;
                connection.offset = 0;
            }
            connection.wire.flush().await?;
        }
        self.forget_acknowledged();
        Ok(())
    }

    async fn connect(&mut self) -> io::Result<()> {
        let wire = Wire::connect(&self.target, self.tls.as_ref()).await?;
        self.figures.connects += 1;
        self.connection = Some(Connection { wire, forgotten: 0, next: 0, offset: 0 });
        Ok(())
    }

    /// Lets go of the batches that are acknowledged to their last byte.
    fn forget_acknowledged(&mut self) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        let acknowledged = connection.wire.acknowledged();
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
        if let Some(mut connection) = self.connection.take() {
            let within = connection.wire.acknowledged().saturating_sub(connection.forgotten);
            let within = usize::try_from(within).unwrap_or(usize::MAX);
            let whole = self.window.front().map_or(0, |front| front.records_within(within));
            self.figures.resent += connection.records_begun(&self.window, whole);
            if let Some(front) = self.window.front_mut() {
                front.drop_front(whole);
            }
        }
        let since = *self.failing_since.get_or_insert_with(Instant::now);
        let delay = self.backoff.next_delay();
        self.hopeless |= is_final(&error);
        if self.hopeless || since.elapsed() + delay > self.retry_for {
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
        connection.wire.shut_down().await?;
        let mut ignored = [0; 4096];
        loop {
            let Some(connection) = &mut self.connection else {
                return Ok(());
            };
            let before = connection.wire.acknowledged();
            let read = timeout(FAREWELL, connection.wire.read(&mut ignored)).await;
            let moved = connection.wire.acknowledged() > before;
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
