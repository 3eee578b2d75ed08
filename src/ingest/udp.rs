//! The UDP listener: one datagram is one record, except where GELF says otherwise.
//!
//! A frame leaves at once when the listener was quiet; while datagrams keep coming they gather in
//! it for a moment ([`Pace`]), or until it is full. Between two reads the socket is left alone, so
//! that datagrams that trickle in share a wake-up too.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::log::{Timestamp, Transport, now};
use crate::queue::{Draft, Publisher, RawRecord};
use crate::telemetry::Figures;

use super::Limits;
use super::chunks::{Added, Chunks};
use super::inflate::inflate;
use super::outlet::{Outlet, QueueClosed};
use super::pace::Pace;
use super::socket::DatagramSocket;

/// A receive buffer below this, in bytes, holds only some hundreds of datagrams. It is what the kernel
/// gives at most unless `net.core.rmem_max` says otherwise.
const SMALL_BUFFER: usize = 1 << 20;
/// How long datagrams may gather in a small buffer.
const SHORT_REST: Duration = Duration::from_millis(1);
/// A receive buffer of so many bytes is large enough for longer rests,
const LARGE_BUFFER: usize = 2 << 20;
/// so many times as long, while so many datagrams come in the meantime: enough to be worth it, few
/// enough that a flood does not find the buffer full.
const LONG_REST: u32 = 3;
const STEADY: std::ops::Range<usize> = 16..512;
/// How often the kernel's drops are counted while the queue is full.
const DROPS_INTERVAL: Duration = Duration::from_secs(1);
/// Pause after an error of the socket, so that a lasting one does not spin.
const ERROR_PAUSE: Duration = Duration::from_millis(100);

/// A bound UDP socket.
#[derive(Debug)]
pub struct Listener {
    socket: DatagramSocket,
}

impl Listener {
    /// The address it listens on.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// Binds a UDP listener; `[::]` takes IPv4 too. Warns when the kernel gives a smaller receive buffer
/// than the limits ask for.
///
/// # Errors
/// The address is taken or not ours.
pub fn bind(address: SocketAddr, limits: &Limits) -> io::Result<Listener> {
    Ok(Listener { socket: DatagramSocket::bind(address, limits.udp_receive_buffer)? })
}

/// Receives until `stop`; then reads what the socket had taken in, hands it over and returns.
/// Waits while the queue is full: the kernel's buffer fills, and what it drops is counted. Dropping
/// the future loses what was read and not handed over.
pub async fn run(
    listener: Listener,
    publisher: Publisher,
    figures: Figures,
    limits: Limits,
    stop: CancellationToken,
) {
    let outlet = Outlet::new("udp", publisher, figures, &limits);
    let mut socket = listener.socket;
    match socket.take_drops() {
        Ok(drops) => outlet.kernel_dropped(drops),
        Err(error) => tracing::warn!(%error, "the kernel does not tell what it drops"),
    }
    let sorter = Sorter {
        chunks: Chunks::new(limits.gelf_chunks),
        max_record_bytes: limits.max_record_bytes,
        full: VecDeque::new(),
        draft: Draft::default(),
        outlet,
    };
    let mut intake = Intake { socket, sorter, pace: Pace::new(limits.frame_max_delay) };
    let ended = match intake.receive_until(&stop, &limits).await {
        Ok(()) => intake.finish(&limits).await,
        closed => closed,
    };
    count_drops(&mut intake.socket, &intake.sorter.outlet);
    intake.sorter.give_up_pending();
    if ended.is_err() {
        intake.sorter.lose_drafts();
    }
}

/// The listener at work.
struct Intake {
    socket: DatagramSocket,
    sorter: Sorter,
    pace: Pace,
}

impl Intake {
    async fn receive_until(
        &mut self,
        stop: &CancellationToken,
        limits: &Limits,
    ) -> Result<(), QueueClosed> {
        loop {
            // What comes in the next moment comes together; after a silence the socket says when.
            let read = self.drain(|| stop.is_cancelled()).await?;
            if read > 0 {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return Ok(()),
                    () = sleep(self.rest(read, limits)) => {}
                }
                continue;
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                ready = self.socket.readable() => {
                    if let Err(error) = ready {
                        complain(&error).await;
                    }
                }
                () = until(self.draft_due()) => {}
                () = until(self.sorter.chunks.next_deadline()) => self.sorter.expire(),
            }
        }
    }

    /// When the draft is to leave; none when it is empty.
    fn draft_due(&self) -> Option<Instant> {
        (!self.sorter.draft.is_empty()).then(|| self.pace.due())
    }

    /// How long datagrams may gather in the socket before they are read, when so many were read
    /// just now. The buffer must not run over meanwhile.
    fn rest(&self, read: usize, limits: &Limits) -> Duration {
        let delay = limits.frame_max_delay;
        match self.socket.receive_buffer() {
            ..SMALL_BUFFER => delay.min(SHORT_REST),
            LARGE_BUFFER.. if STEADY.contains(&read) => delay * LONG_REST,
            _ => delay,
        }
    }

    /// Reads until there is nothing to read or it is time to `give_up`, and hands over what is full
    /// or due. How many datagrams it read.
    async fn drain(&mut self, give_up: impl Fn() -> bool) -> Result<usize, QueueClosed> {
        let mut read = 0;
        while !give_up() {
            let arrived = Arrival { at: now(), instant: Instant::now() };
            let sorter = &mut self.sorter;
            match self.socket.receive(|peer, datagram| sorter.sort(peer, datagram, arrived)) {
                Ok(datagrams) => read += datagrams,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => complain(&error).await,
            }
            self.sorter.expire();
            while let Some(draft) = self.sorter.full.pop_front() {
                self.publish(draft).await?;
            }
            // A socket that always has more must not keep a thread from everybody else.
            tokio::task::consume_budget().await;
        }
        if self.draft_due().is_some_and(|due| due <= Instant::now()) {
            self.publish_draft().await?;
        }
        Ok(read)
    }

    async fn publish_draft(&mut self) -> Result<(), QueueClosed> {
        let draft = std::mem::take(&mut self.sorter.draft);
        self.publish(draft).await
    }

    /// Hands a draft over. The kernel's drops are counted also while the queue is full.
    async fn publish(&mut self, draft: Draft) -> Result<(), QueueClosed> {
        self.pace.sent(draft.records());
        let Intake { socket, sorter: Sorter { outlet, .. }, .. } = self;
        let mut publishing = pin!(outlet.publish(draft));
        loop {
            count_drops(socket, outlet);
            tokio::select! {
                biased;
                published = &mut publishing => return published,
                () = sleep(DROPS_INTERVAL) => {}
            }
        }
    }

    /// Reads what the socket had taken in before it was told to stop.
    async fn finish(&mut self, limits: &Limits) -> Result<(), QueueClosed> {
        if let Err(error) = self.socket.close_door() {
            tracing::debug!(%error, "datagrams may still come while the last ones are read");
        }
        let started = Instant::now();
        self.drain(|| started.elapsed() > limits.stop_grace).await?;
        self.publish_draft().await
    }
}

fn count_drops(socket: &mut DatagramSocket, outlet: &Outlet) {
    // That they cannot be told has been said at the start.
    outlet.kernel_dropped(socket.take_drops().unwrap_or(0));
}

/// When datagrams were read: once for all that came with one system call.
#[derive(Clone, Copy)]
struct Arrival {
    at: Timestamp,
    instant: Instant,
}

/// Turns datagrams into records.
struct Sorter {
    chunks: Chunks,
    max_record_bytes: usize,
    /// What one system call brought may fill more than one frame.
    full: VecDeque<Draft>,
    draft: Draft,
    outlet: Outlet,
}

impl Sorter {
    fn sort(&mut self, peer: SocketAddr, datagram: &[u8], arrived: Arrival) {
        match self.chunks.add(peer, datagram, arrived.instant) {
            Added::NotAChunk => self.keep(peer, datagram, arrived),
            Added::Complete(message) => self.keep(peer, &message, arrived),
            Added::Kept => {}
            Added::Conflict => self.outlet.reject("gelf_conflict", 1),
            Added::TooLarge => self.outlet.reject("gelf_full", 1),
        }
        self.outlet.reject("gelf_full", self.chunks.take_pushed_out());
    }

    fn keep(&mut self, peer: SocketAddr, message: &[u8], arrived: Arrival) {
        match inflate(message, self.max_record_bytes) {
            Some(inflated) => self.push(peer, &inflated.bytes, inflated.cut, arrived),
            None => {
                let (bytes, rest) =
                    message.split_at_checked(self.max_record_bytes).unwrap_or((message, &[]));
                self.outlet.cut_off(rest.len() as u64);
                self.push(peer, bytes, !rest.is_empty(), arrived);
            }
        }
    }

    fn push(&mut self, peer: SocketAddr, bytes: &[u8], cut: bool, arrived: Arrival) {
        if bytes.is_empty() {
            return;
        }
        let record = RawRecord {
            bytes,
            received_at: arrived.at,
            peer: peer.ip(),
            transport: Transport::Udp,
            cut,
        };
        self.outlet.push(&mut self.draft, record);
        if self.outlet.is_full(&self.draft) {
            self.full.push_back(std::mem::take(&mut self.draft));
        }
    }

    fn expire(&mut self) {
        let expired = self.chunks.expire(Instant::now());
        self.outlet.reject("gelf_incomplete", expired);
    }

    fn give_up_pending(&mut self) {
        let pending = self.chunks.clear();
        self.outlet.reject("gelf_incomplete", pending);
    }

    fn lose_drafts(&mut self) {
        self.full.drain(..).for_each(|draft| self.outlet.lose(&draft));
        self.outlet.lose(&std::mem::take(&mut self.draft));
    }
}

/// Waits until then; for ever when there is no such time.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

async fn complain(error: &io::Error) {
    tracing::warn!(%error, "the UDP socket failed to read; trying again");
    sleep(ERROR_PAUSE).await;
}
