//! Bringing the schema up to date.

use migration::Migrator;
use migration::sea_orm_migration::{Migration, MigrationStatus, MigratorTrait};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait};
use uuid::Uuid;

use super::entity::{head, refresh_token, session};
use super::{Store, StoreError, WriteSession};

/// Names the right to change the schema among all advisory locks of the database ("tailwatm").
const MIGRATION_LOCK: i64 = i64::from_be_bytes(*b"tailwatm");

/// One step of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaStep {
    pub name: String,
    /// Whether the database has taken it.
    pub applied: bool,
}

impl Store {
    /// Brings the schema up to date and names the database, in one transaction under a lock:
    /// processes that start together wait for the first.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let transaction = self.begin_migration().await?;
        Migrator::up(&transaction, None).await.map_err(not_ours)?;
        head::Entity::insert(head::ActiveModel {
            id: ActiveValue::Set(head::ONLY),
            database: ActiveValue::Set(Uuid::new_v4()),
            last_id: ActiveValue::Set(0),
            sources_counted_to: ActiveValue::Set(0),
        })
        .on_conflict_do_nothing_on([head::Column::Id])
        .exec(&transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    /// Takes the newest step of the schema back, with all data it holds.
    pub async fn migrate_down(&self) -> Result<(), StoreError> {
        let transaction = self.begin_migration().await?;
        Migrator::down(&transaction, Some(1)).await.map_err(not_ours)?;
        Ok(transaction.commit().await?)
    }

    /// Gives the log a new id, so that cursors of before are known and refused, and ends every
    /// session. For the one writer: whoever else writes would go on under the old id.
    pub async fn rename(&self, _: &WriteSession) -> Result<Uuid, StoreError> {
        let id = Uuid::new_v4();
        let transaction = self.begin_write().await?;
        head::Entity::update_many()
            .col_expr(head::Column::Database, Expr::value(id))
            .exec(&transaction)
            .await?;
        refresh_token::Entity::delete_many().exec(&transaction).await?;
        session::Entity::delete_many().exec(&transaction).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Every step of the schema, oldest first. Changes nothing.
    pub async fn schema_steps(&self) -> Result<Vec<SchemaStep>, StoreError> {
        let steps = Migrator::get_migration_with_status_read_only(self.read_connection());
        let steps = steps.await.map_err(not_ours)?;
        let step = |step: &Migration| SchemaStep {
            name: step.name().to_owned(),
            applied: step.status() == MigrationStatus::Applied,
        };
        Ok(steps.iter().map(step).collect())
    }

    async fn begin_migration(&self) -> Result<DatabaseTransaction, StoreError> {
        let transaction = self.begin_write().await?;
        if self.backend() == DbBackend::Postgres {
            transaction
                .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                .await?;
        }
        Ok(transaction)
    }
}

/// The migrator's own complaint is about a step that the database has taken and we do not know.
fn not_ours(error: DbErr) -> StoreError {
    match error {
        DbErr::Custom(_) => StoreError::Unusable(
            "the database's schema is newer than this tailwater: run a newer tailwater on it"
                .to_owned(),
        ),
        error => error.into(),
    }
}

/// The head row, as this connection sees it.
pub(super) async fn head_row(connection: &impl ConnectionTrait) -> Result<head::Model, StoreError> {
    head::Entity::find_by_id(head::ONLY)
        .one(connection)
        .await?
        .ok_or_else(|| StoreError::Internal("the head row is missing".to_owned()))
}
