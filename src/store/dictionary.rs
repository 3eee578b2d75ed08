//! Every source by its id, in memory. Sources are only ever added, with greater ids, so what is
//! missing is read from the last known id on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::StoreError;
use super::entity::source;
use crate::filter::{Filter, Matcher, Test};
use crate::log::SourceKey;

/// The sources known so far, shared by all readers of a store.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    sources: RwLock<BTreeMap<i32, Arc<SourceKey>>>,
    /// The same by key.
    ids: RwLock<HashMap<Arc<SourceKey>, i32>>,
}

impl Dictionary {
    /// The sources known so far.
    pub fn read(&self) -> RwLockReadGuard<'_, BTreeMap<i32, Arc<SourceKey>>> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A source by its key, with its id; `None`: it is not known.
    pub fn find(&self, key: &SourceKey) -> Option<(i32, Arc<SourceKey>)> {
        let ids = self.ids.read().unwrap_or_else(PoisonError::into_inner);
        ids.get_key_value(key).map(|(key, id)| (*id, Arc::clone(key)))
    }

    /// Learns the sources that this connection sees and we do not know yet.
    pub async fn refresh(&self, connection: &impl ConnectionTrait) -> Result<(), StoreError> {
        let known = self.read().last_key_value().map_or(i32::MIN, |(id, _)| *id);
        let rows: Vec<(i32, Option<String>, Option<String>, String)> = source::Entity::find()
            .select_only()
            .columns([
                source::Column::Id,
                source::Column::Host,
                source::Column::App,
                source::Column::Address,
            ])
            .filter(source::Column::Id.gt(known))
            .into_tuple()
            .all(connection)
            .await?;
        let mut new = Vec::with_capacity(rows.len());
        for (id, host, app, address) in rows {
            new.push((id, Arc::new(source_key(host, app, &address)?)));
        }
        self.learn(new);
        Ok(())
    }

    /// Adds sources.
    pub(super) fn learn(&self, new: Vec<(i32, Arc<SourceKey>)>) {
        let by_key = new.iter().map(|(id, key)| (Arc::clone(key), *id));
        self.ids.write().unwrap_or_else(PoisonError::into_inner).extend(by_key);
        self.sources.write().unwrap_or_else(PoisonError::into_inner).extend(new);
    }
}

/// The sources that pass a test which the source alone decides, or those that fail it.
pub(super) fn sources_that_pass(
    test: &Test,
    holds: bool,
    sources: &BTreeMap<i32, Arc<SourceKey>>,
) -> BTreeSet<i32> {
    let matcher = Matcher::new(&Filter::Test(test.clone()));
    let passing = sources.iter().filter(|(_, key)| matcher.matches_source(key) == holds);
    passing.map(|(id, _)| *id).collect()
}

/// A source's key, from its columns.
pub(super) fn source_key(
    host: Option<String>,
    app: Option<String>,
    address: &str,
) -> Result<SourceKey, StoreError> {
    let address: IpAddr = address.parse().map_err(|_| {
        StoreError::Internal(format!("source.address holds `{address}`, which is no IP address"))
    })?;
    Ok(SourceKey { host, app, address })
}
