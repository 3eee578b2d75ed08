//! Signing in and out.

use async_graphql::{Context, Object};
use secrecy::ExposeSecret;

use super::note::Note;
use super::{auth, check_name, cookie, secret};
use crate::api::account::Session;
use crate::api::asker::{Asker, asker, viewer};
use crate::api::errors::{ApiError, Code, Fallible};
use crate::auth::{NewAccount, SignedIn};
use crate::user::{NotAUsername, Role};

/// Signing in and out.
#[derive(Default)]
pub struct SignIn;

#[Object]
impl SignIn {
    /// Signs in. A browser gets the refresh token as a cookie that no script can read; others get
    /// it in the answer when they ask for it with `refreshToken`. Needs no session.
    async fn login(
        &self,
        ctx: &Context<'_>,
        username: String,
        password: String,
        refresh_token: Option<bool>,
    ) -> Fallible<Session> {
        let login = async |note: &Note<'_>| {
            note.claims(&username);
            let asker = asker(ctx)?;
            let peer = asker.caller.peer();
            let signed_in = auth(ctx).sign_in(&username, secret(password), peer).await?;
            begin(ctx, note, asker, signed_in, refresh_token).await
        };
        Note::new(ctx).of(login).await
    }

    /// Goes on with a session: gives a new access token, and the next refresh token the way the
    /// last one came, as a cookie or as the argument `token`. Needs no session.
    async fn refresh(&self, ctx: &Context<'_>, token: Option<String>) -> Fallible<Session> {
        Some(refreshed(ctx, token).await)
    }

    /// Makes the first user, an admin, with the token of the set-up link, and signs in as `login`
    /// does. Needs no session.
    async fn set_up(
        &self,
        ctx: &Context<'_>,
        token: String,
        username: String,
        password: String,
        display_name: Option<String>,
        refresh_token: Option<bool>,
    ) -> Fallible<Session> {
        let set_up = async |note: &Note<'_>| {
            note.claims(&username);
            let asker = asker(ctx)?;
            if let Some(name) = &display_name {
                check_name("displayName", name)?;
            }
            let first = NewAccount {
                username: username.parse().map_err(|error: NotAUsername| {
                    ApiError::bad_input("username", error.to_string())
                })?,
                display_name,
                email: None,
                role: Role::Admin,
                scope: None,
                password: secret(password),
            };
            let peer = asker.caller.peer();
            let signed_in = auth(ctx).set_up(&secret(token), first, peer).await?;
            begin(ctx, note, asker, signed_in, refresh_token).await
        };
        Note::new(ctx).of(set_up).await
    }

    /// Ends the session and takes its cookie away. Needs VIEWER.
    async fn logout(&self, ctx: &Context<'_>) -> Fallible<bool> {
        let logout = async |_: &Note<'_>| {
            auth(ctx).sign_out(&viewer(ctx)?).await?;
            cookie::clear(ctx, asker(ctx)?);
            Ok(true)
        };
        Note::new(ctx).of(logout).await
    }
}

/// Begins a session for the client.
async fn begin(
    ctx: &Context<'_>,
    note: &Note<'_>,
    asker: &Asker,
    signed_in: SignedIn,
    told: Option<bool>,
) -> Result<Session, ApiError> {
    let peer = asker.caller.peer().clone();
    note.became(auth(ctx).authenticate(signed_in.access_token.expose_secret(), peer).await?);
    let told = told.unwrap_or(false);
    if !told {
        cookie::set(ctx, asker, &signed_in.refresh_token, signed_in.refresh_expires_at);
    }
    Ok(Session::new(signed_in, told))
}

async fn refreshed(ctx: &Context<'_>, token: Option<String>) -> Result<Session, ApiError> {
    let asker = asker(ctx)?;
    let peer = asker.caller.peer();
    if let Some(token) = token {
        return Ok(Session::new(auth(ctx).refresh(&secret(token), peer).await?, true));
    }
    let Some(cookie) = &asker.refresh_cookie else {
        return Err(ApiError::new(Code::Unauthenticated, "there is no session to go on with"));
    };
    if asker.cookies.is_none() {
        // The next token would be lost on the way, and the session with it.
        let message = "a cookie cannot be renewed here; use HTTP, or give the `token`";
        return Err(ApiError::bad_input("token", message));
    }
    let signed_in = match auth(ctx).refresh(cookie, peer).await.map_err(ApiError::from) {
        Ok(signed_in) => signed_in,
        Err(error) => {
            if error.code == Code::Unauthenticated {
                cookie::clear(ctx, asker);
            }
            return Err(error);
        }
    };
    cookie::set(ctx, asker, &signed_in.refresh_token, signed_in.refresh_expires_at);
    Ok(Session::new(signed_in, false))
}
