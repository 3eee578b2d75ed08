//! A record the database refused for its content.

use sea_orm::entity::prelude::*;

use super::Instant;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dead_letter")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub received_at: Instant,
    /// When it was refused.
    pub at: Instant,
    /// What the database said.
    pub reason: String,
    pub source_id: i32,
    /// The entry as JSON text, kept as bytes since it may be the text that was refused.
    pub record: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
