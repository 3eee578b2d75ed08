//! BSD syslog, as RFC 3164 describes it and as its senders write it, the `<PRI>` before it being
//! read already:
//!
//! ```text
//! [sequence:] [Mmm dd hh:mm:ss | ISO 8601] [host] [tag[pid]:] text
//! ```
//!
//! With a timestamp, the first word is the host unless it is a tag (Perl's and glibc's senders
//! write none). Without one there is no host, but there may be a tag (Python's senders).
//! Cisco's `%FAC-SEV-MNEMONIC:` stays at the start of the message; its facility is the app, and
//! what stands between `%` and the colon the MSGID.

use std::borrow::Cow;
use std::net::IpAddr;

use super::time::Claim;
use super::{Context, Parsed, text};

/// Reads the text after `<PRI>`. What is no header is message.
pub(super) fn parse<'a>(text: &'a str, context: &Context) -> Parsed<'a> {
    let mut parsed = Parsed::default();
    let message = match header(text, context) {
        Some(header) => {
            if let Some(sequence) = header.sequence {
                parsed.attributes.note_text("sequence", sequence);
            }
            if let Some(Stamp { claim, text }) = header.stamp {
                parsed.timestamp = claim.at();
                if claim == Claim::Impossible {
                    parsed.attributes.note_text("timestamp", text);
                }
            }
            parsed.host = header.host.map(Cow::Borrowed);
            header.rest
        }
        None => text,
    };
    parsed.message = Cow::Borrowed(message);
    if let Some(mnemonic) = mnemonic(message) {
        parsed.app = mnemonic.split('-').next().map(Cow::Borrowed);
        parsed.msg_id = Some(Cow::Borrowed(mnemonic));
    } else if let Some(tag) = tag(message) {
        parsed.app = Some(Cow::Borrowed(tag.name));
        parsed.proc_id = tag.pid.map(Cow::Borrowed);
        parsed.message = Cow::Borrowed(tag.rest);
    }
    parsed
}

/// All that stands before the tag.
struct Header<'a> {
    sequence: Option<&'a str>,
    stamp: Option<Stamp<'a>>,
    host: Option<&'a str>,
    rest: &'a str,
}

struct Stamp<'a> {
    claim: Claim,
    text: &'a str,
}

/// Reads a header: one with a timestamp, or Cisco's, which may have a sequence number, a host and
/// then the mnemonic.
fn header<'a>(text: &'a str, context: &Context) -> Option<Header<'a>> {
    if let Some((stamp, rest)) = timestamp(text, context) {
        let (host, rest) = host(rest);
        return Some(Header { sequence: None, stamp: Some(stamp), host, rest });
    }
    let (sequence, after) = sequence(text);
    let (origin, after) = match origin(after) {
        Some((origin, after)) => (Some(origin), after),
        None => (None, after),
    };
    let (stamp, rest) = match timestamp(after, context) {
        Some((stamp, rest)) => (Some(stamp), rest.trim_start_matches([' ', ':'])),
        None => (None, after),
    };
    mnemonic(rest)?;
    Some(Header { sequence, stamp, host: origin, rest })
}

/// The number with a colon that Cisco devices count their messages with; NX-OS writes the colon
/// alone.
fn sequence(text: &str) -> (Option<&str>, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    match rest.strip_prefix(": ") {
        Some(rest) if digits <= 20 => {
            (Some(number).filter(|number| !number.is_empty()), rest.trim_start_matches(' '))
        }
        _ => (None, text),
    }
}

/// `host: ` before the timestamp of a Cisco device (`logging origin-id`).
fn origin(text: &str) -> Option<(&str, &str)> {
    let (host, rest) = text.split_once(' ')?;
    let host = host.strip_suffix(':')?;
    // `1d02h: ` is how long the device has been up.
    let uptime = host.starts_with(|c: char| c.is_ascii_digit())
        && host.bytes().all(|b| b.is_ascii_digit() || b"ywdhms".contains(&b));
    (is_host(host) && !uptime).then_some((host, rest.trim_start_matches(' ')))
}

/// Reads a timestamp with its space: the BSD form, or ISO 8601 with a `T` (a date and a time apart
/// are rather the start of a message, as Python's formatters write it).
fn timestamp<'a>(text: &'a str, context: &Context) -> Option<(Stamp<'a>, &'a str)> {
    // Cisco marks the time of a clock that is not synchronized.
    let marked = text.strip_prefix(['*', '.']).unwrap_or(text);
    let (claim, length) = match marked.as_bytes().first()? {
        first if first.is_ascii_digit() && marked.as_bytes().get(4) == Some(&b'-') => {
            context.clock.iso(marked, b"Tt")?
        }
        _ => context.clock.bsd(marked)?,
    };
    let (stamp, rest) = marked.split_at_checked(length)?;
    let rest = match rest.strip_prefix(':').unwrap_or(rest) {
        "" => "",
        rest => rest.strip_prefix(' ')?,
    };
    Some((Stamp { claim, text: stamp }, rest))
}

/// The first word after the timestamp, where it is a host, and what follows it.
fn host(text: &str) -> (Option<&str>, &str) {
    let Some((word, rest)) = text.split_once(' ') else {
        return (None, text);
    };
    let rest = rest.trim_start_matches(' ');
    if word == "-" {
        return (None, rest);
    }
    // `host: %ASA-6-…` and `host : %ASA-6-…`
    let device = rest.strip_prefix(": ").unwrap_or(rest);
    let bare = word.strip_suffix(':').unwrap_or(word);
    if mnemonic(device).is_some() && is_host(bare) {
        return (Some(bare), device);
    }
    if is_host(word) && tag(text).is_none() && mnemonic(text).is_none() {
        return (Some(word), rest);
    }
    (None, text)
}

/// Whether the word can be a host: a name, an address (`[::1]`, `fe80::1%eth0`), or what relays
/// make of a name (`src@host`, `relay/host`).
fn is_host(word: &str) -> bool {
    let inside = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')).unwrap_or(word);
    let address = inside.split_once('%').map_or(inside, |(address, _zone)| address);
    if address.parse::<IpAddr>().is_ok() {
        return text::is_name(word);
    }
    let fits = |c: char| c.is_alphanumeric() || ".-_@/".contains(c);
    text::is_name(word) && word.starts_with(char::is_alphanumeric) && word.chars().all(fits)
}

struct Tag<'a> {
    name: &'a str,
    pid: Option<&'a str>,
    rest: &'a str,
}

/// Reads `name: `, `name[pid]: ` or `name[pid] ` and the text after it.
fn tag(text: &str) -> Option<Tag<'_>> {
    let fits = |c: char| c.is_alphanumeric() || "._-/()@+#~".contains(c);
    let mut length = 0;
    loop {
        let rest = text.get(length..)?;
        length += rest.find(|c| !fits(c)).unwrap_or(rest.len());
        // Perl's modules: `My::App[12]: text`
        match text.get(length..)?.strip_prefix("::") {
            Some(next) if next.starts_with(fits) => length += 2,
            _ => break,
        }
    }
    let (name, rest) = text.split_at_checked(length)?;
    // `@cee:` is a mark, and `12:` no name.
    if !text::is_name(name) || name.starts_with('@') || !name.contains(char::is_alphabetic) {
        return None;
    }
    let (pid, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((pid, rest)) if text::is_name(pid) && !pid.contains([' ', '[', '"', '{']) => {
            (Some(pid), rest)
        }
        _ => (None, rest),
    };
    let (colon, rest) = match rest.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    // `tag:text` may be anything (`http://…`), and `list[0]=…` no tag; `tag[pid]:text` is clear.
    let apart = rest.is_empty() || rest.starts_with([' ', '\t']);
    let clear = match pid {
        Some(_) => colon || apart,
        None => colon && apart,
    };
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    clear.then_some(Tag { name, pid, rest })
}

/// What stands between `%` and the colon of `%FACILITY[-SUBFACILITY]-SEVERITY-MNEMONIC: `.
fn mnemonic(text: &str) -> Option<&str> {
    let (code, _) = text.strip_prefix('%')?.split_once(':')?;
    let word = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let severity = |part: &str| matches!(part.as_bytes(), [b'0'..=b'7']);
    let parts = code.split('-').count();
    let middle = |at: usize| at > 0 && at + 1 < parts;
    let graded = code.split('-').enumerate().any(|(at, part)| middle(at) && severity(part));
    let whole = code.split('-').all(|part| !part.is_empty() && word(part));
    (text::is_name(code) && graded && whole).then_some(code)
}
