//! Column types that differ between the databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The column types of one database.
pub struct Types(pub DbBackend);

impl Types {
    /// An instant: `timestamptz`, or microseconds since the Unix epoch on SQLite, where that is
    /// the one form that is exact, small and orderable.
    pub fn instant(&self, name: impl IntoIden) -> ColumnDef {
        self.optional_instant(name).not_null().to_owned()
    }

    /// An instant, or null.
    pub fn optional_instant(&self, name: impl IntoIden) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.0 {
            DbBackend::Sqlite => column.integer(),
            _ => column.timestamp_with_time_zone(),
        };
        column
    }

    /// A 64-bit key that somebody else hands out. On SQLite only `integer primary key` is the
    /// table's own b-tree.
    pub fn key(&self, name: impl IntoIden) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.0 {
            DbBackend::Sqlite => column.integer(),
            _ => column.big_integer(),
        };
        column.not_null().primary_key().to_owned()
    }
}
