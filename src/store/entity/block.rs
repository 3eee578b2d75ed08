//! The catalogue: a contiguous range of ids that is stored as one block, and what lets a query
//! skip it.

use sea_orm::entity::prelude::*;

use super::Instant;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "block")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub first_id: i64,
    pub last_id: i64,
    /// It is in its final form; others may still be merged with what lies beside them.
    pub sealed: bool,
    /// The version of all that follows, and of the parts.
    pub format: i16,
    /// Bytes of text of its records.
    pub raw_bytes: i64,
    /// Bytes of its parts and of this row.
    pub stored_bytes: i64,
    /// Up to four intervals (both ends included) that hold every timestamp, in order; the last
    /// one repeats itself where fewer are needed. So `from_1` is the earliest timestamp and
    /// `to_4` the latest.
    #[sea_orm(column_name = "from_1")]
    pub from_1: Instant,
    #[sea_orm(column_name = "to_1")]
    pub to_1: Instant,
    #[sea_orm(column_name = "from_2")]
    pub from_2: Instant,
    #[sea_orm(column_name = "to_2")]
    pub to_2: Instant,
    #[sea_orm(column_name = "from_3")]
    pub from_3: Instant,
    #[sea_orm(column_name = "to_3")]
    pub to_3: Instant,
    #[sea_orm(column_name = "from_4")]
    pub from_4: Instant,
    #[sea_orm(column_name = "to_4")]
    pub to_4: Instant,
    /// The earliest time of receipt.
    pub received_from: Instant,
    /// The latest time of receipt.
    pub received_to: Instant,
    /// Bit `n`: a record has the severity of code `n`. Bit 8: a record has none.
    pub severities: i32,
    /// Bit `n`: a record has the facility of code `n`. Bit 24: a record has none.
    pub facilities: i32,
    /// A bitmap of source ids (see `block/bitmap.rs`).
    pub sources: Vec<u8>,
    /// How many records each source has (see `block/summary.rs`).
    pub source_counts: Vec<u8>,
    /// How many records each minute and severity has (see `block/summary.rs`).
    pub minutes: Vec<u8>,
    /// A bitmap of what the folded messages hold (see `block/bitmap.rs`).
    pub trigrams: Vec<u8>,
    /// What follows the parts in the Parquet file.
    pub footer: Vec<u8>,
    /// CRC-32 of the footer.
    pub checksum: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
