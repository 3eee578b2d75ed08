//! A UDP socket as Linux can be asked for it: a large receive buffer, many datagrams a system call,
//! and an exact count of what it dropped.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, RawFd};

use nix::libc;
use nix::sys::socket::{
    GetSockOpt, MsgFlags, MultiHeaders, SetSockOpt, SockaddrStorage, recvmmsg, sockopt,
};
use socket2::{Domain, Protocol, Type};

/// Datagrams a system call, at most.
pub const BATCH: usize = 64;
/// The longest datagram, rounded up: nothing is ever truncated.
const SLOT: usize = 64 << 10;
/// `SK_MEMINFO_VARS`: the numbers that `SO_MEMINFO` gives (since Linux 4.12).
const MEMINFO_VARS: usize = 9;

/// `SO_MEMINFO`: the socket's memory figures. Among them is the count of datagrams it dropped, which
/// `SO_RXQ_OVFL` reports too, but only with a datagram that comes later.
#[derive(Clone, Copy)]
struct MemInfo;

nix::getsockopt_impl!(
    MemInfo,
    libc::SOL_SOCKET,
    libc::SO_MEMINFO,
    [u32; MEMINFO_VARS],
    sockopt::GetStruct<[u32; MEMINFO_VARS]>
);

/// A bound UDP socket with the buffer that its datagrams are read into.
#[derive(Debug)]
pub struct DatagramSocket {
    socket: std::net::UdpSocket,
    /// One slot a datagram. The kernel lends the pages when they are first used.
    buffer: Box<[u8]>,
    /// Bytes of datagrams the kernel holds for us.
    receive_buffer: usize,
    drops_seen: u32,
}

impl DatagramSocket {
    /// Binds. `[::]` takes IPv4 too. Warns when the kernel gives a smaller buffer than asked.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub fn bind(address: SocketAddr, receive_buffer: usize) -> io::Result<Self> {
        let socket =
            socket2::Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
            socket.set_only_v6(false)?;
        }
        socket.set_nonblocking(true)?;
        let receive_buffer = ask_receive_buffer(&socket, address, receive_buffer)?;
        socket.bind(&address.into())?;
        Ok(DatagramSocket {
            socket: socket.into(),
            buffer: vec![0; BATCH * SLOT].into_boxed_slice(),
            receive_buffer,
            drops_seen: 0,
        })
    }

    /// The address it is bound to.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Bytes of datagrams the kernel holds for us, its own bookkeeping of them included.
    pub fn receive_buffer(&self) -> usize {
        self.receive_buffer
    }

    /// Waits until there may be something to read. Cancel-safe.
    pub async fn readable(&self) -> io::Result<()> {
        // Known to the runtime only while it is waited for: the kernel wakes the runtime for every
        // datagram of a socket it knows, whether anybody waits or not.
        let known = tokio::net::UdpSocket::from_std(self.socket.try_clone()?)?;
        known.readable().await
    }

    /// Reads up to [`BATCH`] datagrams with one system call and shows each to `each`, empty ones
    /// left out. Says how many it read.
    ///
    /// # Errors
    /// `WouldBlock` when there is nothing to read.
    pub fn receive(&mut self, each: impl FnMut(SocketAddr, &[u8])) -> io::Result<usize> {
        read_batch(self.socket.as_raw_fd(), &mut self.buffer, each)
    }

    /// Datagrams that the kernel dropped since this was last asked: for want of room in the
    /// socket's buffer, or broken ones. The kernel's count wraps at 2³².
    ///
    /// # Errors
    /// The kernel is older than Linux 4.12.
    pub fn take_drops(&mut self) -> io::Result<u64> {
        let figures = MemInfo.get(&self.socket)?;
        let [.., drops] = figures;
        let new = drops.wrapping_sub(self.drops_seen);
        self.drops_seen = drops;
        Ok(u64::from(new))
    }

    /// Takes nothing more in: what waits in the buffer can still be read, and then there is an
    /// end. A socket connected to its own address hears only itself.
    pub fn close_door(&self) -> io::Result<()> {
        self.socket.connect(self.local_addr()?)
    }
}

fn read_batch(
    socket: RawFd,
    buffer: &mut [u8],
    mut each: impl FnMut(SocketAddr, &[u8]),
) -> io::Result<usize> {
    // Made anew for each call: they hold pointers, and so could not be kept in a task.
    let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, None);
    let mut slots: Vec<_> =
        buffer.chunks_exact_mut(SLOT).map(|slot| [IoSliceMut::new(slot)]).collect();
    let received = recvmmsg(socket, &mut headers, slots.iter_mut(), MsgFlags::MSG_DONTWAIT, None)?;
    let mut datagrams = 0;
    for datagram in received {
        datagrams += 1;
        let peer = datagram.address.as_ref().and_then(socket_address);
        if let (Some(peer), Some(bytes)) = (peer, datagram.iovs().next()) {
            each(peer, bytes);
        }
    }
    Ok(datagrams)
}

/// Asks for the buffer past the system's limit where we are permitted to, and up to it otherwise.
/// Returns what the kernel gave.
fn ask_receive_buffer(
    socket: &socket2::Socket,
    address: SocketAddr,
    bytes: usize,
) -> io::Result<usize> {
    if sockopt::RcvBufForce.set(socket, &bytes).is_err() {
        socket.set_recv_buffer_size(bytes)?;
    }
    // The kernel doubles what it is asked for, to have room for its own bookkeeping.
    let given = socket.recv_buffer_size()? / 2;
    if given < bytes {
        tracing::warn!(
            %address,
            asked = bytes,
            given,
            "the kernel gave a smaller UDP receive buffer; for the whole: sysctl -w net.core.rmem_max={bytes}"
        );
    }
    Ok(given)
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let address = match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
        (Some(v4), _) => SocketAddr::from(*v4),
        (None, Some(v6)) => SocketAddr::from(*v6),
        (None, None) => return None,
    };
    Some(SocketAddr::new(address.ip().to_canonical(), address.port()))
}
