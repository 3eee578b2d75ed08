//! One connection: bytes in, records to the collector, until an end.
//!
//! A connection that waits for its sender holds what it has of a line, and nothing else: what a
//! read brings goes by way of a buffer that all connections of a thread share. How much it may hold
//! is up to its [`Share`].

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::log::{Timestamp, Transport, now};
use crate::queue::RawRecord;

use super::Limits;
use super::budget::{OWN_BYTES, Share};
use super::collector::Collector;
use super::framing::{Decoder, Record};
use super::outlet::QueueClosed;

/// What a connection reads at a time, at most,
const LARGE_READ: usize = 64 << 10;
/// and while the budget has not that much left.
const SMALL_READ: usize = 4 << 10;
/// A connection that is silent for so long while we stop has nothing more for us.
const STOP_QUIET: Duration = Duration::from_millis(50);

/// Who is at the other end, and how.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    pub peer: IpAddr,
    pub transport: Transport,
}

/// Why a connection ended.
#[derive(Debug)]
pub enum Ended {
    /// The peer said all it had to say.
    ByPeer,
    /// Nothing came for too long.
    Idle,
    /// We were told to stop, and what had arrived is read.
    Stopped,
    /// The connection broke.
    Broken(io::Error),
    QueueClosed,
}

impl From<QueueClosed> for Ended {
    fn from(_: QueueClosed) -> Self {
        Ended::QueueClosed
    }
}

thread_local! {
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; LARGE_READ].into());
}

/// Reads records off `stream` until it ends. What was read before is with the collector then, also
/// a last record without end.
pub async fn serve<S: AsyncRead + Unpin>(
    stream: S,
    origin: Origin,
    collector: &Collector,
    share: Share,
    limits: &Limits,
    stop: &CancellationToken,
) -> Ended {
    let mut connection = Connection {
        stream,
        origin,
        collector,
        decoder: Decoder::new(limits.max_record_bytes),
        buffer: Vec::new(),
        share,
    };
    let ended = connection.read_to_end(limits, stop).await;
    if matches!(ended, Ended::QueueClosed) {
        return ended;
    }
    match connection.finish().await {
        Ok(()) => ended,
        Err(closed) => closed.into(),
    }
}

struct Connection<'a, S> {
    stream: S,
    origin: Origin,
    collector: &'a Collector,
    decoder: Decoder,
    /// What was read and is not with the collector: at most the record limit and one read.
    buffer: Vec<u8>,
    /// What the buffer may take.
    share: Share,
}

impl<S: AsyncRead + Unpin> Connection<'_, S> {
    async fn read_to_end(&mut self, limits: &Limits, stop: &CancellationToken) -> Ended {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                read = timeout(limits.idle_timeout, self.read()) => match read {
                    Ok(Ok(0)) => return Ended::ByPeer,
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => return Ended::Broken(error),
                    Err(_) => return Ended::Idle,
                }
            }
            if let Err(closed) = self.collect().await {
                return closed.into();
            }
        }
        let enough = Instant::now() + limits.stop_grace;
        loop {
            let quiet = Instant::now() + STOP_QUIET;
            match timeout_at(quiet.min(enough), self.read()).await {
                Ok(Ok(0)) => return Ended::ByPeer,
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Ended::Broken(error),
                Err(_) => return Ended::Stopped,
            }
            if let Err(closed) = self.collect().await {
                return closed.into();
            }
        }
    }

    /// Reads what there is, waiting for it; 0 is the end. Cancel-safe.
    async fn read(&mut self) -> io::Result<usize> {
        poll_fn(|context| READ.with_borrow_mut(|all| self.poll_read(context, all))).await
    }

    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        scratch: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let held = self.buffer.len();
        let size = if self.share.hold(held + LARGE_READ) { LARGE_READ } else { SMALL_READ };
        let mut read = ReadBuf::new(scratch.get_mut(..size).unwrap_or_default());
        let polled = Pin::new(&mut self.stream).poll_read(context, &mut read);
        self.buffer.extend_from_slice(read.filled());
        // Less than before the read is always there; a small read is not counted.
        self.share.hold(if size == LARGE_READ { self.buffer.len() } else { held });
        ready!(polled)?;
        Poll::Ready(Ok(read.filled().len()))
    }

    /// Gives the collector every record in the buffer, waiting for room.
    async fn collect(&mut self) -> Result<(), QueueClosed> {
        let received_at = now();
        let mut more = true;
        while more {
            let mut room = self.collector.room().await?;
            let mut rest = &self.buffer[..];
            while more && !room.is_full() {
                match self.decoder.next(&mut rest) {
                    Some(record) => room.push(self.origin.record(record, received_at)),
                    None => more = false,
                }
            }
            let consumed = self.buffer.len() - rest.len();
            self.buffer.drain(..consumed);
        }
        if self.buffer.len() <= OWN_BYTES {
            self.buffer.shrink_to(OWN_BYTES);
        }
        if !self.share.hold(self.buffer.capacity()) {
            self.cut().await?;
        }
        self.collector.cut_off(self.decoder.take_skipped());
        Ok(())
    }

    /// Cuts the line that has not ended, for there is no memory to keep more of it.
    async fn cut(&mut self) -> Result<(), QueueClosed> {
        let mut room = self.collector.room().await?;
        if let Some(record) = self.decoder.cut(&mut &self.buffer[..]) {
            room.push(self.origin.record(record, now()));
        }
        self.buffer = Vec::new();
        self.share.hold(0);
        Ok(())
    }

    /// The stream has ended: what has no end of its own is a record too.
    async fn finish(&mut self) -> Result<(), QueueClosed> {
        let mut room = self.collector.room().await?;
        if let Some(record) = self.decoder.finish(&mut &self.buffer[..]) {
            room.push(self.origin.record(record, now()));
        }
        self.collector.cut_off(self.decoder.take_skipped());
        Ok(())
    }
}

impl Origin {
    fn record(self, record: Record<'_>, received_at: Timestamp) -> RawRecord<'_> {
        RawRecord {
            bytes: record.bytes,
            received_at,
            peer: self.peer,
            transport: self.transport,
            cut: record.cut,
        }
    }
}
