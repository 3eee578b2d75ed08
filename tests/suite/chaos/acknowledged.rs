//! What NATS has acknowledged, overheard on the wires of the ingest processes.
//!
//! A frame is acknowledged when nats-server has written so, whether the process hears it or not:
//! it may be dead by then, or the wire cut. So the wire is read where it leaves the server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tailwater::queue::Frame;

use super::lines::Line;
use crate::support::proxy::{Ear, Listeners};

/// The lines of every frame that was acknowledged. Clones hear together.
#[derive(Clone, Default)]
pub struct Acknowledged(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    /// Frames by the subject that their acknowledgement comes to.
    published: HashMap<String, Vec<Line>>,
    acknowledged: Vec<Line>,
    frames: usize,
}

impl Acknowledged {
    /// Listens to the connections of one wire.
    pub fn listeners(&self) -> Listeners {
        let heard = self.0.clone();
        Arc::new(move || (ear(&heard, Heard::client_says), ear(&heard, Heard::server_says)))
    }

    /// The lines of the frames that were acknowledged so far, in order, each once; and how many
    /// acknowledgements there were.
    pub fn lines(&self) -> (Vec<Line>, usize) {
        let heard = self.0.lock().expect("it is whole");
        let mut lines = heard.acknowledged.clone();
        lines.sort_unstable();
        lines.dedup();
        (lines, heard.frames)
    }
}

fn ear(heard: &Arc<Mutex<Heard>>, understand: fn(&mut Heard, &str, &[u8])) -> Ear {
    let heard = heard.clone();
    let mut wire = Wire::default();
    Box::new(move |bytes| {
        let mut heard = heard.lock().expect("it is whole");
        wire.hear(bytes, |command, payload| understand(&mut heard, command, payload));
    })
}

impl Heard {
    /// `HPUB <subject> <reply> <bytes of headers> <bytes>`
    fn client_says(&mut self, command: &str, payload: &[u8]) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let ["HPUB", subject, reply, headers, _] = words[..] else { return };
        if !subject.ends_with(".frames") {
            return;
        }
        let headers: usize = headers.parse().expect("a length of headers");
        let frame = Frame::decode(Bytes::copy_from_slice(&payload[headers..])).expect("a frame");
        let lines =
            frame.iter().filter_map(|record| Line::read(std::str::from_utf8(record.bytes).ok()?));
        self.published.insert(reply.to_owned(), lines.collect());
    }

    /// `MSG <subject> <subscription> <bytes>`
    fn server_says(&mut self, command: &str, payload: &[u8]) {
        let mut words = command.split_whitespace();
        let (Some("MSG"), Some(subject)) = (words.next(), words.next()) else { return };
        let Ok(answer) = serde_json::from_slice::<serde_json::Value>(payload) else { return };
        if answer["seq"].is_u64()
            && answer["error"].is_null()
            && let Some(lines) = self.published.remove(subject)
        {
            self.acknowledged.extend(lines);
            self.frames += 1;
        }
    }
}

/// One direction of a connection in the protocol of NATS: lines, some with a payload behind them.
#[derive(Default)]
struct Wire {
    /// What is not whole yet.
    rest: Vec<u8>,
}

impl Wire {
    fn hear(&mut self, bytes: &[u8], mut understand: impl FnMut(&str, &[u8])) {
        self.rest.extend_from_slice(bytes);
        let mut done = 0;
        while let Some((command, payload, length)) = next(&self.rest[done..]) {
            understand(command, payload);
            done += length;
        }
        self.rest.drain(..done);
    }
}

/// The first command with its payload, and how many bytes they take; `None`: more is to come.
fn next(bytes: &[u8]) -> Option<(&str, &[u8], usize)> {
    let end = bytes.windows(2).position(|two| two == b"\r\n")?;
    let command = std::str::from_utf8(&bytes[..end]).expect("commands are text");
    let carries = ["PUB ", "HPUB ", "MSG ", "HMSG "].iter().any(|word| command.starts_with(word));
    if !carries {
        return Some((command, &[], end + 2));
    }
    let last = command.rsplit(' ').next().expect("a word");
    let length: usize = last.parse().expect("a length of a payload");
    let payload = bytes.get(end + 2..end + 2 + length)?;
    let whole = end + 2 + length + 2;
    (bytes.len() >= whole).then_some((command, payload, whole))
}

#[cfg(test)]
mod tests {
    use tailwater::log::{Transport, now};
    use tailwater::queue::{Draft, FrameId, RawRecord};

    use super::*;

    fn published() -> Vec<u8> {
        let mut draft = Draft::default();
        let bytes = b"<134>1 - host-1 chaos - - - tcp 1-5 noise";
        draft.push(RawRecord {
            bytes,
            received_at: now(),
            peer: [127, 0, 0, 1].into(),
            transport: Transport::Tcp,
            cut: false,
        });
        let frame = draft.name(FrameId { producer: uuid::Uuid::nil(), counter: 1 });
        let headers = "NATS/1.0\r\n\r\n";
        let whole = headers.len() + frame.bytes().len();
        let command =
            format!("PING\r\nHPUB a.frames inbox.1 {} {whole}\r\n{headers}", headers.len());
        [command.as_bytes(), frame.bytes(), b"\r\n"].concat()
    }

    fn hear(pieces: usize, answer: &str) -> Vec<Line> {
        let acknowledged = Acknowledged::default();
        let (mut client, mut server) = acknowledged.listeners()();
        published().chunks(pieces).for_each(&mut client);
        let answer = format!("INFO {{}}\r\nMSG inbox.1 7 {}\r\n{answer}\r\n", answer.len());
        answer.as_bytes().chunks(pieces).for_each(&mut server);
        acknowledged.lines().0
    }

    #[test]
    fn a_frame_counts_once_it_is_acknowledged_however_the_bytes_are_cut() {
        for pieces in [1, 7, 10_000] {
            let heard = hear(pieces, "{\"stream\":\"a\",\"seq\":1}");
            assert_eq!(heard, [Line { sender: 1, number: 5 }]);
        }
    }

    #[test]
    fn a_frame_that_was_refused_does_not_count() {
        assert!(hear(100, "{\"error\":{\"code\":503},\"stream\":\"a\",\"seq\":0}").is_empty());
    }
}
