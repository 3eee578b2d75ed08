//! Who asks, as the transport knows it.

use async_graphql::Context;
use secrecy::SecretString;

use super::errors::ApiError;
use crate::auth::{Admin, Caller, Denied, Member, Viewer};

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

/// Who asks. An operation that nobody answers for is nobody's.
pub fn asker<'a>(ctx: &Context<'a>) -> Result<&'a Asker, ApiError> {
    ctx.data_opt::<Asker>().ok_or_else(|| Denied::Unauthenticated.into())
}

/// The right to read, of whoever asks.
pub fn viewer(ctx: &Context<'_>) -> Result<Viewer, ApiError> {
    Ok(asker(ctx)?.caller.viewer()?)
}

/// The rights of a member, of whoever asks.
pub fn member(ctx: &Context<'_>) -> Result<Member, ApiError> {
    Ok(asker(ctx)?.caller.member()?)
}

/// The rights of an admin, of whoever asks.
pub fn admin(ctx: &Context<'_>) -> Result<Admin, ApiError> {
    Ok(asker(ctx)?.caller.admin()?)
}
