//! GELF 1.1, decompressed and put together already: one JSON object with `short_message`.

use std::borrow::Cow;

use super::json::{message, name, scalar};
use super::object::{Copier, Object};
use super::time::epoch;
use super::{Context, Parsed};
use crate::log::Severity;

/// The keys that name the app, the best first, without their underscore. The last two are
/// Docker's.
const APP_KEYS: [&str; 8] = [
    "app",
    "app_name",
    "application",
    "application_name",
    "service",
    "service_name",
    "container_name",
    "tag",
];

/// Whether the object is a GELF message: it has a `short_message`, and `version` or `host`.
pub(super) fn is_gelf(object: &Object<'_>) -> bool {
    object.get("short_message").is_some()
        && (object.get("version").is_some() || object.get("host").is_some())
}

/// Reads a GELF message. `parsed` has the whole text as its message, which stays when
/// `short_message` says nothing. Additional fields lose their underscore; of the others, what
/// becomes no field of the record is an attribute like them.
pub(super) fn parse<'a>(
    mut parsed: Parsed<'a>,
    mut object: Object<'a>,
    context: &Context,
) -> Parsed<'a> {
    let mut said = false;
    for field in &mut object.fields {
        let value = field.value;
        field.taken = match &*field.key.text {
            "version" => matches!(value.get(), r#""1.0""# | r#""1.1""#),
            "short_message" if !said => match message(value) {
                Some(text) => {
                    parsed.replaced |= text.replaced;
                    parsed.message = text.text;
                    said = true;
                    true
                }
                None => false,
            },
            "host" => set(&mut parsed.host, || {
                let host = name(value)?;
                parsed.replaced |= host.replaced;
                Some(host.text)
            }),
            "timestamp" => set(&mut parsed.timestamp, || epoch(&scalar(value)?.text)),
            "level" => {
                set(&mut parsed.severity, || Severity::from_code(scalar(value)?.text.parse().ok()?))
            }
            "facility" | "_facility" => {
                set(&mut parsed.facility, || scalar(value)?.text.parse().ok())
            }
            _ => false,
        };
        if let Some(stripped) = without_underscore(&field.key.text) {
            field.key.text = stripped;
        }
    }
    take_app(&mut parsed, &mut object);
    let mut copier = Copier::new(&context.limits);
    copier.attributes(&object.fields, &mut parsed.attributes);
    parsed.replaced |= copier.replaced;
    parsed
}

/// Sets what is not set yet. Whether it did.
fn set<T>(slot: &mut Option<T>, value: impl FnOnce() -> Option<T>) -> bool {
    if slot.is_some() {
        return false;
    }
    *slot = value();
    slot.is_some()
}

fn without_underscore<'a>(key: &Cow<'a, str>) -> Option<Cow<'a, str>> {
    let rest = match key {
        Cow::Borrowed(key) => Cow::Borrowed(key.strip_prefix('_')?),
        Cow::Owned(key) => Cow::Owned(key.strip_prefix('_')?.to_owned()),
    };
    (!rest.is_empty()).then_some(rest)
}

fn take_app<'a>(parsed: &mut Parsed<'a>, object: &mut Object<'a>) {
    for key in APP_KEYS {
        let fields = object.fields.iter_mut();
        for field in fields.filter(|field| !field.taken && field.key.text == key) {
            if let Some(app) = name(field.value) {
                parsed.replaced |= app.replaced;
                parsed.app = Some(app.text);
                field.taken = true;
                return;
            }
        }
    }
}
