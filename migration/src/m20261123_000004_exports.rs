//! Exports: what somebody asked for, where it is to be fetched, and how far it is.

use sea_orm_migration::prelude::*;

use crate::types::Types;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let types = Types(manager.get_database_backend());
        let count = |name| ColumnDef::new(name).big_integer().not_null().to_owned();
        let who = |name| ColumnDef::new(name).uuid().to_owned();
        manager
            .create_table(
                Table::create()
                    .table(Export::Table)
                    .col(ColumnDef::new(Export::Id).uuid().not_null().primary_key())
                    .col(ColumnDef::new(Export::OwnerId).uuid().not_null())
                    .col(who(Export::SessionId))
                    .col(who(Export::TokenId))
                    .col(ColumnDef::new(Export::Hash).binary().not_null().unique_key())
                    .col(ColumnDef::new(Export::Filter).text().not_null())
                    .col(ColumnDef::new(Export::Format).text().not_null())
                    .col(ColumnDef::new(Export::SkipDamaged).boolean().not_null())
                    .col(types.instant(Export::CreatedAt))
                    .col(types.instant(Export::ExpiresAt))
                    .col(types.optional_instant(Export::StartedAt))
                    .col(types.optional_instant(Export::HeardAt))
                    .col(types.optional_instant(Export::EndedAt))
                    .col(ColumnDef::new(Export::State).text().not_null())
                    .col(ColumnDef::new(Export::Problem).text())
                    .col(count(Export::FirstId))
                    .col(count(Export::LastId))
                    .col(count(Export::Position))
                    .col(count(Export::Records))
                    .col(count(Export::Bytes))
                    .col(count(Export::Skipped))
                    .foreign_key(
                        ForeignKey::create()
                            .from(Export::Table, Export::OwnerId)
                            .to(UserAccount::Table, UserAccount::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Export::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Export {
    Table,
    Id,
    OwnerId,
    SessionId,
    TokenId,
    Hash,
    Filter,
    Format,
    SkipDamaged,
    CreatedAt,
    ExpiresAt,
    StartedAt,
    HeardAt,
    EndedAt,
    State,
    Problem,
    FirstId,
    LastId,
    Position,
    Records,
    Bytes,
    Skipped,
}

#[derive(DeriveIden)]
enum UserAccount {
    Table,
    Id,
}
