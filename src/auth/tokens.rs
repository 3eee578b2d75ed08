//! API tokens: `tw_` and at least 128 random bits, shown once, kept as a hash.

use secrecy::SecretString;
use uuid::Uuid;

use super::{Admin, Auth, AuthError, Member};
use crate::log::Timestamp;
use crate::user::{ApiToken, TokenScope};

impl Auth {
    /// Makes an API token of one's own: what it is, and itself, which is shown this once.
    pub async fn create_token(
        &self,
        member: &Member,
        name: String,
        scope: TokenScope,
        expires_at: Option<Timestamp>,
    ) -> Result<(ApiToken, SecretString), AuthError> {
        todo!()
    }

    /// One's own API tokens, newest first.
    pub async fn tokens(&self, member: &Member) -> Result<Vec<ApiToken>, AuthError> {
        todo!()
    }

    /// Everybody's API tokens, newest first.
    pub async fn all_tokens(&self, _: &Admin) -> Result<Vec<ApiToken>, AuthError> {
        todo!()
    }

    /// Takes back one of one's own API tokens; an admin anybody's.
    pub async fn revoke_token(&self, member: &Member, id: Uuid) -> Result<ApiToken, AuthError> {
        todo!()
    }
}
