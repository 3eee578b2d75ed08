//! The way out, over UDP, TCP or TLS, with one account for all.

use std::path::Path;
use std::time::{Duration, Instant};

use super::ClientError;
use super::backoff::Backoff;
use super::batch::Batch;
use super::notices::Notices;
use super::target::{Scheme, Target};
use super::tcp::TcpSender;
use super::tls;
use super::udp::UdpSender;

/// Sends batches to a target.
#[derive(Debug)]
pub struct Transport {
    wire: Wire,
    retry_for: Duration,
    target: Target,
    /// Lines taken over from the caller.
    taken: u64,
}

#[derive(Debug)]
enum Wire {
    Udp(UdpSender),
    Tcp(Box<TcpSender>),
}

/// What became of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Lines that went out as far as we can know.
    pub sent: u64,
    /// Their bytes, with framing.
    pub bytes: u64,
    /// Connections after the first.
    pub reconnects: u64,
    /// Lines sent again after a break; some may be there twice.
    pub resent: u64,
    /// Datagrams that were refused at the other end.
    pub refused: u64,
    /// Lines too long for a datagram.
    pub too_long: u64,
    /// Lines that were taken from the source, and could not be sent or were not acknowledged.
    pub unsent: u64,
}

impl Account {
    /// Lines that did not make it.
    pub fn errors(&self) -> u64 {
        self.refused + self.too_long + self.unsent
    }
}

impl Transport {
    /// The way to a target. UDP finds its address now, TCP connects with the first batch. Over TLS
    /// the certificates of `authorities` are trusted, or else those that this machine trusts.
    ///
    /// # Errors
    /// When there is no such address, or nobody to trust.
    pub async fn open(
        target: Target,
        gelf: bool,
        authorities: Option<&Path>,
        retry_for: Duration,
    ) -> Result<Self, ClientError> {
        let over_tcp = |tls| Wire::Tcp(Box::new(TcpSender::new(target.clone(), tls, retry_for)));
        let wire = match target.scheme {
            Scheme::Tcp => over_tcp(None),
            Scheme::Tls => over_tcp(Some(tls::configuration(authorities)?)),
            Scheme::Udp => {
                let unreachable = |error| ClientError::Failed(format!("{target}: {error}"));
                let addresses = target.resolve().await.map_err(unreachable)?;
                let Some(address) = addresses.first() else {
                    return Err(ClientError::Failed(format!("{target}: no address")));
                };
                Wire::Udp(UdpSender::connect(*address, gelf).await.map_err(unreachable)?)
            }
        };
        Ok(Transport { wire, retry_for, target, taken: 0 })
    }

    /// Sends what is in the batch and leaves it empty, over as many connections as it takes.
    ///
    /// # Errors
    /// When the network has been away for too long.
    pub async fn send(&mut self, batch: &mut Batch, notices: &Notices) -> Result<(), ClientError> {
        self.taken += batch.len() as u64;
        match &mut self.wire {
            Wire::Tcp(tcp) => tcp.send(batch, notices).await.map_err(failed),
            Wire::Udp(udp) => {
                let refused_before = udp.figures.refused > 0;
                send_datagrams(udp, batch, &self.target, self.retry_for, notices).await?;
                batch.clear();
                if udp.figures.refused > 0 && !refused_before {
                    notices.say(format_args!("{}: nothing listens there", self.target));
                }
                Ok(())
            }
        }
    }

    /// Watches over what was sent while there is nothing to send. Returns when something has
    /// happened; can be dropped at any time.
    ///
    /// # Errors
    /// When the network has been away for too long.
    pub async fn watch(&mut self, notices: &Notices) -> Result<(), ClientError> {
        match &mut self.wire {
            Wire::Tcp(tcp) => tcp.watch(notices).await.map_err(failed),
            Wire::Udp(_) => std::future::pending().await,
        }
    }

    /// Makes sure, as far as that is possible, that the other side has everything.
    ///
    /// # Errors
    /// When the network has been away for too long.
    pub async fn finish(&mut self, notices: &Notices) -> Result<(), ClientError> {
        match &mut self.wire {
            Wire::Tcp(tcp) => tcp.finish(notices).await.map_err(failed),
            Wire::Udp(udp) => {
                udp.finish();
                Ok(())
            }
        }
    }

    /// What became of the lines so far.
    pub fn account(&self) -> Account {
        match &self.wire {
            Wire::Udp(udp) => Account {
                sent: udp.figures.lines.saturating_sub(udp.figures.refused),
                bytes: udp.figures.bytes,
                refused: udp.figures.refused,
                too_long: udp.figures.too_long,
                unsent: self.taken - udp.figures.lines - udp.figures.too_long,
                ..Account::default()
            },
            Wire::Tcp(tcp) => {
                let figures = tcp.figures();
                let (lines, bytes) = tcp.unacknowledged();
                Account {
                    sent: self.taken - lines,
                    bytes: figures.bytes.saturating_sub(bytes),
                    reconnects: figures.connects.saturating_sub(1),
                    resent: figures.resent,
                    unsent: lines,
                    ..Account::default()
                }
            }
        }
    }
}

fn failed(error: impl std::fmt::Display) -> ClientError {
    ClientError::Failed(error.to_string())
}

async fn send_datagrams(
    udp: &mut UdpSender,
    batch: &Batch,
    target: &Target,
    retry_for: Duration,
    notices: &Notices,
) -> Result<(), ClientError> {
    let mut backoff = Backoff::default();
    let since = Instant::now();
    while let Err(error) = udp.send(batch).await {
        let delay = backoff.next_delay();
        if since.elapsed() + delay > retry_for {
            return Err(failed(format_args!("gave up on {target}: {error}")));
        }
        let seconds = delay.as_secs_f64();
        notices.say(format_args!("{target}: {error}; trying again in {seconds:.1} s"));
        tokio::time::sleep(delay).await;
    }
    Ok(())
}
