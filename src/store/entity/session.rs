//! A sign-in that lasts.

use sea_orm::entity::prelude::*;

use super::{Instant, user_account};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub created_at: Instant,
    pub last_used_at: Instant,
    pub expires_at: Instant,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "user_account::Entity",
        from = "Column::UserId",
        to = "user_account::Column::Id"
    )]
    User,
}

impl Related<user_account::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
