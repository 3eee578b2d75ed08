//! The bytes of blocks: of several at once, in one query, and none that are in the cache.

use std::collections::HashMap;

use bytes::Bytes;
use sea_orm::sea_query::{Expr, ExprTrait, Query, UnionType};
use sea_orm::{ConnectionTrait, TryGetable};

use super::super::block::{Block, Part, checksum};
use super::super::entity::{block, block_part};
use super::super::{Damaged, StoreError};
use super::cache::{FOOTER, PartKey};
use super::catalogue::Entry;
use super::snapshot::Snapshot;
use crate::filter::ColumnSet;

/// Bytes as they came, and the checksum that they should have.
struct Stored {
    bytes: Bytes,
    checksum: i64,
}

impl Snapshot<'_> {
    /// The blocks of these entries with the parts that hold the columns, in the order of the
    /// entries; a block that is not whole is damaged. `keep`: in the cache too.
    pub async fn blocks(
        &self,
        entries: &[Entry],
        columns: ColumnSet,
        keep: bool,
    ) -> Result<Vec<Result<Block, Damaged>>, StoreError> {
        let parts: Vec<Part> = Part::of(columns).collect();
        let cached: Vec<Option<Block>> =
            entries.iter().map(|entry| self.cached(entry, &parts)).collect();
        let missing: Vec<&Entry> = entries
            .iter()
            .zip(&cached)
            .filter(|(_, block)| block.is_none())
            .map(|(entry, _)| entry)
            .collect();
        let mut stored = self.stored(&missing, &parts).await?;
        let blocks = entries.iter().zip(cached).map(|(entry, cached)| match cached {
            Some(block) => Ok(block),
            None => self.checked(entry, &parts, &mut stored, keep),
        });
        Ok(blocks.collect())
    }

    /// A block, if everything that is asked for is in the cache.
    fn cached(&self, entry: &Entry, parts: &[Part]) -> Option<Block> {
        let cache = self.part_cache();
        let mut block = empty(entry, cache.get(&key(entry, None))?);
        for part in parts {
            block.parts[*part as usize] = Some(cache.get(&key(entry, Some(*part)))?);
        }
        Some(block)
    }

    /// The footers and these parts of these entries, in one query.
    async fn stored(
        &self,
        entries: &[&Entry],
        parts: &[Part],
    ) -> Result<HashMap<(i64, i16), Stored>, StoreError> {
        if entries.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = || entries.iter().map(|entry| entry.first_id);
        let mut query = Query::select()
            .columns([block::Column::FirstId])
            .expr(Expr::val(FOOTER))
            .columns([block::Column::Checksum, block::Column::Footer])
            .from(block::Entity)
            .and_where(Expr::col(block::Column::FirstId).is_in(ids()))
            .to_owned();
        if !parts.is_empty() {
            let parts = parts.iter().map(|part| *part as i16);
            let parts = Query::select()
                .columns([
                    block_part::Column::FirstId,
                    block_part::Column::Part,
                    block_part::Column::Checksum,
                    block_part::Column::Bytes,
                ])
                .from(block_part::Entity)
                .and_where(Expr::col(block_part::Column::FirstId).is_in(ids()))
                .and_where(Expr::col(block_part::Column::Part).is_in(parts))
                .to_owned();
            query.union(UnionType::All, parts);
        }
        let rows = self.transaction.query_all(&query).await?;
        rows.iter()
            .map(|row| {
                let key = (i64::try_get_by(row, 0)?, i16::try_get_by(row, 1)?);
                let checksum = i64::try_get_by(row, 2)?;
                let bytes = Bytes::from(<Vec<u8>>::try_get_by(row, 3)?);
                Ok((key, Stored { bytes, checksum }))
            })
            .collect::<Result<_, sea_orm::TryGetError>>()
            .map_err(|error| sea_orm::DbErr::from(error).into())
    }

    /// Puts a block together of what was stored, if its checksums are right.
    fn checked(
        &self,
        entry: &Entry,
        parts: &[Part],
        stored: &mut HashMap<(i64, i16), Stored>,
        keep: bool,
    ) -> Result<Block, Damaged> {
        let mut take = |part: Option<Part>| {
            let name = || part.map_or_else(|| "the footer".to_owned(), |part| format!("{part:?}"));
            let stored = stored
                .remove(&(entry.first_id, number(part)))
                .ok_or_else(|| entry.damaged(format!("{} is missing", name())))?;
            if checksum(&stored.bytes) != stored.checksum {
                return Err(entry.damaged(format!("the checksum of {} is wrong", name())));
            }
            Ok(stored.bytes)
        };
        let mut block = empty(entry, take(None)?);
        for part in parts {
            block.parts[*part as usize] = Some(take(Some(*part))?);
        }
        if keep {
            let cache = self.part_cache();
            cache.insert(key(entry, None), block.footer.clone());
            for part in parts {
                if let Some(bytes) = &block.parts[*part as usize] {
                    cache.insert(key(entry, Some(*part)), bytes.clone());
                }
            }
        }
        Ok(block)
    }
}

fn key(entry: &Entry, part: Option<Part>) -> PartKey {
    let Entry { first_id, last_id, checksum, .. } = *entry;
    PartKey { first_id, last_id, checksum, part: number(part) }
}

/// How a part, or the footer, is numbered.
fn number(part: Option<Part>) -> i16 {
    part.map_or(FOOTER, |part| part as i16)
}

/// A block without any part yet.
fn empty(entry: &Entry, footer: Bytes) -> Block {
    let Entry { first_id, last_id, format, .. } = *entry;
    Block { first_id, last_id, format, footer, parts: [None, None, None] }
}
