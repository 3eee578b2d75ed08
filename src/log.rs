//! The words of the domain: what a log record is, before and after it is stored.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

/// An instant in UTC, kept to the microsecond (the precision of Postgres).
pub type Timestamp = DateTime<Utc>;

/// The instant that lies `micros` microseconds after the Unix epoch, clamped to what a
/// [`Timestamp`] can express.
pub fn timestamp_from_micros(micros: i64) -> Timestamp {
    DateTime::from_timestamp_micros(micros).unwrap_or(if micros < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

/// This instant, cut to the microsecond.
pub fn now() -> Timestamp {
    timestamp_from_micros(Utc::now().timestamp_micros())
}

/// Syslog severity (RFC 5424, table 2). The numerically smallest is the most severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Severity {
    Emergency = 0,
    Alert,
    Critical,
    Error,
    Warning,
    Notice,
    Info,
    Debug,
}

impl Severity {
    /// Every severity, most severe first: the index is the code.
    pub const ALL: [Severity; 8] = [
        Severity::Emergency,
        Severity::Alert,
        Severity::Critical,
        Severity::Error,
        Severity::Warning,
        Severity::Notice,
        Severity::Info,
        Severity::Debug,
    ];

    /// The severity of a numerical code, 0 to 7.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The numerical code, 0 (emergency) to 7 (debug).
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The full lower-case name, for example `warning`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Emergency => "emergency",
            Severity::Alert => "alert",
            Severity::Critical => "critical",
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
            Severity::Info => "info",
            Severity::Debug => "debug",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The word is not the name of what was looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{word}`")]
pub struct UnknownName {
    /// What was looked for: `severity` or `facility`.
    pub what: &'static str,
    /// The word that was given.
    pub word: String,
}

impl FromStr for Severity {
    type Err = UnknownName;

    /// Reads a name in any case (`warning`), a usual alias (`warn`, `err`, `crit`, `emerg`,
    /// `panic`, `fatal`, `informational`, `trace`) or a code (`4`).
    fn from_str(word: &str) -> Result<Self, UnknownName> {
        let lower = word.to_ascii_lowercase();
        Ok(match lower.as_str() {
            "0" | "emergency" | "emerg" | "panic" => Severity::Emergency,
            "1" | "alert" => Severity::Alert,
            "2" | "critical" | "crit" | "fatal" => Severity::Critical,
            "3" | "error" | "err" | "eror" => Severity::Error,
            "4" | "warning" | "warn" => Severity::Warning,
            "5" | "notice" => Severity::Notice,
            "6" | "info" | "information" | "informational" => Severity::Info,
            "7" | "debug" | "trace" | "verbose" => Severity::Debug,
            _ => return Err(UnknownName { what: "severity", word: word.to_owned() }),
        })
    }
}

/// Syslog facility (RFC 5424, table 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Facility {
    Kern = 0,
    User,
    Mail,
    Daemon,
    Auth,
    Syslog,
    Lpr,
    News,
    Uucp,
    Cron,
    Authpriv,
    Ftp,
    Ntp,
    Audit,
    Alert,
    Clock,
    Local0,
    Local1,
    Local2,
    Local3,
    Local4,
    Local5,
    Local6,
    Local7,
}

impl Facility {
    /// Every facility: the index is the code.
    pub const ALL: [Facility; 24] = [
        Facility::Kern,
        Facility::User,
        Facility::Mail,
        Facility::Daemon,
        Facility::Auth,
        Facility::Syslog,
        Facility::Lpr,
        Facility::News,
        Facility::Uucp,
        Facility::Cron,
        Facility::Authpriv,
        Facility::Ftp,
        Facility::Ntp,
        Facility::Audit,
        Facility::Alert,
        Facility::Clock,
        Facility::Local0,
        Facility::Local1,
        Facility::Local2,
        Facility::Local3,
        Facility::Local4,
        Facility::Local5,
        Facility::Local6,
        Facility::Local7,
    ];

    const NAMES: [&'static str; 24] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
        "authpriv", "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2",
        "local3", "local4", "local5", "local6", "local7",
    ];

    /// The facility of a numerical code, 0 to 23.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The numerical code, 0 (kern) to 23 (local7).
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The lower-case keyword, for example `local0`.
    pub fn name(self) -> &'static str {
        Self::NAMES[usize::from(self.code())]
    }
}

impl fmt::Display for Facility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Facility {
    type Err = UnknownName;

    /// Reads a keyword in any case (`local0`) or a code (`16`).
    fn from_str(word: &str) -> Result<Self, UnknownName> {
        let lower = word.to_ascii_lowercase();
        Self::NAMES
            .iter()
            .position(|name| *name == lower)
            .or_else(|| lower.parse::<usize>().ok())
            .and_then(|code| Self::ALL.get(code).copied())
            .ok_or_else(|| UnknownName { what: "facility", word: word.to_owned() })
    }
}

/// What a record says beyond its named fields: one JSON object, kept as compact JSON text, for
/// that is how both databases and the wire take it. Text and keys hold no NUL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes(String);

impl Attributes {
    /// No attributes: the object `{}`.
    pub const EMPTY: Attributes = Attributes(String::new());

    /// The key of the object that holds what Tailwater itself has to say about a record. A
    /// sender's own key of that name is moved into it.
    pub const OWN_KEY: &str = "tailwater";

    /// Takes a map of attributes.
    pub fn from_map(map: &serde_json::Map<String, serde_json::Value>) -> Self {
        if map.is_empty() {
            return Self::EMPTY;
        }
        // A map of strings to JSON values always serializes; an empty object is the safe answer.
        Attributes(serde_json::to_string(map).unwrap_or_default())
    }

    /// Takes text that is known to be one valid JSON object (made by our own parser or read back
    /// from the store). `{}` and the empty string both mean no attributes.
    pub fn from_json_text(text: String) -> Self {
        if text == "{}" { Self::EMPTY } else { Attributes(text) }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds texts to what Tailwater itself has to say, under [`Attributes::OWN_KEY`]. Not for the
    /// many: the object is read and written again.
    pub fn note(&mut self, notes: impl IntoIterator<Item = (&'static str, String)>) {
        type Object = BTreeMap<String, Box<RawValue>>;
        let mut all: Object = serde_json::from_str(self.as_json()).unwrap_or_default();
        let own = all.get(Self::OWN_KEY).and_then(|own| serde_json::from_str(own.get()).ok());
        let mut own: Object = own.unwrap_or_default();
        for (name, text) in notes {
            // Text always becomes JSON, and so does an object of JSON.
            own.extend(to_raw_value(&text).map(|text| (name.to_owned(), text)));
        }
        all.extend(to_raw_value(&own).map(|own| (Self::OWN_KEY.to_owned(), own)));
        self.0 = serde_json::to_string(&all).unwrap_or_default();
    }

    /// The JSON object as text; `{}` when there are none.
    pub fn as_json(&self) -> &str {
        if self.0.is_empty() { "{}" } else { &self.0 }
    }

    /// The JSON object as a map. Text that is not an object gives an empty map.
    pub fn to_map(&self) -> serde_json::Map<String, serde_json::Value> {
        serde_json::from_str(self.as_json()).unwrap_or_default()
    }
}

/// Who sent a record, as far as it says: the key of a row in `source`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceKey {
    /// HOSTNAME of the record, null when it names none.
    pub host: Option<String>,
    /// APP-NAME (RFC 5424) or TAG (RFC 3164), null when it names none.
    pub app: Option<String>,
    /// Address of the peer that sent it, without port; IPv4-mapped addresses as IPv4.
    pub address: IpAddr,
}

/// What a record says, apart from who sent it and where it stands in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The sender's time; the time of receipt when the record names none that can be.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub timestamp: Timestamp,
    /// When the record came off the socket.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub received_at: Timestamp,
    /// Null when the record carries no PRI or level.
    pub severity: Option<Severity>,
    /// Null when the record carries no PRI or facility.
    pub facility: Option<Facility>,
    /// PROCID (RFC 5424), often a process id.
    pub proc_id: Option<String>,
    /// MSGID (RFC 5424): the type of message.
    pub msg_id: Option<String>,
    /// The text. Valid UTF-8 without NUL.
    pub message: String,
    /// Structured data, JSON fields, and what parsing wants to keep.
    pub attributes: Attributes,
}

impl Entry {
    /// The bytes of its text: message, attributes and the short fields.
    pub fn text_size(&self) -> usize {
        let short = |field: &Option<String>| field.as_ref().map_or(0, String::len);
        self.message.len()
            + self.attributes.as_json().len()
            + short(&self.proc_id)
            + short(&self.msg_id)
    }
}

/// A parsed record that has no place in the log yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub source: SourceKey,
    pub entry: Entry,
}

/// A record of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// Its position: contiguous, in commit order, from 1.
    pub id: i64,
    /// The id of its row in `source`.
    pub source_id: i32,
    /// Who sent it.
    pub source: Arc<SourceKey>,
    pub entry: Entry,
}

impl Log {
    /// About how much memory the record takes, in bytes.
    pub fn size(&self) -> usize {
        size_of::<Log>() + self.entry.text_size()
    }
}

/// How a record reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Transport {
    Udp = 0,
    Tcp = 1,
    Tls = 2,
}

/// One record as it came off a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawRecord<'a> {
    /// The bytes of the record without its framing.
    pub bytes: &'a [u8],
    /// When it was read.
    pub received_at: Timestamp,
    /// The sender's address; IPv4-mapped addresses as IPv4.
    pub peer: IpAddr,
    pub transport: Transport,
    /// It was longer than the record limit, and what was over is gone.
    pub cut: bool,
}
