//! Saved searches.

use async_graphql::{Context, ID, Object};

use super::Person;
use crate::api::errors::Fallible;
use crate::api::scalars::{DateTime, Json};
use crate::user::SavedSearch as Saved;

/// A filter with a name: `LogFilter.savedSearch` takes its id.
pub struct SavedSearch {
    saved: Saved,
}

impl SavedSearch {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.saved.name
    }
}

impl From<Saved> for SavedSearch {
    fn from(saved: Saved) -> Self {
        SavedSearch { saved }
    }
}

/// A filter with a name: `LogFilter.savedSearch` takes its id.
#[Object]
impl SavedSearch {
    /// The id, which stays.
    async fn id(&self) -> ID {
        self.saved.id.into()
    }

    /// What its owner calls it.
    #[graphql(name = "name")]
    async fn its_name(&self) -> &str {
        self.name()
    }

    /// What it finds, as the fields of a `LogFilter`.
    async fn filter(&self) -> Json {
        Json(self.saved.filter.clone())
    }

    /// Whose it is.
    async fn owner(&self, ctx: &Context<'_>) -> Fallible<Person> {
        Person::find(ctx, self.saved.owner).await
    }

    /// Whether every user can use it; only its owner changes it.
    async fn shared(&self) -> bool {
        self.saved.shared
    }

    /// When it was saved first.
    async fn created_at(&self) -> DateTime {
        DateTime(self.saved.created_at)
    }

    /// When it was saved last.
    async fn changed_at(&self) -> DateTime {
        DateTime(self.saved.changed_at)
    }
}
