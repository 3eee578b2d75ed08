//! What holds for every record, whatever its bytes: both databases take it, and no word of it is
//! lost. Asked by the properties beside this file and by the fuzz targets.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;

use super::{Limits, Parser};
use crate::log::{RawRecord, Record, Timestamp, Transport};

/// Any record, of a format that its bytes tell.
pub fn record(bytes: &[u8]) {
    let record = Parser::default().parse(RawRecord {
        bytes,
        received_at: Timestamp::UNIX_EPOCH,
        peer: [192, 0, 2, 1].into(),
        transport: Transport::Tcp,
        cut: false,
    });
    assert_storable(&record);
    assert_nothing_lost(bytes, &record);
}

/// What follows the version of RFC 5424.
pub fn rfc5424(bytes: &[u8]) {
    record(&[b"<13>1 ", bytes].concat());
}

/// What follows a priority.
pub fn rfc3164(bytes: &[u8]) {
    record(&[b"<13>", bytes].concat());
}

/// What follows the first fields of a GELF message.
pub fn gelf(bytes: &[u8]) {
    record(&[br#"{"version":"1.1","host":"h","short_message":"m","#, bytes].concat());
}

/// What follows the bracket that begins a JSON object.
pub fn json(bytes: &[u8]) {
    record(&[b"{", bytes].concat());
}

/// Words that a header or a JSON line may turn into something else: keys of found fields, levels,
/// names of facilities.
const TURNED: &[&str] = &[
    "timestamp",
    "datetime",
    "asctime",
    "instant",
    "epochsecond",
    "nanoofsecond",
    "timemillis",
    "realtime",
    "source",
    "container",
    "severitytext",
    "level",
    "severity",
    "levelname",
    "loglevel",
    "priority",
    "message",
    "event",
    "short",
    "hostname",
    "machinename",
    "service",
    "application",
    "appname",
    "servicename",
    "program",
    "syslog",
    "identifier",
    "facility",
    "version",
    "information",
    "informational",
    "error",
    "warning",
    "debug",
    "notice",
    "alert",
    "critical",
    "emergency",
    "emerg",
    "daemon",
    "authpriv",
    "audit",
    "clock",
    "local",
];

/// Runs of at least five ASCII letters, in lower case; escapes of JSON and of structured data
/// are gaps.
fn words(text: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            let escaped = chars.next();
            plain.push(' ');
            if escaped == Some('u') {
                chars.by_ref().take(4).for_each(drop);
            }
        } else {
            plain.push(c.to_ascii_lowercase());
        }
    }
    let runs = plain.split(|c: char| !c.is_ascii_alphabetic());
    runs.filter(|word| word.len() >= 5 && !TURNED.contains(word)).map(str::to_owned).collect()
}

/// The names of the record: host, app, process id, message id.
fn names(record: &Record) -> impl Iterator<Item = &str> {
    let (source, entry) = (&record.source, &record.entry);
    [&source.host, &source.app, &entry.proc_id, &entry.msg_id]
        .into_iter()
        .flatten()
        .map(|name| &**name)
}

/// Everything that the record says, in lower case.
pub(super) fn said(record: &Record) -> String {
    let entry = &record.entry;
    let texts = [&*entry.message, entry.attributes.as_json()];
    names(record).chain(texts).collect::<Vec<_>>().join("\n").to_ascii_lowercase()
}

fn attributes(record: &Record) -> Value {
    serde_json::from_str(record.entry.attributes.as_json()).expect("attributes are JSON")
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Both databases take it: text without NUL, attributes that are one object within the limits,
/// names that fit an index.
pub(super) fn assert_storable(record: &Record) {
    let entry = &record.entry;
    let attributes = attributes(record);
    assert!(attributes.is_object());
    // Lists of a repeated key and Tailwater's own object may add a level each.
    assert!(depth(&attributes) <= Limits::default().depth + 2);
    assert!(!attributes.to_string().contains("\\u0000"));
    assert!(names(record).chain([&*entry.message]).all(|text| !text.contains('\0')));
    assert!(names(record).all(|name| (1..=255).contains(&name.len())));
    assert_eq!(entry.timestamp.timestamp_subsec_nanos() % 1_000, 0);
}

/// No word of the input is lost, and where bytes were replaced all of them are kept.
fn assert_nothing_lost(bytes: &[u8], record: &Record) {
    let text = String::from_utf8_lossy(bytes);
    let said = said(record);
    for word in words(&text.replace('\0', "\u{FFFD}")) {
        assert!(said.contains(&word), "{word:?} of {text:?} is lost: {record:?}");
    }
    let trimmed = text.trim_end_matches(['\0', '\r', '\n']);
    if std::str::from_utf8(bytes).is_err() || trimmed.contains('\0') {
        let raw = &attributes(record)["tailwater"]["raw"];
        assert_eq!(BASE64_STANDARD.decode(raw.as_str().expect("base64")).as_deref(), Ok(bytes));
    }
}
