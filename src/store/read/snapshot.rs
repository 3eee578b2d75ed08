//! One snapshot of the log: what a page, a scan or a count reads, from one moment.

use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QuerySelect,
    TransactionTrait,
};
use tokio::sync::OnceCell;

use super::super::dictionary::Dictionary;
use super::super::entity::log;
use super::super::narrow::{Narrowed, asks_for_sources, narrow};
use super::super::{Damaged, Head, Store, StoreError};
use super::cache::{DecodedCache, PartCache};
use super::ends;
use crate::filter::Filter;

/// A read-only transaction that sees one moment. Dropping it ends it.
pub(in crate::store) struct Snapshot<'a> {
    store: &'a Store,
    pub transaction: DatabaseTransaction,
    /// Filled once the dictionary knows all that this moment can name.
    sources: OnceCell<()>,
}

impl<'a> Snapshot<'a> {
    pub async fn begin(store: &'a Store) -> Result<Self, StoreError> {
        let transaction = store.read_connection().begin().await?;
        Ok(Snapshot { store, transaction, sources: OnceCell::new() })
    }

    pub fn store(&self) -> &'a Store {
        self.store
    }

    pub fn backend(&self) -> DbBackend {
        self.store.backend()
    }

    pub fn dictionary(&self) -> &'a Dictionary {
        self.store.dictionary()
    }

    pub fn part_cache(&self) -> &'a PartCache {
        &self.store.inner.parts
    }

    pub fn decoded_cache(&self) -> &'a DecodedCache {
        &self.store.inner.decoded
    }

    /// Learns every source that records of the snapshot can have.
    pub async fn know_every_source(&self) -> Result<(), StoreError> {
        let refresh = || self.dictionary().refresh(&self.transaction);
        self.sources.get_or_try_init(refresh).await.copied()
    }

    /// Says in the log, once, that a block is damaged.
    pub fn note(&self, damaged: &Damaged) {
        self.store.inner.damage.note(damaged);
    }

    /// Where the log ends, and the first position kept after this one.
    pub async fn head_after(&self, after: i64) -> Result<Head, StoreError> {
        ends::head_after(&self.transaction, after).await
    }

    /// The first position after this one that is stored as a row.
    pub async fn first_row_after(&self, after: i64) -> Result<Option<i64>, StoreError> {
        let first: Option<Option<i64>> = log::Entity::find()
            .select_only()
            .column_as(log::Column::Id.min(), "first")
            .filter(log::Column::Id.gt(after))
            .into_tuple()
            .one(&self.transaction)
            .await?;
        Ok(first.flatten())
    }

    /// What SQL can say of the filter in this snapshot.
    pub async fn narrow(&self, filter: &Filter) -> Result<Narrowed, StoreError> {
        if asks_for_sources(filter) {
            self.know_every_source().await?;
        }
        Ok(narrow(filter, self.backend(), &self.dictionary().read()))
    }
}
