//! A record as a plain row.

use sea_orm::entity::prelude::*;

use super::Instant;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub timestamp: Instant,
    pub received_at: Instant,
    pub severity: Option<i16>,
    pub facility: Option<i16>,
    pub source_id: i32,
    pub procid: Option<String>,
    pub msgid: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub message: String,
    /// JSON text, whatever the database keeps it as; null when there are none.
    #[sea_orm(column_type = "Text", select_as = "text", nullable)]
    pub attributes: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
