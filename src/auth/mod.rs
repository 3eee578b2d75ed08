//! Who may: passwords, sessions, tokens, and the authority that they give.
//!
//! [`Auth::authenticate`] makes a [`Caller`] of what a request carries, and only a caller hands
//! out a [`Viewer`], a [`Member`] or an [`Admin`]. Whatever reads or changes something takes one of
//! these, so a check that was forgotten does not compile.

mod accounts;
mod audit;
mod authority;
mod command_line;
mod error;
mod jwt;
mod keys;
mod passwords;
mod searches;
mod sessions;
mod set_up;
mod standing;
mod throttle;
mod tokens;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::log::Timestamp;
use crate::store::Store;
use crate::user::User;

pub use accounts::{NewAccount, PasswordChange};
pub use authority::{Admin, Caller, Denied, Ended, Member, Viewer};
pub use error::AuthError;
pub use set_up::FirstUser;

/// How it is done. [`Options::default`] is what the documentation promises.
#[derive(Clone, Debug)]
pub struct Options {
    /// Keys for access tokens, 32 bytes or more each: the first signs, all are good. None: a key
    /// is made at the first start and kept in the database.
    pub jwt_secrets: Vec<SecretString>,
    /// How long an access token is good.
    pub access_lifetime: Duration,
    /// How long a session lasts that is not used.
    pub session_lifetime: Duration,
    /// A refresh token that is used again so soon yields a fresh successor.
    pub refresh_grace: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            jwt_secrets: Vec::new(),
            access_lifetime: Duration::from_secs(600),
            session_lifetime: Duration::from_secs(30 * 24 * 3600),
            refresh_grace: Duration::from_secs(10),
        }
    }
}

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The client's address; behind a trusted proxy, the one that the proxy names.
    pub address: IpAddr,
    /// `User-Agent`, cut to 256 characters.
    pub user_agent: Option<String>,
}

/// What a sign-in gives.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user: User,
    /// The JWT for `Authorization: Bearer`.
    pub access_token: SecretString,
    pub access_expires_at: Timestamp,
    /// Opaque; good once.
    pub refresh_token: SecretString,
    pub refresh_expires_at: Timestamp,
}

/// The one place where it is decided who may. Clones share it.
#[derive(Clone, Debug)]
pub struct Auth {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    options: Options,
    // keys, throttle, hasher, standings …
}

impl Auth {
    /// Prepares it: the signing keys are made or read.
    ///
    /// # Errors
    /// Those of the store; a JWT secret that is too short.
    pub async fn open(store: Store, options: Options) -> Result<Auth, AuthError> {
        todo!()
    }

    /// Keeps up with what ends sessions and tokens, on this node and others (within a second), and
    /// removes what has expired; until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        todo!()
    }

    /// Who asks. `bearer` is an access token or an API token.
    ///
    /// # Errors
    /// [`AuthError::Unauthenticated`] when it is not, or no longer, good.
    pub async fn authenticate(&self, bearer: &str, peer: Peer) -> Result<Caller, AuthError> {
        todo!()
    }

    /// Signs in. Slow on purpose; slower after failures.
    ///
    /// # Errors
    /// [`AuthError::WrongCredentials`], whatever of the two is wrong; [`AuthError::TooManyAttempts`].
    pub async fn sign_in(
        &self,
        username: &str,
        password: SecretString,
        peer: &Peer,
    ) -> Result<SignedIn, AuthError> {
        todo!()
    }

    /// A new access token, and the next refresh token.
    ///
    /// # Errors
    /// [`AuthError::Unauthenticated`].
    pub async fn refresh(&self, token: &SecretString, peer: &Peer) -> Result<SignedIn, AuthError> {
        todo!()
    }
}
