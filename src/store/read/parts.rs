//! The bytes of blocks: of several at once, in one query, and none that are in the cache.

use std::collections::{BTreeSet, HashMap};
use std::iter::{once, zip};

use bytes::Bytes;
use sea_orm::sea_query::{Expr, ExprTrait, Query, UnionType};
use sea_orm::{ConnectionTrait, DbErr, TryGetError, TryGetable};

use super::super::block::{Block, Decoded, Part, checksum};
use super::super::entity::{block, block_part};
use super::super::{Damaged, StoreError};
use super::cache::{FOOTER, PartKey};
use super::catalogue::Entry;
use super::snapshot::Snapshot;
use crate::filter::ColumnSet;

/// Which bytes of which block: its first id, and the part (see [`number`]).
type Place = (i64, i16);

/// Bytes as they came, and the checksum that they should have.
struct Stored {
    bytes: Bytes,
    checksum: i64,
}

impl Snapshot<'_> {
    /// The blocks of these entries with the parts that hold the columns, in the order of the
    /// entries, without those that are not needed for what was decoded before; a block that is not
    /// whole is damaged. `keep`: in the cache too.
    pub async fn blocks(
        &self,
        entries: &[Entry],
        columns: ColumnSet,
        keep: bool,
    ) -> Result<Vec<Result<Block, Damaged>>, StoreError> {
        let decoded = entries.iter().map(|entry| self.decoded_cache().get(&entry.key())).collect();
        self.completed(entries, decoded, columns, keep).await
    }

    /// A block with all its bytes.
    pub async fn whole_block(&self, entry: &Entry) -> Result<Result<Block, Damaged>, StoreError> {
        // Read once: the cache is for others.
        let (entries, decoded) = (std::slice::from_ref(entry), vec![Decoded::default()]);
        let blocks = self.completed(entries, decoded, ColumnSet::ALL, false).await?;
        Ok(blocks.into_iter().next().unwrap_or_else(|| Err(entry.damaged("it is missing"))))
    }

    /// Blocks of which this is decoded, with the parts that the columns need beyond.
    async fn completed(
        &self,
        entries: &[Entry],
        decoded: Vec<Decoded>,
        columns: ColumnSet,
        keep: bool,
    ) -> Result<Vec<Result<Block, Damaged>>, StoreError> {
        let wanted: Vec<Option<Part>> = once(None).chain(Part::of(columns).map(Some)).collect();
        let mut known = HashMap::new();
        let (mut ids, mut missing) = (BTreeSet::new(), BTreeSet::new());
        let closed = |decoded: &Decoded| !decoded.holds(columns);
        for (entry, _) in zip(entries, &decoded).filter(|(_, decoded)| closed(decoded)) {
            for part in &wanted {
                match self.part_cache().get(&key(entry, *part)) {
                    Some(bytes) => {
                        known.insert((entry.first_id, number(*part)), bytes);
                    }
                    None => {
                        ids.insert(entry.first_id);
                        missing.insert(number(*part));
                    }
                }
            }
        }
        let mut stored = self.stored(&ids, &missing).await?;
        let blocks = zip(entries, decoded).map(|(entry, decoded)| {
            let wanted = if closed(&decoded) { wanted.as_slice() } else { &[] };
            let mut block = Block { decoded, ..empty(entry) };
            for part in wanted {
                let place = (entry.first_id, number(*part));
                let bytes = match known.remove(&place) {
                    Some(bytes) => bytes,
                    None => self.checked(entry, *part, stored.remove(&place), keep)?,
                };
                match part {
                    None => block.footer = bytes,
                    Some(part) => block.parts[*part as usize] = Some(bytes),
                }
            }
            Ok(block)
        });
        Ok(blocks.collect())
    }

    /// These parts of these blocks, in one query.
    async fn stored(
        &self,
        ids: &BTreeSet<i64>,
        parts: &BTreeSet<i16>,
    ) -> Result<HashMap<Place, Stored>, StoreError> {
        let ids = || ids.iter().copied();
        let footers = parts.contains(&FOOTER).then(|| {
            Query::select()
                .column(block::Column::FirstId)
                .expr(Expr::val(FOOTER))
                .columns([block::Column::Checksum, block::Column::Footer])
                .from(block::Entity)
                .and_where(Expr::col(block::Column::FirstId).is_in(ids()))
                .to_owned()
        });
        let parts: Vec<i16> = parts.iter().copied().filter(|part| *part != FOOTER).collect();
        let parts = (!parts.is_empty()).then(|| {
            Query::select()
                .columns([block_part::Column::FirstId])
                .columns([block_part::Column::Part, block_part::Column::Checksum])
                .column(block_part::Column::Bytes)
                .from(block_part::Entity)
                .and_where(Expr::col(block_part::Column::FirstId).is_in(ids()))
                .and_where(Expr::col(block_part::Column::Part).is_in(parts))
                .to_owned()
        });
        let query = match (footers, parts) {
            (Some(mut footers), Some(parts)) => footers.union(UnionType::All, parts).to_owned(),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return Ok(HashMap::new()),
        };
        let rows = self.transaction.query_all(&query).await?;
        rows.iter()
            .map(|row| {
                let place = (i64::try_get_by(row, 0)?, i16::try_get_by(row, 1)?);
                let checksum = i64::try_get_by(row, 2)?;
                let bytes = Bytes::from(<Vec<u8>>::try_get_by(row, 3)?);
                Ok((place, Stored { bytes, checksum }))
            })
            .collect::<Result<_, TryGetError>>()
            .map_err(|error| DbErr::from(error).into())
    }

    /// The bytes of a part, if they are there and are what was written.
    fn checked(
        &self,
        entry: &Entry,
        part: Option<Part>,
        stored: Option<Stored>,
        keep: bool,
    ) -> Result<Bytes, Damaged> {
        let name = || part.map_or_else(|| "footer".to_owned(), |part| format!("part {part:?}"));
        let Some(Stored { bytes, checksum: expected }) = stored else {
            return Err(entry.damaged(format!("its {} is missing", name())));
        };
        if checksum(&bytes) != expected {
            return Err(entry.damaged(format!("the checksum of its {} is wrong", name())));
        }
        if keep {
            self.part_cache().insert(key(entry, part), bytes.clone());
        }
        Ok(bytes)
    }
}

fn key(entry: &Entry, part: Option<Part>) -> PartKey {
    PartKey { block: entry.key(), part: number(part) }
}

/// How a part, or the footer, is numbered.
fn number(part: Option<Part>) -> i16 {
    part.map_or(FOOTER, |part| part as i16)
}

/// A block without its bytes.
fn empty(entry: &Entry) -> Block {
    let Entry { first_id, last_id, format, .. } = *entry;
    let (footer, parts, decoded) = (Bytes::new(), [None, None, None], Decoded::default());
    Block { first_id, last_id, format, footer, parts, decoded }
}
