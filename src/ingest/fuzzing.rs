//! What holds for whatever comes over the network, before anything of it is understood. Asked by
//! the properties beside this file and by the fuzz targets.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::ChunkLimits;
use super::chunks::{Added, Chunks};
use super::framing::{Decoder, MAX_PARTIAL_HEADER};
use super::inflate::inflate;

/// The records of a stream with whether each was cut, and the bytes that were skipped.
pub(super) type Decoded = (Vec<(Vec<u8>, bool)>, u64);

/// Feeds the pieces of a stream one after the other, as a connection does.
pub(super) fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, limit: usize) -> Decoded {
    let mut decoder = Decoder::new(limit);
    let mut buffer = Vec::new();
    let mut records = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        let mut rest = &buffer[..];
        while let Some(record) = decoder.next(&mut rest) {
            records.push((record.bytes.to_vec(), record.cut));
        }
        buffer = rest.to_vec();
        assert!(buffer.len() <= limit + MAX_PARTIAL_HEADER, "{} bytes wait", buffer.len());
    }
    let last = decoder.finish(&mut &buffer[..]);
    records.extend(last.map(|record| (record.bytes.to_vec(), record.cut)));
    (records, decoder.take_skipped())
}

/// Framing: the limit of a record, the length of a read, and then the stream. However it is split
/// it gives the same records, within the limit, and no byte twice.
pub fn framing(input: &[u8]) {
    let [limit, read, stream @ ..] = input else { return };
    let (limit, read) = (1 + usize::from(*limit), 1 + usize::from(*read));
    let whole = decode([stream], limit);
    assert_eq!(decode(stream.chunks(1), limit), whole);
    assert_eq!(decode(stream.chunks(read), limit), whole);
    let (records, skipped) = whole;
    for (bytes, cut) in &records {
        assert!(!bytes.is_empty() && bytes.len() <= limit);
        assert!(!cut || bytes.len() == limit);
    }
    let kept: usize = records.iter().map(|(bytes, _)| bytes.len()).sum();
    assert!(kept + skipped as usize <= stream.len());
}

/// The bits of a byte that begins a datagram: from the other of two peers, of a message that is
/// one of four, and the seconds that have passed.
const OTHER_PEER: u8 = 1;
const MESSAGE: u8 = 0b110;
const SECONDS: u8 = 0b1_1000;

/// Chunked GELF messages: datagrams, each with a byte that says where it comes from, the index and
/// the count of its chunk, and the length of its payload. What is held is bounded, and a whole
/// message is its chunks in their order.
pub fn chunks(mut input: &[u8]) {
    let limits =
        ChunkLimits { timeout: Duration::from_secs(5), pending_messages: 3, pending_bytes: 1_500 };
    let mut chunks = Chunks::new(limits);
    let mut now = Instant::now();
    while let [origin, index, count, length, rest @ ..] = input {
        let (payload, rest) = rest.split_at_checked(usize::from(*length)).unwrap_or((rest, &[]));
        input = rest;
        let peer = SocketAddr::from(([192, 0, 2, 1], u16::from(origin & OTHER_PEER)));
        let header = [&[0x1e, 0x0f][..], &[origin & MESSAGE; 8], &[*index, *count]].concat();
        now += Duration::from_secs(u64::from(origin & SECONDS) >> 3);
        chunks.expire(now);
        if let Added::Complete(message) = chunks.add(peer, &[&header, payload].concat(), now) {
            assert!(message.len() <= limits.pending_bytes);
            assert!(message.ends_with(payload) || usize::from(*index) + 1 < usize::from(*count));
        }
        chunks.assert_bounded();
    }
}

/// A datagram that may be a compressed GELF message.
pub fn datagram(input: &[u8]) {
    const LIMIT: usize = 4_096;
    if let Some(inflated) = inflate(input, LIMIT) {
        assert!(inflated.bytes.len() <= LIMIT);
        assert!(!inflated.cut || inflated.bytes.len() == LIMIT);
    }
}
