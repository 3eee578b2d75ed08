//! Sealing: a contiguous range of rows and small blocks becomes full blocks, each in one
//! transaction with the removal of what it replaces.

use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;
use std::sync::Arc;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::remove::{
    Removable, begin_on_postgres, begin_on_sqlite, remove_on_postgres, remove_on_sqlite,
};
use super::{Form, Sealing, Segment};
use crate::filter::Filter;
use crate::log::Log;
use crate::store::block::{FULL_BYTES, FULL_ROWS, Row, encode};
use crate::store::connect::{WRITE_DEADLINE, WriteAccess};
use crate::store::entity::block;
use crate::store::write::{NewBlock, insert_on_postgres, insert_on_sqlite, is_half_full, within};
use crate::store::{Damaged, Store, StoreError};

/// The small blocks of a range, by their first positions: last position and bytes of text.
type SmallBlocks = BTreeMap<i64, (i64, usize)>;

/// Records that become one block.
#[derive(Debug, Default)]
struct Filling {
    logs: Vec<Arc<Log>>,
    bytes: usize,
}

impl Filling {
    fn has_room_for(&self, records: usize, bytes: usize) -> bool {
        self.logs.is_empty()
            || (self.logs.len() + records <= FULL_ROWS && self.bytes + bytes <= FULL_BYTES)
    }

    fn push(&mut self, log: Arc<Log>) {
        self.bytes += log.entry.text_size();
        self.logs.push(log);
    }

    /// The small block that these records are.
    fn segment(&self) -> Option<Segment> {
        let (first_id, last_id) = self.range()?.into_inner();
        let received_from = self.logs.iter().map(|log| log.entry.received_at).min()?;
        let raw_bytes = self.bytes as u64;
        Some(Segment { first_id, last_id, form: Form::SmallBlock, raw_bytes, received_from })
    }

    fn range(&self) -> Option<RangeInclusive<i64>> {
        Some(self.logs.first()?.id..=self.logs.last()?.id)
    }
}

impl Store {
    /// Seals a range, and gives what of it is still not in its final form: at most its last block.
    /// Each block takes a full block's worth of records, and a small block is never
    /// split. What was there must be exactly the records of the block, or it is not replaced. The
    /// last block is final only when it is asked to be, or at least half full.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the range is not stored as was believed: another writer was
    /// here. [`StoreError::Damaged`] when a small block cannot be read: it stays as it is, and
    /// counts as final from then on. What was sealed before the error stays sealed.
    pub async fn seal(&self, sealing: Sealing) -> Result<Option<Segment>, StoreError> {
        let Sealing { range, logs, is_final } = sealing;
        let (first, last) = range.into_inner();
        let small = self.small_blocks(first..=last).await?;
        let mut waiting: VecDeque<Arc<Log>> = logs.unwrap_or_default().into();
        let mut filling = Filling::default();
        // Within a small block up to here: nothing is cut off before.
        let mut whole_to = first - 1;
        for id in first..=last {
            if waiting.is_empty() {
                waiting = self.read_on(id, last, &small).await?;
            }
            let Some(log) = waiting.pop_front().filter(|log| log.id == id) else {
                return Err(StoreError::Fenced);
            };
            if id > whole_to {
                let (end, bytes) = small.get(&id).copied().unwrap_or((id, log.entry.text_size()));
                let records = usize::try_from(end - id + 1).unwrap_or(usize::MAX);
                if !filling.has_room_for(records, bytes) {
                    self.seal_one(std::mem::take(&mut filling), &small, true).await?;
                }
                whole_to = end;
            }
            filling.push(log);
        }
        self.seal_one(filling, &small, is_final).await
    }

    async fn small_blocks(&self, range: RangeInclusive<i64>) -> Result<SmallBlocks, StoreError> {
        let blocks: Vec<(i64, i64, i64)> = block::Entity::find()
            .select_only()
            .columns([block::Column::FirstId, block::Column::LastId, block::Column::RawBytes])
            .filter(block::Column::FirstId.between(*range.start(), *range.end()))
            .filter(block::Column::Sealed.eq(false))
            .order_by_asc(block::Column::FirstId)
            .into_tuple()
            .all(self.lookup_connection())
            .await?;
        let size = |bytes| usize::try_from(bytes).unwrap_or(0);
        Ok(blocks.into_iter().map(|(first, last, bytes)| (first, (last, size(bytes)))).collect())
    }

    /// Some records from a position on, as any reader gets them. A small block that cannot be read
    /// is left alone from now on.
    async fn read_on(
        &self,
        first: i64,
        last: i64,
        small: &SmallBlocks,
    ) -> Result<VecDeque<Arc<Log>>, StoreError> {
        let scan = self.scan(&Filter::ALL, first - 1, last, FULL_ROWS).await?;
        if scan.lost > 0 {
            let there = scan.logs.iter().map(|log| log.id);
            let missing = (first..).zip(there.chain([0])).find(|(id, there)| id != there);
            let id = missing.map_or(first, |(id, _)| id);
            let block = small.range(..=id).next_back().filter(|(_, (last, _))| *last >= id);
            let Some((&first_id, &(last_id, _))) = block else { return Err(StoreError::Fenced) };
            self.finish(first_id..=last_id).await?;
            let reason = "it cannot be read, and so not be merged".to_owned();
            return Err(StoreError::Damaged(Damaged { first_id, last_id, reason }));
        }
        Ok(scan.logs.into_iter().map(Arc::new).collect())
    }

    async fn seal_one(
        &self,
        filling: Filling,
        small: &SmallBlocks,
        is_final: bool,
    ) -> Result<Option<Segment>, StoreError> {
        let Some(range) = filling.range() else { return Ok(None) };
        if small.get(range.start()).is_some_and(|(last, _)| last == range.end()) {
            // It is a block already.
            if is_final || is_half_full(filling.logs.len() as u64, filling.bytes as u64) {
                return self.finish(range).await.map(|()| None);
            }
            return Ok(filling.segment());
        }
        let block = tokio::task::spawn_blocking(move || {
            let rows: Vec<Row> = filling.logs.iter().map(|log| row(log)).collect();
            let first_id = filling.logs.first().map_or(0, |log| log.id);
            encode(first_id, &rows).map(|encoded| NewBlock::new(encoded, is_final))
        })
        .await
        .map_err(|error| StoreError::Internal(format!("a block was not made: {error}")))??;
        let rest = block.unsealed();
        within(WRITE_DEADLINE, self.replace(range, block)).await?;
        Ok(rest)
    }

    /// Puts a block in the place of what its range was.
    async fn replace(&self, range: RangeInclusive<i64>, block: NewBlock) -> Result<(), StoreError> {
        let access = self.write_access();
        match access {
            WriteAccess::Postgres { pool, .. } => {
                access.make_room_for_blocks(*range.start()..=*range.start()).await?;
                let pool = pool.get_postgres_connection_pool();
                let mut transaction = begin_on_postgres(pool).await?;
                remove_on_postgres(&mut transaction, &range, Removable::Unsealed).await?;
                insert_on_postgres(&mut transaction, &[block]).await?;
                Ok(transaction.commit().await?)
            }
            WriteAccess::Sqlite { pool, .. } => {
                let mut transaction = begin_on_sqlite(pool).await?;
                remove_on_sqlite(&mut transaction, &range, Removable::Unsealed).await?;
                insert_on_sqlite(&mut transaction, &[block]).await?;
                Ok(transaction.commit().await?)
            }
        }
    }

    /// Declares a small block final as it is.
    async fn finish(&self, range: RangeInclusive<i64>) -> Result<(), StoreError> {
        let connection = self.write_access().connection();
        let finishing = block::Entity::update_many()
            .col_expr(block::Column::Sealed, Expr::value(true))
            .filter(block::Column::FirstId.eq(*range.start()))
            .filter(block::Column::LastId.eq(*range.end()))
            .filter(block::Column::Sealed.eq(false))
            .exec(&connection);
        let done = within(WRITE_DEADLINE, async { Ok(finishing.await?) }).await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(StoreError::Fenced) }
    }
}

fn row(log: &Log) -> Row<'_> {
    Row { source_id: log.source_id, source: &log.source, entry: &log.entry }
}
