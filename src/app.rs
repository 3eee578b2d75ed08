//! The composition root: builds every part from the configuration, runs until told to stop, and
//! drains in the order of the data's way. `main` and the tests use the same.

mod access;
pub mod accounts;
mod announce;
mod files;
mod open;
mod receive;
mod reload;
mod restored;
mod running;
mod tasks;
mod watch;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::auth::AuthError;
use crate::config::{Config, Source};
use crate::live::{Hub, Nodes, Remote};
use crate::parse::Parser;
use crate::queue::{Queue, QueueError};
use crate::store::{Store, StoreError};
use crate::telemetry::{Figures, OwnLog};
use crate::tls::{Tls, TlsError};
use crate::writer::{BatchLimits, Writer};
use crate::{api, http, ingest, parse};
pub use access::reachable;
use access::{api_limits, http_options};
use announce::own_figures;
use open::{
    Access, Opened, check, ingest_limits, open_database, open_queue, store_options, upkeep_options,
};
use receive::Receive;
pub use reload::Reloader;
pub use restored::{Restored, restored};
use running::Write;
pub use running::{App, Unfinished};
use tasks::{Task, Tasks};

/// Which parts a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    pub ingest: bool,
    pub worker: bool,
    pub api: bool,
}

impl Roles {
    /// Everything in one process.
    pub const ALL: Roles = Roles { ingest: true, worker: true, api: true };
    /// Receive and queue.
    pub const INGEST: Roles = Roles { ingest: true, worker: false, api: false };
    /// Write, or stand by to write.
    pub const WORKER: Roles = Roles { ingest: false, worker: true, api: false };
    /// Answer queries and subscriptions.
    pub const API: Roles = Roles { ingest: false, worker: false, api: true };

    fn names(self) -> Vec<String> {
        let all = [(self.ingest, "ingest"), (self.worker, "worker"), (self.api, "api")];
        all.into_iter().filter(|(runs, _)| *runs).map(|(_, name)| name.to_owned()).collect()
    }

    fn need_a_database(self) -> bool {
        self.worker || self.api
    }
}

/// Why a process does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {what} {address}: {error}")]
    Listen { what: &'static str, address: SocketAddr, error: std::io::Error },
    #[error("{0}")]
    Setting(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Told to stop before it had started, and nothing is lost.
    #[error("stopped before everything was there")]
    Stopped,
    /// Told to stop before it had started, with records that have nowhere to go.
    #[error(transparent)]
    Unfinished(#[from] Unfinished),
}

/// Where a running process listens.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    pub udp: Vec<SocketAddr>,
    pub tcp: Vec<SocketAddr>,
    /// Syslog over TLS.
    pub tls: Vec<SocketAddr>,
    pub http: Option<SocketAddr>,
}

/// A process that has its sockets and nothing else yet.
pub struct Bound {
    config: Config,
    roles: Roles,
    udp: Vec<ingest::udp::Listener>,
    tcp: Vec<ingest::tcp::Listener>,
    tls: Vec<ingest::tcp::Listener>,
    http: Option<TcpListener>,
    addresses: Addresses,
    certificate: Option<Tls>,
}

/// Takes the sockets that the roles need.
///
/// # Errors
/// An address that cannot be listened on; roles that need a setting that is not there; a
/// certificate that cannot be used.
pub async fn bind(mut config: Config, roles: Roles) -> Result<Bound, StartError> {
    check(&config, roles)?;
    files::make_room(&mut config, roles);
    let limits = ingest_limits(&config);
    let files = config.tls_files.as_ref();
    let mut bound = Bound {
        roles,
        udp: Vec::new(),
        tcp: Vec::new(),
        tls: Vec::new(),
        http: None,
        addresses: Addresses::default(),
        certificate: files.map(|(certificate, key)| Tls::load(certificate, key)).transpose()?,
        config,
    };
    let failed = |what, address| move |error| StartError::Listen { what, address, error };
    if roles.ingest {
        for &address in &bound.config.udp {
            let listener = ingest::udp::bind(address, &limits).map_err(failed("udp", address))?;
            bound.addresses.udp.push(listener.local_addr().map_err(failed("udp", address))?);
            bound.udp.push(listener);
        }
        for &address in &bound.config.tcp {
            let listener = ingest::tcp::bind(address).map_err(failed("tcp", address))?;
            bound.addresses.tcp.push(listener.local_addr().map_err(failed("tcp", address))?);
            bound.tcp.push(listener);
        }
        for &address in &bound.config.tls {
            let listener = ingest::tcp::bind(address).map_err(failed("tls", address))?;
            bound.addresses.tls.push(listener.local_addr().map_err(failed("tls", address))?);
            bound.tls.push(listener);
        }
    }
    if let Some(address) = bound.config.http {
        let listener = TcpListener::bind(address).await.map_err(failed("http", address))?;
        bound.addresses.http = Some(listener.local_addr().map_err(failed("http", address))?);
        bound.http = Some(listener);
    }
    Ok(bound)
}

/// How the API asks for what waits in the queue.
fn queue_depth(queue: Queue) -> api::ReadQueueDepth {
    Arc::new(move || {
        let queue = queue.clone();
        Box::pin(async move {
            let depth = queue.depth().await.ok()?;
            Some(api::QueueDepth::new(depth.frames, depth.bytes))
        })
    })
}

impl Bound {
    /// Where it listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What it runs.
    pub fn roles(&self) -> Roles {
        self.roles
    }

    /// The database in use, without credentials; none where no role needs one.
    pub fn database(&self) -> Option<String> {
        self.roles.need_a_database().then(|| self.config.database_place())
    }

    /// The queue in use, without credentials.
    pub fn queue(&self) -> String {
        self.config.nats_place().unwrap_or_else(|| "in memory".to_owned())
    }

    /// Where people reach it: the public URL, or its own address as seen from this machine; none
    /// where there is no HTTP.
    pub fn url(&self) -> Option<String> {
        let address = reachable(self.addresses.http?);
        let own = || format!("{}://{address}", self.scheme());
        Some(self.config.public_url.clone().unwrap_or_else(own))
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.certificate.is_some() { "https" } else { "http" }
    }

    /// What reads the files of this process again; `source` and `log` are its own.
    pub fn reloader(&self, source: Source, log: OwnLog) -> Reloader {
        Reloader { certificate: self.certificate.clone(), source, log }
    }

    /// How long a stop may take to store what was received.
    pub fn shutdown_timeout(&self) -> Duration {
        self.config.shutdown_timeout
    }

    /// Starts every part. HTTP answers `/healthz` and `/readyz` at once, and the listeners receive
    /// as soon as there is a queue; a database or NATS that is away is waited for. When `stop`
    /// comes first, nothing more is received, and what was received still waits for the database
    /// as long as a stop may take: the process may then start after all, to be stopped.
    ///
    /// # Errors
    /// What waiting cannot mend; [`StartError::Stopped`] and [`StartError::Unfinished`] when
    /// `stop` comes first.
    pub async fn start(self, stop: CancellationToken) -> Result<App, StartError> {
        let url = self.url();
        let Bound { config, roles, udp, tcp, tls, http, addresses, certificate } = self;
        let figures = Figures::new();
        figures.health.starting("process");
        let node = Uuid::now_v7();
        let nodes = Nodes::new(own_figures(node, roles, figures.clone()));
        let schema = http::SchemaSlot::default();
        let http = http.map(|listener| {
            let options = http_options(&config, certificate.clone());
            let context = http::HttpContext::new(schema.clone(), figures.clone(), options);
            Task::spawn(|stop| async move {
                let stop = stop.cancelled_owned();
                if let Err(error) = http::serve(listener, context, stop).await {
                    tracing::error!(%error, "HTTP stopped");
                }
            })
        });

        let (queue, nats) = tokio::select! {
            queue = open_queue(&config, &figures) => queue?,
            () = stop.cancelled() => return Err(StartError::Stopped),
        };
        let remote = nats
            .map(|nats| Remote::new(nats.client().clone(), &config.namespace, node, nodes.clone()));
        let tls = tls.into_iter().zip(certificate.iter().cycle().cloned()).collect();
        let receive = Receive::start(&config, udp, tcp, tls, queue.publisher(node), &figures);
        let mut app = App {
            addresses,
            figures: figures.clone(),
            shutdown_timeout: config.shutdown_timeout,
            receive,
            write: None,
            hub: None,
            store: None,
            background: Tasks::default(),
            http,
            set_up_link: None,
        };
        if let Some(remote) = remote.clone() {
            app.background.spawn(|stop| async move { remote.exchange_figures(stop).await });
        }
        if remote.is_some() {
            let (queue, health) = (queue.clone(), figures.health.clone());
            app.background.spawn(|stop| watch::queue(queue, health, stop));
        }
        if !roles.need_a_database() {
            figures.health.up("process");
            return Ok(app);
        }

        let Opened { store, head, access } = {
            let mut opening = pin!(open_database(&config, roles, url.as_deref(), &figures));
            tokio::select! {
                opened = &mut opening => opened?,
                () = stop.cancelled() => app.receive.settle(opening, config.shutdown_timeout).await?,
            }
        };
        {
            let (store, health) = (store.clone(), figures.health.clone());
            app.background.spawn(|stop| watch::database(store, health, stop));
        }
        app.store = Some(store.clone());
        let hub = Hub::new(head.database, head.last_id, config.live_memory);
        app.hub = Some(hub.clone());
        {
            let (hub, shown) = (hub.clone(), figures.head.clone());
            app.background.spawn(|stop| watch::head(hub, shown, stop));
        }
        if let Some(remote) = remote.clone() {
            let (hub, store) = (hub.clone(), store.clone());
            app.background.spawn(|stop| async move { remote.feed(hub, store, stop).await });
        }
        if roles.worker {
            app.write = Some(Write::start(Writer {
                store: store.clone(),
                queue: queue.clone(),
                hub: hub.clone(),
                remote,
                parser: Arc::new(Parser::new(parse::Options {
                    timezone: config.timezone,
                    ..parse::Options::default()
                })),
                limits: BatchLimits {
                    max_rows: config.batch_max_rows,
                    max_delay: config.batch_max_delay,
                    max_bytes: config.batch_max_bytes,
                    max_sources: config.max_sources,
                },
                upkeep: upkeep_options(&config),
                figures: figures.clone(),
            }));
        }
        if let Some(Access { auth, set_up_link }) = access {
            app.set_up_link = set_up_link;
            app.background.spawn(|stop| {
                let auth = auth.clone();
                async move { auth.run(stop).await }
            });
            schema.fill(api::schema(api::ApiContext {
                auth,
                store,
                hub,
                nodes,
                queue: Some(queue_depth(queue)),
                figures,
                limits: api_limits(&config),
                retention: api::Retention {
                    age: config.retention_age,
                    size: config.retention_size,
                },
                public_url: config.public_url.clone(),
            }));
        }
        app.figures.health.up("process");
        Ok(app)
    }
}

/// What to do with the database's schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migration {
    /// Apply every step that is missing.
    Up,
    /// Take the last step back.
    Down,
    /// Change nothing.
    Status,
}

/// Moves the database's schema and gives every step of it with whether it is applied.
///
/// # Errors
/// Those of the database; it is not waited for.
pub async fn migrate(
    config: &Config,
    migration: Migration,
) -> Result<Vec<(String, bool)>, StoreError> {
    let store = Store::connect(&store_options(config)).await?;
    match migration {
        Migration::Up => store.migrate().await?,
        Migration::Down => store.migrate_down().await?,
        Migration::Status => {}
    }
    let steps = store.schema_steps().await?;
    Ok(steps.into_iter().map(|step| (step.name, step.applied)).collect())
}

/// Where a process with this configuration is reached from its own machine; `None` without HTTP.
pub fn own_url(config: &Config) -> Option<String> {
    let scheme = if config.tls_files.is_some() { "https" } else { "http" };
    config.http.map(|address| format!("{scheme}://{}", reachable(address)))
}

/// The GraphQL schema in its definition language.
pub fn graphql_schema() -> String {
    api::sdl()
}
