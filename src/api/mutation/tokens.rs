//! API tokens.

use async_graphql::{Context, ID, Object};

use super::note::Note;
use super::{auth, check_name};
use crate::api::account::{ApiToken, NewToken};
use crate::api::asker::member;
use crate::api::enums::TokenScope;
use crate::api::errors::Fallible;
use crate::api::filter::uuid;
use crate::api::scalars::DateTime;

/// API tokens.
#[derive(Default)]
pub struct Tokens;

#[Object]
impl Tokens {
    /// Makes an API token of your own, which the answer shows this once. Needs MEMBER.
    async fn create_token(
        &self,
        ctx: &Context<'_>,
        name: String,
        scope: TokenScope,
        expires_at: Option<DateTime>,
    ) -> Fallible<NewToken> {
        let create = async |note: &Note<'_>| {
            note.about(&name);
            let member = member(ctx)?;
            check_name("name", &name)?;
            let expires_at = expires_at.map(|at| at.0);
            let made = auth(ctx).create_token(&member, name, scope.into(), expires_at).await?;
            let (token, secret) = made;
            Ok(NewToken::new(token, &secret))
        };
        Note::new(ctx).of(create).await
    }

    /// Takes back one of your API tokens; an admin, anybody's. Needs MEMBER.
    async fn revoke_token(&self, ctx: &Context<'_>, id: ID) -> Fallible<ApiToken> {
        let revoke = async |note: &Note<'_>| {
            note.about(&id);
            let member = member(ctx)?;
            let token: ApiToken = auth(ctx).revoke_token(&member, uuid("id", &id)?).await?.into();
            note.about(token.name());
            Ok(token)
        };
        Note::new(ctx).of(revoke).await
    }
}
