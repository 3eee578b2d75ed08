//! What is stored of one producer (one run of one ingest process).

use sea_orm::entity::prelude::*;

use super::Instant;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "producer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Every frame up to this counter is stored.
    pub low: i64,
    /// The ranges of counters above `low` whose frames are stored too: a list of pairs, first and
    /// last.
    #[sea_orm(column_type = "JsonBinary")]
    pub above: Json,
    /// Records in the log.
    pub stored: i64,
    /// Records in `dead_letter`.
    pub rejected: i64,
    pub last_seen: Instant,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
