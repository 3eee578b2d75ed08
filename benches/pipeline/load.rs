//! The sender: lines over one socket, at a rate or as fast as they are taken.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;

use crate::lines::Lines;

/// Lines that are made, and over TCP written, at once, when there is no rate to hold to.
const BURST: u64 = 32;
/// At a rate, what is due within this time (one line at least) goes at once.
const BURSTS_A_SECOND: u64 = 10_000;
/// A sender that was held up catches up no more than this, so that it makes no bursts.
const CATCH_UP: Duration = Duration::from_millis(5);

/// How lines travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Udp,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub to: SocketAddr,
    pub transport: Transport,
    pub lines: u64,
    /// Lines a second; none: as fast as they are taken.
    pub rate: Option<u64>,
}

impl Load {
    /// Sends all of it.
    pub fn send(self) -> io::Result<()> {
        match self.transport {
            Transport::Tcp => {
                let mut stream = TcpStream::connect(self.to)?;
                stream.set_nodelay(true)?;
                self.in_bursts(|burst| {
                    for line in &mut *burst {
                        line.push(b'\n');
                    }
                    stream.write_all(&burst.concat())
                })
            }
            Transport::Udp => {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
                socket.connect(self.to)?;
                self.in_bursts(|burst| {
                    burst.iter().try_for_each(|line| socket.send(line).map(drop))
                })
            }
        }
    }

    fn in_bursts(self, mut send: impl FnMut(&mut [Vec<u8>]) -> io::Result<()>) -> io::Result<()> {
        let mut lines = Lines::default();
        let most = self.rate.map_or(BURST, |rate| (rate / BURSTS_A_SECOND).clamp(1, BURST));
        let mut burst = vec![Vec::with_capacity(512); most as usize];
        let mut pace = Pace::new(self.rate);
        let mut sent = 0;
        while sent < self.lines {
            let count = most.min(self.lines - sent);
            let burst = &mut burst[..count as usize];
            let now = Utc::now();
            for line in &mut *burst {
                line.clear();
                lines.write_next(line, now);
            }
            send(burst)?;
            sent += count;
            pace.wait(count);
        }
        Ok(())
    }
}

/// Holds a sender to a rate.
struct Pace {
    /// Nothing to hold to: as fast as it goes.
    rate: Option<f64>,
    /// When the next line may go.
    due: Instant,
}

impl Pace {
    fn new(rate: Option<u64>) -> Self {
        Pace { rate: rate.map(|rate| rate as f64), due: Instant::now() }
    }

    /// Waits for as long as `lines` take at the rate.
    fn wait(&mut self, lines: u64) {
        let Some(rate) = self.rate else { return };
        self.due += Duration::from_secs_f64(lines as f64 / rate);
        let now = Instant::now();
        self.due = self.due.max(now - CATCH_UP);
        thread::sleep(self.due.saturating_duration_since(now));
    }
}
