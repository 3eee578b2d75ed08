//! One's own account. An API token speaks for its owner about the log, but cannot change the
//! account: that takes a session.

use async_graphql::{Context, ID, MaybeUndefined, Object};

use super::note::Note;
use super::{auth, check_email, check_name, secret};
use crate::api::account::User;
use crate::api::asker::{admin, viewer};
use crate::api::errors::{ApiError, Code, Fallible};
use crate::api::filter::uuid;
use crate::auth::{PasswordChange, Viewer};

/// One's own account.
#[derive(Default)]
pub struct OwnAccount;

#[Object]
impl OwnAccount {
    /// Changes your password and ends your other sessions. Needs VIEWER.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        current: String,
        new: String,
    ) -> Fallible<bool> {
        let change = async |_: &Note<'_>| {
            let viewer = signed_in(ctx)?;
            let change = PasswordChange { current: secret(current), new: secret(new) };
            auth(ctx).change_password(&viewer, change).await?;
            Ok(true)
        };
        Note::new(ctx).of(change).await
    }

    /// Changes how you are called and written to; an `email` of null takes the address away.
    /// Needs VIEWER.
    async fn change_profile(
        &self,
        ctx: &Context<'_>,
        display_name: Option<String>,
        email: MaybeUndefined<String>,
    ) -> Fallible<User> {
        let change = async |_: &Note<'_>| {
            let viewer = signed_in(ctx)?;
            if let Some(name) = &display_name {
                check_name("displayName", name)?;
            }
            if let MaybeUndefined::Value(email) = &email {
                check_email("email", email)?;
            }
            let email = email.as_opt_ref().map(|email| email.cloned());
            Ok(auth(ctx).change_profile(&viewer, display_name, email).await?.into())
        };
        Note::new(ctx).of(change).await
    }

    /// Ends one of your sessions. Needs VIEWER.
    async fn end_session(&self, ctx: &Context<'_>, id: ID) -> Fallible<bool> {
        let end = async |note: &Note<'_>| {
            note.about(&id);
            let viewer = signed_in(ctx)?;
            auth(ctx).end_session(&viewer, uuid("id", &id)?).await?;
            Ok(true)
        };
        Note::new(ctx).of(end).await
    }

    /// Ends all your sessions, this one too unless `keepThis`; how many. Needs VIEWER.
    async fn end_sessions(&self, ctx: &Context<'_>, keep_this: Option<bool>) -> Fallible<i32> {
        let end = async |_: &Note<'_>| {
            let viewer = signed_in(ctx)?;
            let ended = auth(ctx).end_sessions(&viewer, keep_this.unwrap_or(false)).await?;
            Ok(count(ended))
        };
        Note::new(ctx).of(end).await
    }

    /// Ends all sessions of a user; how many. Needs ADMIN.
    async fn end_sessions_of(&self, ctx: &Context<'_>, user: ID) -> Fallible<i32> {
        let end = async |note: &Note<'_>| {
            note.about(&user);
            let admin = admin(ctx)?;
            let id = uuid("user", &user)?;
            let Some(user) = auth(ctx).user(&admin, id).await? else { return Err(no_user()) };
            note.about(user.username.as_str());
            Ok(count(auth(ctx).end_sessions_of(&admin, id).await?))
        };
        Note::new(ctx).of(end).await
    }
}

/// Whoever asks, by a session and not by an API token.
fn signed_in(ctx: &Context<'_>) -> Result<Viewer, ApiError> {
    let viewer = viewer(ctx)?;
    if viewer.session().is_none() {
        return Err(ApiError::forbidden("an API token cannot change the account; sign in"));
    }
    Ok(viewer)
}

/// There is no such user.
pub fn no_user() -> ApiError {
    ApiError::new(Code::NotFound, "there is no such user")
}

fn count(ended: u64) -> i32 {
    i32::try_from(ended).unwrap_or(i32::MAX)
}
