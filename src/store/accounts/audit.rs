//! The audit log.

use crate::log::Timestamp;
use crate::store::{Store, StoreError};
use crate::user::{Act, AuditEntry};

impl Store {
    /// Writes an act down.
    pub async fn add_act(&self, at: Timestamp, act: Act) -> Result<(), StoreError> {
        todo!()
    }

    /// The audit log, newest first, before this entry.
    pub async fn acts(
        &self,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        todo!()
    }
}
