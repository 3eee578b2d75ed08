//! Finding the values of a path in a record's attributes, reading no more JSON than it takes.
//!
//! Nothing here recurses, so no depth of nesting can exhaust the stack: values on the way are kept
//! as raw text and opened one level at a time.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use arrow_buffer::BooleanBuffer;
use memchr::memmem::Finder;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;

use super::matcher::ValueTest;
use super::runs::Runs;
use super::text::{Substring, TextMatcher};

/// The path of an attribute, made ready (see [`Field::Attribute`](super::Field::Attribute)).
#[derive(Clone, Debug)]
pub(super) struct AttributePath {
    path: String,
    /// What every key on the way begins with.
    first: Finder<'static>,
}

/// A value that a path leads to. Null is none.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// A text, or another scalar as JSON writes it.
    Scalar(Cow<'a, str>),
    Object,
}

/// The attributes of one record, opened at most once, and only when asked.
#[derive(Debug)]
pub(super) struct AttributeReader<'a> {
    json: &'a str,
    members: OnceCell<Vec<(Key<'a>, &'a RawValue)>>,
}

impl AttributePath {
    pub(super) fn new(path: &str) -> Self {
        let first = path.split('.').next().unwrap_or_default();
        AttributePath { path: path.to_owned(), first: Finder::new(first.as_bytes()).into_owned() }
    }

    /// Whether the JSON may hold the path: without a `\` in it, its keys stand there as they are.
    fn may_be_in(&self, json: &str) -> bool {
        self.first.find(json.as_bytes()).is_some()
            || memchr::memchr(b'\\', json.as_bytes()).is_some()
    }

    /// Of many texts of JSON, those that may hold the path, and a value that passes at it.
    pub(super) fn may_pass_in(
        &self,
        test: &ValueTest,
        texts: &Runs<'_>,
        asked: &BooleanBuffer,
    ) -> BooleanBuffer {
        if texts.are_few(asked) {
            return asked.clone();
        }
        let escaped = texts.holding_bytes(&Finder::new(b"\\"), asked);
        let mut hopeful = texts.holding_bytes(&self.first, asked);
        if let Some(needle) = needle_in_json(test) {
            hopeful = texts.holding(&needle, &hopeful);
        }
        &hopeful | &escaped
    }
}

/// What every JSON without a `\` holds, folded, that has a value that passes. Nothing is known of
/// numbers that are written otherwise than they are tested (see [`number_text`]).
fn needle_in_json(test: &ValueTest) -> Option<Substring> {
    let ValueTest::Text(test) = test else { return None };
    let needle = test.needle()?;
    let in_numbers = |c: u8| c.is_ascii_digit() || matches!(c, b'+' | b'-' | b'.' | b'e');
    // Whole numbers shorter than those with exponents are always written as they are.
    let is_plain_number = matches!(test, TextMatcher::Equals(_))
        && (1..16).contains(&needle.len())
        && needle.bytes().all(|c| c.is_ascii_digit());
    let is_of_text = !needle.bytes().all(in_numbers);
    (is_of_text || is_plain_number).then(|| Substring::new(needle))
}

impl<'a> AttributeReader<'a> {
    pub(super) fn new(json: &'a str) -> Self {
        AttributeReader { json, members: OnceCell::new() }
    }

    /// Whether the path leads to at least one value that is accepted.
    pub(super) fn any(&self, path: &AttributePath, accept: impl Fn(Value<'a>) -> bool) -> bool {
        if !path.may_be_in(self.json) {
            return false;
        }
        let members = self.members.get_or_init(|| read_members(self.json));
        let mut open = Vec::new();
        follow(members, &path.path, 1, &mut open);
        while let Some(Step { json, rest, depth }) = open.pop() {
            match (json.as_bytes().first(), rest) {
                (Some(b'[' | b'{'), _) if depth == MAX_DEPTH => {}
                (Some(b'['), _) => {
                    let elements: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
                    let elements = elements.into_iter().map(RawValue::get);
                    open.extend(elements.map(|json| Step { json, rest, depth: depth + 1 }));
                }
                (Some(b'{'), Some(rest)) => follow(&read_members(json), rest, depth + 1, &mut open),
                (_, Some(_)) => {}
                (_, None) if read(json).is_some_and(&accept) => return true,
                (_, None) => {}
            }
        }
        false
    }
}

/// Levels that are opened. Each is scanned anew, so that without a bound hostile nesting would
/// cost time in the square of its depth; the parser's own bound is far lower.
const MAX_DEPTH: usize = 128;

/// A value on the way.
struct Step<'a, 'p> {
    json: &'a str,
    /// What remains of the path; `None`: arrived.
    rest: Option<&'p str>,
    depth: usize,
}

/// Adds the values one step down the path.
fn follow<'a, 'p>(
    members: &[(Key<'a>, &'a RawValue)],
    path: &'p str,
    depth: usize,
    open: &mut Vec<Step<'a, 'p>>,
) {
    for (Key(key), value) in members {
        let rest = match path.strip_prefix(key.as_ref()) {
            None => continue,
            Some("") => None,
            Some(rest) => match rest.strip_prefix('.') {
                None => continue,
                rest => rest,
            },
        };
        open.push(Step { json: value.get(), rest, depth });
    }
}

fn read(json: &str) -> Option<Value<'_>> {
    Some(match json.as_bytes().first()? {
        b'n' => return None,
        b'{' => Value::Object,
        b'"' => Value::Scalar(unquote(json)?),
        b't' | b'f' => Value::Scalar(Cow::Borrowed(json)),
        _ => Value::Scalar(number_text(json)),
    })
}

fn unquote(json: &str) -> Option<Cow<'_, str>> {
    if memchr::memchr(b'\\', json.as_bytes()).is_some() {
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    json.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}

/// The number as `serde_json` writes it. A database may have written it otherwise in between
/// (`1e16` comes back from jsonb as `10000000000000000`, `-0.0` as `0.0`): all forms of a number
/// give the same text.
fn number_text(json: &str) -> Cow<'_, str> {
    let is_whole = json.bytes().all(|c| c.is_ascii_digit() || c == b'-');
    if is_whole && json != "-0" && (json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok()) {
        return Cow::Borrowed(json);
    }
    let Some(number) = json.parse().ok().and_then(Number::from_f64) else {
        return Cow::Borrowed(json);
    };
    let value = number.as_f64().unwrap_or_default();
    if value == 0.0 {
        return Cow::Borrowed("0.0");
    }
    // From here up `serde_json` writes exponents; what fits 64 bits comes back without one.
    const EXPONENTS_FROM: f64 = 1e16;
    let fits = (i64::MIN as f64..u64::MAX as f64).contains(&value);
    if value.abs() >= EXPONENTS_FROM && fits {
        return Cow::Owned(format!("{value:.0}"));
    }
    Cow::Owned(number.to_string())
}

/// A key, borrowed where the JSON has no escapes in it.
#[derive(Debug, Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The members of an object; none of what is not one.
fn read_members(json: &str) -> Vec<(Key<'_>, &RawValue)> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    deserializer.deserialize_map(Members).unwrap_or_default()
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Key<'de>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(json: &str, path: &str, text: &str) -> bool {
        AttributeReader::new(json)
            .any(&AttributePath::new(path), |value| value == Value::Scalar(text.into()))
    }

    #[test]
    fn a_path_is_found_as_nested_keys_and_as_keys_with_dots() {
        for json in [
            r#"{"user":{"id":42}}"#,
            r#"{"user.id":42}"#,
            r#"{"user":1,"user.id":{"x":1,"":2},"user":{"id":42}}"#,
        ] {
            assert!(holds(json, "user.id", "42"), "{json}");
        }
        assert!(holds(r#"{"a.b":{"c":{"d.e":true}}}"#, "a.b.c.d.e", "true"));
        assert!(!holds(r#"{"user":{"identity":42}}"#, "user.id", "42"));
        assert!(!holds(r#"{"user":{"id":{"x":42}}}"#, "user.id", "42"));
    }

    #[test]
    fn an_array_stands_for_each_of_its_elements() {
        let json = r#"{"users":[{"id":1},[{"id":[2,3]}],null]}"#;
        for id in ["1", "2", "3"] {
            assert!(holds(json, "users.id", id));
        }
        assert!(!holds(json, "users.id", "4"));
    }

    #[test]
    fn escaped_keys_and_texts_are_read() {
        assert!(holds(r#"{"a\"b":"c\\d\u0065"}"#, r#"a"b"#, r"c\de"));
        assert!(holds(r#"{"\u0061":1}"#, "a", "1"));
        assert!(holds(r#"{"":{"":7}}"#, ".", "7"));
    }

    #[test]
    fn null_is_absent_and_an_object_is_there() {
        let exists =
            |json, path| AttributeReader::new(json).any(&AttributePath::new(path), |_| true);
        assert!(!exists(r#"{"a":null}"#, "a"));
        assert!(!exists(r#"{"a":[null,[]]}"#, "a"));
        assert!(exists(r#"{"a":{}}"#, "a"));
        assert!(exists(r#"{"a":[null,0]}"#, "a"));
        assert!(!exists("{}", "a"));
        assert!(!exists("[\"a\"]", "a"));
        assert!(!exists("{\"a\"", "a"));
    }

    #[test]
    fn every_form_of_a_number_gives_the_same_text() {
        for (forms, text) in [
            (&["42"][..], "42"),
            (&["-7"], "-7"),
            (&["18446744073709551615"], "18446744073709551615"),
            (&["1.5", "1.50", "15e-1"], "1.5"),
            (&["1.0"], "1.0"),
            (&["-0", "-0.0", "0.0", "0e5"], "0.0"),
            (&["1e16", "10000000000000000"], "10000000000000000"),
            (&["-2e17", "-200000000000000000"], "-200000000000000000"),
            (&["1e100", "1E+100"], "1e+100"),
            (&["1e-7", "0.0000001"], "1e-7"),
        ] {
            for form in forms {
                assert_eq!(number_text(form), text, "{form}");
            }
        }
    }

    #[test]
    fn hostile_nesting_costs_neither_stack_nor_time() {
        let nested = |depth| format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(holds(&nested(MAX_DEPTH - 1), "a", "1"));
        assert!(!holds(&nested(100_000), "a", "1"));
    }
}
