//! A frame: many raw records, as they came off the sockets, in one message of the queue.
//!
//! A frame is encoded once, and its records are borrowed from it afterwards:
//!
//! ```text
//! frame  = "TF" version:u8 producer:[u8;16] counter:u64 records:u32 body
//! body   = record*                                       (version 1)
//!        | size:u32 (of the records) the records as one LZ4 block   (version 2)
//! record = received_at:i64 (microseconds) flags:u8 address:[u8;4|16] length:u32 bytes
//! flags  = transport (bits 0-1) | IPv6 (bit 6) | cut at the record limit (bit 7)
//! ```
//! Numbers are little-endian. In memory a frame has version 1; on NATS it is packed, version 2, where
//! that makes it smaller: the stream holds some times as much, and everybody on the way moves less.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bytes::{BufMut, Bytes, BytesMut};
use uuid::Uuid;

pub use crate::log::RawRecord;
use crate::log::{Transport, timestamp_from_micros};

const MAGIC: &[u8; 2] = b"TF";
const PLAIN: u8 = 1;
const PACKED: u8 = 2;
const HEADER: usize = 2 + 1 + 16 + 8 + 4;
/// What a record takes in a frame beside its own bytes, at most.
pub const RECORD_OVERHEAD: usize = 8 + 1 + 16 + 4;
/// The size of the records, before those that are packed.
const SIZE: usize = 4;
/// Records that a packed frame may hold, in bytes, however small it is: some times what we put into
/// one.
const MOST_UNPACKED: usize = 16 << 20;
const IPV6: u8 = 1 << 6;
const CUT: u8 = 1 << 7;

/// The name of a frame: frames of one producer are numbered from 1 without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameId {
    /// One run of one ingest process.
    pub producer: Uuid,
    pub counter: u64,
}

impl fmt::Display for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.producer, self.counter)
    }
}

/// A frame that is being filled and has no name yet.
#[derive(Debug)]
pub struct Draft {
    buffer: BytesMut,
    records: u32,
}

impl Default for Draft {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl Draft {
    /// An empty draft with room for `bytes` of records.
    pub fn with_capacity(bytes: usize) -> Self {
        let mut buffer = BytesMut::with_capacity(HEADER + bytes);
        buffer.put_bytes(0, HEADER);
        Draft { buffer, records: 0 }
    }

    /// Appends a record.
    pub fn push(&mut self, record: RawRecord<'_>) {
        let b = &mut self.buffer;
        b.reserve(RECORD_OVERHEAD + record.bytes.len());
        b.put_i64_le(record.received_at.timestamp_micros());
        let flags = record.transport as u8 | if record.cut { CUT } else { 0 };
        match record.peer.to_canonical() {
            IpAddr::V4(ip) => {
                b.put_u8(flags);
                b.put_slice(&ip.octets());
            }
            IpAddr::V6(ip) => {
                b.put_u8(flags | IPV6);
                b.put_slice(&ip.octets());
            }
        }
        // The record limit is far below 4 GiB.
        b.put_u32_le(record.bytes.len() as u32);
        b.put_slice(record.bytes);
        self.records += 1;
    }

    /// The number of records so far.
    pub fn records(&self) -> usize {
        self.records as usize
    }

    /// The size of the frame so far, in bytes.
    pub fn size(&self) -> usize {
        self.buffer.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Names the frame, and so ends it.
    pub fn name(mut self, id: FrameId) -> Frame {
        write_header(&mut self.buffer, PLAIN, id, self.records);
        Frame { id, records: self.records, bytes: self.buffer.freeze() }
    }

    /// Packs what is in it, for a frame that travels.
    pub fn pack(self) -> Packed {
        let Draft { buffer, records } = self;
        let plain = &buffer[HEADER..];
        let room = lz4_flex::block::get_maximum_output_size(plain.len());
        let mut packed = BytesMut::zeroed(HEADER + SIZE + room);
        // A frame is far below 4 GiB.
        packed[HEADER..HEADER + SIZE].copy_from_slice(&(plain.len() as u32).to_le_bytes());
        match lz4_flex::block::compress_into(plain, &mut packed[HEADER + SIZE..]) {
            Ok(size) if SIZE + size < plain.len() => {
                packed.truncate(HEADER + SIZE + size);
                Packed { buffer: packed, version: PACKED, records }
            }
            _ => Packed { buffer, version: PLAIN, records },
        }
    }
}

/// A frame on its way out, packed where that makes it smaller, without a name yet.
#[derive(Debug)]
pub struct Packed {
    buffer: BytesMut,
    version: u8,
    records: u32,
}

impl Packed {
    /// The number of records.
    pub fn records(&self) -> usize {
        self.records as usize
    }

    /// The size of the frame, in bytes.
    pub fn size(&self) -> usize {
        self.buffer.len()
    }

    /// Names the frame, and so ends it: what [`Frame::decode`] reads.
    pub fn name(mut self, id: FrameId) -> Bytes {
        write_header(&mut self.buffer, self.version, id, self.records);
        self.buffer.freeze()
    }
}

fn write_header(frame: &mut [u8], version: u8, id: FrameId, records: u32) {
    frame[..2].copy_from_slice(MAGIC);
    frame[2] = version;
    frame[3..19].copy_from_slice(id.producer.as_bytes());
    frame[19..27].copy_from_slice(&id.counter.to_le_bytes());
    frame[27..31].copy_from_slice(&records.to_le_bytes());
}

/// A packed frame as it was before.
fn unpack(packed: &[u8]) -> Result<Bytes, FrameError> {
    let (header, mut body) = packed.split_at_checked(HEADER).ok_or(FrameError::NotAFrame)?;
    let size = u32::from_le_bytes(take(&mut body).ok_or(FrameError::Unpack)?) as usize;
    if size > MOST_UNPACKED {
        return Err(FrameError::TooLarge(size));
    }
    let mut plain = BytesMut::zeroed(HEADER + size);
    plain[..HEADER].copy_from_slice(header);
    plain[2] = PLAIN;
    match lz4_flex::block::decompress_into(body, &mut plain[HEADER..]) {
        Ok(unpacked) if unpacked == size => Ok(plain.freeze()),
        _ => Err(FrameError::Unpack),
    }
}

/// A named, encoded frame. Cloning shares the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    id: FrameId,
    records: u32,
    bytes: Bytes,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("id", &self.id)
            .field("records", &self.records)
            .field("size", &self.bytes.len())
            .finish()
    }
}

/// The bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("not a frame")]
    NotAFrame,
    #[error("frame version {0} is not known to this version")]
    Version(u8),
    #[error("the frame ends in the middle of record {0}")]
    Cut(u32),
    #[error("{0} bytes follow the last record of the frame")]
    Trailing(usize),
    #[error("the records of the frame cannot be unpacked")]
    Unpack,
    #[error("the frame would unpack to {0} bytes")]
    TooLarge(usize),
}

impl Frame {
    /// Reads a frame, and checks all of it: [`Frame::iter`] cannot fail afterwards.
    pub fn decode(bytes: Bytes) -> Result<Frame, FrameError> {
        let header = bytes.first_chunk::<HEADER>().ok_or(FrameError::NotAFrame)?;
        if &header[..2] != MAGIC {
            return Err(FrameError::NotAFrame);
        }
        let bytes = match header[2] {
            PLAIN => bytes.clone(),
            PACKED => unpack(&bytes)?,
            unknown => return Err(FrameError::Version(unknown)),
        };
        let mut rest = &header[3..];
        let producer = Uuid::from_bytes(take(&mut rest).ok_or(FrameError::NotAFrame)?);
        let counter = u64::from_le_bytes(take(&mut rest).ok_or(FrameError::NotAFrame)?);
        let records = u32::from_le_bytes(take(&mut rest).ok_or(FrameError::NotAFrame)?);
        let mut body = &bytes[HEADER..];
        for n in 0..records {
            read_record(&mut body).ok_or(FrameError::Cut(n))?;
        }
        if !body.is_empty() {
            return Err(FrameError::Trailing(body.len()));
        }
        Ok(Frame { id: FrameId { producer, counter }, records, bytes })
    }

    /// The name of the frame.
    pub fn id(&self) -> FrameId {
        self.id
    }

    /// The number of records.
    pub fn records(&self) -> usize {
        self.records as usize
    }

    /// The encoded frame, not packed.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The records, in the order in which they were read.
    pub fn iter(&self) -> impl Iterator<Item = RawRecord<'_>> {
        let mut body = &self.bytes[HEADER..];
        std::iter::from_fn(move || read_record(&mut body))
    }
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = from.split_first_chunk::<N>()?;
    *from = tail;
    Some(*head)
}

fn read_record<'a>(body: &mut &'a [u8]) -> Option<RawRecord<'a>> {
    let micros = i64::from_le_bytes(take(body)?);
    let [flags] = take(body)?;
    let peer = if flags & IPV6 == 0 {
        IpAddr::V4(Ipv4Addr::from(take::<4>(body)?))
    } else {
        IpAddr::V6(Ipv6Addr::from(take::<16>(body)?))
    };
    let length = u32::from_le_bytes(take(body)?) as usize;
    let (bytes, rest) = body.split_at_checked(length)?;
    *body = rest;
    let transport = match flags & 0b11 {
        0 => Transport::Udp,
        1 => Transport::Tcp,
        _ => Transport::Tls,
    };
    Some(RawRecord {
        bytes,
        received_at: timestamp_from_micros(micros),
        peer,
        transport,
        cut: flags & CUT != 0,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id() -> FrameId {
        FrameId { producer: Uuid::from_u128(7), counter: 9 }
    }

    /// What a record of a frame is made of: bytes, microseconds, peer, cut.
    type Made = (Vec<u8>, i64, IpAddr, bool);

    fn record() -> impl Strategy<Value = Made> {
        let v4 = any::<u32>().prop_map(|bits| IpAddr::from(Ipv4Addr::from(bits)));
        let v6 = any::<u128>().prop_map(|bits| IpAddr::from(Ipv6Addr::from(bits)).to_canonical());
        (any::<Vec<u8>>(), 0i64..=4_102_444_800_000_000, prop_oneof![v4, v6], any::<bool>())
    }

    proptest! {
        #[test]
        fn a_frame_gives_back_its_records(records in proptest::collection::vec(record(), 0..20)) {
            let mut draft = Draft::default();
            for (bytes, micros, peer, cut) in &records {
                draft.push(RawRecord {
                    bytes,
                    received_at: timestamp_from_micros(*micros),
                    peer: *peer,
                    transport: Transport::Tcp,
                    cut: *cut,
                });
            }
            let plain = draft.name(id()).bytes().clone();
            let packed = draft_of(&plain).pack().name(id());
            prop_assert!(packed.len() <= plain.len());
            for bytes in [plain, packed] {
                let frame = Frame::decode(bytes).unwrap();
                prop_assert_eq!((frame.id(), frame.records()), (id(), records.len()));
                let read: Vec<Made> = frame.iter()
                    .map(|r| (r.bytes.to_vec(), r.received_at.timestamp_micros(), r.peer, r.cut))
                    .collect();
                prop_assert_eq!(&read, &records);
            }
        }

        #[test]
        fn no_bytes_make_decoding_panic(bytes in any::<Vec<u8>>(), keep in 0usize..40) {
            let _ = Frame::decode(Bytes::from(bytes.clone()));
            let mut real = Draft::default().name(id()).bytes().to_vec();
            real.truncate(keep);
            real.extend(bytes);
            let _ = Frame::decode(Bytes::from(real.clone()));
            if let Some(version) = real.get_mut(2) {
                *version = PACKED;
            }
            let _ = Frame::decode(Bytes::from(real));
        }
    }

    /// The records of a frame as a draft again.
    fn draft_of(frame: &Bytes) -> Draft {
        let mut draft = Draft::default();
        Frame::decode(frame.clone()).unwrap().iter().for_each(|record| draft.push(record));
        draft
    }

    fn lines(count: usize) -> Draft {
        let mut draft = Draft::default();
        for n in 0..count {
            draft.push(RawRecord {
                bytes: format!("<13>host app: line {n} of those that are much alike").as_bytes(),
                received_at: timestamp_from_micros(0),
                peer: [127, 0, 0, 1].into(),
                transport: Transport::Udp,
                cut: false,
            });
        }
        draft
    }

    #[test]
    fn lines_that_are_alike_take_a_third_of_the_room_or_less() {
        let draft = lines(100);
        let plain = draft.size();
        let packed = draft.pack().name(id());
        assert!(packed.len() * 3 < plain, "{} of {plain}", packed.len());
        assert_eq!(Frame::decode(packed).unwrap().records(), 100);
    }

    #[test]
    fn a_packed_frame_that_is_damaged_is_an_error() {
        let packed = lines(100).pack().name(id());
        let cut = packed.slice(..packed.len() - 9);
        assert_eq!(Frame::decode(cut), Err(FrameError::Unpack));
        let mut endless = packed.to_vec();
        endless[HEADER..HEADER + SIZE].fill(0xff);
        let size = u32::MAX as usize;
        assert_eq!(Frame::decode(endless.into()), Err(FrameError::TooLarge(size)));
    }
}
