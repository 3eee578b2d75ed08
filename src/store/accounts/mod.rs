//! Users and what belongs to them. What may be done with it `auth` decides.

mod audit;
mod keys;
mod searches;
mod sessions;
mod tokens;
mod users;

use std::fmt;

use secrecy::SecretString;
use uuid::Uuid;

use super::StoreError;

pub use keys::SigningKey;
pub use searches::{NewSearch, SearchChange};
pub use sessions::{NewSession, Rotation, SessionStanding};
pub use tokens::{NewToken, TokenStanding};
pub use users::{Credentials, NewUser, UserChange};

/// Why something about users was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is one of this name already.
    #[error("the name is taken")]
    NameTaken,
    #[error("there is none (any more)")]
    NotFound,
    /// It would leave no active admin.
    #[error("the last active admin cannot be removed, demoted or disabled")]
    LastAdmin,
}

/// The SHA-256 of a token. The token itself is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

/// A password hash in PHC form.
pub type PasswordHash = SecretString;

/// Whose: everybody's, or one user's.
pub type OwnedBy = Option<Uuid>;
