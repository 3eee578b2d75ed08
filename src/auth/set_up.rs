//! The first user: by a password in the configuration, or by a link that is good once.

use secrecy::{ExposeSecret, SecretString};

use super::secrets::{hash_of_opaque, opaque_token};
use super::throttle::Target;
use super::{Auth, AuthError, NewAccount, Peer, SignedIn, passwords};
use crate::log::now;
use crate::user::{Role, Username};

/// The name of the user that the password of the configuration makes.
const FIRST: &str = "admin";

/// How the first user comes about.
#[derive(Debug)]
pub enum FirstUser {
    /// There are users.
    Exists,
    /// Made just now, with the password of the configuration.
    Made(Username),
    /// Whoever has this token, which is good once, makes the first user.
    ByToken(SecretString),
}

impl Auth {
    /// Sees to the first user. With a password and no user, `admin` is made; without a password, a
    /// set-up token, which takes the place of any before. Several nodes may do so at once: one of
    /// them makes the user, and of several tokens the last one counts.
    ///
    /// # Errors
    /// [`AuthError::BadInput`] for a password that cannot be one; those of the store.
    pub async fn first_user(
        &self,
        admin_password: Option<&SecretString>,
    ) -> Result<FirstUser, AuthError> {
        if self.inner.store.has_users().await? {
            return Ok(FirstUser::Exists);
        }
        let Some(password) = admin_password else {
            let fresh = opaque_token()?;
            self.inner.store.allow_set_up(fresh.hash).await?;
            return Ok(FirstUser::ByToken(fresh.token));
        };
        passwords::check("admin-password", password)?;
        let username: Username = FIRST.parse().map_err(internal)?;
        let first = NewAccount {
            username: username.clone(),
            display_name: None,
            email: None,
            role: Role::Admin,
            scope: None,
            password: password.clone(),
        };
        let first = self.inner.new_user(first).await?;
        Ok(match self.inner.store.add_first_user(first).await? {
            Some(_) => FirstUser::Made(username),
            None => FirstUser::Exists,
        })
    }

    /// Makes the first user, an admin whatever `first.role` says, by the set-up token, and signs
    /// in. Throttled as a sign-in.
    ///
    /// # Errors
    /// [`AuthError::Unauthenticated`] when the token is not the one that may, or no longer;
    /// [`AuthError::BadInput`], [`AuthError::TooManyAttempts`].
    pub async fn set_up(
        &self,
        token: &SecretString,
        first: NewAccount,
        peer: &Peer,
    ) -> Result<SignedIn, AuthError> {
        let inner = &self.inner;
        // All are the first user's to have, whatever was asked for.
        let first = NewAccount { role: Role::Admin, scope: None, ..first };
        let work = async {
            let not_good = || AuthError::Unauthenticated("the set-up link is not good (any more)");
            let hash = hash_of_opaque(token.expose_secret()).ok_or_else(not_good)?;
            let first = inner.new_user(first).await?;
            inner.store.set_up(hash, first).await?.ok_or_else(not_good)
        };
        let user = inner.attempt(Target::SetUp, peer, work).await?;
        inner.open_session(user, peer, now()).await
    }
}

fn internal(error: impl std::fmt::Display) -> AuthError {
    AuthError::Internal(error.to_string())
}
