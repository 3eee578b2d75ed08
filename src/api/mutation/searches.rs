//! Saved searches.

use async_graphql::{Context, ID, Object};

use super::note::Note;
use super::{auth, check_name};
use crate::api::account::SavedSearch;
use crate::api::asker::member;
use crate::api::errors::Fallible;
use crate::api::filter::{LogFilter, uuid};
use crate::store::SearchChange;

/// Saved searches.
#[derive(Default)]
pub struct Searches;

#[Object]
impl Searches {
    /// Keeps a filter under a name, for you or, when `shared`, for everybody. Needs MEMBER.
    async fn save_search(
        &self,
        ctx: &Context<'_>,
        name: String,
        filter: LogFilter,
        shared: Option<bool>,
    ) -> Fallible<SavedSearch> {
        let save = async |note: &Note<'_>| {
            note.about(&name);
            let member = member(ctx)?;
            check_name("name", &name)?;
            let (filter, shared) = (filter.to_json()?, shared.unwrap_or(false));
            Ok(auth(ctx).save_search(&member, name, filter, shared).await?.into())
        };
        Note::new(ctx).of(save).await
    }

    /// Changes a saved search of your own. What is not given stays. Needs MEMBER.
    async fn change_search(
        &self,
        ctx: &Context<'_>,
        id: ID,
        name: Option<String>,
        filter: Option<LogFilter>,
        shared: Option<bool>,
    ) -> Fallible<SavedSearch> {
        let change = async |note: &Note<'_>| {
            note.about(&id);
            let member = member(ctx)?;
            if let Some(name) = &name {
                check_name("name", name)?;
            }
            let filter = filter.as_ref().map(LogFilter::to_json).transpose()?;
            let change = SearchChange { name, filter, shared };
            let saved = auth(ctx).change_search(&member, uuid("id", &id)?, change).await?;
            note.about(&saved.name);
            Ok(saved.into())
        };
        Note::new(ctx).of(change).await
    }

    /// Removes a saved search of your own. Needs MEMBER.
    async fn remove_search(&self, ctx: &Context<'_>, id: ID) -> Fallible<SavedSearch> {
        let remove = async |note: &Note<'_>| {
            note.about(&id);
            let member = member(ctx)?;
            let saved = auth(ctx).remove_search(&member, uuid("id", &id)?).await?;
            note.about(&saved.name);
            Ok(saved.into())
        };
        Note::new(ctx).of(remove).await
    }
}
