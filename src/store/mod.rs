//! The log at rest. The only code that knows SQL.
//!
//! The store answers by filter, order and id range, so that a second form of storage can stand
//! behind the same questions. The matcher decides what a filter means; SQL only narrows what it
//! is asked about (`narrow`), and answers alone where a filter says nothing but ids, times,
//! severities, facilities and sources.

mod accounts;
mod aggregate;
mod batch;
mod block;
mod collation;
mod connect;
mod dead_letters;
mod dictionary;
mod entity;
mod error;
mod export;
mod narrow;
mod pattern;
mod producers;
mod question;
mod rates;
mod read;
mod schema;
mod sources;
mod upkeep;
mod write;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

pub use accounts::{
    AccountError, Credentials, ExportEnd, ExportRoom, ExportTicket, GrantedBy, NewExport,
    NewSearch, NewSession, NewToken, NewUser, OwnedBy, PasswordHash, Rotation, SearchChange,
    SessionStanding, SigningKey, TokenHash, TokenStanding, UserChange,
};
pub use batch::{
    Committed, Marks, NewSource, Producer, Rejected, Resolved, SourceCount, WriteBatch,
};
#[doc(hidden)]
pub use block::BlockCodec;
#[cfg(any(test, fuzzing))]
pub(crate) use block::fuzzing;
pub use connect::{SqliteSynchronous, StoreOptions};
pub use dead_letters::DeadLetter;
pub use error::StoreError;
pub use export::{ExportError, ExportPiece, ExportStep, ParquetExport, WholeBlock};
pub use question::{
    Answer, Bucket, Damaged, Direction, Head, HistogramField, Order, Page, PageRequest, Position,
    Scan, Source, SourceFilter, SourceOrder, Storage, TopField, ValueCount,
};
pub use schema::SchemaStep;
pub use upkeep::{Expired, FULL_BLOCK_BYTES, FULL_BLOCK_RECORDS, Form, Keep, Sealing, Segment};
pub use write::{WriteSession, is_half_full};

use connect::{Connections, WriteAccess};
use dictionary::Dictionary;
use read::{Damage, DecodedCache, Looks, PartCache};

/// The log database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    connections: Connections,
    dictionary: Dictionary,
    parts: PartCache,
    decoded: DecodedCache,
    damage: Damage,
    looks: Looks,
    read_timeout: Duration,
}

impl Store {
    /// Connects to a database. Its schema may still be missing: see [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Unusable`] when the options cannot work, [`StoreError::Away`] when the
    /// database does not answer at the moment.
    pub async fn connect(options: &StoreOptions) -> Result<Store, StoreError> {
        Ok(Store {
            inner: Arc::new(Inner {
                connections: Connections::open(options).await?,
                dictionary: Dictionary::default(),
                parts: PartCache::new(options.block_cache / 2)?,
                decoded: DecodedCache::new(options.block_cache / 2)?,
                damage: Damage::default(),
                looks: Looks::default(),
                read_timeout: options.read_timeout,
            }),
        })
    }

    /// Closes every connection. What still reads or writes ends with an error.
    pub async fn close(&self) {
        self.inner.connections.close().await;
    }

    /// Asks the database for a sign of life, beside the readers, whose connections may be busy.
    ///
    /// # Errors
    /// Why there is none. How long to wait is the caller's to say.
    pub async fn ping(&self) -> Result<(), StoreError> {
        schema::head_row(&self.write_access().connection()).await.map(drop)
    }

    /// Tries to become the one writer. `None`: another process is.
    pub async fn claim_writer(&self) -> Result<Option<WriteSession>, StoreError> {
        WriteSession::claim(self).await
    }

    /// Ends a read that takes longer than it may.
    async fn reading<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let timeout = self.inner.read_timeout;
        tokio::time::timeout(timeout, work).await.unwrap_or(Err(StoreError::TimedOut(timeout)))
    }

    fn read_connection(&self) -> &DatabaseConnection {
        &self.inner.connections.read
    }

    /// For reads that are short whatever they find: they wait for no long one.
    fn lookup_connection(&self) -> &DatabaseConnection {
        &self.inner.connections.lookup
    }

    /// Batches of so many records are written as blocks.
    fn block_rows(&self) -> usize {
        self.inner.connections.block_rows
    }

    fn storage_cache(&self) -> &upkeep::StorageCache {
        &self.inner.connections.storage
    }

    fn write_access(&self) -> &WriteAccess {
        &self.inner.connections.write
    }

    /// Begins to write. On SQLite that holds the whole database; on Postgres each statement sees
    /// what was committed before it, and rows are held by locking them.
    async fn begin_write(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = match self.backend() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::ReadCommitted),
                ..Default::default()
            },
        };
        Ok(self.write_access().connection().begin_with_options(options).await?)
    }

    fn dictionary(&self) -> &Dictionary {
        &self.inner.dictionary
    }

    fn backend(&self) -> DbBackend {
        self.read_connection().get_database_backend()
    }
}
