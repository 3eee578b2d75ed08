//! The settings of who may: secrets and the files they may lie in, origins, proxies, TLS.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use reqwest::Url;
use secrecy::SecretString;

use super::parse::Parser;

/// Where syslog over TLS is received when there is a certificate and nobody says where. The port
/// is that of RFC 5425.
const DEFAULT_TLS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 6514);
/// Shortest key of access tokens, in bytes: what HMAC with SHA-256 can make use of (RFC 7518,
/// section 3.2).
const SHORTEST_KEY: usize = 32;
/// How long a password may be, in characters.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=256;

/// Who may ask for the GraphQL schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Introspection {
    On,
    SignedIn,
    Off,
}

impl Parser<'_> {
    pub(super) fn tls_addresses(&mut self) -> Vec<SocketAddr> {
        let has_certificate = self.optional("tls-cert").is_some();
        if self.optional("tls").is_none() {
            return if has_certificate { vec![DEFAULT_TLS] } else { Vec::new() };
        }
        let addresses = self.addresses("tls");
        if !addresses.is_empty() && !has_certificate {
            self.wrong("tls", "needs --tls-cert and --tls-key");
        }
        addresses
    }

    pub(super) fn tls_files(&mut self) -> Option<(PathBuf, PathBuf)> {
        match (self.optional("tls-cert"), self.optional("tls-key")) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            (Some(_), None) => {
                self.wrong("tls-cert", "needs --tls-key as well");
                None
            }
            (None, Some(_)) => {
                self.wrong("tls-key", "needs --tls-cert as well");
                None
            }
            (None, None) => None,
        }
    }

    pub(super) fn introspection(&mut self) -> Introspection {
        let choices = [
            ("on", Introspection::On),
            ("signed-in", Introspection::SignedIn),
            ("off", Introspection::Off),
        ];
        self.choice("introspection", &choices)
    }

    pub(super) fn secret(&mut self, key: &str) -> Option<SecretString> {
        Some(self.raw(key)).filter(|text| !text.is_empty()).map(Into::into)
    }

    pub(super) fn admin_password(&mut self) -> Option<SecretString> {
        let (key, password) = self.secret_or_file("admin-password", "admin-password-file")?;
        if !PASSWORD.contains(&password.chars().count()) {
            let (least, most) = (PASSWORD.start(), PASSWORD.end());
            self.wrong(key, format!("does not give {least} to {most} characters"));
        }
        Some(password.into())
    }

    pub(super) fn jwt_secrets(&mut self) -> Vec<SecretString> {
        let Some((key, secrets)) = self.secret_or_file("jwt-secret", "jwt-secret-file") else {
            return Vec::new();
        };
        let secrets: Vec<&str> = secrets.split(',').map(str::trim).collect();
        if secrets.iter().any(|secret| secret.len() < SHORTEST_KEY) {
            self.wrong(key, format!("does not give at least {SHORTEST_KEY} bytes a key"));
        }
        secrets.into_iter().map(Into::into).collect()
    }

    /// A secret that is given as itself or in a file, with the key it was found under.
    fn secret_or_file(
        &mut self,
        key: &'static str,
        file_key: &'static str,
    ) -> Option<(&'static str, String)> {
        let secret = Some(self.raw(key).to_owned()).filter(|text| !text.is_empty());
        let Some(path) = self.optional(file_key) else { return secret.map(|text| (key, text)) };
        if secret.is_some() {
            self.wrong(file_key, format!("is given beside {key}: one of the two"));
            return None;
        }
        match std::fs::read_to_string(path) {
            Ok(mut text) => {
                if text.ends_with('\n') {
                    text.pop();
                    if text.ends_with('\r') {
                        text.pop();
                    }
                }
                Some((file_key, text))
            }
            Err(error) => {
                self.wrong(file_key, format!("cannot be read: {error}"));
                None
            }
        }
    }

    pub(super) fn public_url(&mut self) -> Option<String> {
        let url = self.optional("public-url")?;
        let origin = origin(&url);
        if origin.is_none() {
            self.wrong("public-url", "is not http://HOST or https://HOST, perhaps with a port");
        }
        origin
    }

    pub(super) fn cors_origins(&mut self) -> Vec<String> {
        let Some(list) = self.optional("cors-origin") else { return Vec::new() };
        let origins = list.split(',').map(|text| origin(text.trim())).collect::<Option<Vec<_>>>();
        origins.unwrap_or_else(|| {
            self.wrong("cors-origin", "is not a list of origins such as https://tools.example.com");
            Vec::new()
        })
    }

    pub(super) fn trusted_proxies(&mut self) -> Vec<IpNet> {
        let Some(list) = self.optional("trusted-proxies") else { return Vec::new() };
        let proxies = list.split(',').map(|text| network(text.trim())).collect::<Option<Vec<_>>>();
        proxies.unwrap_or_else(|| {
            self.wrong(
                "trusted-proxies",
                "is not a list of addresses or networks such as 192.0.2.1 or 10.0.0.0/8",
            );
            Vec::new()
        })
    }
}

/// The origin that a URL is, as browsers write it (RFC 6454, section 6.1). `None` for a URL that
/// says more than an origin.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let web = matches!(url.scheme(), "http" | "https");
    (bare && web).then(|| url.origin().ascii_serialization())
}

/// A network, or an address as the network of it alone.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
