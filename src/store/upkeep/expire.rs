//! Retention: the oldest blocks and rows go.
//!
//! The log loses records at its beginning only: what is kept stays contiguous. So the first block
//! or row that is to be kept ends it, whatever lies behind.

use std::ops::RangeInclusive;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::remove::{
    Removable, begin_on_postgres, begin_on_sqlite, remove_on_postgres, remove_on_sqlite,
};
use super::{Expired, Keep};
use crate::log::Timestamp;
use crate::store::connect::{WRITE_DEADLINE, WriteAccess};
use crate::store::entity::{Instant, block, log};
use crate::store::write::within;
use crate::store::{Store, StoreError, schema};

/// Blocks that go in one transaction, at most: SQLite frees their pages one by one.
const BLOCKS: usize = 16;
/// Rows that go in one transaction, at most.
const ROWS: i64 = 8_192;

/// A block at the beginning of the log.
#[derive(Clone, Copy, Debug)]
struct Old {
    first_id: i64,
    last_id: i64,
    bytes: u64,
    received_to: Timestamp,
}

impl Store {
    /// Removes the oldest blocks, whole, that are not to be kept, and rows likewise; a bounded
    /// amount a call. Call it again until nothing was removed. By size, the newest block stays, and
    /// rows go only where blocks follow them.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another writer removed them meanwhile: nothing is done.
    pub async fn expire(&self, keep: Keep) -> Result<Expired, StoreError> {
        if keep == Keep::default() {
            return Ok(Expired::default());
        }
        let head = schema::head_row(self.lookup_connection()).await?.last_id;
        let surplus = match keep.bytes {
            Some(bytes) => self.reading(self.measure()).await?.bytes.saturating_sub(bytes),
            None => 0,
        };
        let blocks = self.oldest_blocks().await?;
        let first_row = self.first_row(0, None).await?;
        // What is removed before a row is blocks, and what is removed before a block is rows.
        let leading = blocks.partition_point(|b| first_row.is_none_or(|row| b.first_id < row));
        let gone = expired(&blocks[..leading], head, keep.since, surplus);
        if let [first, .., last] | [first @ last] = gone {
            let range = first.first_id..=last.last_id;
            self.remove(&range).await?;
            return Ok(Expired {
                blocks: gone.len() as u64,
                records: count(&range),
                bytes: gone.iter().map(|block| block.bytes).sum(),
            });
        }
        let (0, Some(first)) = (leading, first_row) else { return Ok(Expired::default()) };
        let next_block = blocks.first().map(|block| block.first_id);
        let by_size = surplus > 0 && next_block.is_some();
        let end = next_block.unwrap_or(head + 1);
        let Some(range) = self.expired_rows(first, end, keep.since, by_size).await? else {
            return Ok(Expired::default());
        };
        self.remove(&range).await?;
        Ok(Expired { blocks: 0, records: count(&range), bytes: 0 })
    }

    async fn oldest_blocks(&self) -> Result<Vec<Old>, StoreError> {
        let blocks: Vec<(i64, i64, i64, Instant)> = block::Entity::find()
            .select_only()
            .columns([
                block::Column::FirstId,
                block::Column::LastId,
                block::Column::StoredBytes,
                block::Column::ReceivedTo,
            ])
            .order_by_asc(block::Column::FirstId)
            .limit(BLOCKS as u64)
            .into_tuple()
            .all(self.lookup_connection())
            .await?;
        let old = |(first_id, last_id, bytes, received_to): (i64, i64, i64, Instant)| Old {
            first_id,
            last_id,
            bytes: u64::try_from(bytes).unwrap_or(0),
            received_to: received_to.0,
        };
        Ok(blocks.into_iter().map(old).collect())
    }

    /// The first row from a position on; with a time, the first that came in then or later.
    async fn first_row(
        &self,
        from: i64,
        since: Option<Timestamp>,
    ) -> Result<Option<i64>, StoreError> {
        let mut query = log::Entity::find()
            .select_only()
            .column(log::Column::Id)
            .filter(log::Column::Id.gte(from))
            .order_by_asc(log::Column::Id)
            .limit(1);
        if let Some(since) = since {
            let since = Instant::on(self.backend(), since);
            let bounded = log::Column::Id.lt(from.saturating_add(ROWS));
            query = query.filter(bounded).filter(log::Column::ReceivedAt.gte(since));
        }
        Ok(query.into_tuple().one(self.lookup_connection()).await?)
    }

    /// Which of the rows that begin the log, from `first` to before `end`, are not to be kept.
    async fn expired_rows(
        &self,
        first: i64,
        end: i64,
        since: Option<Timestamp>,
        by_size: bool,
    ) -> Result<Option<RangeInclusive<i64>>, StoreError> {
        let end = end.min(first.saturating_add(ROWS));
        let kept = match since {
            _ if by_size => end,
            Some(_) => self.first_row(first, since).await?.unwrap_or(end).min(end),
            None => first,
        };
        Ok((kept > first).then(|| first..=kept - 1))
    }

    async fn remove(&self, range: &RangeInclusive<i64>) -> Result<(), StoreError> {
        within(WRITE_DEADLINE, async {
            match self.write_access() {
                WriteAccess::Postgres { pool, .. } => {
                    let pool = pool.get_postgres_connection_pool();
                    let mut transaction = begin_on_postgres(pool).await?;
                    remove_on_postgres(&mut transaction, range, Removable::Everything).await?;
                    Ok(transaction.commit().await?)
                }
                WriteAccess::Sqlite { pool, .. } => {
                    let mut transaction = begin_on_sqlite(pool).await?;
                    remove_on_sqlite(&mut transaction, range, Removable::Everything).await?;
                    Ok(transaction.commit().await?)
                }
            }
        })
        .await
    }
}

/// Those that go: all whose every record came in before, and as many as there is too much of.
fn expired(blocks: &[Old], head: i64, since: Option<Timestamp>, mut surplus: u64) -> &[Old] {
    let kept = blocks.iter().position(|block| {
        let too_old = since.is_some_and(|since| block.received_to < since);
        let too_much = surplus > 0 && block.last_id < head;
        surplus = surplus.saturating_sub(block.bytes);
        !too_old && !too_much
    });
    &blocks[..kept.unwrap_or(blocks.len())]
}

fn count(range: &RangeInclusive<i64>) -> u64 {
    u64::try_from(range.end() - range.start() + 1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::timestamp_from_micros;

    fn blocks(ends: &[i64]) -> Vec<Old> {
        let old = |(n, end): (i64, &i64)| Old {
            first_id: n * 10 + 1,
            last_id: n * 10 + 10,
            bytes: 100,
            received_to: timestamp_from_micros(*end),
        };
        (0..).zip(ends).map(old).collect()
    }

    fn gone(ends: &[i64], since: Option<i64>, surplus: u64) -> usize {
        expired(&blocks(ends), 30, since.map(timestamp_from_micros), surplus).len()
    }

    #[test]
    fn a_block_goes_when_its_last_record_is_too_old() {
        assert_eq!(gone(&[5, 6, 7], Some(5), 0), 0);
        assert_eq!(gone(&[5, 6, 7], Some(7), 0), 2);
        assert_eq!(gone(&[5, 6, 7], Some(8), 0), 3);
        assert_eq!(gone(&[5, 6, 7], None, 0), 0);
    }

    #[test]
    fn the_first_block_that_is_kept_keeps_all_behind_it() {
        assert_eq!(gone(&[5, 9, 5, 5], Some(7), 0), 1);
    }

    #[test]
    fn as_many_go_as_there_is_too_much_of() {
        assert_eq!(gone(&[5, 5, 5], None, 1), 1);
        assert_eq!(gone(&[5, 5, 5], None, 100), 1);
        assert_eq!(gone(&[5, 5, 5], None, 101), 2);
        assert_eq!(gone(&[5, 5], None, u64::MAX), 2);
    }

    #[test]
    fn the_newest_block_goes_by_age_alone() {
        assert_eq!(gone(&[5, 5, 5], None, u64::MAX), 2);
        assert_eq!(gone(&[5, 5, 5], Some(6), u64::MAX), 3);
    }

    #[test]
    fn age_and_size_hold_together() {
        assert_eq!(gone(&[5, 9, 9], Some(7), 150), 2);
        assert_eq!(gone(&[5, 5, 9], Some(7), 50), 2);
    }
}
