//! One connection: bytes in, records to the collector, until an end.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::log::{Timestamp, Transport, now};
use crate::queue::RawRecord;

use super::Limits;
use super::collector::Collector;
use super::framing::{Decoder, Record};
use super::outlet::QueueClosed;

/// What a connection reads at a time: little while little comes, for there may be thousands of them,
/// and more when that is filled.
const SMALL_READ: usize = 4 << 10;
const LARGE_READ: usize = 64 << 10;
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

/// Reads records off `stream` until it ends. What was read before is with the collector then, also
/// a last record without end.
pub async fn serve<S: AsyncRead + Unpin>(
    stream: S,
    origin: Origin,
    collector: &Collector,
    limits: &Limits,
    stop: &CancellationToken,
) -> Ended {
    let mut connection = Connection {
        stream,
        origin,
        collector,
        decoder: Decoder::new(limits.max_record_bytes),
        buffer: BytesMut::new(),
        read_size: SMALL_READ,
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
    /// What was read and is not a record yet: at most the record limit and one read.
    buffer: BytesMut,
    read_size: usize,
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
        if self.buffer.is_empty() && self.buffer.capacity() > self.read_size {
            self.buffer = BytesMut::new();
        }
        self.buffer.reserve(self.read_size);
        let read = self.stream.read_buf(&mut self.buffer).await?;
        self.read_size = if read >= self.read_size { LARGE_READ } else { SMALL_READ.max(read) };
        Ok(read)
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
            self.buffer.advance(consumed);
        }
        self.collector.cut_off(self.decoder.take_skipped());
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
