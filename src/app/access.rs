//! Who may, and how much: what `auth`, `api` and `http` are told, and how the first user comes
//! about.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use secrecy::ExposeSecret;

use crate::api;
use crate::auth::{self, Auth, AuthError, FirstUser};
use crate::config::{self, Config};
use crate::http;
use crate::store::Store;
use crate::tls::Tls;

/// How much an operation may ask for.
pub(super) fn api_limits(config: &Config) -> api::Limits {
    api::Limits {
        depth: config.max_depth,
        complexity: config.max_cost,
        aliases: config.max_aliases,
        root_fields: config.max_root_fields,
        directives: config.max_directives,
        tokens: config.max_document_tokens,
        operation_timeout: config.operation_timeout,
        introspection: match config.introspection {
            config::Introspection::On => api::Introspection::On,
            config::Introspection::SignedIn => api::Introspection::SignedIn,
            config::Introspection::Off => api::Introspection::Off,
        },
        ..api::Limits::default()
    }
}

/// How much the HTTP face takes on, and whom it trusts.
pub(super) fn http_options(config: &Config, tls: Option<Tls>) -> http::Options {
    http::Options {
        body_limit: config.max_body_bytes,
        header_timeout: config.header_timeout,
        body_timeout: config.body_timeout,
        max_connections: config.max_http_connections,
        max_connections_per_address: config.max_http_connections_per_address,
        max_sockets: config.max_sockets,
        max_sockets_per_user: config.max_sockets_per_user,
        max_subscriptions: config.max_subscriptions,
        public_url: config.public_url.clone(),
        allowed_origins: config.cors_origins.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        metrics_token: config.metrics_token.clone(),
        tls,
    }
}

/// Opens the one place where it is decided who may.
///
/// # Errors
/// Those of [`Auth::open`].
pub(super) async fn open_auth(config: &Config, store: Store) -> Result<Auth, AuthError> {
    let options = auth::Options {
        jwt_secrets: config.jwt_secrets.clone(),
        audit_retention: config.audit_retention,
        ..auth::Options::default()
    };
    Auth::open(store, options).await
}

/// Sees to it that there is a user, or a link to make one with: that link, when there is none and
/// the API is reached at this URL.
///
/// # Errors
/// Those of [`Auth::first_user`].
pub(super) async fn see_to_first_user(
    auth: &Auth,
    config: &Config,
    url: Option<&str>,
) -> Result<Option<String>, AuthError> {
    let password = config.admin_password.as_ref();
    if password.is_none() && url.is_none() {
        return Ok(None);
    }
    match auth.first_user(password).await? {
        FirstUser::Exists => Ok(None),
        FirstUser::Made(username) => {
            tracing::info!(%username, "made the first user, with the password of the settings");
            Ok(None)
        }
        FirstUser::ByToken(token) => {
            Ok(url.map(|url| format!("{url}/setup?token={}", token.expose_secret())))
        }
    }
}

/// How this machine reaches an address that is listened on.
pub fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}
