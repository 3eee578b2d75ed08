//! An export that somebody asked for.

use sea_orm::entity::prelude::*;

use super::Instant;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    /// The session that asked for it, or null.
    pub session_id: Option<Uuid>,
    /// The API token that asked for it, or null.
    pub token_id: Option<Uuid>,
    /// SHA-256 of the secret in its link.
    #[sea_orm(unique)]
    pub hash: Vec<u8>,
    /// The JSON of a `LogFilter`.
    #[sea_orm(column_type = "Text")]
    pub filter: String,
    /// The name of an `ExportFormat`.
    pub format: String,
    pub skip_damaged: bool,
    pub created_at: Instant,
    /// The link is good until then.
    pub expires_at: Instant,
    pub started_at: Option<Instant>,
    /// When its server last said how far it is.
    pub heard_at: Option<Instant>,
    pub ended_at: Option<Instant>,
    /// The name of an `ExportState`; one that expired or whose server is gone is so by the times.
    pub state: String,
    /// Why it failed.
    pub problem: Option<String>,
    /// The positions it covers, and how far it is.
    pub first_id: i64,
    pub last_id: i64,
    pub position: i64,
    pub records: i64,
    pub bytes: i64,
    /// Records left out because the blocks that hold them are damaged.
    pub skipped: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
