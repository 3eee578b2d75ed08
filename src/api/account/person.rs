//! Whose something is: a user, as far as other users see one.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, ID, SimpleObject};
use uuid::Uuid;

use crate::api::errors::{ApiError, Fallible};
use crate::store::Store;

/// A user, as far as other users see one.
#[derive(Clone, SimpleObject)]
pub struct Person {
    /// The id of the user.
    id: ID,
    /// What the user signs in with.
    username: String,
    /// How the user wants to be called.
    display_name: String,
}

impl Person {
    /// The user with this id; null when there is none (any more).
    pub async fn find(ctx: &Context<'_>, id: Uuid) -> Fallible<Person> {
        ctx.data_unchecked::<Arc<DataLoader<PersonLoader>>>().load_one(id).await.transpose()
    }
}

/// Reads the names of users, many at once, and nothing else of them.
pub struct PersonLoader {
    store: Store,
}

impl PersonLoader {
    /// Reads from this store.
    pub fn new(store: Store) -> Self {
        PersonLoader { store }
    }
}

impl Loader<Uuid> for PersonLoader {
    type Value = Person;
    type Error = ApiError;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Person>, ApiError> {
        let users = self.store.users_by_id(ids).await?;
        Ok(users
            .into_iter()
            .map(|user| {
                let username = user.username.to_string();
                let person =
                    Person { id: user.id.into(), username, display_name: user.display_name };
                (user.id, person)
            })
            .collect())
    }
}
