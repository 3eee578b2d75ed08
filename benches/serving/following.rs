//! Subscribers that follow the log over WebSockets, each with a socket of its own, while lines come
//! in at a rate. Each line carries the time at which it was sent, so what a subscriber reads says
//! how long it was on its way.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::load::{Load, Transport};
use crate::service::Service;
use crate::spread::Durations;
use crate::table::Row;
use crate::tailwater::Tailwater;
use crate::usage;

const QUERY: &str = "subscription { tail { logs { id timestamp severity host app message } } }";
/// How long the last line may be on its way.
const PATIENCE: Duration = Duration::from_secs(20);
/// Sockets that are opened at once.
const AT_ONCE: usize = 50;

pub async fn measure(
    name: String,
    service: &mut Tailwater,
    subscribers: usize,
    rate: u64,
    seconds: u64,
) -> Row {
    let (http, token) = (service.http(), service.fresh_token());
    let mut sockets = Vec::with_capacity(subscribers);
    while sockets.len() < subscribers {
        let count = AT_ONCE.min(subscribers - sockets.len());
        sockets.extend(join_all((0..count).map(|_| Subscriber::open(http, &token))).await);
    }
    let lines = rate * seconds;
    let roots = service.roots();
    let before = usage::read(&roots);
    let began = Instant::now();
    let load = Load {
        to: service.address(Transport::Tcp),
        transport: Transport::Tcp,
        lines,
        rate: Some(rate),
    };
    let sender = spawn_blocking(move || load.send());
    let readers = sockets.into_iter().map(|socket| tokio::spawn(socket.read(lines)));
    let read = join_all(readers).await;
    let elapsed = began.elapsed().as_secs_f64();
    sender.await.expect("the sender ends").expect("the lines can be sent");
    let used = usage::read(&roots);

    let (mut took, mut wrong, mut records) = (Durations::default(), 0, 0);
    for one in read {
        let (of_one, came, errors) = one.expect("a subscriber reads to the end");
        took.extend(of_one);
        wrong += errors;
        records += came;
    }
    let part = |now: &usage::Usage, then: &usage::Usage| {
        (now.name, (now.cpu - then.cpu).as_secs_f64() / elapsed)
    };
    let parts: Vec<_> = used.iter().zip(&before).map(|(now, then)| part(now, then)).collect();
    Row {
        name,
        rate: records as f64 / elapsed,
        p50: took.quantile(0.5),
        p99: took.quantile(0.99),
        cores: parts.iter().map(|(_, cores)| cores).sum(),
        memory: used.first().map_or(0.0, |service| service.memory as f64 / 1e6),
        parts,
        wrong,
    }
}

struct Subscriber(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Subscriber {
    /// Subscribes, and waits for the first batch, which comes at once.
    async fn open(http: SocketAddr, token: &str) -> Subscriber {
        let mut request = format!("ws://{http}/graphql").into_client_request().expect("a request");
        let protocol = "graphql-transport-ws".parse().expect("a header");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, _) = connect_async(request).await.expect("a WebSocket");
        let mut subscriber = Subscriber(socket);
        let authorization = json!({ "authorization": format!("Bearer {token}") });
        subscriber.say(json!({ "type": "connection_init", "payload": authorization })).await;
        assert!(subscriber.hear().await.contains("connection_ack"));
        let operation = json!({ "query": QUERY });
        subscriber.say(json!({ "id": "1", "type": "subscribe", "payload": operation })).await;
        let first = subscriber.hear().await;
        assert!(first.contains("\"logs\":[]"), "{first}");
        subscriber
    }

    async fn say(&mut self, message: serde_json::Value) {
        self.0.send(Message::text(message.to_string())).await.expect("the socket is open");
    }

    /// The next message of the protocol.
    async fn hear(&mut self) -> String {
        loop {
            match timeout(PATIENCE, self.0.next()).await {
                Ok(Some(Ok(Message::Text(text)))) if text.contains("\"type\":\"ping\"") => {
                    self.say(json!({ "type": "pong" })).await;
                }
                Ok(Some(Ok(Message::Text(text)))) => return text.as_str().to_owned(),
                Ok(Some(Ok(_))) => {}
                other => panic!("no message came: {other:?}"),
            }
        }
    }

    /// Reads so many lines: how long each was on its way, how many came, and how many of them were
    /// not the next.
    async fn read(mut self, lines: u64) -> (Durations, u64, u64) {
        let (mut took, mut came, mut wrong, mut last) = (Durations::default(), 0, 0, None);
        while came < lines {
            let text = self.hear().await;
            let now = Utc::now();
            for (id, sent) in records(&text) {
                took.add((now - sent).to_std().unwrap_or_default());
                wrong += u64::from(last.is_some_and(|last: u64| last + 1 != id));
                last = Some(id);
                came += 1;
            }
        }
        (took, came, wrong)
    }
}

/// The ids and times of the records in a message. What the fields hold is quoted in JSON, so these
/// names cannot stand within a message.
fn records(text: &str) -> impl Iterator<Item = (u64, DateTime<Utc>)> {
    let value = |text: &str| text.split('"').next().map(str::to_owned);
    text.split("{\"id\":\"").skip(1).filter_map(move |record| {
        let id = value(record)?.parse().ok()?;
        let (_, time) = record.split_once("\"timestamp\":\"")?;
        Some((id, value(time)?.parse().ok()?))
    })
}
