//! Where lines are sent to.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::str::FromStr;

use reqwest::Url;
use rustls::pki_types::ServerName;

/// The port of `tailwater serve`,
const DEFAULT_PORT: u16 = 5140;
/// and that for TLS (RFC 5425).
const DEFAULT_TLS_PORT: u16 = 6514;

/// How lines travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Udp,
    Tcp,
    /// TCP with TLS.
    Tls,
}

impl Scheme {
    /// As it is written before `://`.
    fn name(self) -> &'static str {
        match self {
            Scheme::Udp => "udp",
            Scheme::Tcp => "tcp",
            Scheme::Tls => "tls",
        }
    }
}

/// A destination: `udp://host:port`, `tcp://host:port` or `tls://host:port`.
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
    #[error("write it as udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT")]
    Malformed,
    #[error("`{0}://` is not spoken here: use udp://, tcp:// or tls://")]
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
            "tls" => Scheme::Tls,
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
        let default = if scheme == Scheme::Tls { DEFAULT_TLS_PORT } else { DEFAULT_PORT };
        Ok(Target { scheme, host, port: url.port().unwrap_or(default) })
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

    /// Whom its certificate has to name.
    ///
    /// # Errors
    /// When its host is a name that no certificate can have.
    pub fn server_name(&self) -> io::Result<ServerName<'static>> {
        ServerName::try_from(self.host.clone())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { scheme, host, port } = self;
        let scheme = scheme.name();
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
        for text in ["udp://127.0.0.1:5140", "tcp://logs.example:6514", "tls://[::1]:1"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        assert_eq!("tcp://logs".parse::<Target>().unwrap().to_string(), "tcp://logs:5140");
        assert_eq!("tls://logs".parse::<Target>().unwrap().to_string(), "tls://logs:6514");
    }

    #[test]
    fn what_is_not_a_destination_is_refused_with_a_reason() {
        assert_eq!("127.0.0.1:5140".parse::<Target>(), Err(NotATarget::Malformed));
        assert_eq!("tcp://".parse::<Target>(), Err(NotATarget::Malformed));
        assert_eq!("tcp://a:1/path".parse::<Target>(), Err(NotATarget::Malformed));
        assert_eq!("relp://a:1".parse::<Target>(), Err(NotATarget::Scheme("relp".into())));
    }
}
