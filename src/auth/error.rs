//! Why somebody may not, or something about users was not done.

use std::time::Duration;

use crate::store::{AccountError, StoreError};

/// Why somebody may not, or something about users was not done. The messages are for clients.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// No session, or one that is over: what would help is to sign in (again).
    #[error("sign in first: {0}")]
    Unauthenticated(&'static str),
    /// The role, or the token, is not enough; what it takes.
    #[error("this takes {0}")]
    Forbidden(&'static str),
    #[error("wrong username or password")]
    WrongCredentials,
    #[error("too many attempts; try again in {} s", .retry_after.as_millis().div_ceil(1_000).max(1))]
    TooManyAttempts { retry_after: Duration },
    /// An argument that cannot be; its name and why.
    #[error("{1}")]
    BadInput(&'static str, String),
    #[error("the name is taken")]
    NameTaken,
    #[error("there is none (any more)")]
    NotFound,
    #[error("the last active admin cannot be removed, demoted or disabled")]
    LastAdmin,
    /// As many as there may be at a time; which, for the client to read.
    #[error("{0}")]
    NoRoom(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Our own failure; the text is for the log alone.
    #[error("{0}")]
    Internal(String),
}

impl From<AccountError> for AuthError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => AuthError::Store(error),
            AccountError::NameTaken => AuthError::NameTaken,
            AccountError::NotFound => AuthError::NotFound,
            AccountError::LastAdmin => AuthError::LastAdmin,
            AccountError::NoRoom => AuthError::NoRoom("there are as many as there may be"),
        }
    }
}
