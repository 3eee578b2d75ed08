//! What holds for every input.

use base64::prelude::{BASE64_STANDARD, Engine};
use proptest::prelude::*;

use super::*;
use crate::parse::Limits;

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

/// Everything that the record says, in lower case.
fn said(record: &Record) -> String {
    let entry = &record.entry;
    let parts = [
        record.host(),
        record.app(),
        record.pid(),
        record.msg_id(),
        &entry.message,
        entry.attributes.as_json(),
    ];
    parts.join("\n").to_ascii_lowercase()
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
fn assert_storable(record: &Record) {
    let entry = &record.entry;
    let attributes = record.attributes();
    assert!(attributes.is_object());
    // Lists of a repeated key and Tailwater's own object may add a level each.
    assert!(depth(&attributes) <= Limits::default().depth + 2);
    assert!(!attributes.to_string().contains("\\u0000"));
    for text in [record.host(), record.app(), record.pid(), record.msg_id(), &entry.message] {
        assert!(!text.contains('\0'));
    }
    for name in [record.host(), record.app(), record.pid(), record.msg_id()] {
        assert!((1..=255).contains(&name.len()));
    }
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
        let raw = &record.attributes()["tailwater"]["raw"];
        assert_eq!(BASE64_STANDARD.decode(raw.as_str().unwrap()).unwrap(), bytes);
    }
}

fn assert_sound(bytes: &[u8]) {
    let record = parse(bytes);
    assert_storable(&record);
    assert_nothing_lost(bytes, &record);
}

/// A real line with a few bytes changed, doubled, removed or put in.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        prop::sample::select(b"<>[]{}\"\\=:-, \0\n\xff0193azTZ@%u".to_vec()),
        any::<u8>()
    ];
    let edit = (any::<prop::sample::Index>(), 0u8..4, byte);
    (prop::sample::select(super::corpus::LINES), prop::collection::vec(edit, 0..6)).prop_map(
        |(line, edits)| {
            let mut bytes = line.as_bytes().to_vec();
            for (at, kind, byte) in edits {
                if bytes.is_empty() {
                    break;
                }
                let at = at.index(bytes.len());
                match kind {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    2 => drop(bytes.remove(at)),
                    _ => bytes.truncate(at + 1),
                }
            }
            bytes
        },
    )
}

/// Any JSON object, with keys that mean something among its keys.
fn object() -> impl Strategy<Value = Value> {
    let text = prop_oneof![any::<String>(), "[a-z]{5,9} [a-z]{5,9}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let key = || {
        prop_oneof![
            prop::sample::select(vec!["msg", "time", "level", "host", "log", "tailwater", "_app"])
                .prop_map(str::to_owned),
            "[a-z]{5,9}",
            any::<String>(),
        ]
    };
    let fields = move |value| {
        let pairs = prop::collection::vec((key(), value), 0..6);
        pairs.prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
    };
    let value = leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            fields(inner)
        ]
    });
    let top = "[a-z@_.]{1,9}|msg|message|time|timestamp|level|host|app|tailwater";
    prop::collection::vec((top, value), 0..8)
        .prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
}

#[test]
fn the_real_lines_are_sound() {
    for line in super::corpus::LINES {
        assert_sound(line.as_bytes());
    }
}

#[test]
fn nesting_without_end_is_kept_as_text() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let (many_open, many_close) = (open.repeat(20_000), close.repeat(20_000));
        let line = format!("{{\"msg\":\"deep\",\"k\":{many_open}1{many_close}}}");
        let record = parse(&line);
        assert_eq!(record.entry.message, "deep");
        assert_storable(&record);
        assert!(record.entry.attributes.as_json().len() >= 40_000);
    }
}

#[test]
fn many_keys_cost_no_more_than_their_text() {
    let fields: Vec<String> = (0..40_000).map(|n| format!("\"k{n}\":{n}")).collect();
    let record = parse(format!("{{\"msg\":\"wide\",{}}}", fields.join(",")));
    let attributes = record.attributes();
    assert_eq!(attributes["k0"], 0);
    let overflow = attributes["tailwater"]["overflow"].as_str().unwrap();
    let overflow: Value = serde_json::from_str(overflow).unwrap();
    assert_eq!(overflow["k39999"], 39_999);
    let kept = attributes.as_object().unwrap().len() - 1 + overflow.as_object().unwrap().len();
    assert_eq!(kept, 40_000);
}

proptest! {
    #[test]
    fn any_bytes_are_sound(bytes in any::<Vec<u8>>()) {
        assert_sound(&bytes);
    }

    #[test]
    fn any_text_after_a_priority_is_sound(pri in 0u8..192, version in "|1 |1 - |: |45: ", text in any::<String>()) {
        assert_sound(format!("<{pri}>{version}{text}").as_bytes());
    }

    #[test]
    fn mutated_real_lines_are_sound(bytes in mutated()) {
        assert_sound(&bytes);
    }

    #[test]
    fn any_json_object_is_sound(object in object(), header in "|<13>|<13>Jun  1 22:14:15 host app\\[1\\]: |<13>1 - - - - - \\[msg a=\"1\"\\] ") {
        assert_sound(format!("{header}{object}").as_bytes());
    }

    #[test]
    fn words_in_a_message_are_found_again(words in prop::collection::vec("[a-z]{1,12}", 1..9), header in prop::sample::select(vec!["", "<13>", "<13>Jun  1 22:14:15 ", "<13>Jun  1 22:14:15 host tag: ", "<13>1 - - - - - - ", "<13>1 - - - - - [", "45: "])) {
        let line = format!("{header}{}", words.join(" "));
        let record = parse(&line);
        let said = said(&record);
        for word in &words {
            prop_assert!(said.contains(word), "{} of {:?}: {:?}", word, line, record);
        }
    }
}
