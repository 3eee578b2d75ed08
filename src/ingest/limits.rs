//! Every limit of the listeners, with its default.

use std::time::Duration;

/// What the listeners allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest record, in bytes; of a compressed one, inflated. A longer one is cut here and
    /// flagged. 256 KiB.
    pub max_record_bytes: usize,
    /// A frame with this many records is full. 4,096: a frame is never split between batches, so
    /// it must be well below a batch.
    pub frame_max_records: usize,
    /// A frame of this many bytes is full: the largest frame has one record more. 512 KiB, so
    /// that with the longest record it still fits a message of NATS (1 MiB).
    pub frame_max_bytes: usize,
    /// While records keep coming, the time for which they may be held back to share a frame: each
    /// frame costs everybody on its way a wake-up. The first after a quiet moment leaves at once;
    /// where many come it may take three or six times as long. 4 ms: a UDP socket is left alone for so
    /// long (three times as long if its buffer is large), and has to hold what comes meanwhile.
    pub frame_max_delay: Duration,
    /// Receive buffer asked of the kernel for each UDP socket (`SO_RCVBUF`), in bytes. 4 MiB.
    pub udp_receive_buffer: usize,
    /// Chunked GELF messages that are not complete yet.
    pub gelf_chunks: ChunkLimits,
    /// Open TCP connections of a listener, over TLS or not; more are closed as they come. Each may
    /// hold 12 KiB of its own, beside what TLS takes. 4,096.
    pub max_connections: usize,
    /// Those of one address (of one /64 in IPv6) among them. 2,048.
    pub max_connections_per_address: usize,
    /// What the connections of a listener may hold together beyond that, in bytes: long lines that
    /// have not ended, and what waits for a full queue. When it is used up, a line of more than
    /// 8 KiB that has not ended is cut and flagged. 64 MiB.
    pub unfinished_bytes: usize,
    /// A connection that has sent nothing for so long is closed. 24 hours: keep-alives find dead
    /// peers within minutes, and a sender does not notice that it was closed before its second
    /// write, so that a short time-out costs lines.
    pub idle_timeout: Duration,
    /// Time a stopping listener takes to read what has arrived already, if senders do not pause.
    /// 1 s.
    pub stop_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_record_bytes: 256 << 10,
            frame_max_records: 4_096,
            frame_max_bytes: 512 << 10,
            frame_max_delay: Duration::from_millis(4),
            udp_receive_buffer: 4 << 20,
            gelf_chunks: ChunkLimits::default(),
            max_connections: 4_096,
            max_connections_per_address: 2_048,
            unfinished_bytes: 64 << 20,
            idle_timeout: Duration::from_secs(24 * 60 * 60),
            stop_grace: Duration::from_secs(1),
        }
    }
}

/// What chunked GELF messages may hold on to, in each UDP listener. A message has at most 128
/// chunks (GELF 1.1). What is past a limit counts in `rejected`, as [`super`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkLimits {
    /// Time from the first chunk of a message to its last. 5 s.
    pub timeout: Duration,
    /// Messages that may be incomplete at once. 1,024.
    pub pending_messages: usize,
    /// Bytes they may take together. 16 MiB.
    pub pending_bytes: usize,
}

impl Default for ChunkLimits {
    fn default() -> Self {
        ChunkLimits {
            timeout: Duration::from_secs(5),
            pending_messages: 1_024,
            pending_bytes: 16 << 20,
        }
    }
}
