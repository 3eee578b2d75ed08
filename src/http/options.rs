//! How much the HTTP face takes on, and whom it trusts.

use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;

use crate::tls::Tls;

/// What the operator decides of the HTTP face. [`Options::default`] is what the documentation
/// promises.
#[derive(Clone, Debug)]
pub struct Options {
    /// The longest body of a request and the longest message on a WebSocket, in bytes.
    pub body_limit: usize,
    /// How long a client may take for the head of a request; a connection that is kept alive is
    /// closed when it was idle for as long.
    pub header_timeout: Duration,
    /// How long a client may take for the body of a request.
    pub body_timeout: Duration,
    /// Open connections that are not WebSockets. Further ones wait in the listener's backlog
    /// until one of these closes.
    pub max_connections: usize,
    /// Those of one address (of one /64 in IPv6) among them, trusted proxies apart. Further ones
    /// are closed as they come.
    pub max_connections_per_address: usize,
    /// Open WebSockets and event streams together. Further ones get the status 503.
    pub max_sockets: usize,
    /// Open WebSockets and event streams of one user.
    pub max_sockets_per_user: usize,
    /// Operations that run at the same time on one WebSocket.
    pub max_subscriptions: usize,
    /// Where clients find us, when that is not what we are called by `Host`: `https://logs.example`.
    pub public_url: Option<String>,
    /// Origins beside our own whose pages may read answers and open WebSockets.
    pub allowed_origins: Vec<String>,
    /// Who is believed what it says in `X-Forwarded-For` and `X-Forwarded-Host`.
    pub trusted_proxies: Vec<IpNet>,
    /// What `/metrics` asks for as a bearer token; without one it is open.
    pub metrics_token: Option<SecretString>,
    /// The certificate; without one connections are in the clear.
    pub tls: Option<Tls>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            body_limit: 1 << 20,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            max_connections: 2_048,
            max_connections_per_address: 1_024,
            max_sockets: 4_000,
            max_sockets_per_user: 1_000,
            max_subscriptions: 100,
            public_url: None,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            metrics_token: None,
            tls: None,
        }
    }
}

/// The time-outs of long connections, which nobody has to decide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For the first message on a WebSocket, and for signing in by it.
    pub init: Duration,
    /// Between two pings on a WebSocket, and the longest silence of an event stream.
    pub heartbeat: Duration,
    /// After how long without a word from its client a WebSocket is closed.
    pub silence: Duration,
    /// How long a connection may take no byte of what waits for it.
    pub stall: Duration,
    /// For a client to take its leave once its WebSocket is closed.
    pub leave: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            init: Duration::from_secs(10),
            heartbeat: Duration::from_secs(12),
            silence: Duration::from_secs(45),
            stall: Duration::from_secs(30),
            leave: Duration::from_secs(1),
        }
    }
}
