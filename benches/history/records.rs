//! Made-up records: 300 templates of messages (141 bytes on average), a third of them with
//! attributes, from a dozen services on 200 hosts. The same number always gives the same record.

use std::fmt::Write;
use std::net::IpAddr;
use std::sync::Arc;

use tailwater::log::{
    Attributes, Entry, Facility, Severity, SourceKey, Timestamp, timestamp_from_micros,
};
use tailwater::store::Resolved;
use uuid::Uuid;

const HOSTS: u64 = 200;
const APPS: [&str; 12] = [
    "nginx", "sshd", "kernel", "postgres", "cron", "gateway", "billing", "auth", "worker", "redis",
    "haproxy", "kubelet",
];
/// Info four times as frequent as the others.
const SEVERITIES: [u8; 8] = [6, 6, 6, 6, 5, 4, 3, 7];
const TEMPLATES: u64 = 300;
/// Words that messages are made of.
const WORDS: [&str; 48] = [
    "request",
    "completed",
    "connection",
    "closed",
    "session",
    "opened",
    "user",
    "account",
    "timeout",
    "waiting",
    "upstream",
    "backend",
    "retry",
    "scheduled",
    "queue",
    "drained",
    "worker",
    "started",
    "stopped",
    "cache",
    "refreshed",
    "entry",
    "expired",
    "certificate",
    "renewed",
    "transaction",
    "committed",
    "rolled",
    "replica",
    "lagging",
    "checkpoint",
    "written",
    "segment",
    "archived",
    "index",
    "rebuilt",
    "payment",
    "accepted",
    "order",
    "shipped",
    "message",
    "published",
    "consumer",
    "paused",
    "resumed",
    "health",
    "passed",
    "failed",
];

/// Common words in an order that no record has.
pub const SHUFFLED: &str = "completed request failed";
/// A word that many records hold.
pub const COMMON: &str = "timeout";
/// What one record holds.
pub const NEEDLE: &str = "quizzical zeppelin";
/// Records from one to the next, on average, in microseconds: 200 a second.
const STEP_MICROS: u64 = 5_000;
/// 2026-01-02T00:00:00Z
const FIRST_MICROS: i64 = 1_767_312_000_000_000;

/// A source by its number.
pub struct Sources(Vec<Arc<SourceKey>>);

impl Sources {
    pub fn new() -> Self {
        let key = |number: u64| SourceKey {
            host: Some(host(number % HOSTS)),
            app: Some(APPS[(number / HOSTS) as usize].to_owned()),
            address: IpAddr::from([10, 0, 0, (number % HOSTS) as u8]),
        };
        Sources((0..HOSTS * APPS.len() as u64).map(|number| Arc::new(key(number))).collect())
    }

    /// Every source with its id.
    pub fn all(&self) -> impl Iterator<Item = (i32, &Arc<SourceKey>)> {
        (1..).zip(&self.0)
    }
}

/// The name of a host.
pub fn host(number: u64) -> String {
    format!("host-{number:03}.example.org")
}

/// When a record was sent.
pub fn time(number: u64) -> Timestamp {
    timestamp_from_micros(FIRST_MICROS + micros(number) as i64)
}

/// Microseconds in which so many records were sent.
pub fn micros(count: u64) -> u64 {
    count * STEP_MICROS
}

/// The record of a number, of `count` in all; the one in the middle holds [`NEEDLE`].
pub fn record(sources: &Sources, number: u64, count: u64) -> Resolved {
    let mut dice = Dice(number);
    let template = dice.below(TEMPLATES);
    let app = template % APPS.len() as u64;
    let source = (app * HOSTS + dice.below(HOSTS)) as usize;
    let mut message = message(template, &mut dice);
    if number == count / 2 {
        message.push_str(NEEDLE);
    }
    let attributes =
        if template.is_multiple_of(3) { attributes(&mut dice) } else { Attributes::EMPTY };
    let sent = time(number) + chrono::Duration::microseconds(dice.below(STEP_MICROS) as i64);
    Resolved {
        source_id: source as i32 + 1,
        source: Arc::clone(&sources.0[source]),
        producer: Uuid::nil(),
        entry: Entry {
            timestamp: sent,
            received_at: sent + chrono::Duration::microseconds(dice.below(2_000) as i64),
            severity: Severity::from_code(SEVERITIES[template as usize % 8]),
            facility: Facility::from_code(16),
            proc_id: Some((1_000 + dice.below(9_000)).to_string()),
            msg_id: Some(format!("ID{}", template % 64)),
            message,
            attributes,
        },
    }
}

/// Five to seven words of the template, with values of the record between them.
fn message(template: u64, dice: &mut Dice) -> String {
    let mut words = Dice(template << 32);
    let mut text = String::with_capacity(160);
    for place in 0..5 + words.below(3) {
        // One after another, so that no template holds the shuffled phrase.
        let word = WORDS[(words.below(8) * 6 + place % 6) as usize];
        // Writing to a string does not fail.
        let _ = match words.below(14) {
            0 | 1 => write!(text, "{word} id={} ", dice.below(1_000_000)),
            2 | 3 => write!(text, "{word} from 10.{}.{}.7 ", dice.below(4), dice.below(256)),
            4 | 5 => write!(text, "{word} after {} ms ", dice.below(2_000)),
            6 => write!(text, "{word} trace={:016x} ", dice.roll()),
            7 | 8 => write!(text, "{word} /api/v2/orders/{}/items ", dice.below(50_000)),
            9 | 10 => write!(text, "{word} user=u{} ", dice.below(30_000)),
            _ => write!(text, "{word} state=done "),
        };
    }
    text
}

fn attributes(dice: &mut Dice) -> Attributes {
    Attributes::from_json_text(format!(
        r#"{{"trace_id":"{:016x}","user":{{"id":{},"plan":"team"}},"latency_ms":{}}}"#,
        dice.roll(),
        dice.below(100_000),
        dice.below(3_000),
    ))
}

/// SplitMix64: numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }
}
