//! Sessions: listed and ended.

use uuid::Uuid;

use super::{Admin, Auth, AuthError, Viewer};
use crate::user::Session;

impl Auth {
    /// One's own sessions, newest first.
    pub async fn sessions(&self, viewer: &Viewer) -> Result<Vec<Session>, AuthError> {
        todo!()
    }

    /// Somebody's sessions, newest first.
    pub async fn sessions_of(&self, _: &Admin, user: Uuid) -> Result<Vec<Session>, AuthError> {
        todo!()
    }

    /// Ends one of one's own sessions.
    pub async fn end_session(&self, viewer: &Viewer, id: Uuid) -> Result<(), AuthError> {
        todo!()
    }

    /// Ends all of one's own sessions, this one too unless `keep_this`. How many.
    pub async fn end_sessions(&self, viewer: &Viewer, keep_this: bool) -> Result<u64, AuthError> {
        todo!()
    }

    /// Ends all sessions of somebody. How many.
    pub async fn end_sessions_of(&self, _: &Admin, user: Uuid) -> Result<u64, AuthError> {
        todo!()
    }

    /// Ends the session that the caller goes by.
    pub async fn sign_out(&self, viewer: &Viewer) -> Result<(), AuthError> {
        todo!()
    }
}
