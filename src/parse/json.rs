//! JSON lines: the time, level, message, host and app of a record, found under the keys that real
//! loggers use. Every other key becomes an attribute.
//!
//! A JSON object that is the message of a syslog record (or follows `@cee:` in it) is read the
//! same way: what the header says stays, what it does not say is filled in, the text under the
//! loggers' message key becomes the message, and all else becomes attributes. Without such a
//! key the JSON text itself is the message.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::level::{Level, level};
use super::object::{Copier, Object, Text, string};
use super::time::{at_micros, epoch};
use super::{Context, Parsed, text};
use crate::log::{Facility, Severity};

/// What a key may stand for.
#[derive(Clone, Copy)]
enum Role {
    Time,
    Level,
    Message,
    Host,
    App,
    Process,
    Facility,
}

/// The role of a key, and its rank among the keys of that role: where a line has several, the one
/// with the lowest rank whose value makes sense is it. Keys of nested objects (`log.level` of
/// ECS) are written with a dot, as loggers write them flat.
fn role(key: &str) -> Option<(Role, u8)> {
    Some(match key {
        "@timestamp" => (Role::Time, 0),
        "timestamp" => (Role::Time, 1),
        "time" => (Role::Time, 2),
        "ts" => (Role::Time, 3),
        "@t" => (Role::Time, 4),
        "instant" | "timeMillis" => (Role::Time, 5),
        "datetime" | "date" | "asctime" => (Role::Time, 6),
        "_SOURCE_REALTIME_TIMESTAMP" => (Role::Time, 7),
        "__REALTIME_TIMESTAMP" => (Role::Time, 8),
        "time_iso8601" | "msec" | "time_local" => (Role::Time, 9),
        "t.$date" => (Role::Time, 10),

        "level" => (Role::Level, 0),
        "log.level" => (Role::Level, 1),
        "severity" => (Role::Level, 2),
        "@l" => (Role::Level, 3),
        "levelname" | "level_name" | "loglevel" | "logLevel" | "log_level" => (Role::Level, 4),
        "lvl" => (Role::Level, 5),
        "severity_text" | "severityText" => (Role::Level, 6),
        "PRIORITY" => (Role::Level, 7),

        "message" => (Role::Message, 0),
        "msg" => (Role::Message, 1),
        "MESSAGE" => (Role::Message, 2),
        "@m" => (Role::Message, 3),
        "@mt" => (Role::Message, 4),
        "short_message" => (Role::Message, 5),
        "log" => (Role::Message, 6),
        "event" => (Role::Message, 7),
        "body" => (Role::Message, 8),

        "hostname" => (Role::Host, 0),
        "host.name" => (Role::Host, 1),
        "host.hostname" => (Role::Host, 2),
        "host" => (Role::Host, 3),
        "_HOSTNAME" => (Role::Host, 4),
        "MachineName" => (Role::Host, 5),

        "app" => (Role::App, 0),
        "service.name" => (Role::App, 1),
        "service" | "service_name" | "serviceName" => (Role::App, 2),
        "app_name" | "appname" | "appName" | "application" | "Application" => (Role::App, 3),
        "program" => (Role::App, 4),
        "SYSLOG_IDENTIFIER" => (Role::App, 5),
        "_COMM" => (Role::App, 6),

        "pid" => (Role::Process, 0),
        "process.pid" => (Role::Process, 1),
        "SYSLOG_PID" => (Role::Process, 2),
        "_PID" => (Role::Process, 3),

        "facility" => (Role::Facility, 0),
        "SYSLOG_FACILITY" => (Role::Facility, 1),
        _ => return None,
    })
}

/// The best value found for a role so far.
struct Best<T> {
    rank: u8,
    /// The field that holds it. `None`: it lies deeper, and its object stays an attribute.
    field: Option<usize>,
    value: T,
}

/// Keeps the candidate when it ranks before the best one so far and its value makes sense.
fn offer<T>(
    best: &mut Option<Best<T>>,
    rank: u8,
    field: Option<usize>,
    value: impl FnOnce() -> Option<T>,
) {
    if best.as_ref().is_some_and(|best| best.rank <= rank) {
        return;
    }
    if let Some(value) = value() {
        *best = Some(Best { rank, field, value });
    }
}

/// What was found for each role.
#[derive(Default)]
struct Found<'a> {
    time: Option<Best<crate::log::Timestamp>>,
    level: Option<Best<Level>>,
    message: Option<Best<Text<'a>>>,
    host: Option<Best<Text<'a>>>,
    app: Option<Best<Text<'a>>>,
    process: Option<Best<Text<'a>>>,
    facility: Option<Best<Facility>>,
}

impl<'a> Found<'a> {
    fn search(object: &Object<'a>, context: &Context) -> Self {
        let mut found = Found::default();
        for (at, field) in object.fields.iter().enumerate() {
            let key = &*field.key.text;
            if let Some((role, rank)) = role(key) {
                found.consider(role, rank, Some(at), field.value, context);
            }
            if !matches!(key, "log" | "host" | "service" | "process" | "t") {
                continue;
            }
            let Some(nested) = Object::read(field.value.get()) else {
                continue;
            };
            for inner in &nested.fields {
                if let Some((role, rank)) = role(&format!("{key}.{}", inner.key.text)) {
                    found.consider(role, rank, None, inner.value, context);
                }
            }
        }
        // bunyan and pino name the logger `name`; elsewhere `name` may be anything.
        if found.app.is_none() && found.host.is_some() && found.process.is_some() {
            let numeric = |value: &RawValue| value.get().parse::<u32>().is_ok();
            if object.get("level").is_some_and(numeric) {
                let at = object.fields.iter().position(|field| field.key.text == "name");
                let value = at.and_then(|at| object.fields.get(at));
                offer(&mut found.app, 0, at, || name(value?.value));
            }
        }
        found
    }

    fn consider(
        &mut self,
        role: Role,
        rank: u8,
        field: Option<usize>,
        value: &'a RawValue,
        context: &Context,
    ) {
        match role {
            Role::Time => offer(&mut self.time, rank, field, || time(value, context)),
            Role::Level => offer(&mut self.level, rank, field, || level(&scalar(value)?.text)),
            Role::Message => offer(&mut self.message, rank, field, || message(value)),
            Role::Host => offer(&mut self.host, rank, field, || name(value)),
            Role::App => offer(&mut self.app, rank, field, || name(value)),
            Role::Process => offer(&mut self.process, rank, field, || {
                scalar(value).filter(|text| text::is_name(&text.text))
            }),
            Role::Facility => {
                offer(&mut self.facility, rank, field, || scalar(value)?.text.parse().ok());
            }
        }
    }
}

/// Reads a JSON line. `parsed` has the whole text as its message.
pub(super) fn parse<'a>(
    mut parsed: Parsed<'a>,
    object: Object<'a>,
    context: &Context,
) -> Parsed<'a> {
    fill(&mut parsed, object, context);
    parsed
}

/// Reads the message, where it is one JSON object or `@cee:` and one. It stays as it is when a key
/// of it is already among the attributes.
pub(super) fn expand_message(parsed: &mut Parsed<'_>, context: &Context) {
    let Cow::Borrowed(message) = parsed.message else {
        return;
    };
    let message = message.trim_ascii_start();
    let Some(object) = super::object(message.strip_prefix("@cee:").unwrap_or(message)) else {
        return;
    };
    let written = parsed.attributes.keys();
    if object.fields.iter().any(|field| written.contains(&*field.key.text)) {
        return;
    }
    fill(parsed, object, context);
}

/// Fills in what the record does not say yet, and takes the rest as attributes.
fn fill<'a>(parsed: &mut Parsed<'a>, mut object: Object<'a>, context: &Context) {
    let found = Found::search(&object, context);
    let mut take = |field: Option<usize>| {
        if let Some(field) = field.and_then(|at| object.fields.get_mut(at)) {
            field.taken = true;
        }
    };
    if let (None, Some(best)) = (parsed.timestamp, found.time) {
        take(best.field);
        parsed.timestamp = Some(best.value);
    }
    if let (None, Some(best)) = (parsed.severity, &found.level) {
        parsed.severity = Some(best.value.severity);
        if best.value.exact {
            take(best.field);
        }
    }
    if let (None, Some(best)) = (parsed.facility, found.facility) {
        take(best.field);
        parsed.facility = Some(best.value);
    }
    let mut replaced = false;
    let mut text = |best: Best<Text<'a>>| {
        replaced |= best.value.replaced;
        take(best.field);
        best.value.text
    };
    if let Some(best) = found.message {
        parsed.message = text(best);
    }
    if let (None, Some(best)) = (&parsed.host, found.host) {
        parsed.host = Some(text(best));
    }
    if let (None, Some(best)) = (&parsed.app, found.app) {
        parsed.app = Some(text(best));
    }
    // The process id stays an attribute, too: people look for `pid` as their logger names it.
    if let (None, Some(best)) = (&parsed.proc_id, found.process) {
        parsed.proc_id = Some(text(Best { field: None, ..best }));
    }
    // Serilog's compact format leaves the level out when it is Information.
    let clef = || object.get("@t").is_some() && object.get("@l").is_none();
    if parsed.severity.is_none() && found.level.is_none() && clef() {
        parsed.severity = Some(Severity::Info);
    }
    let mut copier = Copier::new(&context.limits);
    copier.attributes(&object.fields, &mut parsed.attributes);
    parsed.replaced |= replaced || copier.replaced;
}

/// The text of a string or number.
pub(super) fn scalar(value: &RawValue) -> Option<Text<'_>> {
    let raw = value.get();
    if raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return Some(Text { text: Cow::Borrowed(raw), replaced: false });
    }
    string(value)
}

/// The text of a string that can be a name.
pub(super) fn name(value: &RawValue) -> Option<Text<'_>> {
    string(value).filter(|text| text::is_name(&text.text))
}

/// A message is a string that says something; journald writes one that is not plain text as a
/// list of bytes. Line ends after it are trimmed (Docker keeps them).
pub(super) fn message(value: &RawValue) -> Option<Text<'_>> {
    let message = match value.get().as_bytes().first() {
        Some(b'[') => {
            let bytes: Vec<u8> = serde_json::from_str(value.get()).ok()?;
            let text = text::storable(&bytes);
            let replaced = matches!(text, Cow::Owned(_));
            Text { text: Cow::Owned(text.into_owned()), replaced }
        }
        _ => string(value)?,
    };
    let line_end: [char; 2] = ['\r', '\n'];
    let text = match message.text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_end_matches(line_end)),
        Cow::Owned(text) => Cow::Owned(text.trim_end_matches(line_end).to_owned()),
    };
    (!text.is_empty()).then_some(Text { text, ..message })
}

/// A time: text in any known form, a number since the epoch, or log4j2's
/// `{"epochSecond": …, "nanoOfSecond": …}`.
fn time(value: &RawValue, context: &Context) -> Option<crate::log::Timestamp> {
    match value.get().as_bytes().first()? {
        b'"' => context.clock.any(&string(value)?.text),
        b'{' => {
            let instant = Object::read(value.get())?;
            // An object that says more is no mere time, and stays whole.
            let known = |key: &str| matches!(key, "epochSecond" | "nanoOfSecond");
            if instant.fields.len() > 2 || !instant.fields.iter().all(|f| known(&f.key.text)) {
                return None;
            }
            let seconds: i64 = instant.get("epochSecond")?.get().parse().ok()?;
            let nanos: u32 = match instant.get("nanoOfSecond") {
                Some(nanos) => nanos.get().parse().ok().filter(|nanos| *nanos < 1_000_000_000)?,
                None => 0,
            };
            let micros = seconds.checked_mul(1_000_000)?.checked_add(i64::from(nanos / 1_000))?;
            at_micros(micros)
        }
        _ => epoch(value.get()),
    }
}
