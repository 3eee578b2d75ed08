//! The keys that access tokens are signed with, and the one-time token of the set-up link.

use secrecy::SecretSlice;

use super::{NewUser, TokenHash};
use crate::log::Timestamp;
use crate::store::{Store, StoreError};
use crate::user::User;

/// A key that access tokens are signed with.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// Its name in the header of a token.
    pub kid: String,
    pub secret: SecretSlice<u8>,
    pub created_at: Timestamp,
    /// Since then it signs no more. What it signed before is good until it expires.
    pub retired_at: Option<Timestamp>,
}

impl Store {
    /// Every signing key, newest first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        todo!()
    }

    /// Adds a signing key unless there is one that has not been retired, whoever else tries at
    /// the same time.
    pub async fn add_first_signing_key(&self, key: SigningKey) -> Result<(), StoreError> {
        todo!()
    }

    /// Retires every signing key at `key.created_at` and adds this one, in one transaction;
    /// removes those that retired before `forget`.
    pub async fn rotate_signing_key(
        &self,
        key: SigningKey,
        forget: Timestamp,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Lets the holder of this token make the first user, in the place of any token before.
    /// Nothing happens when there are users.
    pub async fn allow_set_up(&self, token: TokenHash) -> Result<(), StoreError> {
        todo!()
    }

    /// Makes the first user and forgets the token, in one transaction. `None`: the token is not
    /// the one that may, or there are users.
    pub async fn set_up(
        &self,
        token: TokenHash,
        first: NewUser,
    ) -> Result<Option<User>, StoreError> {
        todo!()
    }
}
