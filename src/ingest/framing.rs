//! Finding the records in a TCP stream (RFC 6587): octet counting, LF and NUL, told apart at the
//! start of each frame.
//!
//! - **Octet counting** (`MSG-LEN SP MSG`): one to seven digits without a leading zero, a space, and
//!   then a PRI (`<34>`). Plain lines may begin with digits too (`200 OK`), so the digits alone prove
//!   nothing. A JSON object may follow instead of the PRI if no line break comes before the count is
//!   used up; `200 {"a":1}` with a line break is a line.
//! - **Line**: everything else, up to the first LF or NUL. Empty lines make no record. A CR before
//!   the LF is left to the parser.
//!
//! A count is never believed further than the bytes that come: nothing is allocated for it. Where
//! it was wrong, the next frame does not begin as one. The text in between becomes a record of its
//! own, which ends at the next LF, NUL or octet count with a PRI, and there the stream is in step
//! again.

use memchr::{memchr_iter, memchr2};

const LF: u8 = b'\n';
const NUL: u8 = 0;
/// Digits of an octet count. More are not a count.
const MAX_DIGITS: usize = 7;
/// The longest PRI, `<191>`.
const MAX_PRI: usize = 5;
/// What may belong to an octet count and PRI that are not complete yet: one digit more than it may
/// have, the others, a space, and the PRI but its last byte.
pub(super) const MAX_PARTIAL_HEADER: usize = 1 + MAX_DIGITS + 1 + (MAX_PRI - 1);

/// A record, borrowed from the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The record without its framing; never empty, never over the limit.
    pub bytes: &'a [u8],
    /// It was longer than the limit, and the rest of it is skipped.
    pub cut: bool,
}

/// Finds the records of one stream. It keeps no bytes: what it did not consume must be given again,
/// with more behind it.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    state: State,
    /// Bytes of the input that are known not to end the line.
    scanned: usize,
    /// The frame before this one was octet counted.
    counted: bool,
    skipped: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// At the start of a frame.
    Frame,
    /// In a line that was cut: the rest of it is skipped.
    SkipLine,
    /// In an octet counted frame that was cut: so many bytes of it are skipped.
    SkipBytes(usize),
}

impl Decoder {
    /// A decoder at the start of a stream, for records of at most `limit` bytes (at least one).
    pub fn new(limit: usize) -> Self {
        Decoder { limit: limit.max(1), state: State::Frame, scanned: 0, counted: false, skipped: 0 }
    }

    /// The next record of `input`, which is moved past what was consumed. `None`: more bytes are
    /// needed. What then is left of `input` is never longer than the limit and a few bytes.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Option<Record<'a>> {
        loop {
            match self.state {
                State::Frame => match Header::read(input, self.limit) {
                    Header::Undecided => return None,
                    Header::Counted { header, length } => {
                        return self.counted_frame(input, header, length);
                    }
                    Header::Text => {
                        let record = self.line(input)?;
                        if !is_blank(record.bytes) {
                            return Some(record);
                        }
                    }
                },
                State::SkipLine => self.skip_line(input)?,
                State::SkipBytes(left) => {
                    let bytes = left.min(input.len());
                    self.skip(input, bytes);
                    if bytes < left {
                        self.state = State::SkipBytes(left - bytes);
                        return None;
                    }
                    self.state = State::Frame;
                }
            }
        }
    }

    /// The stream has ended: what is left of it after [`Decoder::next`] is a record too, though it
    /// has no end.
    pub fn finish<'a>(&mut self, input: &mut &'a [u8]) -> Option<Record<'a>> {
        let rest = take(input, input.len());
        if !matches!(self.state, State::Frame) {
            self.skipped += rest.len() as u64;
            return None;
        }
        let bytes = match Header::read(rest, self.limit) {
            Header::Counted { header, .. } => rest.get(header..).unwrap_or_default(),
            Header::Text | Header::Undecided => rest,
        };
        let (bytes, over) = bytes.split_at_checked(self.limit).unwrap_or((bytes, &[]));
        self.skipped += over.len() as u64;
        (!is_blank(bytes)).then_some(Record { bytes, cut: !over.is_empty() })
    }

    /// Cuts the record that `input` begins with, which has not ended, where it is: the rest of it
    /// is skipped when it comes. `None` when there is nothing of it yet.
    pub fn cut<'a>(&mut self, input: &mut &'a [u8]) -> Option<Record<'a>> {
        let rest = take(input, input.len());
        if !matches!(self.state, State::Frame) {
            self.skipped += rest.len() as u64;
            return None;
        }
        let (bytes, state) = match Header::read(rest, self.limit) {
            Header::Counted { header, length } => {
                let bytes = rest.get(header..).unwrap_or_default();
                (bytes, State::SkipBytes(length.saturating_sub(bytes.len())))
            }
            Header::Text | Header::Undecided => (rest, State::SkipLine),
        };
        self.state = state;
        self.scanned = 0;
        let (bytes, over) = bytes.split_at_checked(self.limit).unwrap_or((bytes, &[]));
        self.skipped += over.len() as u64;
        (!is_blank(bytes)).then_some(Record { bytes, cut: true })
    }

    /// Bytes of cut records that were skipped since this was last asked.
    pub fn take_skipped(&mut self) -> u64 {
        std::mem::take(&mut self.skipped)
    }

    fn counted_frame<'a>(
        &mut self,
        input: &mut &'a [u8],
        header: usize,
        length: usize,
    ) -> Option<Record<'a>> {
        let kept = length.min(self.limit);
        if input.len() < header + kept {
            return None;
        }
        take(input, header);
        let bytes = take(input, kept);
        self.scanned = 0;
        self.counted = true;
        if length > kept {
            self.state = State::SkipBytes(length - kept);
        }
        Some(Record { bytes, cut: length > kept })
    }

    /// A line, which may be blank.
    fn line<'a>(&mut self, input: &mut &'a [u8]) -> Option<Record<'a>> {
        let window = input.get(..=self.limit).unwrap_or(input);
        if let Some(end) = self.line_end(window) {
            let bytes = take(input, end.at);
            self.end_line(input, end, is_blank(bytes));
            return Some(Record { bytes, cut: false });
        }
        if input.len() <= self.limit {
            return None;
        }
        self.state = State::SkipLine;
        self.scanned = 0;
        Some(Record { bytes: take(input, self.limit), cut: true })
    }

    fn skip_line(&mut self, input: &mut &[u8]) -> Option<()> {
        if let Some(end) = self.line_end(input) {
            self.skip(input, end.at);
            self.end_line(input, end, false);
            self.state = State::Frame;
            return Some(());
        }
        let keep = if self.counted { MAX_PARTIAL_HEADER } else { 0 };
        let bytes = input.len().saturating_sub(keep);
        self.skip(input, bytes);
        self.scanned = self.scanned.saturating_sub(bytes);
        None
    }

    fn end_line(&mut self, input: &mut &[u8], end: LineEnd, blank: bool) {
        take(input, end.delimiter);
        self.scanned = 0;
        // Some senders put an LF behind each counted frame: that does not make it a stream of lines.
        self.counted &= blank || end.delimiter == 0;
    }

    fn skip(&mut self, input: &mut &[u8], bytes: usize) {
        self.skipped += take(input, bytes).len() as u64;
    }

    /// Where the line ends that `input` begins with.
    fn line_end(&mut self, input: &[u8]) -> Option<LineEnd> {
        let unscanned = input.get(self.scanned..).unwrap_or_default();
        let delimiter = memchr2(LF, NUL, unscanned).map(|at| self.scanned + at);
        if self.counted {
            let text = input.get(..delimiter.unwrap_or(input.len())).unwrap_or_default();
            if let Some(at) = next_header(text, self.scanned) {
                return Some(LineEnd { at, delimiter: 0 });
            }
        }
        if delimiter.is_none() {
            let undecided = if self.counted { MAX_PRI - 1 } else { 0 };
            self.scanned = input.len().saturating_sub(undecided);
        }
        delimiter.map(|at| LineEnd { at, delimiter: 1 })
    }
}

#[derive(Clone, Copy)]
struct LineEnd {
    at: usize,
    /// 1 for an LF or NUL, 0 where an octet count begins.
    delimiter: usize,
}

/// What a frame begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Header {
    /// No octet count: a line.
    Text,
    /// A count that takes `header` bytes with its space, and says `length`.
    Counted { header: usize, length: usize },
    /// More bytes are needed to tell.
    Undecided,
}

impl Header {
    fn read(input: &[u8], limit: usize) -> Header {
        let digits =
            input.iter().take(MAX_DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
        if input.is_empty() {
            return Header::Undecided;
        }
        if digits == 0 || digits > MAX_DIGITS || input.first() == Some(&b'0') {
            return Header::Text;
        }
        let (count, rest) = input.split_at(digits);
        let length = count.iter().fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
        let Some((space, message)) = rest.split_first() else { return Header::Undecided };
        if *space != b' ' {
            return Header::Text;
        }
        let counted = match message.first() {
            None => return Header::Undecided,
            Some(b'<') => has_pri(message, length),
            Some(b'{') if length <= limit => one_line(message, length),
            Some(_) => Some(false),
        };
        match counted {
            None => Header::Undecided,
            Some(false) => Header::Text,
            Some(true) => Header::Counted { header: digits + 1, length },
        }
    }
}

/// Whether `message`, which begins with `<`, begins with a PRI that fits in `length` bytes. `None`:
/// more bytes are needed to tell.
fn has_pri(message: &[u8], length: usize) -> Option<bool> {
    let body = message.get(1..).unwrap_or_default();
    let digits = body.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = body.split_at(digits);
    let value = number.iter().fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
    match rest.first() {
        None if digits <= 3 => None,
        Some(b'>') => Some((1..=3).contains(&digits) && value <= 191 && digits + 2 <= length),
        _ => Some(false),
    }
}

/// Whether `message` holds `length` bytes without a line break before the last. `None`: more bytes
/// are needed to tell.
fn one_line(message: &[u8], length: usize) -> Option<bool> {
    let inner = message.get(..length.saturating_sub(1)).unwrap_or(message);
    if memchr2(LF, NUL, inner).is_some() {
        return Some(false);
    }
    (message.len() >= length).then_some(true)
}

/// Where the first octet count with a PRI begins whose `<` is at or after `from`.
fn next_header(text: &[u8], from: usize) -> Option<usize> {
    let candidates = memchr_iter(b'<', text.get(from..)?);
    candidates.map(|at| from + at).find_map(|bracket| {
        let before = text.get(..bracket)?.strip_suffix(b" ")?;
        let digits =
            before.iter().rev().take(MAX_DIGITS + 1).take_while(|b| b.is_ascii_digit()).count();
        if digits > MAX_DIGITS {
            return None;
        }
        let run = before.get(before.len() - digits..)?;
        let zeros = run.iter().take_while(|digit| **digit == b'0').count();
        let start = before.len() - digits + zeros;
        matches!(Header::read(text.get(start..)?, 0), Header::Counted { .. }).then_some(start)
    })
}

/// An empty line may still have a CR before its LF.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| *byte == b'\r')
}

/// Moves `input` past its first `bytes` bytes, and gives them.
fn take<'a>(input: &mut &'a [u8], bytes: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at_checked(bytes).unwrap_or((input, &[]));
    *input = rest;
    taken
}

#[cfg(test)]
#[path = "framing_tests.rs"]
mod tests;
