//! The keys that access tokens are signed with.

use async_graphql::{Context, Object};

use super::auth;
use super::note::Note;
use crate::api::asker::admin;
use crate::api::errors::Fallible;

/// The keys that access tokens are signed with.
#[derive(Default)]
pub struct Keys;

#[Object]
impl Keys {
    /// Signs access tokens with a new key from now on. Those that are out stay good until they
    /// expire. Only where the server keeps its keys in the database. Needs ADMIN.
    async fn rotate_signing_key(&self, ctx: &Context<'_>) -> Fallible<bool> {
        let rotate = async |_: &Note<'_>| {
            auth(ctx).rotate_signing_key(&admin(ctx)?).await?;
            Ok(true)
        };
        Note::new(ctx).of(rotate).await
    }
}
