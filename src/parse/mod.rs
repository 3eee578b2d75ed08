//! Bytes in, a [`Record`] out, for every input: nothing is refused and no text is lost.
//!
//! The format is recognised by content. `<PRI>` makes it syslog: RFC 5424 when the version and the
//! timestamp say so, else RFC 3164. One JSON object is GELF or a line of a JSON logger. All else
//! is plain text. What looks like a header and is not one stays text.
//!
//! What Tailwater itself has to say about a record stands in its attributes, in one object under
//! the key `tailwater`. A sender's own key of that name moves into it, so neither can be taken for
//! the other:
//!
//! | key of `tailwater` | meaning |
//! |---|---|
//! | `cut` | `true`: the record was longer than the record limit; what was over is gone |
//! | `raw` | the record's original bytes in base64, because NUL or invalid UTF-8 had to be replaced by U+FFFD (a record is no longer than the record limit) |
//! | `timestamp` | the text of a header's timestamp that cannot be; the record has the receive time |
//! | `sequence` | the number Cisco devices put before their timestamp |
//! | `overflow` | JSON text of the keys past [`Limits::keys`] |
//! | `host`, `app`, `address` | who sent it, where there were too many sources for one more (`writer`) |
//! | `sender` | what the sender had under `tailwater` itself |
//!
//! Values nested deeper than [`Limits::depth`], objects with too many keys, and numbers that would
//! lose digits are kept as JSON text in a string.

mod attributes;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod gelf;
mod json;
mod level;
mod object;
mod rfc3164;
mod rfc5424;
mod scan;
mod structured_data;
mod text;
mod time;

use std::borrow::Cow;

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono_tz::Tz;

use crate::log::{Entry, Facility, RawRecord, Record, Severity, SourceKey, Timestamp};
use object::Object;
use time::Clock;

/// How records are read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The zone of timestamps that name none. UTC by default.
    pub timezone: Tz,
    /// How much structure a record may have.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Options { timezone: Tz::UTC, limits: Limits::default() }
    }
}

/// How much structure a record may have. What is past a limit is kept as text.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Levels of objects and lists in the attributes, the attributes themselves included.
    pub depth: usize,
    /// Keys in the attributes, on all levels together; parameters of structured data.
    pub keys: usize,
}

impl Default for Limits {
    /// 32 levels, 1,000 keys.
    fn default() -> Self {
        Limits { depth: 32, keys: 1_000 }
    }
}

/// Reads records. It is nothing but its options, so clones cost nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parser {
    options: Options,
}

impl Parser {
    /// A parser with these options.
    pub fn new(options: Options) -> Parser {
        Parser { options }
    }

    /// Reads a record. Every input makes one.
    pub fn parse(&self, raw: RawRecord<'_>) -> Record {
        let text = text::storable(text::trim_end(raw.bytes));
        let context = Context {
            clock: Clock { timezone: self.options.timezone, received_at: raw.received_at },
            limits: self.options.limits,
        };
        let mut parsed = detect(&text, &context);
        if raw.cut {
            parsed.attributes.note_flag("cut");
        }
        if parsed.replaced || matches!(text, Cow::Owned(_)) {
            parsed.attributes.note_text("raw", &BASE64_STANDARD.encode(raw.bytes));
        }
        parsed.into_record(&raw)
    }
}

/// What every format needs to know besides the text.
struct Context {
    clock: Clock,
    limits: Limits,
}

/// What a text says. It borrows from the text; what the text does not say is `None`.
#[derive(Default)]
struct Parsed<'a> {
    timestamp: Option<Timestamp>,
    severity: Option<Severity>,
    facility: Option<Facility>,
    host: Option<Cow<'a, str>>,
    app: Option<Cow<'a, str>>,
    proc_id: Option<Cow<'a, str>>,
    msg_id: Option<Cow<'a, str>>,
    message: Cow<'a, str>,
    attributes: attributes::Writer,
    /// JSON in the text named something that cannot be stored and was replaced.
    replaced: bool,
}

impl Parsed<'_> {
    fn into_record(self, raw: &RawRecord<'_>) -> Record {
        let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        Record {
            source: SourceKey {
                host: owned(self.host),
                app: owned(self.app),
                address: raw.peer.to_canonical(),
            },
            entry: Entry {
                timestamp: self.timestamp.unwrap_or(raw.received_at),
                received_at: raw.received_at,
                severity: self.severity,
                facility: self.facility,
                proc_id: owned(self.proc_id),
                msg_id: owned(self.msg_id),
                message: self.message.into_owned(),
                attributes: self.attributes.finish(),
            },
        }
    }
}

/// Tells the format and reads it.
fn detect<'a>(text: &'a str, context: &Context) -> Parsed<'a> {
    if let Some((facility, severity, rest)) = priority(text) {
        let mut parsed =
            rfc5424::parse(rest, context).unwrap_or_else(|| rfc3164::parse(rest, context));
        parsed.facility = Some(facility);
        parsed.severity = Some(severity);
        json::expand_message(&mut parsed, context);
        return parsed;
    }
    let plain = Parsed { message: Cow::Borrowed(text), ..Parsed::default() };
    match object(text) {
        Some(object) if gelf::is_gelf(&object) => gelf::parse(plain, object, context),
        Some(object) => json::parse(plain, object, context),
        None => {
            let mut plain = plain;
            json::expand_message(&mut plain, context);
            plain
        }
    }
}

/// The text as a JSON object, if it is exactly one.
fn object(text: &str) -> Option<Object<'_>> {
    if !text.trim_ascii_start().starts_with('{') {
        return None;
    }
    Object::read(text)
}

/// Reads `<PRI>`: one to three digits, at most 191 (RFC 5424, section 6.2.1).
fn priority(text: &str) -> Option<(Facility, Severity, &str)> {
    let rest = text.strip_prefix('<')?;
    let digits = rest.bytes().take(4).position(|b| b == b'>')?;
    let (code, rest) = rest.split_at_checked(digits)?;
    if code.is_empty() || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let code: u8 = code.parse().ok()?;
    Some((Facility::from_code(code / 8)?, Severity::from_code(code % 8)?, rest.get(1..)?))
}

#[cfg(test)]
mod tests;
