//! Questions about users and what is theirs.

use async_graphql::{Context, ID, Object};

use crate::api::account::{
    ApiToken, AuditConnection, SavedSearch, User, UserConnection, UserSession, audit, users,
};
use crate::api::asker::{admin, member, viewer};
use crate::api::errors::Fallible;
use crate::api::filter::uuid;
use crate::api::limits::{DEFAULT_PAGE, MAX_PAGE, asked, cost};
use crate::auth::Auth;

/// Questions about users and what is theirs.
#[derive(Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// Who asks. Needs VIEWER.
    async fn me(&self, ctx: &Context<'_>) -> Fallible<User> {
        Some(viewer(ctx).map(|viewer| User::from(viewer.user().clone())))
    }

    /// Every user, by name. 100 unless told otherwise, at most 1,000. Needs ADMIN.
    #[graphql(complexity = "cost(0, asked(first, DEFAULT_PAGE, MAX_PAGE), child_complexity)")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Fallible<UserConnection> {
        Some(async { users(ctx, &admin(ctx)?, first, after).await }.await)
    }

    /// One user; null when there is none of this id. Needs ADMIN.
    async fn user(&self, ctx: &Context<'_>, id: ID) -> Fallible<User> {
        let found = async {
            let admin = admin(ctx)?;
            Ok(auth(ctx).user(&admin, uuid("id", &id)?).await?)
        };
        found.await.map(|user| user.map(User::from)).transpose()
    }

    /// Where you are signed in, the newest first; or where another `user` is, which needs ADMIN.
    /// Needs VIEWER.
    async fn sessions(&self, ctx: &Context<'_>, user: Option<ID>) -> Fallible<Vec<UserSession>> {
        let found = async {
            let viewer = viewer(ctx)?;
            let user = user.map(|id| uuid("user", &id)).transpose()?;
            let sessions = match user.filter(|id| *id != viewer.user().id) {
                None => auth(ctx).sessions(&viewer).await?,
                Some(other) => auth(ctx).sessions_of(&admin(ctx)?, other).await?,
            };
            let current = viewer.session();
            Ok(sessions.into_iter().map(|session| UserSession::new(session, current)).collect())
        };
        Some(found.await)
    }

    /// Your API tokens, the newest first; or `all` there are, which needs ADMIN. Needs MEMBER.
    async fn tokens(&self, ctx: &Context<'_>, all: Option<bool>) -> Fallible<Vec<ApiToken>> {
        let found = async {
            let member = member(ctx)?;
            let tokens = match all {
                Some(true) => auth(ctx).all_tokens(&admin(ctx)?).await?,
                _ => auth(ctx).tokens(&member).await?,
            };
            Ok(tokens.into_iter().map(ApiToken::from).collect())
        };
        Some(found.await)
    }

    /// The saved searches that you can use: your own and the shared ones, by name. Needs VIEWER.
    async fn saved_searches(&self, ctx: &Context<'_>) -> Fallible<Vec<SavedSearch>> {
        let found = async {
            let searches = auth(ctx).searches(&viewer(ctx)?).await?;
            Ok(searches.into_iter().map(SavedSearch::from).collect())
        };
        Some(found.await)
    }

    /// Who did what, or tried to, the newest first. 100 unless told otherwise, at most 1,000.
    /// Needs ADMIN.
    #[graphql(complexity = "cost(0, asked(first, DEFAULT_PAGE, MAX_PAGE), child_complexity)")]
    async fn audit(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Fallible<AuditConnection> {
        Some(async { audit(ctx, &admin(ctx)?, first, after).await }.await)
    }
}

fn auth<'a>(ctx: &Context<'a>) -> &'a Auth {
    ctx.data_unchecked()
}
