//! Giving the disk back: partitions that are empty are dropped (Postgres), free pages are cut off
//! (SQLite).

use crate::store::{Store, StoreError};

impl Store {
    /// Gives a bounded amount back. Whether there is more to give.
    pub async fn reclaim(&self) -> Result<bool, StoreError> {
        todo!()
    }
}
