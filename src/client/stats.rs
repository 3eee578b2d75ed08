//! `tailwater stats`: how much is stored, and where the records are, through the GraphQL API.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::numbers::{counted, grouped, size};
use super::post::{self, ask};
use super::render::make_harmless;
use super::server::ServerArgs;
use super::time::Zone;
use super::{ClientError, Outcome, quiet_when_output_closed};
use crate::log::{self, Timestamp};

const HELP: &str = "\
Needs a user who sees the whole log. What is `unsealed` is stored, and will be packed more tightly.

Examples:
  tailwater stats
  tailwater stats --json | jq .storage.bytesPerRecord

Exit codes: 0 here it is; 1 the server cannot be reached or refuses; 2 the command line is wrong.";

/// Show how much is stored, and what every node does
#[derive(Args, Clone, Debug)]
#[command(after_help = HELP)]
pub struct StatsArgs {
    /// Print the answer of the API as JSON
    #[arg(long)]
    pub json: bool,

    /// Show times in UTC
    #[arg(long)]
    pub utc: bool,

    #[command(flatten, next_help_heading = "Server")]
    pub server: ServerArgs,
}

const QUERY: &str = "query Stats { pipeline { \
    storage { records rows blocks blockRecords unsealed bytes bytesPerRecord diskBytes oldest \
    firstId lastId retentionAge retentionSize } \
    received stored inFlight unknown head lag queueDepth { frames bytes } \
    rejected { reason count } dropped { reason count } \
    nodes { name roles state startedAt received stored inFlight unknown writer \
    rejected { reason count } dropped { reason count } } } }";

#[derive(Serialize)]
struct Request {
    query: &'static str,
}

#[derive(Deserialize)]
struct Data {
    pipeline: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pipeline {
    storage: Option<Storage>,
    received: u64,
    stored: u64,
    in_flight: u64,
    unknown: bool,
    lag: u64,
    queue_depth: Option<QueueDepth>,
    rejected: Vec<Reason>,
    dropped: Vec<Reason>,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Storage {
    records: u64,
    rows: u64,
    blocks: u64,
    block_records: u64,
    unsealed: u64,
    bytes: u64,
    bytes_per_record: f64,
    disk_bytes: u64,
    oldest: Option<Timestamp>,
    first_id: Option<String>,
    last_id: Option<String>,
    retention_age: Option<u64>,
    retention_size: Option<u64>,
}

#[derive(Deserialize)]
struct QueueDepth {
    frames: u64,
    bytes: u64,
}

#[derive(Deserialize)]
struct Reason {
    reason: String,
    count: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    name: String,
    roles: Vec<String>,
    state: String,
    received: u64,
    stored: u64,
    in_flight: u64,
    unknown: bool,
    writer: bool,
    rejected: Vec<Reason>,
    dropped: Vec<Reason>,
}

/// Runs the command.
///
/// # Errors
/// [`ClientError::Failed`] when the server cannot be reached or refuses.
pub async fn run(args: StatsArgs) -> Result<Outcome, ClientError> {
    quiet_when_output_closed(stats(&args).await)
}

async fn stats(args: &StatsArgs) -> Result<Outcome, ClientError> {
    let mut server = args.server.server()?;
    let request = Request { query: QUERY };
    let data: Data = ask(&post::client()?, &mut server, &request, None).await?;
    let json = data.pipeline.ok_or_else(|| server.not_an_answer())?;
    let text = if args.json {
        format!("{json}\n")
    } else {
        let pipeline = serde_json::from_str(json.get()).map_err(|_| server.not_an_answer())?;
        human(&pipeline, Zone::new(args.utc), log::now())
    };
    io::stdout().write_all(text.as_bytes()).map_err(ClientError::output)?;
    Ok(Outcome::Done)
}

fn human(pipeline: &Pipeline, zone: Zone, now: Timestamp) -> String {
    let mut out = String::new();
    if let Some(storage) = &pipeline.storage {
        stored(storage, zone, now, &mut out);
        out.push('\n');
    }
    accounted(pipeline, &mut out);
    out.push('\n');
    for node in &pipeline.nodes {
        told(node, &mut out);
    }
    out
}

fn line(out: &mut String, name: &str, value: impl std::fmt::Display) {
    let _ = writeln!(out, "{name:<10} {value}");
}

fn stored(storage: &Storage, zone: Zone, now: Timestamp, out: &mut String) {
    let mut records = grouped(storage.records);
    if let (Some(first), Some(last)) = (&storage.first_id, &storage.last_id) {
        make_harmless(&format!(", ids {first} to {last}"), &mut records);
    }
    let sizes = format!("{}, {:.1} B a record", size(storage.bytes), storage.bytes_per_record);
    let blocks = grouped(storage.blocks);
    let oldest = storage.oldest.map_or("none".to_owned(), |oldest| {
        let age = (now - oldest).to_std().unwrap_or_default();
        format!("{}, {} ago", zone.format(oldest), span(age.as_secs()))
    });
    let kept = match (storage.retention_age, storage.retention_size) {
        (None, None) => "for ever".to_owned(),
        (Some(age), None) => span(age),
        (None, Some(bytes)) => size(bytes),
        (Some(age), Some(bytes)) => format!("{}, up to {}", span(age), size(bytes)),
    };
    line(out, "records", records);
    line(out, "blocks", format!("{blocks}, of {}", counted(storage.block_records, "record")));
    line(out, "rows", grouped(storage.rows));
    line(out, "unsealed", grouped(storage.unsealed));
    line(out, "size", sizes);
    line(out, "disk", size(storage.disk_bytes));
    line(out, "oldest", oldest);
    line(out, "kept", kept);
}

fn accounted(pipeline: &Pipeline, out: &mut String) {
    line(out, "received", grouped(pipeline.received));
    line(out, "stored", grouped(pipeline.stored));
    line(out, "rejected", reasons(&pipeline.rejected));
    line(out, "dropped", reasons(&pipeline.dropped));
    let unknown = if pipeline.unknown { ", and what a lost node held" } else { "" };
    line(out, "in flight", format!("{}{unknown}", grouped(pipeline.in_flight)));
    if let Some(QueueDepth { frames, bytes }) = pipeline.queue_depth {
        line(out, "queue", format!("{}, {}", counted(frames, "frame"), size(bytes)));
    }
    line(out, "lag", grouped(pipeline.lag));
}

fn told(node: &Node, out: &mut String) {
    let mut name = String::new();
    make_harmless(&node.name, &mut name);
    let words = |texts: &[String]| texts.join(" ").to_lowercase();
    let mut said = vec![words(&node.roles), node.state.to_lowercase()];
    if node.writer {
        said.push("writer".to_owned());
    }
    said.push(format!("received {}", grouped(node.received)));
    said.push(format!("stored {}", grouped(node.stored)));
    for (name, some) in [("rejected", &node.rejected), ("dropped", &node.dropped)] {
        if !some.is_empty() {
            said.push(format!("{name} {}", reasons(some)));
        }
    }
    let unknown = if node.unknown { " or more" } else { "" };
    said.push(format!("in flight {}{unknown}", grouped(node.in_flight)));
    line(out, "node", format!("{name}: {}", said.join(", ")));
}

fn reasons(reasons: &[Reason]) -> String {
    let sum = reasons.iter().fold(0, |sum: u64, reason| sum.saturating_add(reason.count));
    let mut text = grouped(sum);
    for (n, Reason { reason, count }) in reasons.iter().enumerate() {
        text.push_str(if n == 0 { " (" } else { ", " });
        make_harmless(reason, &mut text);
        let _ = write!(text, " {}", grouped(*count));
    }
    if !reasons.is_empty() {
        text.push(')');
    }
    text
}

/// A span of time in its largest unit.
fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (length, name) =
        UNITS.into_iter().find(|(length, _)| seconds >= 2 * length).unwrap_or((1, "second"));
    counted(seconds / length, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipeline() -> Pipeline {
        serde_json::from_value(serde_json::json!({
            "storage": {
                "records": 1_000_000, "rows": 12_345, "blocks": 61, "blockRecords": 987_655,
                "unsealed": 12_345, "bytes": 52_000_000, "bytesPerRecord": 52.0,
                "diskBytes": 61_000_000, "oldest": "2026-01-02T03:04:05Z", "firstId": "1",
                "lastId": "1000000", "retentionAge": 2_592_000, "retentionSize": null,
            },
            "received": 1_000_007, "stored": 1_000_000, "inFlight": 3, "unknown": false,
            "head": 1_000_000, "lag": 0, "queueDepth": null,
            "rejected": [{ "reason": "empty", "count": 4 }], "dropped": [],
            "nodes": [{
                "name": "a:1\u{1b}", "roles": ["INGEST", "WORKER"], "state": "UP",
                "startedAt": "2026-01-02T03:04:05Z", "received": 1_000_007, "stored": 1_000_000,
                "inFlight": 3, "unknown": false, "writer": true,
                "rejected": [{ "reason": "empty", "count": 4 }], "dropped": [],
            }],
        }))
        .unwrap()
    }

    #[test]
    fn it_is_told_in_short() {
        let now = "2026-01-14T03:04:05Z".parse().unwrap();
        let expected = "\
records    1,000,000, ids 1 to 1000000
blocks     61, of 987,655 records
rows       12,345
unsealed   12,345
size       50 MiB, 52.0 B a record
disk       58 MiB
oldest     2026-01-02 03:04:05.000, 12 days ago
kept       30 days

received   1,000,007
stored     1,000,000
rejected   4 (empty 4)
dropped    0
in flight  3
lag        0

node       a:1\\u{1b}: ingest worker, up, writer, received 1,000,007, stored 1,000,000, rejected 4 (empty 4), in flight 3
";
        assert_eq!(human(&pipeline(), Zone::Utc, now), expected);
    }

    #[test]
    fn spans_take_the_unit_that_fits() {
        for (seconds, text) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_200, "2 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}
