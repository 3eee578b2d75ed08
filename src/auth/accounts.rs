//! Managing users, and one's own account.

use secrecy::SecretString;
use uuid::Uuid;

use super::{Admin, Auth, AuthError, Viewer};
use crate::store::UserChange;
use crate::user::{Role, User, Username};

/// An account to be.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub username: Username,
    /// The username when not given.
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub role: Role,
    pub scope: Option<String>,
    pub password: SecretString,
}

/// A new password of one's own.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    pub current: SecretString,
    pub new: SecretString,
}

impl Auth {
    /// Users by name, past this one.
    pub async fn users(
        &self,
        _: &Admin,
        after: Option<&Username>,
        limit: usize,
    ) -> Result<Vec<User>, AuthError> {
        todo!()
    }

    /// The user with this id.
    pub async fn user(&self, _: &Admin, id: Uuid) -> Result<Option<User>, AuthError> {
        todo!()
    }

    /// Adds a user. The password has 8 to 256 characters.
    pub async fn create_user(&self, _: &Admin, new: NewAccount) -> Result<User, AuthError> {
        todo!()
    }

    /// Changes a user.
    pub async fn change_user(
        &self,
        _: &Admin,
        id: Uuid,
        change: UserChange,
    ) -> Result<User, AuthError> {
        todo!()
    }

    /// Sets somebody's password and ends their sessions.
    pub async fn set_password(
        &self,
        _: &Admin,
        id: Uuid,
        password: SecretString,
    ) -> Result<(), AuthError> {
        todo!()
    }

    /// Removes a user.
    pub async fn remove_user(&self, _: &Admin, id: Uuid) -> Result<User, AuthError> {
        todo!()
    }

    /// Changes one's own password and ends one's other sessions. Throttled as a sign-in.
    pub async fn change_password(
        &self,
        viewer: &Viewer,
        change: PasswordChange,
    ) -> Result<(), AuthError> {
        todo!()
    }

    /// Changes one's own display name or e-mail.
    pub async fn change_profile(
        &self,
        viewer: &Viewer,
        display_name: Option<String>,
        email: Option<Option<String>>,
    ) -> Result<User, AuthError> {
        todo!()
    }
}
