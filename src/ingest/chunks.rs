//! Putting chunked GELF messages together (GELF 1.1):
//! `chunk = 0x1e 0x0f message-id:[u8;8] index:u8 count:u8 payload`, at most 128 to a message.
//!
//! Messages are told apart by the peer's address and port, and the message id. What is pending is
//! bounded in number, bytes and time. When there is no room for another message, the oldest makes
//! way: the chunks of one come within moments of each other, so a flood of first chunks mostly
//! pushes out itself. If newcomers were refused, it would keep out everybody else.

use std::collections::{BTreeSet, HashMap};
use std::mem::size_of;
use std::net::SocketAddr;
use std::time::Instant;

use super::ChunkLimits;

const MAGIC: [u8; 2] = [0x1e, 0x0f];
const HEADER: usize = 12;
const MAX_CHUNKS: u8 = 128;

/// The chunks of messages that are not complete yet.
#[derive(Debug)]
pub struct Chunks {
    limits: ChunkLimits,
    pending: HashMap<Key, Pending>,
    /// When each pending message is given up, soonest first.
    deadlines: BTreeSet<(Instant, Key)>,
    bytes: usize,
    /// Messages that made way and were not asked for yet.
    pushed_out: u64,
}

/// What became of a datagram.
#[derive(Debug, PartialEq, Eq)]
pub enum Added {
    /// It is not a chunk: no magic, or a header that says what cannot be.
    NotAChunk,
    /// It is kept until its message is complete, or was here already.
    Kept,
    /// It was the last one missing: the payload of the whole message.
    Complete(Vec<u8>),
    /// It says another number of chunks than those before it, or came before with other bytes.
    Conflict,
    /// It is larger than all that may be held.
    TooLarge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    peer: SocketAddr,
    message: [u8; 8],
}

#[derive(Debug)]
struct Pending {
    deadline: Instant,
    parts: Vec<Option<Box<[u8]>>>,
    missing: usize,
    bytes: usize,
}

impl Chunks {
    /// With no message pending.
    pub fn new(limits: ChunkLimits) -> Self {
        Chunks {
            limits,
            pending: HashMap::new(),
            deadlines: BTreeSet::new(),
            bytes: 0,
            pushed_out: 0,
        }
    }

    /// Takes a datagram that came at `now`.
    pub fn add(&mut self, peer: SocketAddr, datagram: &[u8], now: Instant) -> Added {
        let Some((message, index, count, payload)) = split(datagram) else {
            return Added::NotAChunk;
        };
        let key = Key { peer, message };
        let pending = self.pending(key, count, now);
        if pending.parts.len() != usize::from(count) {
            return Added::Conflict;
        }
        match pending.parts.get(usize::from(index)) {
            Some(None) => {}
            Some(Some(here)) if **here == *payload => return Added::Kept,
            Some(Some(_)) | None => return Added::Conflict,
        }
        self.make_room(key, payload.len());
        let Some(pending) = self.pending.get_mut(&key) else { return Added::TooLarge };
        if let Some(part) = pending.parts.get_mut(usize::from(index)) {
            *part = Some(payload.into());
        }
        pending.bytes += payload.len();
        pending.missing -= 1;
        self.bytes += payload.len();
        if pending.missing > 0 {
            return Added::Kept;
        }
        let parts = self.remove(key).map(|whole| whole.parts).unwrap_or_default();
        Added::Complete(parts.into_iter().flatten().flatten().collect())
    }

    /// How many messages made way for others since this was last asked.
    pub fn take_pushed_out(&mut self) -> u64 {
        std::mem::take(&mut self.pushed_out)
    }

    /// Gives up the messages whose time is over at `now`, and says how many.
    pub fn expire(&mut self, now: Instant) -> u64 {
        let mut expired = 0;
        while let Some((deadline, key)) = self.deadlines.first().copied() {
            if deadline > now {
                break;
            }
            self.remove(key);
            expired += 1;
        }
        expired
    }

    /// Gives up all messages, and says how many.
    pub fn clear(&mut self) -> u64 {
        let pending = self.pending.len() as u64;
        self.pending.clear();
        self.deadlines.clear();
        self.bytes = 0;
        pending
    }

    /// When the next message is given up.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// What is pending is within its limits, and what is counted is there.
    #[cfg(any(test, fuzzing))]
    pub fn assert_bounded(&self) {
        assert!(self.bytes <= self.limits.pending_bytes);
        assert!(self.pending.len() <= self.limits.pending_messages);
        assert_eq!(self.pending.len(), self.deadlines.len());
        let held: usize = self.pending.values().map(|pending| pending.bytes).sum();
        assert_eq!(held, self.bytes);
    }

    /// The message of this name, which begins if it was not there.
    fn pending(&mut self, key: Key, count: u8, now: Instant) -> &mut Pending {
        let Chunks { pending, deadlines, limits, bytes, .. } = self;
        pending.entry(key).or_insert_with(|| {
            let count = usize::from(count);
            let own = size_of::<Pending>() + count * size_of::<Option<Box<[u8]>>>();
            let deadline = now + limits.timeout;
            deadlines.insert((deadline, key));
            *bytes += own;
            Pending { deadline, parts: vec![None; count], missing: count, bytes: own }
        })
    }

    /// Makes room for more bytes of a message: the oldest others make way. When that is not enough
    /// it goes itself.
    fn make_room(&mut self, key: Key, more: usize) {
        while self.pending.len() > self.limits.pending_messages
            || self.bytes + more > self.limits.pending_bytes
        {
            let oldest = self.deadlines.iter().map(|(_, oldest)| *oldest).find(|one| *one != key);
            let Some(oldest) = oldest else {
                self.remove(key);
                return;
            };
            self.remove(oldest);
            self.pushed_out += 1;
        }
    }

    fn remove(&mut self, key: Key) -> Option<Pending> {
        let pending = self.pending.remove(&key)?;
        self.deadlines.remove(&(pending.deadline, key));
        self.bytes -= pending.bytes;
        Some(pending)
    }
}

/// The message id, index, count and payload of a chunk.
fn split(datagram: &[u8]) -> Option<([u8; 8], u8, u8, &[u8])> {
    let (header, payload) = datagram.split_first_chunk::<HEADER>()?;
    let [m0, m1, message @ .., index, count] = *header;
    let valid = [m0, m1] == MAGIC && (1..=MAX_CHUNKS).contains(&count) && index < count;
    valid.then_some((message, index, count, payload))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn chunk(message: u8, index: u8, count: u8, payload: &[u8]) -> Vec<u8> {
        [&MAGIC[..], &[message; 8], &[index, count], payload].concat()
    }

    fn peer(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    fn chunks(pending_messages: usize, pending_bytes: usize) -> Chunks {
        let timeout = Duration::from_secs(5);
        Chunks::new(ChunkLimits { timeout, pending_messages, pending_bytes })
    }

    #[test]
    fn chunks_in_any_order_make_the_message_and_leave_nothing_behind() {
        let mut chunks = chunks(10, 10_000);
        let now = Instant::now();
        assert_eq!(chunks.add(peer(1), &chunk(1, 2, 3, b"c"), now), Added::Kept);
        assert_eq!(chunks.add(peer(1), &chunk(1, 0, 3, b"a"), now), Added::Kept);
        assert_eq!(chunks.add(peer(1), &chunk(1, 0, 3, b"a"), now), Added::Kept, "a duplicate");
        let whole = chunks.add(peer(1), &chunk(1, 1, 3, b""), now);
        assert_eq!(whole, Added::Complete(b"ac".to_vec()));
        assert_eq!((chunks.bytes, chunks.next_deadline(), chunks.clear()), (0, None, 0));
    }

    #[test]
    fn one_message_id_of_two_peers_is_two_messages() {
        let mut chunks = chunks(10, 10_000);
        let now = Instant::now();
        assert_eq!(chunks.add(peer(1), &chunk(1, 0, 2, b"a"), now), Added::Kept);
        assert_eq!(chunks.add(peer(2), &chunk(1, 1, 2, b"z"), now), Added::Kept);
        let whole = chunks.add(peer(2), &chunk(1, 0, 2, b"y"), now);
        assert_eq!(whole, Added::Complete(b"yz".to_vec()));
    }

    #[test]
    fn chunks_that_contradict_are_refused_and_the_message_still_completes() {
        let mut chunks = chunks(10, 10_000);
        let now = Instant::now();
        assert_eq!(chunks.add(peer(1), &chunk(1, 0, 2, b"a"), now), Added::Kept);
        assert_eq!(chunks.add(peer(1), &chunk(1, 1, 3, b"b"), now), Added::Conflict, "count");
        assert_eq!(chunks.add(peer(1), &chunk(1, 0, 2, b"b"), now), Added::Conflict, "bytes");
        let whole = chunks.add(peer(1), &chunk(1, 1, 2, b"b"), now);
        assert_eq!(whole, Added::Complete(b"ab".to_vec()));
    }

    #[test]
    fn an_impossible_header_is_not_a_chunk() {
        let mut chunks = chunks(10, 10_000);
        let now = Instant::now();
        let impossible = [
            chunk(1, 0, 0, b"a"),
            chunk(1, 2, 2, b"a"),
            chunk(1, 0, 129, b"a"),
            b"\x1e\x0f".to_vec(),
        ];
        for datagram in impossible {
            assert_eq!(chunks.add(peer(1), &datagram, now), Added::NotAChunk);
        }
        assert_eq!(chunks.clear(), 0);
    }

    #[test]
    fn a_message_is_given_up_when_its_time_is_over() {
        let mut chunks = chunks(10, 10_000);
        let start = Instant::now();
        let later = start + Duration::from_secs(2);
        chunks.add(peer(1), &chunk(1, 0, 2, b"a"), start);
        chunks.add(peer(1), &chunk(2, 0, 2, b"a"), later);
        assert_eq!(chunks.expire(start + Duration::from_millis(4_999)), 0);
        assert_eq!(chunks.expire(start + Duration::from_secs(5)), 1);
        assert_eq!(chunks.next_deadline(), Some(later + Duration::from_secs(5)));
        assert_eq!(chunks.expire(later + Duration::from_secs(5)), 1);
        assert_eq!(chunks.bytes, 0);
    }

    #[test]
    fn a_flood_of_first_chunks_pushes_out_itself_and_lets_others_in() {
        let mut chunks = chunks(3, 10_000);
        let now = Instant::now();
        for message in 0..100 {
            assert_eq!(chunks.add(peer(1), &chunk(message, 0, 2, b"a"), now), Added::Kept);
            chunks.assert_bounded();
        }
        assert_eq!((chunks.take_pushed_out(), chunks.take_pushed_out()), (97, 0));
        assert_eq!(chunks.add(peer(2), &chunk(0, 0, 2, b"a"), now), Added::Kept);
        assert_eq!(chunks.add(peer(1), &chunk(100, 0, 2, b"a"), now), Added::Kept);
        let whole = chunks.add(peer(2), &chunk(0, 1, 2, b"b"), now);
        assert_eq!(whole, Added::Complete(b"ab".to_vec()));
    }

    #[test]
    fn a_message_makes_way_for_the_bytes_of_another_but_not_for_those_that_are_here() {
        let mut chunks = chunks(10, 1_500);
        let now = Instant::now();
        assert_eq!(chunks.add(peer(1), &chunk(1, 0, 2, &[0; 500]), now), Added::Kept);
        assert_eq!(chunks.add(peer(1), &chunk(2, 0, 2, &[0; 500]), now), Added::Kept);
        assert_eq!(chunks.add(peer(1), &chunk(2, 0, 2, &[0; 500]), now), Added::Kept, "again");
        assert_eq!(chunks.take_pushed_out(), 0);
        assert_eq!(chunks.add(peer(1), &chunk(3, 0, 2, &[0; 500]), now), Added::Kept);
        assert_eq!((chunks.take_pushed_out(), chunks.clear()), (1, 2));
    }

    #[test]
    fn a_message_larger_than_all_that_may_be_held_is_given_up() {
        let mut chunks = chunks(10, 1_000);
        let now = Instant::now();
        assert_eq!(chunks.add(peer(1), &chunk(1, 0, 3, &[0; 600]), now), Added::Kept);
        assert_eq!(chunks.add(peer(1), &chunk(1, 1, 3, &[0; 600]), now), Added::TooLarge);
        assert_eq!((chunks.bytes, chunks.clear(), chunks.take_pushed_out()), (0, 0, 0));
    }

    proptest! {
        #[test]
        fn no_datagrams_make_it_panic_or_hold_more_than_it_may(
            datagrams in proptest::collection::vec(
                (0u16..2, 0u8..4, 0u8..5, 0u8..5, proptest::collection::vec(any::<u8>(), 0..300), 0u64..3),
                0..200,
            )
        ) {
            let mut chunks = chunks(3, 1_500);
            let mut now = Instant::now();
            for (port, message, index, count, payload, seconds) in datagrams {
                now += Duration::from_secs(seconds);
                chunks.expire(now);
                chunks.add(peer(port), &chunk(message, index, count, &payload), now);
                chunks.assert_bounded();
            }
        }
    }
}
