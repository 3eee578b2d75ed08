//! Users.

use uuid::Uuid;

use super::{AccountError, PasswordHash};
use crate::log::Timestamp;
use crate::store::{Store, StoreError};
use crate::user::{Role, User, Username};

/// A user to be.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: Username,
    pub display_name: String,
    pub email: Option<String>,
    pub role: Role,
    pub scope: Option<String>,
    pub password: PasswordHash,
}

/// What to change of a user; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    pub display_name: Option<String>,
    /// `Some(None)` takes it away.
    pub email: Option<Option<String>>,
    pub role: Option<Role>,
    pub disabled: Option<bool>,
    /// `Some(None)` lets the user see everything.
    pub scope: Option<Option<String>>,
}

/// What a password is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub user: User,
    pub password: PasswordHash,
}

impl Store {
    /// Adds a user.
    ///
    /// # Errors
    /// [`AccountError::NameTaken`].
    pub async fn add_user(&self, new: NewUser) -> Result<User, AccountError> {
        todo!()
    }

    /// Adds the first user, whoever else tries at the same time. `None`: there are users.
    pub async fn add_first_user(&self, new: NewUser) -> Result<Option<User>, StoreError> {
        todo!()
    }

    /// Whether there is any user.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        todo!()
    }

    /// The user with this id.
    pub async fn user(&self, id: Uuid) -> Result<Option<User>, StoreError> {
        todo!()
    }

    /// The user with this name.
    pub async fn user_named(&self, name: &Username) -> Result<Option<User>, StoreError> {
        todo!()
    }

    /// These users, in no order; unknown ids are left out.
    pub async fn users_by_id(&self, ids: &[Uuid]) -> Result<Vec<User>, StoreError> {
        todo!()
    }

    /// Users by name, past this one.
    pub async fn users(
        &self,
        after: Option<&Username>,
        limit: usize,
    ) -> Result<Vec<User>, StoreError> {
        todo!()
    }

    /// What the password of this user is checked against.
    pub async fn credentials(&self, name: &Username) -> Result<Option<Credentials>, StoreError> {
        todo!()
    }

    /// Changes a user. A change of role, scope or `disabled` moves the version; disabling also
    /// ends every session. In one transaction, which keeps an active admin.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::LastAdmin`].
    pub async fn change_user(&self, id: Uuid, change: UserChange) -> Result<User, AccountError> {
        todo!()
    }

    /// Sets a new password, moves the version and ends every session but `keep`.
    ///
    /// # Errors
    /// [`AccountError::NotFound`].
    pub async fn set_password(
        &self,
        id: Uuid,
        password: PasswordHash,
        keep: Option<Uuid>,
    ) -> Result<(), AccountError> {
        todo!()
    }

    /// Puts a newer hash of the same password in the place of `old`, if that is still there.
    pub async fn rehash(
        &self,
        id: Uuid,
        old: &PasswordHash,
        new: PasswordHash,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Notes a sign-in.
    pub async fn signed_in(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        todo!()
    }

    /// Removes a user with all that is theirs: sessions, tokens, saved searches. The audit log
    /// keeps the name.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::LastAdmin`].
    pub async fn remove_user(&self, id: Uuid) -> Result<User, AccountError> {
        todo!()
    }
}
