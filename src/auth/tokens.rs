//! API tokens: `tw_` and 256 random bits, shown once, kept as a hash.
//!
//! A token for reading makes a viewer, whatever its owner may; one for administration makes what
//! its owner is. A token makes no tokens: that takes a session.

use secrecy::SecretString;
use uuid::Uuid;

use super::{Admin, Auth, AuthError, Member, check, secrets};
use crate::log::{Timestamp, now};
use crate::store::{AccountError, NewToken};
use crate::user::{ApiToken, Role, TokenScope};

/// API tokens that one user has, at most.
const MOST: usize = 100;

impl Auth {
    /// Makes an API token of one's own: what it is, and itself, which is shown this once.
    ///
    /// # Errors
    /// [`AuthError::BadInput`], [`AuthError::NameTaken`]; [`AuthError::Forbidden`] for a caller by
    /// API token, and for one for administration of somebody who is no admin.
    pub async fn create_token(
        &self,
        member: &Member,
        name: String,
        scope: TokenScope,
        expires_at: Option<Timestamp>,
    ) -> Result<(ApiToken, SecretString), AuthError> {
        member.viewer().own_session()?;
        check::name("name", &name)?;
        let owner = member.viewer().user();
        if scope == TokenScope::Admin && owner.role != Role::Admin {
            return Err(AuthError::Forbidden("the role admin"));
        }
        if expires_at.is_some_and(|instant| instant <= now()) {
            let why = "a token expires in the future, or never".to_owned();
            return Err(AuthError::BadInput("expiresAt", why));
        }
        if self.inner.store.api_tokens(Some(owner.id)).await?.len() >= MOST {
            let why = format!("a user has {MOST} API tokens at most; revoke one first");
            return Err(AuthError::BadInput("name", why));
        }
        let (fresh, prefix) = secrets::api_token()?;
        let hash = fresh.hash;
        let (owner, version) = (owner.id, owner.version);
        let new = NewToken { owner, version, name, prefix, scope, expires_at, hash };
        match self.inner.store.add_api_token(new).await {
            Ok(token) => Ok((token, fresh.token)),
            Err(AccountError::NotFound) => Err(AuthError::Unauthenticated("the session is over")),
            Err(error) => Err(error.into()),
        }
    }

    /// One's own API tokens, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn tokens(&self, member: &Member) -> Result<Vec<ApiToken>, AuthError> {
        Ok(self.inner.store.api_tokens(Some(member.viewer().user().id)).await?)
    }

    /// Everybody's API tokens, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn all_tokens(&self, _: &Admin) -> Result<Vec<ApiToken>, AuthError> {
        Ok(self.inner.store.api_tokens(None).await?)
    }

    /// Takes back one of one's own API tokens; an admin anybody's.
    ///
    /// # Errors
    /// [`AuthError::NotFound`].
    pub async fn revoke_token(&self, member: &Member, id: Uuid) -> Result<ApiToken, AuthError> {
        let viewer = member.viewer();
        let anybodys = viewer.identity.role() == Role::Admin;
        let of = (!anybodys).then_some(viewer.user().id);
        let token = self.inner.store.remove_api_token(id, of).await?;
        self.inner.ended(|_, grant| grant.is_token(id));
        Ok(token)
    }
}
