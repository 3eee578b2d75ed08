//! How much is stored, and in which form.

use crate::store::{Storage, Store, StoreError};

impl Store {
    /// How much is stored, and in which form.
    pub async fn storage(&self) -> Result<Storage, StoreError> {
        todo!()
    }
}
