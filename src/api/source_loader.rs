//! What the database counts about sources, read for all sources of an answer together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::Loader;

use super::errors::ApiError;
use crate::store::{Source as SourceRow, Store};

/// What a source's rate looks back on.
const RATE_WINDOW: Duration = Duration::from_secs(60);

/// Reads sources by id, many at once. What it reads is everybody's: who may see it the reader
/// decides.
pub struct SourceLoader {
    store: Store,
}

/// The rate of the source with this id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateOf(pub i32);

impl SourceLoader {
    /// Reads from this store.
    pub fn new(store: Store) -> Self {
        SourceLoader { store }
    }
}

impl Loader<i32> for SourceLoader {
    type Value = Arc<SourceRow>;
    type Error = ApiError;

    async fn load(&self, ids: &[i32]) -> Result<HashMap<i32, Arc<SourceRow>>, ApiError> {
        let rows = self.store.sources_by_id(ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
    }
}

impl Loader<RateOf> for SourceLoader {
    type Value = f64;
    type Error = ApiError;

    async fn load(&self, keys: &[RateOf]) -> Result<HashMap<RateOf, f64>, ApiError> {
        let ids: Vec<i32> = keys.iter().map(|key| key.0).collect();
        let rates = self.store.source_rates(&ids, RATE_WINDOW).await?;
        Ok(keys.iter().map(|key| (*key, rates.get(&key.0).copied().unwrap_or(0.0))).collect())
    }
}
