//! Saved searches.

use uuid::Uuid;

use super::{Auth, AuthError, Member, Viewer, check};
use crate::store::{NewSearch, SearchChange};
use crate::user::SavedSearch;

/// Saved searches that one user has, at most.
const MOST: usize = 500;

impl Auth {
    /// The saved searches that one may use: one's own and the shared ones, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn searches(&self, viewer: &Viewer) -> Result<Vec<SavedSearch>, AuthError> {
        Ok(self.inner.store.searches(viewer.user().id).await?)
    }

    /// A saved search that one may use.
    ///
    /// # Errors
    /// [`AuthError::NotFound`].
    pub async fn search(&self, viewer: &Viewer, id: Uuid) -> Result<SavedSearch, AuthError> {
        let search = self.inner.store.search(viewer.user().id, id).await?;
        search.ok_or(AuthError::NotFound)
    }

    /// Saves a search. `filter` is the JSON of a `LogFilter`, which the caller has checked.
    ///
    /// # Errors
    /// [`AuthError::BadInput`], [`AuthError::NameTaken`].
    pub async fn save_search(
        &self,
        member: &Member,
        name: String,
        filter: String,
        shared: bool,
    ) -> Result<SavedSearch, AuthError> {
        check::name("name", &name)?;
        check::filter("filter", &filter)?;
        let owner = member.viewer().user().id;
        let known = self.inner.store.searches(owner).await?;
        if known.iter().filter(|search| search.owner == owner).count() >= MOST {
            let why = format!("a user has {MOST} saved searches at most; remove one first");
            return Err(AuthError::BadInput("name", why));
        }
        Ok(self.inner.store.add_search(NewSearch { owner, name, filter, shared }).await?)
    }

    /// Changes a saved search of one's own.
    ///
    /// # Errors
    /// [`AuthError::BadInput`], [`AuthError::NotFound`], [`AuthError::NameTaken`].
    pub async fn change_search(
        &self,
        member: &Member,
        id: Uuid,
        change: SearchChange,
    ) -> Result<SavedSearch, AuthError> {
        change.name.as_deref().map_or(Ok(()), |name| check::name("name", name))?;
        change.filter.as_deref().map_or(Ok(()), |filter| check::filter("filter", filter))?;
        Ok(self.inner.store.change_search(member.viewer().user().id, id, change).await?)
    }

    /// Removes a saved search of one's own.
    ///
    /// # Errors
    /// [`AuthError::NotFound`].
    pub async fn remove_search(&self, member: &Member, id: Uuid) -> Result<SavedSearch, AuthError> {
        Ok(self.inner.store.remove_search(member.viewer().user().id, id).await?)
    }
}
