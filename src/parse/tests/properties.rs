//! What holds for every input.

use proptest::prelude::*;

use super::*;
use crate::parse::fuzzing::{assert_storable, record as assert_sound, said};

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
