//! Blocks: the second form of the log. A row of `block` describes a contiguous range of ids and
//! holds what lets a query skip it; `block_part` holds the bytes.
//!
//! Once the bulk of the log lies in blocks, `log` is small, and needs no index but its key. Its
//! attributes become `json` on Postgres, which keeps the text as it came: a record must say the
//! same in either form, and `jsonb` writes numbers and keys anew.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::types::Types;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// On Postgres the bytes lie in partitions by ranges of ids, which the writer makes and drops.
/// They are compressed already, so they are stored as they are, and can be read in slices.
const PARTS_ON_POSTGRES: &str = "
CREATE TABLE block_part (
    first_id bigint NOT NULL,
    part smallint NOT NULL,
    checksum bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (first_id, part)
) PARTITION BY RANGE (first_id);
ALTER TABLE block_part ALTER COLUMN bytes SET STORAGE EXTERNAL;
ALTER TABLE block ALTER COLUMN trigrams SET STORAGE EXTERNAL;
ALTER TABLE log ALTER COLUMN attributes TYPE json USING attributes::text::json";

const BACK_ON_POSTGRES: &str =
    "ALTER TABLE log ALTER COLUMN attributes TYPE jsonb USING attributes::text::jsonb";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let types = Types(manager.get_database_backend());
        manager.create_table(block(&types)).await?;
        manager.create_index(index_of_blocks()).await?;
        manager.drop_index(index_of_rows().0).await?;
        match manager.get_database_backend() {
            DbBackend::Postgres => {
                manager.get_connection().execute_unprepared(PARTS_ON_POSTGRES).await.map(drop)
            }
            _ => manager.create_table(block_part()).await,
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(BlockPart::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Block::Table).to_owned()).await?;
        manager.create_index(index_of_rows().1).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(BACK_ON_POSTGRES).await?;
        }
        Ok(())
    }
}

fn block(types: &Types) -> TableCreateStatement {
    let long = |name| ColumnDef::new(name).big_integer().not_null().to_owned();
    let bytes = |name| ColumnDef::new(name).binary().not_null().to_owned();
    let mut table = Table::create();
    table
        .table(Block::Table)
        .col(types.key(Block::FirstId))
        .col(long(Block::LastId))
        .col(ColumnDef::new(Block::Sealed).boolean().not_null())
        .col(ColumnDef::new(Block::Format).small_integer().not_null())
        .col(long(Block::RawBytes))
        .col(long(Block::StoredBytes));
    for bound in [
        Block::From1,
        Block::To1,
        Block::From2,
        Block::To2,
        Block::From3,
        Block::To3,
        Block::From4,
        Block::To4,
        Block::ReceivedFrom,
        Block::ReceivedTo,
    ] {
        table.col(types.instant(bound));
    }
    table
        .col(ColumnDef::new(Block::Severities).integer().not_null())
        .col(ColumnDef::new(Block::Facilities).integer().not_null())
        .col(bytes(Block::Sources))
        .col(bytes(Block::SourceCounts))
        .col(bytes(Block::Minutes))
        .col(bytes(Block::Trigrams))
        .col(bytes(Block::Footer))
        .col(long(Block::Checksum))
        .to_owned()
}

/// What there is of which size, for whoever adds it up: a fraction of the catalogue.
fn index_of_blocks() -> IndexCreateStatement {
    Index::create()
        .name("block_size")
        .table(Block::Table)
        .col(Block::FirstId)
        .col(Block::LastId)
        .col(Block::Sealed)
        .col(Block::RawBytes)
        .col(Block::StoredBytes)
        .to_owned()
}

fn block_part() -> TableCreateStatement {
    Table::create()
        .table(BlockPart::Table)
        .col(ColumnDef::new(BlockPart::FirstId).big_integer().not_null())
        .col(ColumnDef::new(BlockPart::Part).small_integer().not_null())
        .col(ColumnDef::new(BlockPart::Checksum).big_integer().not_null())
        .col(ColumnDef::new(BlockPart::Bytes).binary().not_null())
        .primary_key(Index::create().col(BlockPart::FirstId).col(BlockPart::Part))
        .to_owned()
}

/// The index that goes, and how it comes back.
fn index_of_rows() -> (IndexDropStatement, IndexCreateStatement) {
    const NAME: &str = "log_timestamp_id";
    (
        Index::drop().name(NAME).table(Log::Table).to_owned(),
        Index::create().name(NAME).table(Log::Table).col(Log::Timestamp).col(Log::Id).to_owned(),
    )
}

#[derive(DeriveIden)]
enum Log {
    Table,
    Id,
    Timestamp,
}

#[derive(DeriveIden)]
enum Block {
    Table,
    FirstId,
    LastId,
    Sealed,
    Format,
    RawBytes,
    StoredBytes,
    #[sea_orm(iden = "from_1")]
    From1,
    #[sea_orm(iden = "to_1")]
    To1,
    #[sea_orm(iden = "from_2")]
    From2,
    #[sea_orm(iden = "to_2")]
    To2,
    #[sea_orm(iden = "from_3")]
    From3,
    #[sea_orm(iden = "to_3")]
    To3,
    #[sea_orm(iden = "from_4")]
    From4,
    #[sea_orm(iden = "to_4")]
    To4,
    ReceivedFrom,
    ReceivedTo,
    Severities,
    Facilities,
    Sources,
    SourceCounts,
    Minutes,
    Trigrams,
    Footer,
    Checksum,
}

#[derive(DeriveIden)]
enum BlockPart {
    Table,
    FirstId,
    Part,
    Checksum,
    Bytes,
}
