//! From the configuration to the parts: what each of them is told, and waiting for those that are
//! not there yet.

use secrecy::ExposeSecret;

use super::access::{open_auth, see_to_first_user};
use super::watch::{DATABASE, QUEUE};
use super::{Roles, StartError};
use crate::auth::{Auth, AuthError};
use crate::config::Config;
use crate::ingest;
use crate::queue::memory::MemoryQueue;
use crate::queue::nats::{NatsOptions, NatsQueue};
use crate::queue::{Backoff, Queue, QueueError};
use crate::store::{Head, SqliteSynchronous, Store, StoreError, StoreOptions};
use crate::telemetry::Figures;
use crate::writer::UpkeepOptions;

/// Bytes of the largest frame: what a NATS server takes as one message, with room to spare.
const LARGEST_FRAME: usize = 990_000;

/// Separate roles meet in NATS and Postgres; one process alone needs neither.
pub(super) fn check(config: &Config, roles: Roles) -> Result<(), StartError> {
    if roles == Roles::ALL {
        return Ok(());
    }
    if config.nats_url.is_none() {
        return Err(StartError::Setting("a role of its own needs --nats-url"));
    }
    if roles.need_a_database() && config.database_url.expose_secret().starts_with("sqlite:") {
        return Err(StartError::Setting(
            "worker and api need a --database-url of Postgres; SQLite is for `serve`",
        ));
    }
    Ok(())
}

/// What the listeners are told.
pub(super) fn ingest_limits(config: &Config) -> ingest::Limits {
    let defaults = ingest::Limits::default();
    ingest::Limits {
        max_record_bytes: config.max_record_bytes,
        max_connections: config.max_connections,
        max_connections_per_address: config.max_connections_per_address,
        unfinished_bytes: config.max_unfinished_bytes,
        idle_timeout: config.idle_timeout,
        udp_receive_buffer: config.udp_receive_buffer,
        gelf_chunks: ingest::ChunkLimits {
            timeout: config.gelf_timeout,
            pending_messages: config.gelf_max_pending,
            pending_bytes: config.gelf_max_pending_bytes,
        },
        // A frame is never split between batches, so it must fit into one.
        frame_max_records: defaults.frame_max_records.min(config.batch_max_rows),
        // A full frame takes one more record, and still has to fit into a message of NATS.
        frame_max_bytes: defaults.frame_max_bytes.min(LARGEST_FRAME - config.max_record_bytes),
        ..defaults
    }
}

/// Opens the queue, waiting for NATS.
///
/// # Errors
/// What waiting cannot mend.
pub(super) async fn open_queue(
    config: &Config,
    figures: &Figures,
) -> Result<(Queue, Option<NatsQueue>), StartError> {
    let Some(options) = nats_options(config) else {
        return Ok((Queue::Memory(MemoryQueue::new(config.queue_max_bytes)), None));
    };
    let mut backoff = Backoff::default();
    loop {
        match NatsQueue::connect(options.clone()).await {
            Ok(nats) => {
                figures.health.up(QUEUE);
                return Ok((Queue::Nats(nats.clone()), Some(nats)));
            }
            Err(error @ (QueueError::Away(_) | QueueError::Full(_))) => {
                figures.health.down(QUEUE, error);
            }
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(backoff.next_delay()).await;
    }
}

/// What the queue on NATS is told; `None`: the queue is in memory.
pub(super) fn nats_options(config: &Config) -> Option<NatsOptions> {
    let url = config.nats_url.as_ref()?;
    Some(NatsOptions {
        namespace: config.namespace.clone(),
        stream_bytes: config.nats_max_bytes,
        replicas: config.nats_replicas,
        ..NatsOptions::new(url.expose_secret())
    })
}

/// What the store is told.
pub(super) fn store_options(config: &Config) -> StoreOptions {
    StoreOptions {
        read_connections: config.read_connections,
        sqlite_synchronous: if config.sqlite_full_sync {
            SqliteSynchronous::Full
        } else {
            SqliteSynchronous::Normal
        },
        read_timeout: config.read_timeout,
        block_cache: config.block_cache,
        ..StoreOptions::new(config.database_url.expose_secret())
    }
}

/// What the upkeep of the log is told.
pub(super) fn upkeep_options(config: &Config) -> UpkeepOptions {
    UpkeepOptions {
        retention_age: config.retention_age,
        retention_size: config.retention_size,
        seal_after: config.seal_after,
        ..UpkeepOptions::default()
    }
}

/// The database, and what is read of it before anything else.
pub(super) struct Opened {
    pub store: Store,
    pub head: Head,
    /// For those who answer.
    pub access: Option<Access>,
}

/// Who may, and a link to make the first user with, where there is none.
pub(super) struct Access {
    pub auth: Auth,
    pub set_up_link: Option<String>,
}

/// Opens the store, brings its schema up to date and reads what a start needs to know, waiting for
/// the database: it may also go away in between. `url` is where the API is reached.
///
/// # Errors
/// What waiting cannot mend.
pub(super) async fn open_database(
    config: &Config,
    roles: Roles,
    url: Option<&str>,
    figures: &Figures,
) -> Result<Opened, StartError> {
    let mut backoff = Backoff::default();
    loop {
        match open_once(config, roles, url).await {
            Ok(opened) => {
                figures.health.up(DATABASE);
                return Ok(opened);
            }
            Err(StartError::Store(error) | StartError::Auth(AuthError::Store(error)))
                if matches!(error, StoreError::Away(_) | StoreError::Full(_)) =>
            {
                figures.health.down(DATABASE, error);
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(backoff.next_delay()).await;
    }
}

async fn open_once(config: &Config, roles: Roles, url: Option<&str>) -> Result<Opened, StartError> {
    let store = Store::connect(&store_options(config)).await?;
    if config.migrate {
        store.migrate().await?;
    }
    let head = store.head().await?;
    let access = match roles.api {
        true => {
            let auth = open_auth(config, store.clone()).await?;
            let set_up_link = see_to_first_user(&auth, config, url).await?;
            Some(Access { auth, set_up_link })
        }
        false => None,
    };
    Ok(Opened { store, head, access })
}
