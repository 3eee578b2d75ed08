//! Sessions: what a sign-in gives, and where a user is signed in.

use async_graphql::{ID, SimpleObject};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::User;
use crate::api::scalars::DateTime;
use crate::auth::SignedIn;
use crate::user::Session as Lasting;

/// What a sign-in gives.
#[derive(SimpleObject)]
pub struct Session {
    /// For `Authorization: Bearer`, for minutes.
    access_token: String,
    /// When the access token is good no more.
    expires_at: DateTime,
    /// For `refresh`, good once. Null when it went into the cookie `tailwater_refresh`, and where
    /// neither was asked for nor possible.
    refresh_token: Option<String>,
    /// When the session ends unless it is refreshed.
    refresh_expires_at: DateTime,
    /// Who signed in.
    user: User,
}

impl Session {
    /// What a sign-in gives; the refresh token only if it is `told`.
    pub fn new(signed_in: SignedIn, told: bool) -> Self {
        let refresh_token = signed_in.refresh_token.expose_secret();
        Session {
            access_token: signed_in.access_token.expose_secret().to_owned(),
            expires_at: DateTime(signed_in.access_expires_at),
            refresh_token: told.then(|| refresh_token.to_owned()),
            refresh_expires_at: DateTime(signed_in.refresh_expires_at),
            user: signed_in.user.into(),
        }
    }
}

/// Where a user is signed in.
#[derive(SimpleObject)]
pub struct UserSession {
    /// The id, which stays for as long as the session is refreshed.
    id: ID,
    /// When the user signed in.
    created_at: DateTime,
    /// When it was last refreshed.
    last_used_at: DateTime,
    /// When it ends unless it is refreshed.
    expires_at: DateTime,
    /// The address it was opened from.
    address: Option<String>,
    /// What it was opened with, as that calls itself.
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

impl UserSession {
    /// A session, seen from the session `current`.
    pub fn new(session: Lasting, current: Option<Uuid>) -> Self {
        UserSession {
            id: session.id.into(),
            created_at: DateTime(session.created_at),
            last_used_at: DateTime(session.last_used_at),
            expires_at: DateTime(session.expires_at),
            address: session.address.map(|address| address.to_string()),
            user_agent: session.user_agent,
            current: current == Some(session.id),
        }
    }
}
