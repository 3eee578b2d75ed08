//! The parser as a whole: lines of real senders, and properties that hold for every input.

mod corpus;
mod formats;
mod json;
mod properties;
mod syslog;

use chrono_tz::Tz;
use serde_json::Value;

use super::{Options, Parser};
use crate::log::{RawRecord, Record, Transport};

/// Received on a Saturday in June 2024, from 192.0.2.1.
fn raw(bytes: &[u8]) -> RawRecord<'_> {
    RawRecord {
        bytes,
        received_at: "2024-06-15T12:00:00.5Z".parse().unwrap(),
        peer: "192.0.2.1".parse().unwrap(),
        transport: Transport::Tcp,
        cut: false,
    }
}

fn parse(line: impl AsRef<[u8]>) -> Record {
    Parser::default().parse(raw(line.as_ref()))
}

fn parse_in(timezone: Tz, line: &str) -> Record {
    Parser::new(Options { timezone, ..Options::default() }).parse(raw(line.as_bytes()))
}

/// What a test says about a record, in one line each.
trait Said {
    fn host(&self) -> &str;
    fn app(&self) -> &str;
    fn pid(&self) -> &str;
    fn msg_id(&self) -> &str;
    fn time(&self) -> String;
    fn severity(&self) -> &str;
    fn facility(&self) -> &str;
    fn attributes(&self) -> Value;
}

const NONE: &str = "-";

impl Said for Record {
    fn host(&self) -> &str {
        self.source.host.as_deref().unwrap_or(NONE)
    }

    fn app(&self) -> &str {
        self.source.app.as_deref().unwrap_or(NONE)
    }

    fn pid(&self) -> &str {
        self.entry.proc_id.as_deref().unwrap_or(NONE)
    }

    fn msg_id(&self) -> &str {
        self.entry.msg_id.as_deref().unwrap_or(NONE)
    }

    /// The timestamp, or `-` when it is the receive time.
    fn time(&self) -> String {
        if self.entry.timestamp == self.entry.received_at {
            return NONE.to_owned();
        }
        self.entry.timestamp.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
    }

    fn severity(&self) -> &str {
        self.entry.severity.map_or(NONE, |severity| severity.name())
    }

    fn facility(&self) -> &str {
        self.entry.facility.map_or(NONE, |facility| facility.name())
    }

    fn attributes(&self) -> Value {
        serde_json::from_str(self.entry.attributes.as_json()).unwrap()
    }
}
