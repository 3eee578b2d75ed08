//! An export that somebody asked for.

use sea_orm::entity::prelude::*;

use super::Instant;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    /// SHA-256 of the secret in its URL.
    pub hash: Vec<u8>,
    /// The JSON of a `LogFilter`.
    #[sea_orm(column_type = "Text")]
    pub filter: String,
    pub format: String,
    pub created_at: Instant,
    /// The URL is good until then.
    pub expires_at: Instant,
    pub started_at: Option<Instant>,
    pub ended_at: Option<Instant>,
    pub state: String,
    /// The positions it covers, and how far it is.
    pub first_id: i64,
    pub last_id: i64,
    pub position: i64,
    pub records: i64,
    pub bytes: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
