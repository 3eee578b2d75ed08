//! Where the lines come from: made up on the spot, or read from a file or stdin.

use std::io::{self, BufRead, BufReader, Read};

use tokio::sync::mpsc;

use super::batch::{Batch, Framing};
use super::format::{Encoder, Event};
use super::made_up::MadeUp;
use crate::log;

/// The longest line in bytes; a longer one goes in pieces.
const LONGEST_LINE: usize = 16 << 20;
/// Chunks that may wait between the reading thread and the sender.
const CHUNKS_AHEAD: usize = 8;
const READ_BUFFER: usize = 256 << 10;
/// Size in bytes at which a batch of long lines is full.
const FULL_BATCH: usize = 256 << 10;

/// How the lines of an input are sent.
#[derive(Debug)]
pub enum Form {
    /// As they are.
    Raw,
    /// Each as the message of an event like this one.
    Wrapped { encoder: Encoder, event: Box<Event> },
}

/// The source of the lines.
#[derive(Debug)]
pub enum Source {
    MadeUp { made_up: Box<MadeUp>, encoder: Encoder },
    Input { input: Input, form: Form },
}

/// Fills batches from a source.
#[derive(Debug)]
pub struct Lines {
    source: Source,
    framing: Option<Framing>,
    /// The running number of the next line, when lines are numbered.
    sequence: Option<u64>,
    record: Vec<u8>,
}

impl Lines {
    /// Lines from a source, framed for their transport, and `numbered` from 1 if wished.
    pub fn new(source: Source, framing: Option<Framing>, numbered: bool) -> Self {
        Lines { source, framing, sequence: numbered.then_some(1), record: Vec::new() }
    }

    /// Appends up to `most` lines to the batch, waiting for the first one only. Returns how many;
    /// 0 is the end. Cancel-safe.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub async fn fill(&mut self, batch: &mut Batch, most: usize) -> io::Result<usize> {
        if let Source::Input { input, .. } = &mut self.source
            && !input.ready().await?
        {
            return Ok(0);
        }
        let at = log::now();
        let mut taken = 0;
        while taken < most && batch.bytes().len() < FULL_BATCH {
            self.record.clear();
            match &mut self.source {
                Source::MadeUp { made_up, encoder } => {
                    encoder.encode(made_up.next(), at, self.sequence, &mut self.record);
                    batch.push(&self.record, self.framing);
                }
                Source::Input { input, form } => {
                    let Some(line) = input.next_line() else {
                        break;
                    };
                    match form {
                        Form::Raw => batch.push(line, self.framing),
                        Form::Wrapped { encoder, event } => {
                            event.message.clear();
                            event.message.push_str(&String::from_utf8_lossy(line));
                            encoder.encode(event, at, self.sequence, &mut self.record);
                            batch.push(&self.record, self.framing);
                        }
                    }
                }
            }
            taken += 1;
            if let Some(n) = &mut self.sequence {
                *n += 1;
            }
        }
        Ok(taken)
    }
}

/// Lines that a thread of its own reads ahead. (A read of stdin cannot be cancelled; the thread
/// is left behind when the process ends.)
#[derive(Debug)]
pub struct Input {
    chunks: mpsc::Receiver<io::Result<Batch>>,
    current: Batch,
    next: usize,
}

impl Input {
    /// Starts to read lines. Line ends (LF, CR LF) are taken off and empty lines left out.
    pub fn read(from: impl Read + Send + 'static) -> Self {
        let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
        std::thread::spawn(move || {
            let mut reader = BufReader::with_capacity(READ_BUFFER, from);
            let mut cut_off = Vec::new();
            loop {
                let (chunk, end) = match read_chunk(&mut reader, &mut cut_off) {
                    Ok((chunk, end)) => (Ok(chunk), end),
                    Err(error) => (Err(error), true),
                };
                let empty = chunk.as_ref().is_ok_and(Batch::is_empty);
                if (!empty && sender.blocking_send(chunk).is_err()) || end {
                    return;
                }
            }
        });
        Input { chunks, current: Batch::default(), next: 0 }
    }

    /// Waits until there is a line; `false` at the end of the input.
    async fn ready(&mut self) -> io::Result<bool> {
        while self.next >= self.current.len() {
            match self.chunks.recv().await {
                Some(chunk) => self.current = chunk?,
                None => return Ok(false),
            }
            self.next = 0;
        }
        Ok(true)
    }

    fn next_line(&mut self) -> Option<&[u8]> {
        if self.next >= self.current.len() {
            return None;
        }
        self.next += 1;
        Some(self.current.record(self.next - 1))
    }
}

/// Reads what one read gives, and cuts it into lines. What follows the last line end is kept in
/// `cut_off` for the next call. Says whether the input has ended.
fn read_chunk(reader: &mut impl BufRead, cut_off: &mut Vec<u8>) -> io::Result<(Batch, bool)> {
    let mut chunk = Batch::default();
    let buffer = match reader.fill_buf() {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok((chunk, false)),
        other => other?,
    };
    let bytes = buffer.len();
    if bytes == 0 {
        push_line(&mut chunk, cut_off);
        cut_off.clear();
        return Ok((chunk, true));
    }
    let mut rest = buffer;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        if cut_off.is_empty() {
            push_line(&mut chunk, &rest[..end]);
        } else {
            cut_off.extend_from_slice(&rest[..end]);
            push_line(&mut chunk, cut_off);
            cut_off.clear();
        }
        rest = &rest[end + 1..];
    }
    cut_off.extend_from_slice(rest);
    if cut_off.len() >= LONGEST_LINE {
        push_line(&mut chunk, cut_off);
        cut_off.clear();
    }
    reader.consume(bytes);
    Ok((chunk, false))
}

fn push_line(chunk: &mut Batch, line: &[u8]) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if !line.is_empty() {
        chunk.push(line, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::format::Format;
    use crate::log::{Facility, Severity};

    /// Gives its pieces one read at a time.
    struct Pieces(Vec<Vec<u8>>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let piece = self.0.remove(0);
            buffer[..piece.len()].copy_from_slice(&piece);
            Ok(piece.len())
        }
    }

    async fn all(mut lines: Lines, most: usize) -> Vec<String> {
        let mut records = Vec::new();
        loop {
            let mut batch = Batch::default();
            let taken = lines.fill(&mut batch, most).await.unwrap();
            if taken == 0 {
                return records;
            }
            assert!(taken <= most);
            assert_eq!(taken, batch.len());
            records
                .extend((0..taken).map(|n| String::from_utf8_lossy(batch.record(n)).into_owned()));
        }
    }

    fn raw(pieces: &[&[u8]]) -> Lines {
        let pieces = Pieces(pieces.iter().map(|p| p.to_vec()).collect());
        let source = Source::Input { input: Input::read(pieces), form: Form::Raw };
        Lines::new(source, None, false)
    }

    #[tokio::test]
    async fn lines_are_put_together_across_reads() {
        let lines = raw(&[b"one\ntw", b"o\r\n\n", b"three", b" and\n\nfo", b"ur"]);
        assert_eq!(all(lines, 2).await, ["one", "two", "three and", "four"]);
    }

    #[tokio::test]
    async fn a_line_comes_as_soon_as_it_is_there() {
        let (theirs, ours) = std::os::unix::net::UnixStream::pair().unwrap();
        let source = Source::Input { input: Input::read(ours), form: Form::Raw };
        let mut lines = Lines::new(source, None, false);
        io::Write::write_all(&mut &theirs, b"first\nhalf of a").unwrap();
        let mut batch = Batch::default();
        assert_eq!(lines.fill(&mut batch, 100).await.unwrap(), 1);
        assert_eq!(batch.record(0), b"first");
    }

    #[tokio::test]
    async fn a_line_without_end_goes_in_pieces() {
        let total = LONGEST_LINE + 5;
        let source = Source::Input {
            input: Input::read(io::repeat(b'x').take(total as u64)),
            form: Form::Raw,
        };
        let records = all(Lines::new(source, None, false), 10).await;
        assert_eq!(records.len(), 2);
        assert_eq!(records.iter().map(String::len).sum::<usize>(), total);
    }

    #[tokio::test]
    async fn wrapped_lines_become_numbered_messages() {
        let event = Event {
            severity: Severity::Info,
            facility: Facility::User,
            host: "h".into(),
            app: "a".into(),
            proc_id: None,
            msg_id: None,
            message: String::new(),
            attributes: Vec::new(),
        };
        let form = Form::Wrapped { encoder: Encoder::new(Format::Plain), event: Box::new(event) };
        let input = Input::read(io::Cursor::new(b"a\nb\xff\n".to_vec()));
        let lines = Lines::new(Source::Input { input, form }, Some(Framing::Lf), true);
        assert_eq!(all(lines, 10).await, ["a seq=1\n", "b\u{fffd} seq=2\n"]);
    }
}
