//! Signing in, and staying so.

use std::time::Instant;

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::passwords::{self, Verdict};
use super::secrets::{Fresh, hash_of_opaque, opaque_token};
use super::throttle::{Attempt, Target};
use super::{Auth, AuthError, Inner, Peer, SignedIn, jwt};
use crate::log::{Timestamp, now};
use crate::store::{AccountError, Credentials, NewSession, PasswordHash, Rotation};
use crate::user::{Session, User, Username};

/// Attempts that are delayed at a time, at most. More go on without delay: an account is never
/// refused for what others do.
pub(super) const DELAYED: usize = 256;
/// Characters of a client's name that are kept.
const LONGEST_USER_AGENT: usize = 256;

impl Auth {
    /// Signs in. Slow on purpose; slower after failures.
    ///
    /// # Errors
    /// [`AuthError::WrongCredentials`], whatever of the two is wrong, and for a disabled user;
    /// [`AuthError::TooManyAttempts`].
    pub async fn sign_in(
        &self,
        username: &str,
        password: SecretString,
        peer: &Peer,
    ) -> Result<SignedIn, AuthError> {
        let inner = &self.inner;
        let username = username.parse::<Username>().ok();
        let target = username.clone().map_or(Target::NoAccount, Target::Account);
        let work = inner.check_credentials(username.as_ref(), password);
        let credentials = inner.attempt(target, peer, work).await?;
        let user = credentials.user;
        let at = now();
        // The session counts; when the user was last here is a courtesy.
        if let Err(error) = inner.store.signed_in(user.id, at).await {
            tracing::warn!(%error, username = %user.username, "a sign-in was not noted");
        }
        let user = User { last_sign_in: Some(at), ..user };
        inner.open_session(user, peer, at).await
    }

    /// A new access token, and the next refresh token. A token that was used before, longer ago
    /// than the grace, was stolen from one of the two who used it: the session ends.
    ///
    /// # Errors
    /// [`AuthError::Unauthenticated`].
    pub async fn refresh(&self, token: &SecretString, peer: &Peer) -> Result<SignedIn, AuthError> {
        let inner = &self.inner;
        let not_good = || AuthError::Unauthenticated("the refresh token is not good (any more)");
        let hash = hash_of_opaque(token.expose_secret()).ok_or_else(not_good)?;
        let next = opaque_token()?;
        let (at, grace) = (now(), inner.options.refresh_grace);
        match inner.store.rotate_refresh_token(hash, next.hash, at, grace).await? {
            Rotation::Rotated { session, user } => inner.signed_in(user, &session, next, at),
            Rotation::Unknown => Err(not_good()),
            Rotation::Replayed { session, user } => {
                inner.ended(|_, grant| grant.is_session(session.id));
                let (username, address) = (&user.username, peer.address);
                tracing::warn!(%username, %address, "a refresh token was replayed: session ended");
                self.note_replay(&user, peer).await;
                Err(AuthError::Unauthenticated(
                    "the refresh token was used before: its session has been ended",
                ))
            }
        }
    }
}

impl Inner {
    /// Makes an attempt to get in: counted when it begins, cleared when it succeeds, taken back
    /// when it fails for a reason of ours. One that is given up by its client stays counted.
    pub(super) async fn attempt<T>(
        &self,
        target: Target,
        peer: &Peer,
        work: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        let begun = self.throttle.begin(target, peer.address, Instant::now());
        let attempt = begun.map_err(|retry_after| AuthError::TooManyAttempts { retry_after })?;
        slow_down(&self.delayed, &attempt).await;
        let result = work.await;
        match &result {
            Ok(_) => self.throttle.succeeded(attempt),
            Err(AuthError::WrongCredentials | AuthError::Unauthenticated(_)) => {}
            Err(_) => self.throttle.withdraw(attempt),
        }
        result
    }

    /// The user with this name and this password. Whether there is such a user, or which of the
    /// two is wrong, shows neither in the answer nor in the work.
    pub(super) async fn check_credentials(
        &self,
        username: Option<&Username>,
        password: SecretString,
    ) -> Result<Credentials, AuthError> {
        if !passwords::is_possible(&password) {
            return Err(AuthError::WrongCredentials);
        }
        let credentials = match username {
            Some(username) => self.store.credentials(username).await?,
            None => None,
        };
        let hash = credentials.as_ref().map(|credentials| credentials.password.clone());
        let verdict = self.hasher.verify(password.clone(), hash).await?;
        let Some(credentials) = credentials.filter(|it| !it.user.disabled) else {
            return Err(AuthError::WrongCredentials);
        };
        match verdict {
            Verdict::Wrong => return Err(AuthError::WrongCredentials),
            Verdict::Right => {}
            Verdict::Outdated => {
                self.rehash(&credentials.user, &credentials.password, password).await
            }
        }
        Ok(credentials)
    }

    /// Hashes a password as we would today. A failure changes nothing; the next sign-in tries it
    /// again.
    async fn rehash(&self, user: &User, old: &PasswordHash, password: SecretString) {
        let rehashed = match self.hasher.hash(password).await {
            Ok(new) => self.store.rehash(user.id, old, new).await.map_err(AuthError::from),
            Err(error) => Err(error),
        };
        if let Err(error) = rehashed {
            tracing::warn!(%error, username = %user.username, "a password was not hashed anew");
        }
    }

    /// Opens a session for a user whose credentials were good.
    pub(super) async fn open_session(
        &self,
        user: User,
        peer: &Peer,
        at: Timestamp,
    ) -> Result<SignedIn, AuthError> {
        let refresh = opaque_token()?;
        let lifetime = TimeDelta::from_std(self.options.session_lifetime).unwrap_or(TimeDelta::MAX);
        let user_agent = peer.user_agent.as_ref();
        let opened = self.store.open_session(NewSession {
            id: Uuid::now_v7(),
            user: user.id,
            version: user.version,
            at,
            expires_at: at.checked_add_signed(lifetime).unwrap_or(Timestamp::MAX_UTC),
            address: Some(peer.address),
            user_agent: user_agent.map(|name| name.chars().take(LONGEST_USER_AGENT).collect()),
            refresh: refresh.hash,
        });
        match opened.await {
            Ok(session) => self.signed_in(user, &session, refresh, at),
            // Disabled, removed or changed since the password was checked.
            Err(AccountError::NotFound) => Err(AuthError::WrongCredentials),
            Err(error) => Err(error.into()),
        }
    }

    /// What somebody gets who has a session: a fresh access token beside the refresh token.
    fn signed_in(
        &self,
        user: User,
        session: &Session,
        refresh: Fresh,
        at: Timestamp,
    ) -> Result<SignedIn, AuthError> {
        let lifetime = TimeDelta::from_std(self.options.access_lifetime).unwrap_or(TimeDelta::MAX);
        let expires_at = at.checked_add_signed(lifetime).unwrap_or(Timestamp::MAX_UTC);
        let expires_at = expires_at.min(session.expires_at);
        let claims = jwt::Claims::new((user.id, user.version), session.id, at, expires_at);
        let signed = self.keys.with_signing(|kid, key| jwt::sign(kid, key, &claims));
        Ok(SignedIn {
            user,
            access_token: signed.map_err(AuthError::Internal)?.into(),
            access_expires_at: claims.expires_at(),
            refresh_token: refresh.token,
            refresh_expires_at: session.expires_at,
        })
    }
}

/// Delays an attempt on an account that is being guessed at, if there is room to wait.
async fn slow_down(delayed: &Semaphore, attempt: &Attempt) {
    if attempt.delay.is_zero() {
        return;
    }
    if let Ok(_room) = delayed.try_acquire() {
        tokio::time::sleep(attempt.delay).await;
    }
}
