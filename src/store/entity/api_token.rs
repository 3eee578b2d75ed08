//! A token for programs.

use sea_orm::entity::prelude::*;

use super::{Instant, user_account};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    /// No two tokens of an owner share one.
    pub name: String,
    /// How the token begins.
    pub prefix: String,
    /// SHA-256 of the token.
    #[sea_orm(unique)]
    pub hash: Vec<u8>,
    /// The name of a `TokenScope`.
    pub scope: String,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
    pub last_used_at: Option<Instant>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "user_account::Entity",
        from = "Column::OwnerId",
        to = "user_account::Column::Id"
    )]
    Owner,
}

impl Related<user_account::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Owner.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
