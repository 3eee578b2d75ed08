//! The first user: by a password in the configuration, or by a link that is good once.

use secrecy::SecretString;

use super::{Auth, AuthError, NewAccount, Peer, SignedIn};
use crate::user::Username;

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
    /// set-up token.
    pub async fn first_user(
        &self,
        admin_password: Option<&SecretString>,
    ) -> Result<FirstUser, AuthError> {
        todo!()
    }

    /// Makes the first user, an admin whatever `first.role` says, by the set-up token, and signs
    /// in. Throttled as a sign-in.
    pub async fn set_up(
        &self,
        token: &SecretString,
        first: NewAccount,
        peer: &Peer,
    ) -> Result<SignedIn, AuthError> {
        todo!()
    }
}
