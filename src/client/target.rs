//! Where lines are sent to.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::str::FromStr;

use reqwest::Url;

/// The port of `tailwater serve`.
const DEFAULT_PORT: u16 = 5140;

/// How lines travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Udp,
    Tcp,
}

/// A destination: `udp://host:port` or `tcp://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub scheme: Scheme,
    /// A name or an address; IPv6 without brackets.
    host: String,
    port: u16,
}

/// The text is not a destination.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATarget {
    #[error("write it as udp://HOST:PORT or tcp://HOST:PORT")]
    Malformed,
    #[error("`{0}://` is not spoken here: use udp:// or tcp://")]
    Scheme(String),
}

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        if !text.contains("://") {
            return Err(NotATarget::Malformed);
        }
        let url = Url::parse(text).map_err(|_| NotATarget::Malformed)?;
        let scheme = match url.scheme() {
            "udp" => Scheme::Udp,
            "tcp" => Scheme::Tcp,
            other => return Err(NotATarget::Scheme(other.to_owned())),
        };
        let bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if !bare || host.is_empty() {
            return Err(NotATarget::Malformed);
        }
        Ok(Target { scheme, host, port: url.port().unwrap_or(DEFAULT_PORT) })
    }
}

impl Target {
    /// The addresses its name stands for; at least one.
    ///
    /// # Errors
    /// When the name is not known.
    pub async fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<_> =
            tokio::net::lookup_host((self.host.as_str(), self.port)).await?.collect();
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        Ok(found)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Udp => "udp",
            Scheme::Tcp => "tcp",
        };
        let Target { host, port, .. } = self;
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_read_and_written_alike() {
        for text in ["udp://127.0.0.1:5140", "tcp://logs.example:6514", "tcp://[::1]:1"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        assert_eq!("tcp://logs".parse::<Target>().unwrap().to_string(), "tcp://logs:5140");
    }

    #[test]
    fn what_is_not_a_destination_is_refused_with_a_reason() {
        assert_eq!("127.0.0.1:5140".parse::<Target>(), Err(NotATarget::Malformed));
        assert_eq!("tcp://".parse::<Target>(), Err(NotATarget::Malformed));
        assert_eq!("tcp://a:1/path".parse::<Target>(), Err(NotATarget::Malformed));
        assert_eq!("tls://a:1".parse::<Target>(), Err(NotATarget::Scheme("tls".into())));
    }
}
