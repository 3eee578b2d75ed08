//! Who may: passwords, sessions, tokens, and the authority that they give.
//!
//! [`Auth::authenticate`] makes a [`Caller`] of what a request carries, and only a caller hands
//! out a [`Viewer`], a [`Member`] or an [`Admin`]. Whatever reads or changes something takes one of
//! these, so a check that was forgotten does not compile.

mod accounts;
mod audit;
mod authority;
mod check;
mod command_line;
mod error;
mod exports;
mod jwt;
mod keys;
mod passwords;
mod searches;
mod secrets;
mod sessions;
mod set_up;
mod sign_in;
mod standing;
mod throttle;
mod tokens;
mod watch;
mod watchers;

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Semaphore;

use crate::log::{Timestamp, now};
use crate::store::Store;
use crate::user::User;
use authority::{Grant, Identity};
use jwt::NotGood;
use keys::Keyring;
use passwords::Hasher;
use standing::{Question, Standings};
use throttle::Throttle;
use watchers::{Watchers, may_as_before};

pub use accounts::{NewAccount, PasswordChange};
pub use authority::{Admin, Caller, Denied, Ended, Member, Viewer};
pub use error::AuthError;
pub use exports::NoExport;
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
    /// How long entries of the audit log are kept; None: for ever.
    pub audit_retention: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            jwt_secrets: Vec::new(),
            access_lifetime: Duration::from_secs(600),
            session_lifetime: Duration::from_secs(30 * 24 * 3600),
            refresh_grace: Duration::from_secs(10),
            audit_retention: Some(Duration::from_secs(365 * 24 * 3600)),
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
    keys: Keyring,
    hasher: Hasher,
    throttle: Throttle,
    /// Room for attempts that are delayed.
    delayed: Semaphore,
    standings: Standings,
    watchers: Watchers,
}

impl Auth {
    /// Prepares it: the signing keys are made or read.
    ///
    /// # Errors
    /// Those of the store; a JWT secret that is too short.
    pub async fn open(store: Store, options: Options) -> Result<Auth, AuthError> {
        let keys = Keyring::open(&options.jwt_secrets, options.access_lifetime, &store).await?;
        Ok(Auth {
            inner: Arc::new(Inner {
                store,
                options,
                keys,
                hasher: Hasher::new()?,
                throttle: Throttle::default(),
                delayed: Semaphore::new(sign_in::DELAYED),
                standings: Standings::new(),
                watchers: Watchers::default(),
            }),
        })
    }

    /// Who asks. `bearer` is an access token or an API token.
    ///
    /// # Errors
    /// [`AuthError::Unauthenticated`] when it is not, or no longer, good; those of the store when
    /// that cannot be known.
    pub async fn authenticate(&self, bearer: &str, peer: Peer) -> Result<Caller, AuthError> {
        let inner = &self.inner;
        let identity = match bearer.starts_with(secrets::API_TOKEN_MARK) {
            true => inner.by_api_token(bearer).await?,
            false => inner.by_access_token(bearer).await?,
        };
        Ok(Caller { peer, identity: Some(Arc::new(identity)) })
    }
}

impl Inner {
    async fn by_access_token(&self, token: &str) -> Result<Identity, AuthError> {
        let now = now();
        let kid = jwt::key_name(token)?;
        let Some(key) = self.keys.find(&kid, &self.store, now).await? else {
            return Err(NotGood::Invalid.into());
        };
        let claims = jwt::verify(token, &key, now)?;
        let over = || AuthError::Unauthenticated("the session is over");
        let question = Question::Session(claims.sid);
        let standing = self.standings.of(question, &self.store).await?.ok_or_else(over)?;
        if standing.user.id != claims.sub || standing.user.version != claims.ver {
            return Err(AuthError::Unauthenticated("the user has changed since; refresh"));
        }
        Ok(Identity {
            user: standing.user.clone(),
            grant: standing.grant,
            expires_at: Some(claims.expires_at()),
            watchers: self.watchers.clone(),
        })
    }

    async fn by_api_token(&self, token: &str) -> Result<Identity, AuthError> {
        let not_good = || AuthError::Unauthenticated("the API token is not good (any more)");
        let hash = secrets::hash_of_api_token(token).ok_or_else(not_good)?;
        let question = Question::Token(hash);
        let standing = self.standings.of(question, &self.store).await?.ok_or_else(not_good)?;
        let expires_at = standing.token.as_ref().and_then(|token| token.expires_at);
        if expires_at.is_some_and(|instant| instant <= now()) {
            return Err(not_good());
        }
        self.standings.note_use(question, &standing, &self.store).await;
        Ok(Identity {
            user: standing.user.clone(),
            grant: standing.grant,
            expires_at,
            watchers: self.watchers.clone(),
        })
    }

    /// Ends here, at once, what has been ended in the database: other nodes see it there.
    fn ended(&self, over: impl Fn(&User, Grant) -> bool) {
        self.standings.forget(|standing| over(&standing.user, standing.grant));
        self.watchers.tell(Ended::Revoked, |identity| over(&identity.user, identity.grant));
    }

    /// The same for a user as they are now: what they are no longer is over.
    fn changed(&self, user: &User) {
        self.standings.forget(|standing| standing.user.id == user.id);
        self.watchers.tell(Ended::Revoked, |identity| {
            identity.user.id == user.id && !may_as_before(&identity.user, user)
        });
    }
}

impl From<NotGood> for AuthError {
    fn from(why: NotGood) -> Self {
        AuthError::Unauthenticated(match why {
            NotGood::Expired => "the access token has expired",
            NotGood::Invalid => "the access token is not good",
        })
    }
}
