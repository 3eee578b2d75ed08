//! The composition root: builds every part from the configuration, runs until told to stop, and
//! drains in the order of the data's way. `main` and the tests use the same.

mod open;
mod tasks;
mod watch;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::Config;
use crate::live::{Hub, NodeFigures, Nodes, Remote};
use crate::parse::Parser;
use crate::queue::{Publisher, Queue, QueueError};
use crate::store::{Store, StoreError};
use crate::telemetry::{DEAD_LETTER, Figures};
use crate::writer::{BatchLimits, Writer};
use crate::{api, http, ingest, log, parse};
use open::{check, ingest_limits, open_queue, open_store, store_options};
use tasks::{Task, Tasks};

/// How long clients may take to end their HTTP requests when the process stops. By then everything
/// is stored, and one that holds on is no reason to fail.
const HTTP_GRACE: Duration = Duration::from_secs(5);

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
    /// Told to stop before it had started, and nothing is lost.
    #[error("stopped before everything was there")]
    Stopped,
    /// Told to stop before it had started, with records that have nowhere to go.
    #[error(transparent)]
    Unfinished(#[from] Unfinished),
}

/// What a stop could not bring to an end in time.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    #[error("{records} received records were not stored within {timeout:?} and are lost")]
    Lost { records: u64, timeout: Duration },
    #[error("stopping took longer than {timeout:?}; nothing acknowledged is lost")]
    Slow { timeout: Duration },
    #[error("the writer stopped: {0}")]
    Writer(String),
}

/// Where a running process listens.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    pub udp: Vec<SocketAddr>,
    pub tcp: Vec<SocketAddr>,
    pub http: Option<SocketAddr>,
}

/// A process that has its sockets and nothing else yet.
pub struct Bound {
    config: Config,
    roles: Roles,
    udp: Vec<ingest::udp::Listener>,
    tcp: Vec<ingest::tcp::Listener>,
    http: Option<TcpListener>,
    addresses: Addresses,
}

/// Takes the sockets that the roles need.
///
/// # Errors
/// An address that cannot be listened on; roles that need a setting that is not there.
pub async fn bind(config: Config, roles: Roles) -> Result<Bound, StartError> {
    check(&config, roles)?;
    let limits = ingest_limits(&config);
    let mut bound = Bound {
        roles,
        udp: Vec::new(),
        tcp: Vec::new(),
        http: None,
        addresses: Addresses::default(),
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

    /// Starts every part. HTTP answers `/healthz` and `/readyz` at once, and the listeners receive
    /// as soon as there is a queue; a database or NATS that is away is waited for. When `stop`
    /// comes first, nothing more is received, and what was received still waits for the database
    /// as long as a stop may take: the process may then start after all, to be stopped.
    ///
    /// # Errors
    /// What waiting cannot mend; [`StartError::Stopped`] and [`StartError::Unfinished`] when
    /// `stop` comes first.
    pub async fn start(self, stop: CancellationToken) -> Result<App, StartError> {
        let Bound { config, roles, udp, tcp, http, addresses } = self;
        let figures = Figures::new();
        figures.health.starting("process");
        let node = Uuid::now_v7();
        let nodes = Nodes::new(own_figures(node, roles, figures.clone()));
        let schema = http::SchemaSlot::default();
        let http = http.map(|listener| {
            let context = http::HttpContext::new(schema.clone(), figures.clone());
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
        let receive = Receive::start(&config, udp, tcp, queue.publisher(node), &figures);
        let mut app = App {
            addresses,
            figures: figures.clone(),
            shutdown_timeout: config.shutdown_timeout,
            receive,
            write: None,
            hub: None,
            background: Tasks::default(),
            http,
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

        let store = {
            let mut opening = pin!(open_store(&config, &figures));
            tokio::select! {
                store = &mut opening => store?,
                () = stop.cancelled() => app.receive.settle(opening, config.shutdown_timeout).await?,
            }
        };
        {
            let (store, health) = (store.clone(), figures.health.clone());
            app.background.spawn(|stop| watch::database(store, health, stop));
        }
        let head = store.head().await?;
        let hub = Hub::new(head.database, head.last_id, config.live_memory);
        app.hub = Some(hub.clone());
        if let Some(remote) = remote.clone().filter(|_| roles.api) {
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
                figures: figures.clone(),
            }));
        }
        if roles.api {
            schema.fill(api::schema(api::ApiContext {
                store,
                hub,
                nodes,
                queue: Some(queue_depth(queue)),
                figures,
                limits: api::Limits::default(),
            }));
        }
        app.figures.health.up("process");
        Ok(app)
    }
}

/// A running process.
pub struct App {
    addresses: Addresses,
    figures: Figures,
    shutdown_timeout: Duration,
    receive: Receive,
    write: Option<Write>,
    hub: Option<Hub>,
    background: Tasks,
    http: Option<Task>,
}

impl App {
    /// Where it listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Its accounting, health and metrics.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Resolves when the writer ended by itself, which only an error does. The rest still runs, and
    /// is to be stopped.
    pub async fn failed(&mut self) -> Unfinished {
        let Some(write) = &mut self.write else { return std::future::pending().await };
        let ended = (&mut write.handle).await;
        self.write = None;
        Unfinished::Writer(match ended {
            Ok(Err(error)) => error.to_string(),
            Ok(Ok(())) => "it ended too soon".to_owned(),
            Err(error) => error.to_string(),
        })
    }

    /// Stops in the order of the data's way: no more is read from sockets, what was read goes into
    /// the queue, the queue (if it is in memory) into the log, and the readers last.
    ///
    /// # Errors
    /// What could not be brought to an end within the shutdown time-out.
    pub async fn stop(self) -> Result<(), Unfinished> {
        let timeout = self.shutdown_timeout;
        let receipts = self.receive.receipts.clone();
        let writer = self.write.as_ref().map(|write| write.handle.abort_handle());
        let drained = tokio::time::timeout(timeout, self.drain()).await;
        if drained.is_err()
            && let Some(writer) = writer
        {
            writer.abort();
        }
        match receipts.unsettled() {
            0 if drained.is_ok() => Ok(()),
            0 => Err(Unfinished::Slow { timeout }),
            records => Err(Unfinished::Lost { records, timeout }),
        }
    }

    async fn drain(mut self) {
        self.receive.stop().await;
        if let Some(write) = self.write {
            // A standby would wait for its turn; with nothing to store there is no need of one.
            if self.receive.receipts.unsettled() == 0 {
                write.stop.cancel();
            }
            write.end().await;
        }
        if let Some(hub) = self.hub {
            hub.close();
        }
        if let Some(http) = self.http
            && tokio::time::timeout(HTTP_GRACE, http.stop()).await.is_err()
        {
            tracing::warn!("some HTTP clients held on, and are cut off");
        }
        self.background.stop().await;
    }
}

/// The listeners and their way into the queue.
struct Receive {
    listeners: Tasks,
    receipts: Receipts,
}

impl Receive {
    fn start(
        config: &Config,
        udp: Vec<ingest::udp::Listener>,
        tcp: Vec<ingest::tcp::Listener>,
        publisher: Publisher,
        figures: &Figures,
    ) -> Receive {
        let limits = ingest_limits(config);
        let mut listeners = Tasks::default();
        let parts = || (publisher.clone(), figures.clone(), limits.clone());
        for listener in udp {
            let (publisher, figures, limits) = parts();
            listeners.spawn(|stop| ingest::udp::run(listener, publisher, figures, limits, stop));
        }
        for listener in tcp {
            let (publisher, figures, limits) = parts();
            listeners.spawn(|stop| ingest::tcp::run(listener, publisher, figures, limits, stop));
        }
        Receive { listeners, receipts: Receipts { publisher, figures: figures.clone() } }
    }

    /// Reads no more and hands over what was read: to NATS until it is acknowledged, in memory
    /// to a queue that then is closed. Cancel-safe: another call goes on.
    async fn stop(&mut self) {
        self.listeners.stop().await;
        // An error means that the queue is closed already, and nothing waits in it.
        let _ = self.receipts.publisher.flush().await;
        self.receipts.publisher.close();
    }

    /// Told to stop while the store is still being opened: receives no more, and waits for the
    /// store if there are records for it.
    async fn settle(
        &mut self,
        opening: impl Future<Output = Result<Store, StartError>>,
        timeout: Duration,
    ) -> Result<Store, StartError> {
        let receipts = self.receipts.clone();
        let nothing_waits = async {
            self.stop().await;
            if receipts.unsettled() > 0 {
                tracing::info!("waiting for the database, to store what was received");
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            store = opening => store,
            () = nothing_waits => Err(StartError::Stopped),
            () = tokio::time::sleep(timeout) => match receipts.unsettled() {
                0 => Err(StartError::Stopped),
                records => Err(Unfinished::Lost { records, timeout }.into()),
            },
        }
    }
}

/// Knows what became of the records that were received.
#[derive(Clone)]
struct Receipts {
    publisher: Publisher,
    figures: Figures,
}

impl Receipts {
    /// Records that were received and would be lost if the process ended now.
    fn unsettled(&self) -> u64 {
        let figures = &self.figures;
        // Those that the database refused went through the queue, and are settled.
        let refused = figures.rejected.total() - figures.rejected.of(DEAD_LETTER).get();
        let settled = refused + self.publisher.settled();
        figures.received.total().saturating_sub(settled)
    }
}

/// The writer of this process.
struct Write {
    stop: CancellationToken,
    handle: JoinHandle<Result<(), QueueError>>,
    /// Its queue ends once it is closed, and is drained before that.
    drains: bool,
}

impl Write {
    fn start(writer: Writer) -> Write {
        let stop = CancellationToken::new();
        let drains = matches!(writer.queue, Queue::Memory(_));
        Write { handle: tokio::spawn(writer.run(stop.clone())), stop, drains }
    }

    async fn end(self) {
        if !self.drains {
            self.stop.cancel();
        }
        // How it ended is in the log.
        let _ = self.handle.await;
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

/// The GraphQL schema in its definition language.
pub fn graphql_schema() -> String {
    api::sdl()
}

/// What this process announces of itself.
fn own_figures(
    id: Uuid,
    roles: Roles,
    figures: Figures,
) -> impl Fn() -> NodeFigures + Send + Sync + 'static {
    let name = format!("{}:{}", host_name(), std::process::id());
    let started_at = log::now();
    move || NodeFigures {
        id,
        name: name.clone(),
        roles: roles.names(),
        started_at,
        stopped: false,
        received: figures.received.total(),
        rejected: figures.rejected.read(),
        dropped: figures.dropped.read(),
        stored: figures.stored.get(),
        repeated: figures.repeated.get(),
        writer: figures.writer.get() == 1,
        head: figures.head.get(),
        connections: figures.connections.get(),
    }
}

fn host_name() -> String {
    nix::unistd::gethostname()
        .ok()
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| "localhost".to_owned())
}
