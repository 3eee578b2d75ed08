//! The lines of a run: each is sent once, and knows who sent it as which.

use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::ops::Range;
use std::time::{Duration, Instant};

use super::cluster::{Board, Run};
use super::schedule::{NODES_A_ROLE, Node, Role};
use crate::support::Noise;

/// The n-th line of a sender, and its name everywhere: in a frame, in the log, in a tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    pub sender: u8,
    pub number: u32,
}

/// How a sender sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    /// The word that its lines hold, and tails may look for.
    pub fn word(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        }
    }
}

/// The line behind all others, which every tail looks for.
pub const LAST: Line = Line { sender: u8::MAX, number: 0 };

impl Line {
    /// As it is sent. What it says ends in noise, so that blocks of it take some room.
    fn write(self, transport: Transport, noise: &mut Noise, to: &mut String) {
        let Line { sender, number } = self;
        let (host, word, noise) = (number % 7, transport.word(), noise.hex(128));
        to.push_str(&format!("<134>1 - host-{host} chaos - - - {word} {sender}-{number} {noise}"));
    }

    /// The text of [`LAST`].
    pub fn last() -> String {
        let Line { sender, number } = LAST;
        format!("<134>1 - host chaos - - - tcp udp {sender}-{number} end")
    }

    /// Reads it from a message of the log, or from the line as it was sent.
    pub fn read(text: &str) -> Option<Line> {
        let (sender, number) = text.rsplit(' ').nth(1)?.split_once('-')?;
        Some(Line { sender: sender.parse().ok()?, number: number.parse().ok()? })
    }

    /// Whether somebody who looks for the word finds this line.
    pub fn holds(self, word: Transport) -> bool {
        self == LAST || Sender::transport_of(self.sender) == word
    }
}

/// What a sender sent to one run of an ingest process, over one connection.
#[derive(Clone, Debug)]
pub struct Sent {
    pub to: Run,
    pub transport: Transport,
    pub sender: u8,
    pub numbers: Range<u32>,
}

impl Sent {
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        let sender = self.sender;
        self.numbers.clone().map(move |number| Line { sender, number })
    }
}

/// Sends its lines to one ingest process, whichever run of it there is.
pub struct Sender {
    pub number: u8,
    pub lines: u32,
    /// Lines a second.
    pub rate: f64,
    pub board: Board,
}

/// The senders of a run: most lines go by TCP.
pub const TCP_SENDERS: u8 = 4;
pub const UDP_SENDERS: u8 = 2;
/// One line in so many goes by UDP.
const UDP_SHARE: u32 = 5;

/// How often a sender looks what is due.
const TICK: Duration = Duration::from_millis(10);

impl Sender {
    /// Shares out `lines` at `rate` lines a second.
    pub fn share_out(lines: u32, rate: f64, board: &Board) -> Vec<Sender> {
        let udp = lines / UDP_SHARE;
        let share = |number: u8| match Self::transport_of(number) {
            Transport::Tcp => (lines - udp) / u32::from(TCP_SENDERS),
            Transport::Udp => udp / u32::from(UDP_SENDERS),
        };
        (0..TCP_SENDERS + UDP_SENDERS)
            .map(|number| {
                let own = share(number);
                let rate = rate * f64::from(own) / f64::from(lines);
                Sender { number, lines: own, rate, board: board.clone() }
            })
            .collect()
    }

    fn transport_of(number: u8) -> Transport {
        if number < TCP_SENDERS { Transport::Tcp } else { Transport::Udp }
    }

    /// Sends them all, and says what went where. A line is never sent again: there is no knowing
    /// whether it arrived.
    pub fn run(self) -> Vec<Sent> {
        let transport = Self::transport_of(self.number);
        let node = Node { role: Role::Ingest, number: usize::from(self.number) % NODES_A_ROLE };
        let mut noise = Noise(u64::from(self.number));
        let mut sent: Vec<Sent> = Vec::new();
        let mut next = 0;
        let begun = Instant::now();
        while next < self.lines {
            let Some((run, mut outlet)) = self.board.run_of(node).and_then(|run| {
                let outlet = Outlet::open(transport, &run)?;
                Some((run, outlet))
            }) else {
                std::thread::sleep(TICK);
                continue;
            };
            let first = next;
            while next < self.lines {
                let due = (begun.elapsed().as_secs_f64() * self.rate) as u32;
                // A burst after a stop is bounded, as a sender's own buffer is.
                let upto = due.min(self.lines).min(next + 500);
                let lines: Vec<String> = (next..upto)
                    .map(|number| {
                        let mut text = String::new();
                        Line { sender: self.number, number }
                            .write(transport, &mut noise, &mut text);
                        text
                    })
                    .collect();
                // Whatever becomes of them, they are not sent again.
                next = next.max(upto);
                if outlet.send(lines).is_err() || !self.board.is_up(&run) {
                    break;
                }
                std::thread::sleep(TICK);
            }
            sent.push(Sent { to: run, transport, sender: self.number, numbers: first..next });
        }
        sent
    }
}

/// A way to a listener.
enum Outlet {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Outlet {
    fn open(transport: Transport, run: &Run) -> Option<Outlet> {
        match transport {
            Transport::Tcp => TcpStream::connect(run.tcp).ok().map(Outlet::Tcp),
            Transport::Udp => {
                let socket = UdpSocket::bind("127.0.0.1:0").ok()?;
                socket.connect(run.udp).ok()?;
                Some(Outlet::Udp(socket))
            }
        }
    }

    fn send(&mut self, lines: Vec<String>) -> std::io::Result<()> {
        match self {
            Outlet::Tcp(stream) => {
                let text: String = lines.into_iter().flat_map(|line| [line, "\n".into()]).collect();
                stream.write_all(text.as_bytes())
            }
            Outlet::Udp(socket) => {
                lines.iter().try_for_each(|line| socket.send(line.as_bytes()).map(drop))
            }
        }
    }
}
