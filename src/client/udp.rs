//! Lines over UDP: one datagram a line, many a system call.

use std::io::{self, ErrorKind, IoSlice};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::batch::Batch;

/// Datagrams a system call.
const BURST: usize = 64;
/// A GELF message longer than this in bytes is sent in chunks.
const GELF_CHUNK: usize = 8_192;
const GELF_CHUNK_HEADER: usize = 12;
/// GELF allows no more chunks a message.
const GELF_MOST_CHUNKS: usize = 128;

/// A connected UDP socket.
#[derive(Debug)]
pub struct UdpSender {
    socket: UdpSocket,
    /// Whether long records are GELF messages, which may be chunked.
    gelf: bool,
    /// The records of the batch in hand that have gone.
    sent: usize,
    pub figures: UdpFigures,
}

/// What has happened on a UDP socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UdpFigures {
    /// Lines handed to the network.
    pub lines: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Datagrams that the other machine is known to have refused. Most that are lost on the way
    /// are lost without a word.
    pub refused: u64,
    /// Lines that are too long for a datagram.
    pub too_long: u64,
}

impl UdpSender {
    /// A socket that sends to `peer`.
    ///
    /// # Errors
    /// When no socket can be had or there is no way to the peer.
    pub async fn connect(peer: SocketAddr, gelf: bool) -> io::Result<Self> {
        let any: SocketAddr = match peer {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(peer).await?;
        Ok(UdpSender { socket, gelf, sent: 0, figures: UdpFigures::default() })
    }

    /// Sends every record of the batch. Called again with the same batch after an error, it goes
    /// on where it stopped.
    ///
    /// # Errors
    /// When the network is away; it is worth trying again.
    pub async fn send(&mut self, batch: &Batch) -> io::Result<()> {
        while self.sent < batch.len() {
            let record = batch.record(self.sent);
            let result = if self.gelf && record.len() > GELF_CHUNK {
                self.send_chunks(record).await.map(|()| 1)
            } else {
                self.send_burst(batch).await
            };
            match result {
                Ok(records) => {
                    for n in self.sent..self.sent + records {
                        self.figures.bytes += batch.record(n).len() as u64;
                    }
                    self.figures.lines += records as u64;
                    self.sent += records;
                }
                // It speaks of a datagram that went before.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    self.figures.refused += 1;
                }
                Err(error) if error.raw_os_error() == Some(Errno::EMSGSIZE as i32) => {
                    self.figures.too_long += 1;
                    self.sent += 1;
                }
                // The queue of the network device is full; nothing tells when it is not.
                Err(error) if error.raw_os_error() == Some(Errno::ENOBUFS as i32) => {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Err(error) => return Err(error),
            }
        }
        self.sent = 0;
        Ok(())
    }

    /// Sends as many records from `self.sent` on as one system call takes, at least one.
    async fn send_burst(&self, batch: &Batch) -> io::Result<usize> {
        let last = batch.len().min(self.sent + BURST);
        let mut end = self.sent + 1;
        while end < last && !(self.gelf && batch.record(end).len() > GELF_CHUNK) {
            end += 1;
        }
        self.socket
            .async_io(Interest::WRITABLE, || {
                let slices: Vec<_> =
                    (self.sent..end).map(|n| [IoSlice::new(batch.record(n))]).collect();
                let peers: [Option<SockaddrStorage>; BURST] = [None; BURST];
                let mut headers = MultiHeaders::preallocate(slices.len(), None);
                let fd = self.socket.as_raw_fd();
                let sent = sendmmsg(fd, &mut headers, &slices, peers, [], MsgFlags::MSG_DONTWAIT)?;
                Ok(sent.count())
            })
            .await
    }

    /// Sends a GELF message in chunks: magic bytes, message id, number, count, then a piece.
    async fn send_chunks(&self, record: &[u8]) -> io::Result<()> {
        let pieces = record.chunks(GELF_CHUNK - GELF_CHUNK_HEADER);
        let count = pieces.len();
        if count > GELF_MOST_CHUNKS {
            return Err(Errno::EMSGSIZE.into());
        }
        let id = rand::random::<[u8; 8]>();
        let mut chunk = Vec::with_capacity(GELF_CHUNK);
        for (number, piece) in pieces.enumerate() {
            chunk.clear();
            chunk.extend_from_slice(&[0x1e, 0x0f]);
            chunk.extend_from_slice(&id);
            // Both are at most 128.
            chunk.extend_from_slice(&[number as u8, count as u8]);
            chunk.extend_from_slice(piece);
            self.socket.send(&chunk).await?;
        }
        Ok(())
    }

    /// Looks whether the last datagrams were refused.
    pub fn finish(&mut self) {
        if let Ok(Some(error)) = self.socket.take_error()
            && error.kind() == ErrorKind::ConnectionRefused
        {
            self.figures.refused += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pair(gelf: bool) -> (UdpSocket, UdpSender) {
        let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let peer = receiver.local_addr().unwrap();
        (receiver, UdpSender::connect(peer, gelf).await.unwrap())
    }

    fn batch_of(records: &[Vec<u8>]) -> Batch {
        let mut batch = Batch::default();
        records.iter().for_each(|record| batch.push(record, None));
        batch
    }

    #[tokio::test]
    async fn every_record_is_a_datagram() {
        let (receiver, mut sender) = pair(false).await;
        let records: Vec<Vec<u8>> = (0..150).map(|n| format!("line {n}").into_bytes()).collect();
        sender.send(&batch_of(&records)).await.unwrap();
        let mut buffer = [0; 100];
        for record in &records {
            let length = receiver.recv(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..length], record);
        }
        let bytes = records.iter().map(|r| r.len() as u64).sum();
        assert_eq!(sender.figures, UdpFigures { lines: 150, bytes, ..Default::default() });
    }

    #[tokio::test]
    async fn a_long_gelf_message_goes_in_chunks() {
        let (receiver, mut sender) = pair(true).await;
        let long: Vec<u8> = (0..20_000).map(|n| b'a' + (n % 26) as u8).collect();
        sender.send(&batch_of(&[b"short".to_vec(), long.clone()])).await.unwrap();
        let mut buffer = [0; 10_000];
        let length = receiver.recv(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"short");
        let (mut whole, mut ids) = (Vec::new(), Vec::new());
        for number in 0..3 {
            let length = receiver.recv(&mut buffer).await.unwrap();
            assert!(length <= GELF_CHUNK);
            assert_eq!(buffer[..2], [0x1e, 0x0f]);
            assert_eq!(buffer[10..12], [number, 3]);
            ids.push(buffer[2..10].to_vec());
            whole.extend_from_slice(&buffer[12..length]);
        }
        assert_eq!(whole, long);
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(sender.figures.lines, 2);
    }

    #[tokio::test]
    async fn a_line_too_long_for_a_datagram_is_counted_and_the_rest_goes_on() {
        let (receiver, mut sender) = pair(false).await;
        sender.send(&batch_of(&[vec![b'x'; 70_000], b"next".to_vec()])).await.unwrap();
        let mut buffer = [0; 10];
        let length = receiver.recv(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"next");
        assert_eq!(sender.figures.too_long, 1);
        assert_eq!(sender.figures.lines, 1);
    }

    #[tokio::test]
    async fn a_datagram_that_nobody_takes_is_counted_as_refused() {
        let (receiver, mut sender) = pair(false).await;
        drop(receiver);
        sender.send(&batch_of(&[b"lost".to_vec()])).await.unwrap();
        sender.finish();
        assert_eq!(sender.figures.refused, 1);
    }
}
