//! The composition root: builds every part from the configuration, runs until told to stop, and
//! drains in the order of the data's way. `main` and the tests use the same.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::Config;
use crate::live::{Hub, NodeFigures, Nodes, Remote};
use crate::parse::Parser;
use crate::queue::memory::MemoryQueue;
use crate::queue::nats::{NatsOptions, NatsQueue};
use crate::queue::{Backoff, Publisher, Queue, QueueError};
use crate::store::{SqliteSynchronous, Store, StoreError, StoreOptions};
use crate::telemetry::Figures;
use crate::writer::{BatchLimits, Writer};
use crate::{api, http, ingest, log, parse};

/// Bytes of the largest frame: what a NATS server takes as one message, with room to spare.
const LARGEST_FRAME: usize = 990_000;

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
    /// Told to stop before it had started.
    #[error("stopped before everything was there")]
    Stopped,
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

/// Separate roles meet in NATS and Postgres; one process alone needs neither.
fn check(config: &Config, roles: Roles) -> Result<(), StartError> {
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

fn ingest_limits(config: &Config) -> ingest::Limits {
    let defaults = ingest::Limits::default();
    ingest::Limits {
        max_record_bytes: config.max_record_bytes,
        max_connections: config.max_connections,
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
    /// as soon as there is a queue; a database or NATS that is away is waited for.
    ///
    /// # Errors
    /// What waiting cannot mend; [`StartError::Stopped`] when `stop` comes first.
    pub async fn start(self, stop: CancellationToken) -> Result<App, StartError> {
        tokio::select! {
            app = self.assemble() => app,
            () = stop.cancelled() => Err(StartError::Stopped),
        }
    }

    async fn assemble(self) -> Result<App, StartError> {
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

        let (queue, nats) = open_queue(&config, &figures).await?;
        let remote = nats.map(|nats| Remote::new(nats.client().clone(), &config.namespace, node));
        let receive = Receive::start(&config, udp, tcp, queue.publisher(node), &figures);
        let mut app = App {
            addresses,
            figures: figures.clone(),
            shutdown_timeout: config.shutdown_timeout,
            receive,
            write: None,
            hub: None,
            background: Background::default(),
            http,
        };
        if let Some(remote) = remote.clone() {
            let nodes = nodes.clone();
            app.background.spawn(|stop| async move { remote.exchange_figures(nodes, stop).await });
        }
        if !roles.need_a_database() {
            figures.health.up("process");
            return Ok(app);
        }

        let store = open_store(&config, &figures).await?;
        let head = store.head().await?;
        let hub = Hub::new(head.database, head.last_id, config.live_memory);
        app.hub = Some(hub.clone());
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
    background: Background,
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

    /// Resolves when the writer ended by itself, which only an error does.
    pub async fn failed(&mut self) -> Unfinished {
        match &mut self.write {
            Some(write) => match (&mut write.handle).await {
                Ok(Err(error)) => Unfinished::Writer(error.to_string()),
                Ok(Ok(())) => Unfinished::Writer("it ended too soon".to_owned()),
                Err(error) => Unfinished::Writer(error.to_string()),
            },
            None => std::future::pending().await,
        }
    }

    /// Stops in the order of the data's way: no more is read from sockets, what was read goes into
    /// the queue, the queue (if it is in memory) into the log, and the readers last.
    ///
    /// # Errors
    /// What could not be brought to an end within the shutdown time-out.
    pub async fn stop(self) -> Result<(), Unfinished> {
        let timeout = self.shutdown_timeout;
        let drains = self.write.as_ref().is_some_and(|write| write.drains);
        let publisher = self.receive.publisher.clone();
        let figures = self.figures.clone();
        match tokio::time::timeout(timeout, self.drain()).await {
            Ok(()) => Ok(()),
            Err(_) => {
                let records = if drains { figures.in_flight() } else { publisher.unacknowledged() };
                Err(Unfinished::new(records, timeout))
            }
        }
    }

    async fn drain(self) {
        for listener in self.receive.listeners {
            listener.stop().await;
        }
        // An error means that the queue is closed already, and nothing waits in it.
        let _ = self.receive.publisher.flush().await;
        self.receive.publisher.close();
        if let Some(write) = self.write {
            // A standby would wait for its turn; with nothing to store there is no need of one.
            if self.figures.in_flight() == 0 {
                write.stop.cancel();
            }
            write.end().await;
        }
        if let Some(hub) = self.hub {
            hub.close();
        }
        if let Some(http) = self.http {
            http.stop().await;
        }
        for task in self.background.0 {
            task.stop().await;
        }
    }
}

impl Unfinished {
    fn new(records: u64, timeout: Duration) -> Unfinished {
        if records == 0 {
            Unfinished::Slow { timeout }
        } else {
            Unfinished::Lost { records, timeout }
        }
    }
}

/// A task and what stops it.
struct Task {
    stop: CancellationToken,
    handle: JoinHandle<()>,
}

impl Task {
    fn spawn<F: Future<Output = ()> + Send + 'static>(
        run: impl FnOnce(CancellationToken) -> F,
    ) -> Task {
        let stop = CancellationToken::new();
        Task { handle: tokio::spawn(run(stop.clone())), stop }
    }

    async fn stop(self) {
        self.stop.cancel();
        // A task that panicked has said so in the log.
        let _ = self.handle.await;
    }
}

#[derive(Default)]
struct Background(Vec<Task>);

impl Background {
    fn spawn<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        run: impl FnOnce(CancellationToken) -> F,
    ) {
        self.0.push(Task::spawn(run));
    }
}

/// The listeners and their way into the queue.
struct Receive {
    listeners: Vec<Task>,
    publisher: Publisher,
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
        let udp = udp.into_iter().map(|listener| {
            let (publisher, figures, limits) = (publisher.clone(), figures.clone(), limits.clone());
            Task::spawn(|stop| ingest::udp::run(listener, publisher, figures, limits, stop))
        });
        let tcp = tcp.into_iter().map(|listener| {
            let (publisher, figures, limits) = (publisher.clone(), figures.clone(), limits.clone());
            Task::spawn(|stop| ingest::tcp::run(listener, publisher, figures, limits, stop))
        });
        Receive { listeners: udp.chain(tcp).collect(), publisher }
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

async fn open_queue(
    config: &Config,
    figures: &Figures,
) -> Result<(Queue, Option<NatsQueue>), StartError> {
    let Some(url) = &config.nats_url else {
        return Ok((Queue::Memory(MemoryQueue::new(config.queue_max_bytes)), None));
    };
    let options = NatsOptions {
        namespace: config.namespace.clone(),
        stream_bytes: config.nats_max_bytes,
        replicas: config.nats_replicas,
        ..NatsOptions::new(url.expose_secret())
    };
    let mut backoff = Backoff::default();
    loop {
        match NatsQueue::connect(options.clone()).await {
            Ok(nats) => {
                figures.health.up("queue");
                return Ok((Queue::Nats(nats.clone()), Some(nats)));
            }
            Err(QueueError::Away(why)) => figures.health.down("queue", why),
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(backoff.next_delay()).await;
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

fn store_options(config: &Config) -> StoreOptions {
    StoreOptions {
        url: config.database_url.expose_secret().to_owned(),
        read_connections: config.read_connections,
        sqlite_synchronous: if config.sqlite_full_sync {
            SqliteSynchronous::Full
        } else {
            SqliteSynchronous::Normal
        },
        read_timeout: config.read_timeout,
    }
}

async fn open_store(config: &Config, figures: &Figures) -> Result<Store, StartError> {
    let options = store_options(config);
    let mut backoff = Backoff::default();
    loop {
        let opened = async {
            let store = Store::connect(&options).await?;
            if config.migrate {
                store.migrate().await?;
            }
            store.head().await?;
            Ok(store)
        };
        match opened.await {
            Ok(store) => {
                figures.health.up("database");
                return Ok(store);
            }
            Err(StoreError::Away(why)) => figures.health.down("database", why),
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(backoff.next_delay()).await;
    }
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
