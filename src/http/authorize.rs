//! Who asks, by what the request carries: a bearer token, and for sign-in the cookie of the refresh
//! token.

use axum::http::{HeaderMap, StatusCode, header};
use secrecy::SecretString;

use super::Options;
use super::outcome::Refusal;
use crate::api::{ApiError, Asker, Code, Cookies};
use crate::auth::{Auth, AuthError, Caller, Peer};

/// The cookie that holds a browser's refresh token.
const REFRESH_COOKIE: &str = "tailwater_refresh";

/// Who asks, by the `Authorization` header; without one, nobody in particular.
pub(super) async fn caller(
    auth: &Auth,
    headers: &HeaderMap,
    peer: Peer,
) -> Result<Caller, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(Caller::anonymous(peer));
    };
    // Of two, a proxy in front of us may have looked at the other one.
    let only = values.next().is_none().then_some(value);
    let Some(token) = only.and_then(|value| value.to_str().ok()).and_then(bearer) else {
        let message = "the one header `Authorization` must be `Bearer` and a token";
        let error = ApiError::new(Code::Unauthenticated, message);
        return Err(Refusal::because(StatusCode::UNAUTHORIZED, error));
    };
    auth.authenticate(token, peer).await.map_err(|error| {
        let status = match &error {
            AuthError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            AuthError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            AuthError::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNAUTHORIZED,
        };
        Refusal::because(status, error.into())
    })
}

/// The token of `Bearer …` (RFC 6750).
pub(super) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The asker of an operation over HTTP. Cookies are for our own pages only.
pub(super) fn asker(caller: Caller, headers: &HeaderMap, options: &Options, own: bool) -> Asker {
    Asker {
        caller,
        refresh_cookie: own.then(|| refresh_cookie(headers)).flatten(),
        cookies: own.then(|| Cookies { secure: is_secure(options) }),
    }
}

/// The asker of an operation whose answer has no headers.
pub(super) fn asker_without_cookies(caller: Caller) -> Asker {
    Asker { caller, refresh_cookie: None, cookies: None }
}

/// Whether clients reach us over TLS, as far as we know.
fn is_secure(options: &Options) -> bool {
    let public = options.public_url.as_deref().unwrap_or_default();
    let scheme = public.get(.."https:".len()).unwrap_or_default();
    options.tls.is_some() || scheme.eq_ignore_ascii_case("https:")
}

fn refresh_cookie(headers: &HeaderMap) -> Option<SecretString> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let mut ours = pairs.filter(|(name, _)| name.trim() == REFRESH_COOKIE);
    let (_, value) = ours.next()?;
    // A second one was set by somebody else, a neighbouring site perhaps.
    ours.next().is_none().then(|| value.trim().to_owned().into())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_bearer_token_is_told_from_anything_else() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
            ("Bearer ", None),
            ("abc", None),
            ("", None),
        ] {
            assert_eq!(bearer(value), token, "{value:?}");
        }
    }

    #[test]
    fn the_refresh_cookie_is_found_among_others() {
        for (lines, expected) in [
            (&["tailwater_refresh=abc"][..], Some("abc")),
            (&["a=b; tailwater_refresh=a=c; d=e"], Some("a=c")),
            (&["a=b", "tailwater_refresh=abc"], Some("abc")),
            (&["tailwater_refresh=abc; tailwater_refresh=def"], None),
            (&["not_tailwater_refresh=abc; x"], None),
            (&[], None),
        ] {
            let headers = lines.iter().map(|line| (header::COOKIE, HeaderValue::from_static(line)));
            let found = refresh_cookie(&headers.collect());
            assert_eq!(found.as_ref().map(|value| value.expose_secret()), expected, "{lines:?}");
        }
    }

    #[test]
    fn cookies_are_for_tls_only_where_clients_come_by_it() {
        let at = |url: Option<&str>| {
            is_secure(&Options { public_url: url.map(str::to_owned), ..Options::default() })
        };
        assert!(at(Some("https://logs.example")) && at(Some("HTTPS://logs.example")));
        assert!(!at(None) && !at(Some("http://logs.example")) && !at(Some("ä")));
    }
}
