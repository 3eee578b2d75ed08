//! The schema of the database, step by step. Names of tables and columns are those of the
//! entities in the main crate (`store/entity`).

pub use sea_orm_migration;
use sea_orm_migration::prelude::*;

mod m20260101_000001_log;
mod m20261123_000002_users;
mod m20261123_000003_blocks;
mod m20261123_000004_exports;
mod types;

/// All steps, oldest first. A step that was released is never changed.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_log::Migration),
            Box::new(m20261123_000002_users::Migration),
            Box::new(m20261123_000003_blocks::Migration),
            Box::new(m20261123_000004_exports::Migration),
        ]
    }
}
