//! Lines on their way out: one buffer for many, framed for their transport.

use clap::ValueEnum;

/// How a record is told apart from the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Framing {
    /// A line feed ends each record (RFC 6587, non-transparent framing).
    Lf,
    /// The length in decimal and a space go before each record (RFC 6587, octet counting).
    Octet,
    /// A NUL ends each record, as GELF has it over TCP.
    Nul,
}

/// Framed records, one after the other.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    /// Where each record ends in `bytes`.
    ends: Vec<usize>,
}

impl Batch {
    /// Appends a record. Without framing it stands for a datagram of its own.
    pub fn push(&mut self, record: &[u8], framing: Option<Framing>) {
        if framing == Some(Framing::Octet) {
            self.bytes.extend_from_slice(record.len().to_string().as_bytes());
            self.bytes.push(b' ');
        }
        self.bytes.extend_from_slice(record);
        match framing {
            Some(Framing::Lf) => self.bytes.push(b'\n'),
            Some(Framing::Nul) => self.bytes.push(0),
            Some(Framing::Octet) | None => {}
        }
        self.ends.push(self.bytes.len());
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// All records with their framing.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no record in it.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The record at an index below [`Batch::len`], with its framing; empty past the end.
    pub fn record(&self, index: usize) -> &[u8] {
        let end = self.ends.get(index).copied().unwrap_or(self.bytes.len());
        let start = match index {
            0 => 0,
            n => self.ends.get(n - 1).copied().unwrap_or(end),
        };
        &self.bytes[start..end]
    }

    /// The number of records that lie whole within the first `bytes` bytes.
    pub fn records_within(&self, bytes: usize) -> usize {
        self.ends.partition_point(|end| *end <= bytes)
    }

    /// Removes the first `records` records, or all if there are fewer.
    pub fn drop_front(&mut self, records: usize) {
        let records = records.min(self.ends.len());
        let Some(last) = records.checked_sub(1) else {
            return;
        };
        let cut = self.ends[last];
        self.bytes.drain(..cut);
        self.ends.drain(..records);
        self.ends.iter_mut().for_each(|end| *end -= cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(framing: Option<Framing>) -> Batch {
        let mut batch = Batch::default();
        batch.push(b"one", framing);
        batch.push(b"three", framing);
        batch
    }

    #[test]
    fn each_framing_tells_records_apart() {
        assert_eq!(framed(Some(Framing::Lf)).bytes(), b"one\nthree\n");
        assert_eq!(framed(Some(Framing::Octet)).bytes(), b"3 one5 three");
        assert_eq!(framed(Some(Framing::Nul)).bytes(), b"one\0three\0");
        assert_eq!(framed(None).record(0), b"one");
        assert_eq!(framed(None).record(1), b"three");
    }

    #[test]
    fn a_record_counts_only_when_it_is_whole() {
        let batch = framed(Some(Framing::Lf));
        assert_eq!(batch.records_within(3), 0);
        assert_eq!(batch.records_within(4), 1);
        assert_eq!(batch.records_within(9), 1);
        assert_eq!(batch.records_within(10), 2);
        assert_eq!(batch.record(2), b"");
    }

    #[test]
    fn records_can_be_dropped_from_the_front() {
        let mut batch = framed(Some(Framing::Lf));
        batch.drop_front(0);
        assert_eq!(batch.len(), 2);
        batch.drop_front(1);
        assert_eq!(batch.bytes(), b"three\n");
        assert_eq!(batch.record(0), b"three\n");
        batch.drop_front(9);
        assert!(batch.is_empty() && batch.bytes().is_empty());
    }
}
