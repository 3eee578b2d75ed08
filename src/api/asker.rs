//! Who asks, as the transport knows it.

use secrecy::SecretString;

use crate::auth::Caller;

/// Who asks, and what the transport lends to sign-in.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Who.
    pub caller: Caller,
    /// The refresh token that came as the cookie `tailwater_refresh`.
    pub refresh_cookie: Option<SecretString>,
    /// How the answer can set that cookie, by a `Set-Cookie` among its HTTP headers; `None` where
    /// it cannot (a WebSocket, a stream).
    pub cookies: Option<Cookies>,
}

/// How cookies are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookies {
    /// Only over TLS.
    pub secure: bool,
}
