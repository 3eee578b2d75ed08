//! How to reach the database: the URL's scheme decides which one it is.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
};
use sea_orm::sqlx::{self, ConnectOptions, Connection, SqliteConnection};
use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};

use super::StoreError;
use super::upkeep::{Partitions, StorageCache};

/// How to reach the database, and how hard to use it.
#[derive(Clone)]
pub struct StoreOptions {
    /// `sqlite://file.db` (made when it is missing) or `postgres://user:password@host/database`.
    /// It may hold a password, and so is never printed.
    pub url: String,
    /// Connections for reading.
    pub read_connections: u32,
    /// How careful SQLite is with a power cut.
    pub sqlite_synchronous: SqliteSynchronous,
    /// Longest time one read may take before it ends with [`StoreError::TimedOut`].
    pub read_timeout: Duration,
    /// Batches of so many records are written as a block at once; smaller ones as rows, which are
    /// sealed later. [`StoreOptions::BLOCK_ROWS`] is where blocks become cheaper.
    pub block_rows: usize,
    /// Bytes of blocks that are kept in memory, at most.
    pub block_cache: usize,
    /// Positions whose blocks share a partition (Postgres): the disk is given back in such steps.
    pub partition_ids: i64,
}

impl StoreOptions {
    /// Where a block becomes cheaper than rows (`make bench` measures it).
    pub const BLOCK_ROWS: usize = 512;

    /// A database with the defaults for everything else.
    pub fn new(url: impl Into<String>) -> Self {
        StoreOptions {
            url: url.into(),
            read_connections: 4,
            sqlite_synchronous: SqliteSynchronous::default(),
            read_timeout: Duration::from_secs(30),
            block_rows: Self::BLOCK_ROWS,
            block_cache: 64 << 20,
            partition_ids: 1 << 23,
        }
    }
}

impl fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions")
            .field("read_connections", &self.read_connections)
            .field("sqlite_synchronous", &self.sqlite_synchronous)
            .field("read_timeout", &self.read_timeout)
            .field("block_rows", &self.block_rows)
            .field("block_cache", &self.block_cache)
            .field("partition_ids", &self.partition_ids)
            .finish_non_exhaustive()
    }
}

/// When SQLite waits for the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SqliteSynchronous {
    /// At checkpoints: a power cut can lose the last commits, never the database.
    #[default]
    Normal,
    /// At each commit.
    Full,
}

/// How long to wait for a free connection before the database counts as away.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may take to close. A pool waits for what its connections have begun, and
/// a database that fell silent never answers.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Connections for short reads.
const LOOKUP_CONNECTIONS: u32 = 2;
/// Connections to Postgres for migrations and small writes.
const WRITE_CONNECTIONS: u32 = 4;
/// How long SQLite waits for a lock that another process holds for a moment.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The file of SQLite's write-ahead log is cut to so many bytes when it begins anew.
const SQLITE_WAL_BYTES: &str = "16777216";
/// The server ends the writer's connection when nothing was heard of the other side for so long,
/// so that a writer that was cut off gives up its lock.
const WRITER_SILENCE_SECONDS: u32 = 15;
/// The database ends a read that much later than we do: our end says what happened, the
/// database's frees the connection.
pub(super) const DEADLINE_SLACK: Duration = Duration::from_secs(1);
/// How long one statement of the writer may take.
pub(super) const WRITE_DEADLINE: Duration = Duration::from_secs(60);

/// Connections, and what it takes to make the writer's.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    /// Every transaction on these reads one snapshot and writes nothing.
    pub read: DatabaseConnection,
    /// The same for short reads, which must not wait until a long one is over.
    pub lookup: DatabaseConnection,
    /// The ways to write.
    pub write: WriteAccess,
    /// See [`StoreOptions::block_rows`].
    pub block_rows: usize,
    /// What was said last of how much is stored.
    pub storage: Arc<StorageCache>,
}

#[derive(Clone, Debug)]
pub(super) enum WriteAccess {
    Postgres {
        /// For migrations and small writes.
        pool: DatabaseConnection,
        /// For the log's writer, whose connection is its own.
        writer: Box<PgConnectOptions>,
        /// Of the bytes of blocks.
        partitions: Arc<Partitions>,
    },
    Sqlite {
        /// The one connection that writes.
        pool: SqlitePool,
        /// Where the database is.
        file: PathBuf,
        /// Locked by the log's writer.
        lock_file: PathBuf,
    },
}

impl WriteAccess {
    /// For migrations and small writes.
    pub fn connection(&self) -> DatabaseConnection {
        match self {
            WriteAccess::Postgres { pool, .. } => pool.clone(),
            WriteAccess::Sqlite { pool, .. } => {
                SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone())
            }
        }
    }

    /// Sees to it that blocks can begin at these positions.
    pub async fn make_room_for_blocks(&self, ids: RangeInclusive<i64>) -> Result<(), StoreError> {
        match self {
            WriteAccess::Postgres { pool, partitions, .. } => {
                partitions.ensure(pool.get_postgres_connection_pool(), ids).await
            }
            WriteAccess::Sqlite { .. } => Ok(()),
        }
    }
}

impl Connections {
    /// Connects.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] for a URL that cannot work, [`StoreError::Away`] when nobody
    /// answers.
    pub async fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        match options.url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => open_sqlite(options).await,
            Some("postgres" | "postgresql") => open_postgres(options).await,
            _ => Err(StoreError::Unusable(
                "the database URL must begin with `sqlite://` or `postgres://`".to_owned(),
            )),
        }
    }

    /// Closes them, the writing ones last: then SQLite puts its write-ahead log into the file.
    pub async fn close(&self) {
        let write = self.write.connection();
        for connection in [self.read.clone(), self.lookup.clone(), write] {
            match tokio::time::timeout(CLOSE_TIMEOUT, connection.close()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a connection could not be closed"),
                Err(_) => tracing::debug!("a connection was not closed in time"),
            }
        }
    }
}

async fn open_sqlite(options: &StoreOptions) -> Result<Connections, StoreError> {
    let (address, _) = options.url.split_once('?').unwrap_or((&options.url, ""));
    if address.trim_start_matches("sqlite:").trim_start_matches("//").is_empty()
        || options.url.contains(":memory:")
        || options.url.contains("mode=memory")
    {
        return Err(StoreError::Unusable(
            "a log in memory cannot be shared between connections: give SQLite a file, \
             for example sqlite://tailwater.db"
                .to_owned(),
        ));
    }
    let base = SqliteConnectOptions::from_str(&options.url)
        .map_err(|e| StoreError::Unusable(format!("the database URL cannot be read: {e}")))?
        .busy_timeout(SQLITE_BUSY_TIMEOUT)
        .foreign_keys(false)
        .disable_statement_logging();
    let file = base.get_filename().to_path_buf();
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !directory.is_dir() {
        return Err(StoreError::Unusable(format!(
            "the directory of the database does not exist: {}",
            directory.display()
        )));
    }
    check_sqlite_file(&file)?;
    let synchronous = match options.sqlite_synchronous {
        SqliteSynchronous::Normal => sqlx::sqlite::SqliteSynchronous::Normal,
        SqliteSynchronous::Full => sqlx::sqlite::SqliteSynchronous::Full,
    };
    let writing = base
        .clone()
        .create_if_missing(true)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .pragma("journal_size_limit", SQLITE_WAL_BYTES)
        .synchronous(synchronous);
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .after_release(|connection, _| Box::pin(is_reusable(connection)))
        .connect_with(writing)
        .await?;
    let deadline = options.read_timeout + DEADLINE_SLACK;
    let reading = base.pragma("query_only", "on");
    let pool = |most| {
        SqlitePoolOptions::new()
            .max_connections(most)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .after_connect(move |connection, _| Box::pin(limit_sqlite(connection, deadline)))
            .before_acquire(move |connection, _| {
                Box::pin(async move { limit_sqlite(connection, deadline).await.map(|()| true) })
            })
    };
    let read = pool(options.read_connections.max(1)).connect_with(reading.clone()).await?;
    let lookup = pool(LOOKUP_CONNECTIONS).connect_lazy_with(reading);
    let mut lock_file = file.clone().into_os_string();
    lock_file.push(".lock");
    Ok(Connections {
        read: SqlxSqliteConnector::from_sqlx_sqlite_pool(read),
        lookup: SqlxSqliteConnector::from_sqlx_sqlite_pool(lookup),
        write: WriteAccess::Sqlite { pool: write, file, lock_file: lock_file.into() },
        block_rows: options.block_rows,
        storage: Arc::default(),
    })
}

/// Refuses a file that we may not write, or that is something else.
fn check_sqlite_file(path: &Path) -> Result<(), StoreError> {
    /// What a database begins with (SQLite's file format, section 1.3).
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let unusable = |why: &dyn fmt::Display| {
        StoreError::Unusable(format!("cannot use {} as the database: {why}", path.display()))
    };
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let mut beginning = Vec::new();
    file.and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut beginning))
        .map_err(|error| unusable(&error))?;
    // An empty file is a database that nothing was written to yet.
    if beginning.is_empty() || beginning == MAGIC {
        return Ok(());
    }
    Err(unusable(&"it is not an SQLite database"))
}

/// Interrupts what this connection still does when the deadline is over, as Postgres's
/// `statement_timeout` does. Each read takes a connection, and so a deadline, of its own.
async fn limit_sqlite(
    connection: &mut SqliteConnection,
    deadline: Duration,
) -> Result<(), sqlx::Error> {
    /// Steps of SQLite's machine between two looks at the clock: well below a millisecond.
    const STEPS: i32 = 10_000;
    let begun = Instant::now();
    connection.lock_handle().await?.set_progress_handler(STEPS, move || begun.elapsed() < deadline);
    Ok(())
}

/// Whether a connection that wrote can be used again. After some errors, a full disk above all,
/// SQLite has rolled back by itself; sqlx cannot, and would take the next transaction for one
/// within the last, for ever.
async fn is_reusable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // What is under way, a rollback perhaps, comes to its end first.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

async fn open_postgres(options: &StoreOptions) -> Result<Connections, StoreError> {
    let base = PgConnectOptions::from_str(&options.url)
        .map_err(|e| StoreError::Unusable(format!("the database URL cannot be read: {e}")))?
        .application_name("tailwater")
        .disable_statement_logging();
    check_postgres(&base).await?;
    let deadline = (options.read_timeout + DEADLINE_SLACK).as_millis();
    let reading = base.clone().options([
        ("default_transaction_isolation", "repeatable read".to_owned()),
        ("default_transaction_read_only", "on".to_owned()),
        ("statement_timeout", deadline.to_string()),
    ]);
    let silence = WRITER_SILENCE_SECONDS;
    let writer = base.clone().application_name("tailwater writer").options([
        ("tcp_keepalives_idle", (silence / 3).to_string()),
        ("tcp_keepalives_interval", (silence / 3).to_string()),
        ("tcp_keepalives_count", "2".to_owned()),
        ("tcp_user_timeout", format!("{silence}s")),
        ("statement_timeout", format!("{}s", WRITE_DEADLINE.as_secs())),
        ("idle_in_transaction_session_timeout", format!("{}s", WRITE_DEADLINE.as_secs())),
    ]);
    let pool = |most| PgPoolOptions::new().max_connections(most).acquire_timeout(ACQUIRE_TIMEOUT);
    let read = pool(options.read_connections.max(1)).connect_with(reading.clone()).await?;
    let lookup = pool(LOOKUP_CONNECTIONS).connect_lazy_with(reading);
    let write = pool(WRITE_CONNECTIONS).connect_lazy_with(base);
    Ok(Connections {
        read: SqlxPostgresConnector::from_sqlx_postgres_pool(read),
        lookup: SqlxPostgresConnector::from_sqlx_postgres_pool(lookup),
        write: WriteAccess::Postgres {
            pool: SqlxPostgresConnector::from_sqlx_postgres_pool(write),
            writer: Box::new(writer),
            partitions: Arc::new(Partitions::new(options.partition_ids)),
        },
        block_rows: options.block_rows,
        storage: Arc::default(),
    })
}

/// Asks the database once whether it can serve, outside of a pool: a pool tries again by itself
/// and then does not say why it failed.
async fn check_postgres(base: &PgConnectOptions) -> Result<(), StoreError> {
    let asking = async {
        let mut connection = base.connect().await?;
        let encoding: String =
            sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut connection).await?;
        // It has answered; how the connection ends says nothing about the database.
        let _ = connection.close().await;
        Ok::<_, sqlx::Error>(encoding)
    };
    let encoding = tokio::time::timeout(ACQUIRE_TIMEOUT, asking)
        .await
        .map_err(|_| StoreError::Away(format!("no answer within {ACQUIRE_TIMEOUT:?}")))??;
    if encoding != "UTF8" {
        return Err(StoreError::Unusable(format!(
            "the database is encoded in {encoding}; Tailwater needs UTF8"
        )));
    }
    Ok(())
}

/// Opens the file that the writer locks, making it when it is missing.
pub(super) fn open_lock_file(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(|e| {
        StoreError::Unusable(format!("cannot open the lock file {}: {e}", path.display()))
    })
}
