//! The log: its head, its rows, who sent them, what is stored of which producer, and what the
//! database refused.

use sea_orm_migration::prelude::*;

use crate::types::Types;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let types = Types(manager.get_database_backend());
        manager.create_table(head()).await?;
        manager.create_table(log(&types)).await?;
        // While everything is a row, the newest page by timestamp would otherwise read the whole
        // log. Once the bulk of the log lies in blocks, which know their own time ranges, this
        // index can go.
        manager
            .create_index(
                Index::create()
                    .name("log_timestamp_id")
                    .table(Log::Table)
                    .col(Log::Timestamp)
                    .col(Log::Id)
                    .to_owned(),
            )
            .await?;
        manager.create_table(source(&types)).await?;
        manager.create_table(producer(&types)).await?;
        manager.create_table(dead_letter(&types)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(DeadLetter::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Producer::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Source::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Log::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Head::Table).to_owned()).await
    }
}

/// One row: who this database is, and where its log ends.
fn head() -> TableCreateStatement {
    Table::create()
        .table(Head::Table)
        .col(ColumnDef::new(Head::Id).small_integer().not_null().primary_key())
        .col(ColumnDef::new(Head::Database).uuid().not_null())
        .col(ColumnDef::new(Head::LastId).big_integer().not_null())
        .col(ColumnDef::new(Head::SourcesCountedTo).big_integer().not_null())
        .check(Expr::col(Head::Id).eq(1))
        .to_owned()
}

fn log(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(Log::Table)
        .col(types.key(Log::Id))
        .col(types.instant(Log::Timestamp))
        .col(types.instant(Log::ReceivedAt))
        .col(ColumnDef::new(Log::Severity).small_integer())
        .col(ColumnDef::new(Log::Facility).small_integer())
        .col(ColumnDef::new(Log::SourceId).integer().not_null())
        .col(ColumnDef::new(Log::Procid).text())
        .col(ColumnDef::new(Log::Msgid).text())
        .col(ColumnDef::new(Log::Message).text().not_null())
        .col(ColumnDef::new(Log::Attributes).json_binary())
        .to_owned()
}

/// The writer, being alone, keeps (host, app, address) unique in its dictionary; an index on text
/// from the wild would only be a way to fail.
fn source(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(Source::Table)
        .col(ColumnDef::new(Source::Id).integer().not_null().primary_key())
        .col(ColumnDef::new(Source::Host).text())
        .col(ColumnDef::new(Source::App).text())
        .col(ColumnDef::new(Source::Address).text().not_null())
        .col(types.instant(Source::FirstSeen))
        .col(types.instant(Source::LastSeen))
        .col(ColumnDef::new(Source::Count).big_integer().not_null())
        .to_owned()
}

fn producer(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(Producer::Table)
        .col(ColumnDef::new(Producer::Id).uuid().not_null().primary_key())
        .col(ColumnDef::new(Producer::Low).big_integer().not_null())
        .col(ColumnDef::new(Producer::Above).json_binary().not_null())
        .col(ColumnDef::new(Producer::Stored).big_integer().not_null())
        .col(ColumnDef::new(Producer::Rejected).big_integer().not_null())
        .col(types.instant(Producer::LastSeen))
        .to_owned()
}

fn dead_letter(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(DeadLetter::Table)
        .col(ColumnDef::new(DeadLetter::Id).big_integer().not_null().auto_increment().primary_key())
        .col(types.instant(DeadLetter::ReceivedAt))
        .col(types.instant(DeadLetter::At))
        .col(ColumnDef::new(DeadLetter::Reason).text().not_null())
        .col(ColumnDef::new(DeadLetter::SourceId).integer().not_null())
        .col(ColumnDef::new(DeadLetter::Record).binary().not_null())
        .to_owned()
}

#[derive(DeriveIden)]
enum Head {
    Table,
    Id,
    Database,
    LastId,
    SourcesCountedTo,
}

#[derive(DeriveIden)]
enum Log {
    Table,
    Id,
    Timestamp,
    ReceivedAt,
    Severity,
    Facility,
    SourceId,
    Procid,
    Msgid,
    Message,
    Attributes,
}

#[derive(DeriveIden)]
enum Source {
    Table,
    Id,
    Host,
    App,
    Address,
    FirstSeen,
    LastSeen,
    Count,
}

#[derive(DeriveIden)]
enum Producer {
    Table,
    Id,
    Low,
    Above,
    Stored,
    Rejected,
    LastSeen,
}

#[derive(DeriveIden)]
enum DeadLetter {
    Table,
    Id,
    ReceivedAt,
    At,
    Reason,
    SourceId,
    Record,
}
