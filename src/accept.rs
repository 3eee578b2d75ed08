//! Accepting connections, for whatever is spoken on them: what is done when the system gives none,
//! and how many one address may have.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::telemetry::Figures;

/// The pause after the system had no connection for us (no file descriptors, most likely), so that
/// asking does not spin.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// A listening socket that does not give up.
#[derive(Debug)]
pub struct Acceptor {
    listener: TcpListener,
    /// What the figures and the health of the process call it.
    name: &'static str,
    figures: Figures,
    exhausted: bool,
}

impl Acceptor {
    /// Accepts what comes to a listener of this name (`tcp`, `tls`, `http`).
    pub fn new(listener: TcpListener, name: &'static str, figures: Figures) -> Self {
        Acceptor { listener, name, figures, exhausted: false }
    }

    /// The next connection. While the system gives none, those who want one wait in the backlog,
    /// and the health of the process says so. Cancel-safe.
    pub async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok(accepted) => {
                    if std::mem::take(&mut self.exhausted) {
                        self.figures.health.up(self.name);
                    }
                    return accepted;
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    self.exhausted = true;
                    self.figures.accepts_failed.of(self.name).inc();
                    self.figures.health.down(self.name, format!("it accepts nobody: {error}"));
                    sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
    }
}

/// Whether the error is about the connection that was to be accepted, not about us.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// How many connections each address has, so that none takes those of all others. An IPv6 address
/// counts by its /64, which is what one machine has. Clones share the count.
#[derive(Clone, Debug)]
pub struct Shares {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection among those of its address. Dropping it makes room.
#[derive(Debug)]
pub struct Share {
    shares: Shares,
    address: IpAddr,
}

impl Shares {
    /// Room for so many of each address.
    pub fn new(most: usize) -> Self {
        Shares { most, open: Arc::default() }
    }

    /// Counts a connection in; `None` when its address has as many as it may.
    pub fn enter(&self, peer: IpAddr) -> Option<Share> {
        let address = match peer.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
            v4 => v4,
        };
        let mut open = self.lock();
        let count = open.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share { shares: self.clone(), address })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.shares.lock().entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(shares: &Shares, address: &str) -> Option<Share> {
        shares.enter(address.parse().unwrap())
    }

    #[test]
    fn every_address_has_its_share_and_gets_it_back() {
        let shares = Shares::new(2);
        let mut taken: Vec<_> = (0..3).map(|_| enter(&shares, "192.0.2.1")).collect();
        assert_eq!(taken.iter().flatten().count(), 2);
        assert!(enter(&shares, "192.0.2.2").is_some());
        taken.remove(0);
        assert!(enter(&shares, "192.0.2.1").is_some());
        drop(taken);
        assert!(shares.lock().is_empty(), "nobody is remembered who has none open");
    }

    #[test]
    fn one_machine_is_one_address_however_it_is_written() {
        let shares = Shares::new(1);
        let _taken = [enter(&shares, "192.0.2.1"), enter(&shares, "2001:db8::1")];
        assert!(enter(&shares, "::ffff:192.0.2.1").is_none());
        assert!(enter(&shares, "2001:db8::2").is_none());
        assert!(enter(&shares, "2001:db8:0:1::1").is_some());
    }
}
