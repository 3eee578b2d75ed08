//! API tokens.

use uuid::Uuid;

use super::{AccountError, OwnedBy, TokenHash};
use crate::log::Timestamp;
use crate::store::{Store, StoreError};
use crate::user::{ApiToken, TokenScope, User};

/// An API token to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub owner: Uuid,
    pub name: String,
    pub prefix: String,
    pub scope: TokenScope,
    pub expires_at: Option<Timestamp>,
    pub hash: TokenHash,
}

/// An API token that is good, and whose.
#[derive(Clone, Debug)]
pub struct TokenStanding {
    pub token: ApiToken,
    pub user: User,
}

impl Store {
    /// Adds an API token.
    ///
    /// # Errors
    /// [`AccountError::NameTaken`] when the owner has one of this name, [`AccountError::NotFound`]
    /// when the owner is gone.
    pub async fn add_api_token(&self, new: NewToken) -> Result<ApiToken, AccountError> {
        todo!()
    }

    /// The token with this hash, if it has not expired at `at` and its owner is not disabled.
    pub async fn api_token(
        &self,
        hash: TokenHash,
        at: Timestamp,
    ) -> Result<Option<TokenStanding>, StoreError> {
        todo!()
    }

    /// Those of these tokens that are still good at `at`.
    pub async fn api_token_standings(
        &self,
        ids: &[Uuid],
        at: Timestamp,
    ) -> Result<Vec<TokenStanding>, StoreError> {
        todo!()
    }

    /// API tokens, newest first.
    pub async fn api_tokens(&self, of: OwnedBy) -> Result<Vec<ApiToken>, StoreError> {
        todo!()
    }

    /// Removes an API token, and gives it.
    ///
    /// # Errors
    /// [`AccountError::NotFound`].
    pub async fn remove_api_token(&self, id: Uuid, of: OwnedBy) -> Result<ApiToken, AccountError> {
        todo!()
    }

    /// Notes that a token was used.
    pub async fn api_token_used(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        todo!()
    }
}
