//! NDJSON: one JSON object a line, as `Log` has its fields.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::api::scalars::DateTime;
use crate::log::Log;

/// A record. `tailwater search --json` prints the same, without the address.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    id: Text<i64>,
    timestamp: DateTime,
    received_at: DateTime,
    severity: Option<Text<Capitals>>,
    facility: Option<Text<Capitals>>,
    host: Option<&'a str>,
    app: Option<&'a str>,
    address: Text<std::net::IpAddr>,
    proc_id: Option<&'a str>,
    msg_id: Option<&'a str>,
    message: &'a str,
    attributes: &'a RawValue,
}

/// Written as a JSON string.
struct Text<T>(T);

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The name of a severity or a facility as the schema spells it.
pub(super) struct Capitals(pub &'static str);

impl fmt::Display for Capitals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| fmt::Write::write_char(f, c.to_ascii_uppercase()))
    }
}

/// Appends the lines of these records.
///
/// # Errors
/// A record cannot be written; none does that.
pub(super) fn write(logs: &[Log], out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    for log in logs {
        let entry = &log.entry;
        let line = Line {
            id: Text(log.id),
            timestamp: DateTime(entry.timestamp),
            received_at: DateTime(entry.received_at),
            severity: entry.severity.map(|severity| Text(Capitals(severity.name()))),
            facility: entry.facility.map(|facility| Text(Capitals(facility.name()))),
            host: log.source.host.as_deref(),
            app: log.source.app.as_deref(),
            address: Text(log.source.address),
            proc_id: entry.proc_id.as_deref(),
            msg_id: entry.msg_id.as_deref(),
            message: &entry.message,
            attributes: serde_json::from_str(entry.attributes.as_json())?,
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.push(b'\n');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::file::tests::{bare, full};
    use super::*;

    #[test]
    fn a_record_is_one_line_with_the_names_of_the_schema() {
        let mut out = Vec::new();
        write(&[full(), bare()], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            r#"{"id":"7","timestamp":"2026-01-02T03:04:05.123456Z","receivedAt":"2026-01-02T03:04:06Z","severity":"ERROR","facility":"LOCAL0","host":"web-1","app":"shop","address":"192.0.2.7","procId":"42","msgId":"ID1","message":"=it \"broke\",\nbadly","attributes":{"b":1,"a":{"x":[1.50]}}}"#
        );
        assert_eq!(
            lines[1],
            r#"{"id":"8","timestamp":"1970-01-01T00:00:00Z","receivedAt":"1970-01-01T00:00:00Z","severity":null,"facility":null,"host":null,"app":null,"address":"::1","procId":null,"msgId":null,"message":"","attributes":{}}"#
        );
        assert_eq!(lines.len(), 2);
        assert!(text.ends_with('\n'));
    }
}
