//! The queue on NATS JetStream: a stream that any process may fill and one writer empties.
//!
//! | in NATS | what for |
//! |---|---|
//! | stream `{namespace}`, subject `{namespace}.frames` | the frames (`stream.rs` says how it is set up) |
//! | key `database` in bucket `{namespace}-state` | the database that owns the namespace |
//!
//! A frame goes in through the window of its publisher (`publisher.rs`, `window.rs`), comes out
//! through the reader of a consumer (`consumer.rs`) and is removed by its purger (`purge.rs`).
//! async-nats reconnects by itself, for ever; [`Link`] tells everybody here that it had to.

mod consumer;
mod publisher;
mod purge;
mod stream;
mod window;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::kv::CreateErrorKind;
use async_nats::jetstream::{self, Context, kv};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerAddr};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use tokio::sync::{Mutex, watch};
use uuid::Uuid;

use super::{Delivery, Depth, Draft, FrameId, QueueError, Ticket};

pub use consumer::NatsConsumer;
pub use publisher::NatsPublisher;

/// How long one request to JetStream may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// A silent connection is asked for a sign of life this often and is given up after the third.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// How long a depth that was read is good for.
const DEPTH_LIFETIME: Duration = Duration::from_secs(1);
/// Taking no frames for so long is a matter of health; a stream that is full for a moment is not.
const STUCK_FOR: Duration = Duration::from_secs(2);
/// What the headers of a message take beside the frame, at most (its name, and room to spare).
const HEADER_ROOM: usize = 512;

/// The key that says which database owns the namespace.
const OWNER: &str = "database";

/// How to reach NATS, and how much it may hold.
#[derive(Clone)]
pub struct NatsOptions {
    /// `nats://user:password@host:4222` or `nats://token@host`, several separated by commas: they
    /// share the first credentials given. Never printed.
    pub url: String,
    /// What streams, subjects and buckets are named after: ASCII letters, digits, `-` and `_`.
    pub namespace: String,
    /// Bytes the stream may hold. A full stream makes publishers wait.
    pub stream_bytes: u64,
    /// Copies of the stream in a cluster, 1 to 5. Taken when the stream is made.
    pub replicas: usize,
    /// Bytes of frames one publisher may have waiting for their acknowledgement.
    pub window_bytes: usize,
    /// Frames one publisher may have waiting for their acknowledgement.
    pub window_frames: usize,
    /// The size of the largest frame, in bytes. The server's `max_payload` must allow it.
    pub max_frame_bytes: usize,
}

impl NatsOptions {
    /// The usual limits: a stream of 1 GiB, one replica, a window of 32 MiB and 256 frames, frames
    /// of at most 1,000,000 bytes (a server takes messages of 1 MiB unless told otherwise).
    pub fn new(url: impl Into<String>) -> Self {
        NatsOptions {
            url: url.into(),
            namespace: "tailwater".to_owned(),
            stream_bytes: 1 << 30,
            replicas: 1,
            window_bytes: 32 << 20,
            window_frames: 256,
            max_frame_bytes: 1_000_000,
        }
    }
}

impl fmt::Debug for NatsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsOptions")
            .field("url", &"…")
            .field("namespace", &self.namespace)
            .field("stream_bytes", &self.stream_bytes)
            .field("replicas", &self.replicas)
            .field("window_bytes", &self.window_bytes)
            .field("window_frames", &self.window_frames)
            .field("max_frame_bytes", &self.max_frame_bytes)
            .finish()
    }
}

/// Whether a name can be a namespace: it becomes part of stream names and subjects.
pub fn is_namespace(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The queue in a NATS JetStream stream. Clones share the connection.
#[derive(Clone)]
pub struct NatsQueue {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    jetstream: Context,
    options: NatsOptions,
    link: watch::Receiver<Link>,
    /// Consumers made so far: each one's tickets carry its number.
    consumers: AtomicU64,
    unreadable: AtomicU64,
    depth: Mutex<Option<(Instant, Depth)>>,
    /// Since when the window of a publisher gets nothing through, and why.
    stuck: std::sync::Mutex<Option<(Instant, QueueError)>>,
}

impl fmt::Debug for NatsQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsQueue").field("options", self.options()).finish_non_exhaustive()
    }
}

/// The connection as those see it whose requests it may have swallowed. Any change means that
/// what was under way may be lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Link {
    up: bool,
    /// How often it was made.
    connects: u64,
}

impl NatsQueue {
    /// Connects, and makes or checks the stream. Once connected, the connection is made again for
    /// ever whenever it breaks.
    ///
    /// # Errors
    /// [`QueueError::Away`] when NATS or JetStream does not answer: worth trying again.
    /// [`QueueError::Unusable`] when a setting is wrong, the credentials are refused, the server
    /// takes no messages as large as a frame, or the stream is there and is not like ours.
    pub async fn connect(options: NatsOptions) -> Result<NatsQueue, QueueError> {
        if !is_namespace(&options.namespace) {
            return Err(QueueError::Unusable(format!(
                "namespace `{}`: use ASCII letters, digits, - and _, at most 64",
                options.namespace
            )));
        }
        let (client, link) = connect(&options.url).await?;
        check_payload(client.max_payload(), options.max_frame_bytes)?;
        let jetstream = ContextBuilder::new().timeout(REQUEST_TIMEOUT).build(client.clone());
        stream::ensure(&jetstream, &options).await?;
        Ok(NatsQueue {
            shared: Arc::new(Shared {
                client,
                jetstream,
                options,
                link,
                consumers: AtomicU64::new(0),
                unreadable: AtomicU64::new(0),
                depth: Mutex::new(None),
                stuck: std::sync::Mutex::new(None),
            }),
        })
    }

    /// The connection, for what needs nothing stronger than NATS core. Draining it would end the
    /// queue with frames in its windows.
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// What every subject of this installation begins with.
    pub fn namespace(&self) -> &str {
        &self.options().namespace
    }

    /// Whether the connection is there at the moment.
    pub fn is_connected(&self) -> bool {
        self.shared.client.connection_state() == State::Connected
    }

    pub(super) fn check(&self) -> Result<(), QueueError> {
        if !self.is_connected() {
            return Err(QueueError::Away("the connection is lost".to_owned()));
        }
        match &*self.stuck() {
            Some((since, why)) if since.elapsed() > STUCK_FOR => Err(why.clone()),
            Some(_) | None => Ok(()),
        }
    }

    /// A publisher tells that frames do not get through.
    fn is_stuck(&self, why: QueueError) {
        let mut stuck = self.stuck();
        let since = stuck.as_ref().map_or_else(Instant::now, |(since, _)| *since);
        *stuck = Some((since, why));
    }

    /// A publisher tells that they do.
    fn is_flowing(&self) {
        *self.stuck() = None;
    }

    fn stuck(&self) -> MutexGuard<'_, Option<(Instant, QueueError)>> {
        self.shared.stuck.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Messages that were in the stream and are no frames; they were logged and passed over.
    pub fn unreadable(&self) -> u64 {
        self.shared.unreadable.load(Ordering::Relaxed)
    }

    fn options(&self) -> &NatsOptions {
        &self.shared.options
    }

    fn jetstream(&self) -> &Context {
        &self.shared.jetstream
    }

    fn link(&self) -> watch::Receiver<Link> {
        self.shared.link.clone()
    }

    pub(super) fn publisher(&self, producer: Uuid) -> NatsPublisher {
        NatsPublisher::open(self, producer)
    }

    pub(super) async fn consume(&self) -> Result<NatsConsumer, QueueError> {
        NatsConsumer::open(self).await
    }

    pub(super) async fn claim(&self, database: Uuid) -> Result<(), QueueError> {
        let state = self.state().await?;
        match state.create(OWNER, Bytes::from(database.to_string())).await {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == CreateErrorKind::AlreadyExists => {}
            Err(error) => return Err(QueueError::Away(error.to_string())),
        }
        let claimed = state.get(OWNER).await.map_err(away)?;
        // A replica may not know yet what was refused a moment ago.
        let claimed =
            claimed.ok_or_else(|| QueueError::Away("the claim is not there yet".into()))?;
        self.check_owner(&state, &claimed, database)
    }

    pub(super) async fn disclaim(&self, database: Uuid) -> Result<(), QueueError> {
        let state = self.state().await?;
        let Some(claimed) = state.get(OWNER).await.map_err(away)? else { return Ok(()) };
        self.check_owner(&state, &claimed, database)?;
        state.delete(OWNER).await.map_err(away)
    }

    fn check_owner(
        &self,
        state: &kv::Store,
        claimed: &[u8],
        database: Uuid,
    ) -> Result<(), QueueError> {
        let owner = Uuid::try_parse_ascii(claimed).map_err(|_| {
            QueueError::Unusable(format!(
                "key `{OWNER}` of bucket `{}` in NATS is not the id of a database",
                state.name
            ))
        })?;
        if owner != database {
            let namespace = self.namespace().to_owned();
            return Err(QueueError::Foreign { namespace, owner, ours: database });
        }
        Ok(())
    }

    /// The bucket that says whose namespace this is, made if it is not there.
    async fn state(&self) -> Result<kv::Store, QueueError> {
        let bucket = format!("{}-state", self.namespace());
        if let Ok(state) = self.jetstream().get_key_value(&bucket).await {
            return Ok(state);
        }
        stream::make_bucket(self.jetstream(), &bucket, self.options().replicas).await?;
        self.jetstream().get_key_value(&bucket).await.map_err(away)
    }

    pub(super) async fn depth(&self) -> Result<Depth, QueueError> {
        let mut known = self.shared.depth.lock().await;
        if let Some((read_at, depth)) = *known
            && read_at.elapsed() < DEPTH_LIFETIME
        {
            return Ok(depth);
        }
        if !self.is_connected() {
            return Err(QueueError::Away("the connection is lost".into()));
        }
        let stream = self.jetstream().get_stream(self.namespace()).await.map_err(away)?;
        let state = &stream.cached_info().state;
        let depth = Depth { frames: state.messages, bytes: state.bytes };
        *known = Some((Instant::now(), depth));
        Ok(depth)
    }
}

/// Connects to the first server that answers, and watches the connection from then on.
async fn connect(url: &str) -> Result<(Client, watch::Receiver<Link>), QueueError> {
    let servers = url
        .split(',')
        .map(|server| server.trim().parse::<ServerAddr>())
        .collect::<Result<Vec<_>, _>>()
        // The reason would repeat the URL, and with it the password.
        .map_err(|_| QueueError::Unusable("the URL of NATS is not valid".into()))?;
    let (changed, mut link) = watch::channel(Link::default());
    let client = credentials(&servers)
        .name("tailwater")
        // What a process says on its connection is for others.
        .no_echo()
        .ping_interval(PING_INTERVAL)
        .request_timeout(Some(REQUEST_TIMEOUT))
        .event_callback(move |event| {
            match event {
                Event::Connected => changed.send_modify(|link| {
                    link.up = true;
                    link.connects += 1;
                }),
                Event::Disconnected | Event::Closed => changed.send_modify(|link| link.up = false),
                _ => {}
            }
            std::future::ready(())
        })
        .connect(servers)
        .await
        .map_err(|error| match error.kind() {
            ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                QueueError::Unusable("NATS refuses the credentials".into())
            }
            _ => away(error),
        })?;
    // Events come from a task of their own: wait for the first, so that it is not taken for a
    // second connection.
    tokio::time::timeout(REQUEST_TIMEOUT, link.wait_for(|link| link.connects > 0))
        .await
        .map_err(away)?
        .map_err(away)?;
    Ok((client, link))
}

/// The credentials of the first URL that carries any; async-nats passes over those of URLs.
fn credentials(servers: &[ServerAddr]) -> ConnectOptions {
    let decode = |word: &str| percent_decode_str(word).decode_utf8_lossy().into_owned();
    let Some(server) = servers.iter().find(|server| server.has_user_pass()) else {
        return ConnectOptions::new();
    };
    let user = decode(server.username().unwrap_or_default());
    match server.password() {
        Some(password) => ConnectOptions::with_user_and_password(user, decode(password)),
        None => ConnectOptions::with_token(user),
    }
}

fn check_payload(allowed: usize, frame: usize) -> Result<(), QueueError> {
    let needed = frame.saturating_add(HEADER_ROOM);
    if allowed >= needed {
        return Ok(());
    }
    Err(QueueError::Unusable(format!(
        "NATS takes messages of at most {allowed} bytes and a frame may need {needed}: raise \
         max_payload of the server or lower the record limit"
    )))
}

fn away(error: impl fmt::Display) -> QueueError {
    QueueError::Away(error.to_string())
}

/// What JetStream's refusal means: worth trying again, or not.
fn refused(what: &str, error: &jetstream::Error) -> QueueError {
    let why = format!("{what}: {error}");
    // 503: no leader, starting up, short of something for the moment.
    if error.code() == 503 { QueueError::Away(why) } else { QueueError::Unusable(why) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_one_word_of_a_subject() {
        for good in ["tailwater", "a", "team-1_b", &"x".repeat(64)] {
            assert!(is_namespace(good), "{good}");
        }
        for bad in ["", "a.b", "a*", ">", "a b", "ä", "a/b", &"x".repeat(65)] {
            assert!(!is_namespace(bad), "{bad}");
        }
    }

    #[test]
    fn options_do_not_print_their_url() {
        let options = NatsOptions::new("nats://me:secret@localhost");
        assert!(!format!("{options:?}").contains("secret"));
    }

    #[test]
    fn a_server_must_take_the_largest_frame_with_its_headers() {
        assert!(check_payload(1 << 20, 1_000_000).is_ok());
        assert!(matches!(check_payload(1 << 20, 1 << 20), Err(QueueError::Unusable(_))));
    }

    #[tokio::test]
    async fn a_wrong_url_is_refused_without_repeating_it() {
        let error = NatsQueue::connect(NatsOptions::new("nats://me:secret@:x")).await.unwrap_err();
        assert!(matches!(error, QueueError::Unusable(_)));
        assert!(!error.to_string().contains("secret"));
    }
}
