//! Sessions and their refresh tokens.
//!
//! A session has one live refresh token at a time; those used before are kept for as long as the
//! session is, so that a stolen one is noticed.

use std::net::IpAddr;
use std::time::Duration;

use uuid::Uuid;

use super::{AccountError, TokenHash};
use crate::log::Timestamp;
use crate::store::{Store, StoreError};
use crate::user::{Session, User};

/// A session to be.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: Uuid,
    pub user: Uuid,
    pub at: Timestamp,
    pub expires_at: Timestamp,
    pub address: Option<IpAddr>,
    pub user_agent: Option<String>,
    /// Its first refresh token.
    pub refresh: TokenHash,
}

/// What came of a refresh token.
#[derive(Clone, Debug)]
pub enum Rotation {
    /// The successor is the one live token now.
    Rotated { session: Session, user: User },
    /// No token of a session that lives.
    Unknown,
    /// It was used before, too long ago for a lost answer: the session has been ended.
    Replayed { session: Session, user: User },
}

/// A session that lives, and whose.
#[derive(Clone, Debug)]
pub struct SessionStanding {
    pub session: Session,
    pub user: User,
}

impl Store {
    /// Opens a session.
    ///
    /// # Errors
    /// [`AccountError::NotFound`] when the user is gone or disabled.
    pub async fn open_session(&self, new: NewSession) -> Result<Session, AccountError> {
        todo!()
    }

    /// Uses a refresh token and puts `successor` in its place, in one transaction that holds the
    /// session. A token used no longer than `grace` before `at` is given a fresh successor too,
    /// which takes the place of the one before; one used earlier ends the session.
    pub async fn rotate_refresh_token(
        &self,
        token: TokenHash,
        successor: TokenHash,
        at: Timestamp,
        grace: Duration,
    ) -> Result<Rotation, StoreError> {
        todo!()
    }

    /// Those of these sessions that live: not ended, not expired at `at`, their user not
    /// disabled.
    pub async fn session_standings(
        &self,
        ids: &[Uuid],
        at: Timestamp,
    ) -> Result<Vec<SessionStanding>, StoreError> {
        todo!()
    }

    /// The sessions of a user that have not expired, newest first.
    pub async fn sessions(&self, user: Uuid, at: Timestamp) -> Result<Vec<Session>, StoreError> {
        todo!()
    }

    /// Ends a session of a user. Whether there was one.
    pub async fn end_session(&self, user: Uuid, id: Uuid) -> Result<bool, StoreError> {
        todo!()
    }

    /// Ends the sessions of a user, but `keep`. How many there were.
    pub async fn end_sessions(&self, user: Uuid, keep: Option<Uuid>) -> Result<u64, StoreError> {
        todo!()
    }

    /// Removes sessions and refresh tokens that expired before `at`.
    pub async fn remove_expired_sessions(&self, at: Timestamp) -> Result<u64, StoreError> {
        todo!()
    }
}
