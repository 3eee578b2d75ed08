//! Saved searches.

use uuid::Uuid;

use super::AccountError;
use crate::store::{Store, StoreError};
use crate::user::SavedSearch;

/// A saved search to be.
#[derive(Clone, Debug)]
pub struct NewSearch {
    pub owner: Uuid,
    pub name: String,
    pub filter: String,
    pub shared: bool,
}

/// What to change of a saved search; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct SearchChange {
    pub name: Option<String>,
    pub filter: Option<String>,
    pub shared: Option<bool>,
}

impl Store {
    /// Adds a saved search.
    ///
    /// # Errors
    /// [`AccountError::NameTaken`] when the owner has one of this name.
    pub async fn add_search(&self, new: NewSearch) -> Result<SavedSearch, AccountError> {
        todo!()
    }

    /// Changes a saved search of this owner.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::NameTaken`].
    pub async fn change_search(
        &self,
        owner: Uuid,
        id: Uuid,
        change: SearchChange,
    ) -> Result<SavedSearch, AccountError> {
        todo!()
    }

    /// Removes a saved search of this owner, and gives it.
    ///
    /// # Errors
    /// [`AccountError::NotFound`].
    pub async fn remove_search(&self, owner: Uuid, id: Uuid) -> Result<SavedSearch, AccountError> {
        todo!()
    }

    /// The saved search, if this user may use it: an own one, or one that is shared.
    pub async fn search(&self, user: Uuid, id: Uuid) -> Result<Option<SavedSearch>, StoreError> {
        todo!()
    }

    /// The saved searches that this user may use, by name.
    pub async fn searches(&self, user: Uuid) -> Result<Vec<SavedSearch>, StoreError> {
        todo!()
    }
}
