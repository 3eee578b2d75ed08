//! Events as the bytes of a record, in the formats that log servers read.

use std::fmt::Write as _;
use std::io::Write as _;

use chrono::{Datelike, Timelike};
use clap::ValueEnum;
use serde::Serialize;

use crate::log::{Facility, Severity, Timestamp};

/// The structured-data element that carries attributes in RFC 5424. 32473 is the enterprise
/// number that RFC 5612 sets aside for examples.
const SD_ID: &str = "event@32473";

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Syslog with structured data (RFC 5424)
    Rfc5424,
    /// Traditional BSD syslog (RFC 3164); its time is UTC
    Rfc3164,
    /// Graylog Extended Log Format 1.1
    Gelf,
    /// One JSON object
    Json,
    /// The message alone
    Plain,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    Text(String),
    Integer(i64),
    Decimal(f64),
}

/// What happened somewhere: a log line before it has a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub severity: Severity,
    pub facility: Facility,
    /// Printable ASCII without spaces, as RFC 5424 wants it.
    pub host: String,
    /// Printable ASCII without spaces, as RFC 5424 wants it.
    pub app: String,
    pub proc_id: Option<u32>,
    pub msg_id: Option<&'static str>,
    pub message: String,
    pub attributes: Vec<(&'static str, Value)>,
}

/// Writes events in one format.
#[derive(Debug)]
pub struct Encoder {
    format: Format,
    /// The last second that was written out, and its text: most lines share it with the one before.
    second: i64,
    second_text: String,
}

impl Encoder {
    /// An encoder for a format.
    pub fn new(format: Format) -> Self {
        Encoder { format, second: i64::MIN, second_text: String::new() }
    }

    /// Appends an event that happens at `at`, with its running number if it has one.
    pub fn encode(
        &mut self,
        event: &Event,
        at: Timestamp,
        sequence: Option<u64>,
        out: &mut Vec<u8>,
    ) {
        self.know_second(at);
        // Writing to a vector does not fail, and neither do these values as JSON.
        let _ = match self.format {
            Format::Rfc5424 => self.rfc5424(event, at, sequence, out),
            Format::Rfc3164 => self.rfc3164(event, sequence, out),
            Format::Gelf => gelf(event, at, sequence, out),
            Format::Json => self.json(event, at, sequence, out),
            Format::Plain => plain(event, sequence, out),
        };
    }

    fn know_second(&mut self, at: Timestamp) {
        if self.second == at.timestamp() && !self.second_text.is_empty() {
            return;
        }
        self.second = at.timestamp();
        self.second_text.clear();
        let text = &mut self.second_text;
        let _ = if self.format == Format::Rfc3164 {
            write!(text, "{}", at.format("%b %e %H:%M:%S"))
        } else {
            let (h, m, s) = (at.hour(), at.minute(), at.second());
            write!(text, "{:04}-{:02}-{:02}T{h:02}:{m:02}:{s:02}", at.year(), at.month(), at.day())
        };
    }

    fn rfc5424(
        &self,
        event: &Event,
        at: Timestamp,
        sequence: Option<u64>,
        out: &mut Vec<u8>,
    ) -> std::io::Result<()> {
        let Event { host, app, .. } = event;
        let micros = at.timestamp_subsec_micros();
        write!(out, "<{}>1 {}.{micros:06}Z {host} {app} ", priority(event), self.second_text)?;
        match event.proc_id {
            Some(id) => write!(out, "{id} ")?,
            None => out.extend_from_slice(b"- "),
        }
        write!(out, "{} ", event.msg_id.unwrap_or("-"))?;
        if sequence.is_none() && event.attributes.is_empty() {
            out.push(b'-');
        } else {
            write!(out, "[{SD_ID}")?;
            if let Some(n) = sequence {
                write!(out, " seq=\"{n}\"")?;
            }
            for (name, value) in &event.attributes {
                write!(out, " {name}=\"")?;
                match value {
                    Value::Text(text) => escape_parameter(text, out),
                    Value::Integer(n) => write!(out, "{n}")?,
                    Value::Decimal(n) => write!(out, "{n}")?,
                }
                out.push(b'"');
            }
            out.push(b']');
        }
        out.push(b' ');
        out.extend_from_slice(event.message.as_bytes());
        Ok(())
    }

    fn rfc3164(
        &self,
        event: &Event,
        sequence: Option<u64>,
        out: &mut Vec<u8>,
    ) -> std::io::Result<()> {
        write!(out, "<{}>{} {} {}", priority(event), self.second_text, event.host, event.app)?;
        if let Some(id) = event.proc_id {
            write!(out, "[{id}]")?;
        }
        out.extend_from_slice(b": ");
        plain(event, sequence, out)
    }

    fn json(
        &self,
        event: &Event,
        at: Timestamp,
        sequence: Option<u64>,
        out: &mut Vec<u8>,
    ) -> std::io::Result<()> {
        let micros = at.timestamp_subsec_micros();
        write!(out, "{{\"timestamp\":\"{}.{micros:06}Z\"", self.second_text)?;
        write!(out, ",\"level\":\"{}\",\"host\":", event.severity)?;
        serde_json::to_writer(&mut *out, &event.host)?;
        out.extend_from_slice(b",\"app\":");
        serde_json::to_writer(&mut *out, &event.app)?;
        if let Some(id) = event.proc_id {
            write!(out, ",\"pid\":{id}")?;
        }
        out.extend_from_slice(b",\"message\":");
        serde_json::to_writer(&mut *out, &event.message)?;
        if let Some(n) = sequence {
            write!(out, ",\"seq\":{n}")?;
        }
        for (name, value) in &event.attributes {
            write!(out, ",\"{name}\":")?;
            serde_json::to_writer(&mut *out, value)?;
        }
        out.push(b'}');
        Ok(())
    }
}

fn gelf(
    event: &Event,
    at: Timestamp,
    sequence: Option<u64>,
    out: &mut Vec<u8>,
) -> std::io::Result<()> {
    out.extend_from_slice(b"{\"version\":\"1.1\",\"host\":");
    serde_json::to_writer(&mut *out, &event.host)?;
    out.extend_from_slice(b",\"short_message\":");
    serde_json::to_writer(&mut *out, &event.message)?;
    let (seconds, micros) = (at.timestamp(), at.timestamp_subsec_micros());
    write!(out, ",\"timestamp\":{seconds}.{micros:06},\"level\":{}", event.severity.code())?;
    write!(out, ",\"_facility\":\"{}\",\"_app\":", event.facility)?;
    serde_json::to_writer(&mut *out, &event.app)?;
    if let Some(id) = event.proc_id {
        write!(out, ",\"_pid\":{id}")?;
    }
    if let Some(n) = sequence {
        write!(out, ",\"_seq\":{n}")?;
    }
    for (name, value) in &event.attributes {
        write!(out, ",\"_{name}\":")?;
        serde_json::to_writer(&mut *out, value)?;
    }
    out.push(b'}');
    Ok(())
}

fn plain(event: &Event, sequence: Option<u64>, out: &mut Vec<u8>) -> std::io::Result<()> {
    out.extend_from_slice(event.message.as_bytes());
    match sequence {
        Some(n) => write!(out, " seq={n}"),
        None => Ok(()),
    }
}

/// PRI: facility × 8 + severity (RFC 5424, 6.2.1).
fn priority(event: &Event) -> u32 {
    u32::from(event.facility.code()) * 8 + u32::from(event.severity.code())
}

/// Writes a PARAM-VALUE: `"`, `\` and `]` take a backslash (RFC 5424, 6.3.3).
fn escape_parameter(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\' | b']') {
            out.push(b'\\');
        }
        out.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::timestamp_from_micros;

    fn event() -> Event {
        Event {
            severity: Severity::Error,
            facility: Facility::Local0,
            host: "web-1".into(),
            app: "checkout".into(),
            proc_id: Some(42),
            msg_id: Some("pay"),
            message: "card \"4242\" refused".into(),
            attributes: vec![
                ("user_id", Value::Integer(7)),
                ("latency_ms", Value::Decimal(1.5)),
                ("reason", Value::Text(r#"a "b" \c]"#.into())),
            ],
        }
    }

    fn encoded(format: Format, event: &Event, sequence: Option<u64>) -> String {
        // 2026-01-02 03:04:05.000678 UTC
        let at = timestamp_from_micros(1_767_323_045_000_678);
        let mut out = Vec::new();
        Encoder::new(format).encode(event, at, sequence, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rfc_5424_carries_attributes_as_structured_data() {
        assert_eq!(
            encoded(Format::Rfc5424, &event(), Some(9)),
            r#"<131>1 2026-01-02T03:04:05.000678Z web-1 checkout 42 pay [event@32473 seq="9" user_id="7" latency_ms="1.5" reason="a \"b\" \\c\]"] card "4242" refused"#
        );
        let bare = Event { proc_id: None, msg_id: None, attributes: vec![], ..event() };
        assert_eq!(
            encoded(Format::Rfc5424, &bare, None),
            r#"<131>1 2026-01-02T03:04:05.000678Z web-1 checkout - - - card "4242" refused"#
        );
    }

    #[test]
    fn rfc_3164_has_header_tag_and_text() {
        assert_eq!(
            encoded(Format::Rfc3164, &event(), None),
            r#"<131>Jan  2 03:04:05 web-1 checkout[42]: card "4242" refused"#
        );
    }

    #[test]
    fn gelf_is_json_with_underscored_fields() {
        let text = encoded(Format::Gelf, &event(), Some(1));
        assert!(text.contains(r#""timestamp":1767323045.000678,"#), "{text}");
        let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
        json.as_object_mut().unwrap().remove("timestamp");
        assert_eq!(
            json,
            serde_json::json!({
                "version": "1.1", "host": "web-1", "short_message": "card \"4242\" refused",
                "level": 3, "_facility": "local0", "_app": "checkout", "_pid": 42, "_seq": 1,
                "_user_id": 7, "_latency_ms": 1.5, "_reason": "a \"b\" \\c]",
            })
        );
    }

    #[test]
    fn json_keeps_numbers_as_numbers() {
        let json: serde_json::Value =
            serde_json::from_str(&encoded(Format::Json, &event(), Some(1))).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "timestamp": "2026-01-02T03:04:05.000678Z", "level": "error", "host": "web-1",
                "app": "checkout", "pid": 42, "message": "card \"4242\" refused", "seq": 1,
                "user_id": 7, "latency_ms": 1.5, "reason": "a \"b\" \\c]",
            })
        );
    }

    #[test]
    fn plain_is_the_message_and_its_number() {
        assert_eq!(encoded(Format::Plain, &event(), None), "card \"4242\" refused");
        assert_eq!(encoded(Format::Plain, &event(), Some(3)), "card \"4242\" refused seq=3");
    }

    #[test]
    fn the_time_moves_on_with_the_second() {
        let mut encoder = Encoder::new(Format::Rfc3164);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        encoder.encode(&event(), timestamp_from_micros(999_999), None, &mut first);
        encoder.encode(&event(), timestamp_from_micros(1_000_000), None, &mut second);
        assert!(first.starts_with(b"<131>Jan  1 00:00:00 "));
        assert!(second.starts_with(b"<131>Jan  1 00:00:01 "));
    }
}
