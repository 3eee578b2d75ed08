//! The audit log: who did what, when, from where, and what came of it.

use super::{Admin, Auth, AuthError, Caller};
use crate::user::AuditEntry;

impl Auth {
    /// Writes down what a caller did or tried. A failure to write goes to our log: what was done
    /// is done.
    pub async fn note(&self, caller: &Caller, action: &str, target: Option<&str>, outcome: &str) {
        todo!()
    }

    /// The audit log, newest first, before this entry.
    pub async fn acts(
        &self,
        _: &Admin,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, AuthError> {
        todo!()
    }
}
