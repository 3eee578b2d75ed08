//! The bytes of blocks: one after another, and then the footer of the block, the parts are a
//! Parquet file. They are apart so that a search reads no more than it looks at.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "block_part")]
pub struct Model {
    /// The block's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub first_id: i64,
    /// Its place in the file, from 0 (see `block::Part`).
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i16,
    /// CRC-32 of the bytes.
    pub checksum: i64,
    pub bytes: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
