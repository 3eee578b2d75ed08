//! Users and what belongs to them. What may be done with it `auth` decides.

mod audit;
mod exports;
mod keys;
mod searches;
mod sessions;
mod tokens;
mod users;

use std::fmt;
use std::net::IpAddr;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QuerySelect, SqlErr, Value,
};
use secrecy::SecretString;
use uuid::Uuid;

use super::entity::user_account;
use super::{Store, StoreError};
use crate::log::{Timestamp, timestamp_from_micros};

pub use exports::{ExportEnd, ExportRoom, ExportTicket, GrantedBy, NewExport};
pub use keys::SigningKey;
pub use searches::{NewSearch, SearchChange};
pub use sessions::{NewSession, Rotation, SessionStanding};
pub use tokens::{NewToken, TokenStanding};
pub use users::{Credentials, NewUser, UserChange};

/// Why something about users was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is one of this name already.
    #[error("the name is taken")]
    NameTaken,
    #[error("there is none (any more)")]
    NotFound,
    /// It would leave no active admin.
    #[error("the last active admin cannot be removed, demoted or disabled")]
    LastAdmin,
    /// There are as many as there may be at a time.
    #[error("there are as many as there may be at a time")]
    NoRoom,
}

impl From<DbErr> for AccountError {
    /// Ids and tokens are random, so what is there already can only be a name.
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => AccountError::NameTaken,
            _ => AccountError::Store(error.into()),
        }
    }
}

/// The SHA-256 of a token. The token itself is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

/// A password hash in PHC form.
pub type PasswordHash = SecretString;

/// Whose: everybody's, or one user's.
pub type OwnedBy = Option<Uuid>;

/// Names the right to change who there is, among all advisory locks of the database ("tailwatu").
const ADMINISTRATION_LOCK: i64 = i64::from_be_bytes(*b"tailwatu");

/// Ids that are asked for in one statement, at most.
const IDS_A_STATEMENT: usize = 1_000;

impl Store {
    /// Begins to change who there is, or which keys: one after the other, so that what one of them
    /// has read still holds when it commits.
    async fn administrate(&self) -> Result<DatabaseTransaction, StoreError> {
        let transaction = self.begin_write().await?;
        if self.backend() == DbBackend::Postgres {
            transaction
                .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({ADMINISTRATION_LOCK})"))
                .await?;
        }
        Ok(transaction)
    }
}

/// Adds a row: what its columns hold.
async fn insert<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    row: impl IntoIterator<Item = (E::Column, Value)>,
) -> Result<(), DbErr> {
    let (columns, values): (Vec<_>, Vec<_>) =
        row.into_iter().map(|(column, value)| (column, Expr::val(value))).unzip();
    let mut statement = Query::insert();
    statement
        .into_table(E::default())
        .columns(columns)
        .values(values)
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    connection.execute(&statement).await.map(drop)
}

/// The user, who stays and stays as they are until the transaction ends.
async fn hold_user(
    transaction: &DatabaseTransaction,
    id: Uuid,
) -> Result<Option<user_account::Model>, DbErr> {
    user_account::Entity::find_by_id(id).lock_shared().one(transaction).await
}

/// The instant as both databases keep it.
fn kept(instant: Timestamp) -> Timestamp {
    timestamp_from_micros(instant.timestamp_micros())
}

fn address_text(address: Option<IpAddr>) -> Value {
    address.map(|address| address.to_string()).into()
}

fn address(column: &str, text: Option<String>) -> Result<Option<IpAddr>, StoreError> {
    text.map(|text| text.parse()).transpose().map_err(|error| malformed(column, &error))
}

/// A column holds what nobody of us wrote.
fn malformed(column: &str, error: &dyn fmt::Display) -> StoreError {
    StoreError::Internal(format!("{column} cannot be read: {error}"))
}
