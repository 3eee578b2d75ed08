//! Managing users.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

use super::account::no_user;
use super::note::Note;
use super::{auth, check_email, check_name, secret};
use crate::api::account::User;
use crate::api::asker::admin;
use crate::api::enums::Role;
use crate::api::errors::{ApiError, Fallible};
use crate::api::filter::{LogFilter, uuid};
use crate::auth::NewAccount;
use crate::store::UserChange as Change;
use crate::user::NotAUsername;

/// Managing users.
#[derive(Default)]
pub struct Users;

/// A user to be.
#[derive(InputObject)]
pub struct NewUser {
    /// What the user signs in with: 1 to 64 letters, digits and `. _ - @ +`, in any case.
    username: String,
    /// 8 to 256 characters.
    password: String,
    /// What the user may do.
    role: Role,
    /// How the user wants to be called; the username when not given.
    display_name: Option<String>,
    /// An address to write to.
    email: Option<String>,
    /// The records that the user sees; all of them when not given.
    scope: Option<LogFilter>,
}

/// What to change of a user. What is not given stays.
#[derive(InputObject)]
pub struct UserChange {
    /// What the user may do.
    role: Option<Role>,
    /// Whether the user is let in no more. Disabling ends every session.
    disabled: Option<bool>,
    /// How the user wants to be called.
    display_name: Option<String>,
    /// An address to write to; null takes it away.
    email: MaybeUndefined<String>,
    /// The records that the user sees; null: all of them.
    scope: MaybeUndefined<LogFilter>,
}

#[Object]
impl Users {
    /// Makes a user. Needs ADMIN.
    async fn create_user(&self, ctx: &Context<'_>, input: NewUser) -> Fallible<User> {
        let create = async |note: &Note<'_>| {
            note.about(&input.username);
            let admin = admin(ctx)?;
            Ok(auth(ctx).create_user(&admin, input.account()?).await?.into())
        };
        Note::new(ctx).of(create).await
    }

    /// Changes a user. A change of role, scope or `disabled` ends what the user has open. The last
    /// active admin stays one. Needs ADMIN.
    async fn change_user(&self, ctx: &Context<'_>, id: ID, input: UserChange) -> Fallible<User> {
        let change = async |note: &Note<'_>| {
            note.about(&id);
            let admin = admin(ctx)?;
            let user = auth(ctx).change_user(&admin, uuid("id", &id)?, input.change()?).await?;
            note.about(user.username.as_str());
            Ok(user.into())
        };
        Note::new(ctx).of(change).await
    }

    /// Sets a user's password, 8 to 256 characters, and ends the user's sessions. Needs ADMIN.
    async fn set_password(&self, ctx: &Context<'_>, id: ID, password: String) -> Fallible<bool> {
        let set = async |note: &Note<'_>| {
            note.about(&id);
            let admin = admin(ctx)?;
            let id = uuid("id", &id)?;
            let Some(user) = auth(ctx).user(&admin, id).await? else { return Err(no_user()) };
            note.about(user.username.as_str());
            auth(ctx).set_password(&admin, id, secret(password)).await?;
            Ok(true)
        };
        Note::new(ctx).of(set).await
    }

    /// Removes a user with all that is theirs: sessions, API tokens, saved searches. The last
    /// active admin stays. Needs ADMIN.
    async fn remove_user(&self, ctx: &Context<'_>, id: ID) -> Fallible<User> {
        let remove = async |note: &Note<'_>| {
            note.about(&id);
            let admin = admin(ctx)?;
            let user = auth(ctx).remove_user(&admin, uuid("id", &id)?).await?;
            note.about(user.username.as_str());
            Ok(user.into())
        };
        Note::new(ctx).of(remove).await
    }
}

impl NewUser {
    fn account(self) -> Result<NewAccount, ApiError> {
        let username = self.username.parse().map_err(|error: NotAUsername| {
            ApiError::bad_input("input.username", error.to_string())
        })?;
        check(self.display_name.as_deref(), self.email.as_deref())?;
        Ok(NewAccount {
            username,
            display_name: self.display_name,
            email: self.email,
            role: self.role.into(),
            scope: self.scope.as_ref().map(scope).transpose()?,
            password: secret(self.password),
        })
    }
}

impl UserChange {
    fn change(self) -> Result<Change, ApiError> {
        check(self.display_name.as_deref(), self.email.value().map(String::as_str))?;
        let scope = match &self.scope {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(filter) => Some(Some(scope(filter)?)),
        };
        Ok(Change {
            display_name: self.display_name,
            email: self.email.as_opt_ref().map(|email| email.cloned()),
            role: self.role.map(Into::into),
            disabled: self.disabled,
            scope,
        })
    }
}

fn check(display_name: Option<&str>, email: Option<&str>) -> Result<(), ApiError> {
    if let Some(name) = display_name {
        check_name("input.displayName", name)?;
    }
    if let Some(email) = email {
        check_email("input.email", email)?;
    }
    Ok(())
}

/// The scope as it is kept.
fn scope(filter: &LogFilter) -> Result<String, ApiError> {
    filter.to_json().map_err(|error| error.inside("input.scope"))
}
