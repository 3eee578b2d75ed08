//! What is not in its final form yet.

use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    TransactionTrait,
};

use super::storage::text_of_rows;
use super::{Form, Segment};
use crate::store::entity::{Instant, block, log};
use crate::store::schema::head_row;
use crate::store::{Store, StoreError};

impl Store {
    /// What is not in its final form, by id: each run of rows between blocks, and each small block.
    /// How much text is in a run of rows is estimated from a few of them.
    pub async fn segments(&self) -> Result<Vec<Segment>, StoreError> {
        self.reading(async {
            let snapshot = self.read_connection().begin().await?;
            let mut segments = small_blocks(&snapshot).await?;
            let last_id = head_row(&snapshot).await?.last_id;
            let mut after = 0;
            while let Some(run) = run_of_rows(&snapshot, after, last_id).await? {
                after = run.last_id;
                segments.push(run);
            }
            segments.sort_by_key(|segment| segment.first_id);
            Ok(segments)
        })
        .await
    }
}

async fn small_blocks(snapshot: &DatabaseTransaction) -> Result<Vec<Segment>, StoreError> {
    let rows: Vec<(i64, i64, i64, Instant)> = block::Entity::find()
        .select_only()
        .columns([
            block::Column::FirstId,
            block::Column::LastId,
            block::Column::RawBytes,
            block::Column::ReceivedFrom,
        ])
        .filter(block::Column::Sealed.eq(false))
        .into_tuple()
        .all(snapshot)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(first_id, last_id, raw_bytes, received_from)| Segment {
            first_id,
            last_id,
            form: Form::SmallBlock,
            raw_bytes: u64::try_from(raw_bytes).unwrap_or(0),
            received_from: received_from.0,
        })
        .collect())
}

/// The first run of rows after a position.
async fn run_of_rows(
    snapshot: &DatabaseTransaction,
    after: i64,
    head: i64,
) -> Result<Option<Segment>, StoreError> {
    let first: Option<(i64, Instant)> = log::Entity::find()
        .select_only()
        .columns([log::Column::Id, log::Column::ReceivedAt])
        .filter(log::Column::Id.gt(after))
        .order_by_asc(log::Column::Id)
        .limit(1)
        .into_tuple()
        .one(snapshot)
        .await?;
    let Some((first_id, received_from)) = first else { return Ok(None) };
    let next_block: Option<i64> = block::Entity::find()
        .select_only()
        .column(block::Column::FirstId)
        .filter(block::Column::FirstId.gt(first_id))
        .order_by_asc(block::Column::FirstId)
        .limit(1)
        .into_tuple()
        .one(snapshot)
        .await?;
    let last_id = next_block.map_or(head, |next| next - 1);
    let records = u64::try_from(last_id - first_id + 1).unwrap_or(0);
    Ok(Some(Segment {
        first_id,
        last_id,
        form: Form::Rows,
        raw_bytes: text_of_rows(snapshot, first_id).await?.saturating_mul(records),
        received_from: received_from.0,
    }))
}
