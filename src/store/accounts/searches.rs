//! Saved searches.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{AccountError, hold_user, insert};
use crate::log::now;
use crate::store::collation::bytewise;
use crate::store::entity::{Instant, saved_search};
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
    /// [`AccountError::NameTaken`] when the owner has one of this name, [`AccountError::NotFound`]
    /// when the owner is gone.
    pub async fn add_search(&self, new: NewSearch) -> Result<SavedSearch, AccountError> {
        let backend = self.backend();
        let transaction = self.begin_write().await?;
        hold_user(&transaction, new.owner).await?.ok_or(AccountError::NotFound)?;
        let at = now();
        let search = SavedSearch {
            id: Uuid::new_v4(),
            owner: new.owner,
            name: new.name,
            filter: new.filter,
            shared: new.shared,
            created_at: at,
            changed_at: at,
        };
        let row = [
            (saved_search::Column::Id, search.id.into()),
            (saved_search::Column::OwnerId, search.owner.into()),
            (saved_search::Column::Name, search.name.clone().into()),
            (saved_search::Column::Filter, search.filter.clone().into()),
            (saved_search::Column::Shared, search.shared.into()),
            (saved_search::Column::CreatedAt, Instant::on(backend, at)),
            (saved_search::Column::ChangedAt, Instant::on(backend, at)),
        ];
        insert::<saved_search::Entity>(&transaction, row).await?;
        transaction.commit().await?;
        Ok(search)
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
        let transaction = self.begin_write().await?;
        let row = owned(owner, id).lock_exclusive().one(&transaction).await?;
        let mut search = known(row.ok_or(AccountError::NotFound)?);
        search.name = change.name.unwrap_or(search.name);
        search.filter = change.filter.unwrap_or(search.filter);
        search.shared = change.shared.unwrap_or(search.shared);
        search.changed_at = now();
        let changed_at = Instant::on(self.backend(), search.changed_at);
        saved_search::Entity::update_many()
            .col_expr(saved_search::Column::Name, Expr::val(search.name.clone()))
            .col_expr(saved_search::Column::Filter, Expr::val(search.filter.clone()))
            .col_expr(saved_search::Column::Shared, Expr::val(search.shared))
            .col_expr(saved_search::Column::ChangedAt, Expr::val(changed_at))
            .filter(saved_search::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(search)
    }

    /// Removes a saved search of this owner, and gives it.
    ///
    /// # Errors
    /// [`AccountError::NotFound`].
    pub async fn remove_search(&self, owner: Uuid, id: Uuid) -> Result<SavedSearch, AccountError> {
        let transaction = self.begin_write().await?;
        let row = owned(owner, id).lock_exclusive().one(&transaction).await?;
        let search = known(row.ok_or(AccountError::NotFound)?);
        saved_search::Entity::delete_by_id(id).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(search)
    }

    /// The saved search, if this user may use it: an own one, or one that is shared.
    pub async fn search(&self, user: Uuid, id: Uuid) -> Result<Option<SavedSearch>, StoreError> {
        self.reading(async {
            let row = saved_search::Entity::find_by_id(id)
                .filter(usable_by(user))
                .one(self.lookup_connection())
                .await?;
            Ok(row.map(known))
        })
        .await
    }

    /// The saved searches that this user may use, by name.
    pub async fn searches(&self, user: Uuid) -> Result<Vec<SavedSearch>, StoreError> {
        self.reading(async {
            let rows = saved_search::Entity::find()
                .filter(usable_by(user))
                .order_by_asc(bytewise(saved_search::Column::Name, self.backend()))
                .order_by_asc(saved_search::Column::Id)
                .all(self.lookup_connection())
                .await?;
            Ok(rows.into_iter().map(known).collect())
        })
        .await
    }
}

fn owned(owner: Uuid, id: Uuid) -> Select<saved_search::Entity> {
    saved_search::Entity::find_by_id(id).filter(saved_search::Column::OwnerId.eq(owner))
}

fn usable_by(user: Uuid) -> Condition {
    Condition::any()
        .add(saved_search::Column::OwnerId.eq(user))
        .add(saved_search::Column::Shared.eq(true))
}

fn known(row: saved_search::Model) -> SavedSearch {
    SavedSearch {
        id: row.id,
        owner: row.owner_id,
        name: row.name,
        filter: row.filter,
        shared: row.shared,
        created_at: row.created_at.0,
        changed_at: row.changed_at.0,
    }
}
