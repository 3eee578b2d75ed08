//! Where a request comes from: the other end of the connection, or what a trusted proxy says of
//! who stands behind it.

use std::net::{IpAddr, SocketAddr};

use axum::http::{Extensions, HeaderMap, header};
use ipnet::IpNet;

use crate::auth::Peer;

/// The longest `User-Agent` that is kept, in characters.
const MAX_USER_AGENT: usize = 256;
/// What a proxy adds the address of its client to, the nearest last.
pub(super) const FORWARDED_FOR: &str = "x-forwarded-for";

/// The other end of a connection, as an extension of each of its requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct OtherEnd(pub IpAddr);

impl OtherEnd {
    /// The other end of a socket. An IPv4 address is one, also where the socket speaks IPv6.
    pub fn new(address: SocketAddr) -> Self {
        OtherEnd(address.ip().to_canonical())
    }

    /// The other end of the connection that a request came by.
    pub fn of(extensions: &Extensions) -> Self {
        // Every connection puts it there; without it nobody is trusted.
        *extensions.get().unwrap_or(&OtherEnd(IpAddr::from([0, 0, 0, 0])))
    }

    /// Whether it is a proxy that is believed what it says of others.
    pub fn is_trusted(self, proxies: &[IpNet]) -> bool {
        is_trusted(self.0, proxies)
    }
}

fn is_trusted(address: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|network| network.contains(&address))
}

/// Who asks, and with what.
pub(super) fn peer(other_end: OtherEnd, headers: &HeaderMap, proxies: &[IpNet]) -> Peer {
    let user_agent = headers.get(header::USER_AGENT).map(|value| {
        String::from_utf8_lossy(value.as_bytes()).chars().take(MAX_USER_AGENT).collect()
    });
    Peer { address: client_address(other_end, headers, proxies), user_agent }
}

/// The client's address. `X-Forwarded-For` is read from its end, where the nearest proxy wrote,
/// for as long as trusted proxies wrote it; what is before that a client may have made up.
fn client_address(other_end: OtherEnd, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let mut nearest = other_end.0;
    let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(nearest, proxies) {
            break;
        }
        let Some(address) = parse_hop(hop.trim()) else { break };
        nearest = address;
    }
    nearest
}

/// An address, which some proxies write with its port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = || hop.parse::<IpAddr>().ok();
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    bare().or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_client_is_the_first_address_that_no_trusted_proxy_stands_for() {
        let proxies = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        for (other_end, lines, client) in [
            // No proxy: what the client says of itself is not believed.
            ("192.0.2.1:1", &[][..], "192.0.2.1"),
            ("192.0.2.1:1", &["198.51.100.7"], "192.0.2.1"),
            // A trusted proxy says who it is.
            ("10.0.0.1:1", &["198.51.100.7"], "198.51.100.7"),
            ("[::ffff:10.0.0.1]:1", &["198.51.100.7"], "198.51.100.7"),
            ("[fd00::1]:1", &["2001:db8::7"], "2001:db8::7"),
            // What stands before is the client's own word.
            ("10.0.0.1:1", &["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1:1", &["127.0.0.1", "198.51.100.7"], "198.51.100.7"),
            // Trusted proxies in a row are passed over.
            ("10.0.0.1:1", &["1.1.1.1, 198.51.100.7, 10.0.0.3,10.0.0.2"], "198.51.100.7"),
            ("10.0.0.1:1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // With a port, in brackets.
            ("10.0.0.1:1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("10.0.0.1:1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.0.0.1:1", &["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.1:1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            // What is no address ends the chain at the proxy that wrote it.
            ("10.0.0.1:1", &["198.51.100.7, unknown"], "10.0.0.1"),
            ("10.0.0.1:1", &["198.51.100.7, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1:1", &[""], "10.0.0.1"),
        ] {
            let headers: HeaderMap = lines
                .iter()
                .map(|line| (FORWARDED_FOR.parse().unwrap(), HeaderValue::from_static(line)))
                .collect();
            let other_end = OtherEnd::new(other_end.parse().unwrap());
            let found = client_address(other_end, &headers, &proxies);
            assert_eq!(found, client.parse::<IpAddr>().unwrap(), "{other_end:?} {lines:?}");
        }
    }

    #[test]
    fn a_long_user_agent_is_cut() {
        let long = "ä".repeat(1_000);
        let value = HeaderValue::from_bytes(long.as_bytes()).unwrap();
        let headers = HeaderMap::from_iter([(header::USER_AGENT, value)]);
        let other_end = OtherEnd::new("192.0.2.1:1".parse().unwrap());
        let agent = peer(other_end, &headers, &[]).user_agent.unwrap();
        assert_eq!(agent, "ä".repeat(MAX_USER_AGENT));
    }
}
