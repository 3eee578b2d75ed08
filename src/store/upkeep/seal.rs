//! Sealing: a contiguous range of rows and small blocks becomes full blocks, in one transaction
//! with the removal of what they replace.

use super::{Sealing, Segment};
use crate::store::{Store, StoreError};

impl Store {
    /// What is not in its final form, by id.
    pub async fn segments(&self) -> Result<Vec<Segment>, StoreError> {
        todo!()
    }

    /// Seals a range. What was there must be exactly the records of the range, or nothing is done.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the range is not stored as was believed: another writer was here.
    pub async fn seal(&self, _sealing: Sealing) -> Result<(), StoreError> {
        todo!()
    }
}
