//! Records the database refused for their content.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::dead_letter;
use super::{Store, StoreError};
use crate::log::{Entry, Timestamp};

/// A record that is kept apart from the log, with the reason.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    pub id: i64,
    /// When it was refused.
    pub at: Timestamp,
    /// What the database said.
    pub reason: String,
    pub source_id: i32,
    pub entry: Entry,
}

impl Store {
    /// The newest dead letters before the one with the id `before` (or of all), newest first.
    pub async fn dead_letters(
        &self,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        let rows = self
            .reading(async {
                Ok(dead_letter::Entity::find()
                    .filter(dead_letter::Column::Id.lt(before.unwrap_or(i64::MAX)))
                    .order_by_desc(dead_letter::Column::Id)
                    .limit(limit as u64)
                    .all(self.read_connection())
                    .await?)
            })
            .await?;
        rows.into_iter().map(letter).collect()
    }
}

fn letter(row: dead_letter::Model) -> Result<DeadLetter, StoreError> {
    let entry = serde_json::from_slice(&row.record)
        .map_err(|e| StoreError::Internal(format!("dead_letter {}: {e}", row.id)))?;
    Ok(DeadLetter { id: row.id, at: row.at.0, reason: row.reason, source_id: row.source_id, entry })
}
