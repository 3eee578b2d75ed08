//! Sessions: listed and ended. One's own only by a session: an API token has no part in them.

use uuid::Uuid;

use super::{Admin, Auth, AuthError, Inner, Viewer};
use crate::log::now;
use crate::user::Session;

impl Auth {
    /// One's own sessions, newest first.
    ///
    /// # Errors
    /// [`AuthError::Forbidden`] for an API token.
    pub async fn sessions(&self, viewer: &Viewer) -> Result<Vec<Session>, AuthError> {
        viewer.own_session()?;
        Ok(self.inner.store.sessions(viewer.user().id, now()).await?)
    }

    /// Somebody's sessions, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn sessions_of(&self, _: &Admin, user: Uuid) -> Result<Vec<Session>, AuthError> {
        Ok(self.inner.store.sessions(user, now()).await?)
    }

    /// Ends one of one's own sessions.
    ///
    /// # Errors
    /// [`AuthError::NotFound`]; [`AuthError::Forbidden`] for an API token.
    pub async fn end_session(&self, viewer: &Viewer, id: Uuid) -> Result<(), AuthError> {
        viewer.own_session()?;
        if !self.inner.store.end_session(viewer.user().id, id).await? {
            return Err(AuthError::NotFound);
        }
        self.inner.ended(|_, grant| grant.is_session(id));
        Ok(())
    }

    /// Ends all of one's own sessions, this one too unless `keep_this`. How many.
    ///
    /// # Errors
    /// [`AuthError::Forbidden`] for an API token.
    pub async fn end_sessions(&self, viewer: &Viewer, keep_this: bool) -> Result<u64, AuthError> {
        let keep = Some(viewer.own_session()?).filter(|_| keep_this);
        self.inner.end_sessions(viewer.user().id, keep).await
    }

    /// Ends all sessions of somebody. How many.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn end_sessions_of(&self, _: &Admin, user: Uuid) -> Result<u64, AuthError> {
        self.inner.end_sessions(user, None).await
    }

    /// Ends the session that the caller goes by.
    ///
    /// # Errors
    /// [`AuthError::Forbidden`] for an API token, which is revoked instead.
    pub async fn sign_out(&self, viewer: &Viewer) -> Result<(), AuthError> {
        let session = viewer.own_session()?;
        // One that has been ended meanwhile is what was asked for.
        self.inner.store.end_session(viewer.user().id, session).await?;
        self.inner.ended(|_, grant| grant.is_session(session));
        Ok(())
    }
}

impl Inner {
    async fn end_sessions(&self, user: Uuid, keep: Option<Uuid>) -> Result<u64, AuthError> {
        let ended = self.store.end_sessions(user, keep).await?;
        self.ended(|it, grant| {
            it.id == user && grant.session().is_some() && grant.session() != keep
        });
        Ok(ended)
    }
}
