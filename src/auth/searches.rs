//! Saved searches.

use uuid::Uuid;

use super::{Auth, AuthError, Member, Viewer};
use crate::store::SearchChange;
use crate::user::SavedSearch;

impl Auth {
    /// The saved searches that one may use: one's own and the shared ones, by name.
    pub async fn searches(&self, viewer: &Viewer) -> Result<Vec<SavedSearch>, AuthError> {
        todo!()
    }

    /// A saved search that one may use.
    pub async fn search(&self, viewer: &Viewer, id: Uuid) -> Result<SavedSearch, AuthError> {
        todo!()
    }

    /// Saves a search. `filter` is the JSON of a `LogFilter`, which the caller has checked.
    pub async fn save_search(
        &self,
        member: &Member,
        name: String,
        filter: String,
        shared: bool,
    ) -> Result<SavedSearch, AuthError> {
        todo!()
    }

    /// Changes a saved search of one's own.
    pub async fn change_search(
        &self,
        member: &Member,
        id: Uuid,
        change: SearchChange,
    ) -> Result<SavedSearch, AuthError> {
        todo!()
    }

    /// Removes a saved search of one's own.
    pub async fn remove_search(&self, member: &Member, id: Uuid) -> Result<SavedSearch, AuthError> {
        todo!()
    }
}
