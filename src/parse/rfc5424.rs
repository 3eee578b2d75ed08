//! RFC 5424, section 6: `1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`, the
//! `<PRI>` before it being read already.

use std::borrow::Cow;

use super::structured_data::StructuredData;
use super::{Context, Parsed, text};

/// Reads the text after `<PRI>`. `None` when its header is not one.
pub(super) fn parse<'a>(text: &'a str, context: &Context) -> Option<Parsed<'a>> {
    let (stamp, rest) = text.strip_prefix("1 ")?.split_once(' ')?;
    let mut parsed = Parsed::default();
    if stamp != "-" {
        let claim = match context.clock.iso(stamp, b"Tt") {
            Some((claim, length)) if length == stamp.len() => claim.at(),
            _ if looks_like_date(stamp) => None,
            _ => return None,
        };
        if claim.is_none() {
            parsed.attributes.note_text("timestamp", stamp);
        }
        parsed.timestamp = claim;
    }
    let (host, rest) = name(rest)?;
    let (app, rest) = name(rest)?;
    let (proc_id, rest) = name(rest)?;
    // Some senders leave out all that follows MSGID, nil structured data included.
    let (msg_id, rest) = name(rest).or_else(|| name_at_end(rest))?;

    parsed.host = host;
    parsed.app = app;
    parsed.proc_id = proc_id;
    parsed.msg_id = msg_id;
    let message = match rest.strip_prefix('-').and_then(message) {
        Some(message) => message,
        None => match StructuredData::read(rest, &context.limits) {
            Some((data, after)) => match message(after) {
                Some(message) => {
                    data.write(&mut parsed.attributes);
                    message
                }
                None => rest,
            },
            // Broken structured data stays in the message.
            None => rest,
        },
    };
    parsed.message = Cow::Borrowed(message);
    Some(parsed)
}

/// Whether a TIMESTAMP that cannot be read was meant as one.
fn looks_like_date(stamp: &str) -> bool {
    matches!(stamp.as_bytes(), [y, _, _, _, b'-', m, _, b'-', d, ..]
        if [y, m, d].iter().all(|b| b.is_ascii_digit()))
}

/// A header field and the text after its space: nil is `None`.
fn name(text: &str) -> Option<(Option<Cow<'_, str>>, &str)> {
    let (name, rest) = text.split_once(' ')?;
    Some((checked_name(name)?, rest))
}

/// A header field that ends the text.
fn name_at_end(text: &str) -> Option<(Option<Cow<'_, str>>, &str)> {
    Some((checked_name(text)?, ""))
}

fn checked_name(name: &str) -> Option<Option<Cow<'_, str>>> {
    if !text::is_name(name) {
        return None;
    }
    Some((name != "-").then_some(Cow::Borrowed(name)))
}

/// What follows the structured data: nothing, or a space and MSG, without the byte order mark.
/// rsyslog's own template puts two spaces; the second is no part of the text either.
fn message(text: &str) -> Option<&str> {
    if text.is_empty() {
        return Some(text);
    }
    let text = text.strip_prefix(' ')?;
    let text = text.strip_prefix(' ').filter(|rest| !rest.starts_with(' ')).unwrap_or(text);
    Some(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}
