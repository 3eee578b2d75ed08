//! Who sends, as somebody knows it who sees only a part of the log.

use super::{Source, Store, StoreError};
use crate::filter::Filter;

impl Store {
    /// The sources of the records that the matcher accepts, by id; first and last seen and count
    /// are of those records alone.
    pub async fn visible_sources(&self, scope: &Filter) -> Result<Vec<Source>, StoreError> {
        todo!()
    }
}
