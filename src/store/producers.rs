//! What is stored of each producer.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entity::producer;
use super::{Marks, Producer, Store, StoreError};

impl Store {
    /// What the database knows of these producers; those it knows nothing of are left out.
    pub async fn producers(&self, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Producer>, StoreError> {
        let rows = self
            .reading(async {
                Ok(producer::Entity::find()
                    .filter(producer::Column::Id.is_in(ids.iter().copied()))
                    .all(self.read_connection())
                    .await?)
            })
            .await?;
        rows.into_iter().map(|row| Ok((row.id, known(row)?))).collect()
    }
}

/// Every producer, as this connection sees it.
pub(super) async fn all(
    connection: &impl ConnectionTrait,
) -> Result<BTreeMap<Uuid, Producer>, StoreError> {
    let rows = producer::Entity::find().all(connection).await?;
    rows.into_iter().map(|row| Ok((row.id, known(row)?))).collect()
}

fn known(row: producer::Model) -> Result<Producer, StoreError> {
    let above: Vec<(u64, u64)> = serde_json::from_value(row.above)
        .map_err(|e| StoreError::Internal(format!("producer.above of {}: {e}", row.id)))?;
    Ok(Producer {
        marks: Marks { low: count(row.low), above: above.into_iter().collect() },
        stored: count(row.stored),
        rejected: count(row.rejected),
    })
}

fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
