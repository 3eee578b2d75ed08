//! Retention: the oldest blocks and rows go.

use super::{Expired, Keep};
use crate::store::{Store, StoreError};

impl Store {
    /// Removes the oldest blocks, whole, that are not to be kept, and rows likewise; a bounded
    /// amount a call. Call it again until nothing was removed.
    pub async fn expire(&self, _keep: Keep) -> Result<Expired, StoreError> {
        todo!()
    }
}
