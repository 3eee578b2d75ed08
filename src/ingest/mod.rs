//! Bytes off sockets become frames of raw records: nothing is parsed here, so nothing here can be
//! wrong about a record.
//!
//! A listener is bound first ([`udp::bind`], [`tcp::bind`]) and run afterwards ([`udp::run`],
//! [`tcp::run`], [`tcp::run_tls`]) until its token is cancelled. When that has returned, everything
//! that was read has been handed to the queue.
//!
//! Nothing is dropped here for want of room. [`Publisher::publish`] waits while the queue is full,
//! and that wait is felt by the senders: over TCP their writes block, over UDP the kernel's buffer
//! fills, and what the kernel then drops is counted in `dropped{kernel_udp}`.
//!
//! Every record counts once in `received`, and then either lies in a published frame or counts in
//! `rejected`:
//!
//! | reason | what it was |
//! |---|---|
//! | `gelf_incomplete` | a chunked GELF message of which a chunk did not come in time |
//! | `gelf_conflict` | a chunk that contradicts those already here |
//! | `gelf_full` | a chunked GELF message that made way for newer ones, or is larger than all that may wait |
//!
//! `dropped{queue_closed}` counts what was read and found the queue closed: a listener that runs on
//! after its queue. Bytes that were cut off records are counted in `cut_bytes`, by listener.
//!
//! What is held while it waits for more is bounded ([`Limits`]): lines that have not ended by
//! [`Limits::unfinished_bytes`], chunked GELF messages by [`ChunkLimits`].

mod budget;
mod chunks;
mod collector;
mod connection;
mod framing;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod inflate;
mod limits;
mod outlet;
mod pace;
mod socket;
pub mod tcp;
#[cfg(test)]
mod tcp_tests;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tls_tests;
pub mod udp;
#[cfg(test)]
mod udp_tests;

pub use limits::{ChunkLimits, Limits};

#[cfg(doc)]
use crate::queue::Publisher;
