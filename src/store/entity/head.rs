//! The one row that says whose log this is and where it ends.

use sea_orm::entity::prelude::*;

/// The id of the only row.
pub const ONLY: i16 = 1;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "head")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i16,
    /// The name of this database, for ever.
    pub database: Uuid,
    /// The newest position. Every commit moves it from where its writer believes it to be.
    pub last_id: i64,
    /// The counts in `source` include every record up to here.
    pub sources_counted_to: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
