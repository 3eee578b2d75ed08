//! Managing users, and one's own account.

use secrecy::SecretString;
use uuid::Uuid;

use super::throttle::Target;
use super::{Admin, Auth, AuthError, Inner, Viewer, check, passwords};
use crate::store::{AccountError, NewUser, UserChange};
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
    ///
    /// # Errors
    /// Those of the store.
    pub async fn users(
        &self,
        _: &Admin,
        after: Option<&Username>,
        limit: usize,
    ) -> Result<Vec<User>, AuthError> {
        Ok(self.inner.store.users(after, limit).await?)
    }

    /// The user with this id.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn user(&self, _: &Admin, id: Uuid) -> Result<Option<User>, AuthError> {
        Ok(self.inner.store.user(id).await?)
    }

    /// Adds a user. The password has 8 to 256 characters.
    ///
    /// # Errors
    /// [`AuthError::BadInput`], [`AuthError::NameTaken`].
    pub async fn create_user(&self, _: &Admin, new: NewAccount) -> Result<User, AuthError> {
        let new = self.inner.new_user(new).await?;
        Ok(self.inner.store.add_user(new).await?)
    }

    /// Changes a user. With another role or scope, or disabled, whatever they have open ends.
    ///
    /// # Errors
    /// [`AuthError::BadInput`], [`AuthError::NotFound`], [`AuthError::LastAdmin`].
    pub async fn change_user(
        &self,
        _: &Admin,
        id: Uuid,
        change: UserChange,
    ) -> Result<User, AuthError> {
        check_change(&change)?;
        let user = self.inner.store.change_user(id, change).await?;
        self.inner.changed(&user);
        Ok(user)
    }

    /// Sets somebody else's password and ends their sessions. Their API tokens stay good. One's own
    /// takes the current one: [`Auth::change_password`].
    ///
    /// # Errors
    /// [`AuthError::BadInput`], [`AuthError::NotFound`], [`AuthError::Forbidden`].
    pub async fn set_password(
        &self,
        admin: &Admin,
        id: Uuid,
        password: SecretString,
    ) -> Result<(), AuthError> {
        admin.viewer().own_session()?;
        if admin.viewer().user().id == id {
            return Err(AuthError::Forbidden("changePassword, with the current password"));
        }
        passwords::check("password", &password)?;
        let hash = self.inner.hasher.hash(password).await?;
        self.inner.store.set_password(id, hash).await?;
        self.inner.ended(|user, grant| user.id == id && grant.session().is_some());
        Ok(())
    }

    /// Removes a user with all that is theirs.
    ///
    /// # Errors
    /// [`AuthError::NotFound`], [`AuthError::LastAdmin`].
    pub async fn remove_user(&self, _: &Admin, id: Uuid) -> Result<User, AuthError> {
        let user = self.inner.store.remove_user(id).await?;
        self.inner.ended(|it, _| it.id == id);
        Ok(user)
    }

    /// Changes one's own password and ends one's other sessions. This one goes on: what it has
    /// open stays open, and its next access token comes by a refresh. Throttled as a sign-in;
    /// not for an API token.
    ///
    /// # Errors
    /// [`AuthError::WrongCredentials`] when the current password is another,
    /// [`AuthError::TooManyAttempts`], [`AuthError::BadInput`], [`AuthError::Forbidden`].
    pub async fn change_password(
        &self,
        viewer: &Viewer,
        change: PasswordChange,
    ) -> Result<(), AuthError> {
        let session = viewer.own_session()?;
        passwords::check("new", &change.new)?;
        let (inner, own) = (&self.inner, viewer.user());
        let target = Target::Account(own.username.clone());
        let work = inner.check_credentials(Some(&own.username), change.current);
        let checked = inner.attempt(target, viewer.peer(), work).await?;
        let hash = inner.hasher.hash(change.new).await?;
        inner.store.change_password(own.id, checked.user.version, hash, session).await.map_err(
            |error| match error {
                AccountError::NotFound => AuthError::Unauthenticated("the session is over"),
                other => other.into(),
            },
        )?;
        inner.ended(|user, grant| {
            user.id == own.id && grant.session().is_some_and(|other| other != session)
        });
        inner.standings.forget(|standing| standing.grant.is_session(session));
        Ok(())
    }

    /// Changes one's own display name or e-mail. Not for an API token.
    ///
    /// # Errors
    /// [`AuthError::BadInput`], [`AuthError::Forbidden`].
    pub async fn change_profile(
        &self,
        viewer: &Viewer,
        display_name: Option<String>,
        email: Option<Option<String>>,
    ) -> Result<User, AuthError> {
        viewer.own_session()?;
        let change = UserChange { display_name, email, ..UserChange::default() };
        check_change(&change)?;
        let user = self.inner.store.change_user(viewer.user().id, change).await?;
        self.inner.changed(&user);
        Ok(user)
    }
}

impl Inner {
    /// The account as the store takes it: checked, with its password hashed.
    pub(super) async fn new_user(&self, new: NewAccount) -> Result<NewUser, AuthError> {
        passwords::check("password", &new.password)?;
        let display_name = new.display_name.unwrap_or_else(|| new.username.to_string());
        check::name("displayName", &display_name)?;
        check_texts(new.email.as_deref(), new.scope.as_deref())?;
        Ok(NewUser {
            username: new.username,
            display_name,
            email: new.email,
            role: new.role,
            scope: new.scope,
            password: self.hasher.hash(new.password).await?,
        })
    }
}

fn check_change(change: &UserChange) -> Result<(), AuthError> {
    if let Some(display_name) = &change.display_name {
        check::name("displayName", display_name)?;
    }
    let email = change.email.as_ref().and_then(Option::as_deref);
    check_texts(email, change.scope.as_ref().and_then(Option::as_deref))
}

fn check_texts(email: Option<&str>, scope: Option<&str>) -> Result<(), AuthError> {
    email.map_or(Ok(()), |email| check::email("email", email))?;
    scope.map_or(Ok(()), |scope| check::filter("scope", scope))
}
