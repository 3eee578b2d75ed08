//! Users and what belongs to them, the audit log, and the keys that access tokens are signed with.
//!
//! Postgres holds the foreign keys. SQLite only writes them down (its connections run without),
//! so whoever removes something removes what belongs to it first.

use sea_orm_migration::prelude::*;

use crate::types::Types;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let types = Types(manager.get_database_backend());
        for table in [
            user_account(&types),
            session(&types),
            refresh_token(&types),
            api_token(&types),
            saved_search(&types),
            audit(&types),
            signing_key(&types),
            set_up(),
        ] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            SetUp::Table.into_iden(),
            SigningKey::Table.into_iden(),
            Audit::Table.into_iden(),
            SavedSearch::Table.into_iden(),
            ApiToken::Table.into_iden(),
            RefreshToken::Table.into_iden(),
            Session::Table.into_iden(),
            UserAccount::Table.into_iden(),
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// `user` is a word of SQL.
fn user_account(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(UserAccount::Table)
        .col(ColumnDef::new(UserAccount::Id).uuid().not_null().primary_key())
        .col(ColumnDef::new(UserAccount::Username).text().not_null().unique_key())
        .col(ColumnDef::new(UserAccount::DisplayName).text().not_null())
        .col(ColumnDef::new(UserAccount::Email).text())
        .col(ColumnDef::new(UserAccount::Password).text().not_null())
        .col(ColumnDef::new(UserAccount::Role).text().not_null())
        .col(ColumnDef::new(UserAccount::Disabled).boolean().not_null())
        .col(ColumnDef::new(UserAccount::Scope).text())
        .col(types.instant(UserAccount::CreatedAt))
        .col(types.optional_instant(UserAccount::LastSignIn))
        .col(ColumnDef::new(UserAccount::Version).integer().not_null())
        .to_owned()
}

fn session(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(Session::Table)
        .col(ColumnDef::new(Session::Id).uuid().not_null().primary_key())
        .col(ColumnDef::new(Session::UserId).uuid().not_null())
        .col(types.instant(Session::CreatedAt))
        .col(types.instant(Session::LastUsedAt))
        .col(types.instant(Session::ExpiresAt))
        .col(ColumnDef::new(Session::Address).text())
        .col(ColumnDef::new(Session::UserAgent).text())
        .foreign_key(&mut of_user(Session::Table, Session::UserId))
        .to_owned()
}

fn refresh_token(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(RefreshToken::Table)
        .col(ColumnDef::new(RefreshToken::Hash).binary().not_null().primary_key())
        .col(ColumnDef::new(RefreshToken::SessionId).uuid().not_null())
        .col(types.instant(RefreshToken::ExpiresAt))
        .col(types.optional_instant(RefreshToken::UsedAt))
        .foreign_key(
            ForeignKey::create()
                .from(RefreshToken::Table, RefreshToken::SessionId)
                .to(Session::Table, Session::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn api_token(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(ApiToken::Table)
        .col(ColumnDef::new(ApiToken::Id).uuid().not_null().primary_key())
        .col(ColumnDef::new(ApiToken::OwnerId).uuid().not_null())
        .col(ColumnDef::new(ApiToken::Name).text().not_null())
        .col(ColumnDef::new(ApiToken::Prefix).text().not_null())
        .col(ColumnDef::new(ApiToken::Hash).binary().not_null().unique_key())
        .col(ColumnDef::new(ApiToken::Scope).text().not_null())
        .col(types.instant(ApiToken::CreatedAt))
        .col(types.optional_instant(ApiToken::ExpiresAt))
        .col(types.optional_instant(ApiToken::LastUsedAt))
        .foreign_key(&mut of_user(ApiToken::Table, ApiToken::OwnerId))
        .to_owned()
}

fn saved_search(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(SavedSearch::Table)
        .col(ColumnDef::new(SavedSearch::Id).uuid().not_null().primary_key())
        .col(ColumnDef::new(SavedSearch::OwnerId).uuid().not_null())
        .col(ColumnDef::new(SavedSearch::Name).text().not_null())
        .col(ColumnDef::new(SavedSearch::Filter).text().not_null())
        .col(ColumnDef::new(SavedSearch::Shared).boolean().not_null())
        .col(types.instant(SavedSearch::CreatedAt))
        .col(types.instant(SavedSearch::ChangedAt))
        .foreign_key(&mut of_user(SavedSearch::Table, SavedSearch::OwnerId))
        .to_owned()
}

/// It outlives the users it tells of, and so holds no foreign key.
fn audit(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(Audit::Table)
        .col(ColumnDef::new(Audit::Id).big_integer().not_null().auto_increment().primary_key())
        .col(types.instant(Audit::At))
        .col(ColumnDef::new(Audit::UserId).uuid())
        .col(ColumnDef::new(Audit::Actor).text().not_null())
        .col(ColumnDef::new(Audit::Action).text().not_null())
        .col(ColumnDef::new(Audit::Target).text())
        .col(ColumnDef::new(Audit::Address).text())
        .col(ColumnDef::new(Audit::Outcome).text().not_null())
        .to_owned()
}

fn signing_key(types: &Types) -> TableCreateStatement {
    Table::create()
        .table(SigningKey::Table)
        .col(ColumnDef::new(SigningKey::Kid).text().not_null().primary_key())
        .col(ColumnDef::new(SigningKey::Secret).binary().not_null())
        .col(types.instant(SigningKey::CreatedAt))
        .col(types.optional_instant(SigningKey::RetiredAt))
        .to_owned()
}

/// One row at most: the hash of the token that makes the first user.
fn set_up() -> TableCreateStatement {
    Table::create()
        .table(SetUp::Table)
        .col(ColumnDef::new(SetUp::Id).small_integer().not_null().primary_key())
        .col(ColumnDef::new(SetUp::Hash).binary().not_null())
        .check(Expr::col(SetUp::Id).eq(1))
        .to_owned()
}

fn of_user(table: impl IntoIden, column: impl IntoIden) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table.into_iden(), column)
        .to(UserAccount::Table, UserAccount::Id)
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn indexes() -> [IndexCreateStatement; 7] {
    let index = |name: &str| Index::create().name(name).to_owned();
    [
        index("session_user").table(Session::Table).col(Session::UserId).to_owned(),
        index("session_expires").table(Session::Table).col(Session::ExpiresAt).to_owned(),
        index("refresh_token_session")
            .table(RefreshToken::Table)
            .col(RefreshToken::SessionId)
            .to_owned(),
        // A session has one live token.
        index("refresh_token_live")
            .table(RefreshToken::Table)
            .col(RefreshToken::SessionId)
            .unique()
            .and_where(Expr::col(RefreshToken::UsedAt).is_null())
            .to_owned(),
        index("refresh_token_expires")
            .table(RefreshToken::Table)
            .col(RefreshToken::ExpiresAt)
            .to_owned(),
        index("api_token_name")
            .table(ApiToken::Table)
            .col(ApiToken::OwnerId)
            .col(ApiToken::Name)
            .unique()
            .to_owned(),
        index("saved_search_name")
            .table(SavedSearch::Table)
            .col(SavedSearch::OwnerId)
            .col(SavedSearch::Name)
            .unique()
            .to_owned(),
    ]
}

#[derive(DeriveIden)]
enum UserAccount {
    Table,
    Id,
    Username,
    DisplayName,
    Email,
    Password,
    Role,
    Disabled,
    Scope,
    CreatedAt,
    LastSignIn,
    Version,
}

#[derive(DeriveIden)]
enum Session {
    Table,
    Id,
    UserId,
    CreatedAt,
    LastUsedAt,
    ExpiresAt,
    Address,
    UserAgent,
}

#[derive(DeriveIden)]
enum RefreshToken {
    Table,
    Hash,
    SessionId,
    ExpiresAt,
    UsedAt,
}

#[derive(DeriveIden)]
enum ApiToken {
    Table,
    Id,
    OwnerId,
    Name,
    Prefix,
    Hash,
    Scope,
    CreatedAt,
    ExpiresAt,
    LastUsedAt,
}

#[derive(DeriveIden)]
enum SavedSearch {
    Table,
    Id,
    OwnerId,
    Name,
    Filter,
    Shared,
    CreatedAt,
    ChangedAt,
}

#[derive(DeriveIden)]
enum Audit {
    Table,
    Id,
    At,
    UserId,
    Actor,
    Action,
    Target,
    Address,
    Outcome,
}

#[derive(DeriveIden)]
enum SigningKey {
    Table,
    Kid,
    Secret,
    CreatedAt,
    RetiredAt,
}

#[derive(DeriveIden)]
enum SetUp {
    Table,
    Id,
    Hash,
}
