//! JSON objects from the wild: read one level at a time, and copied into attributes so that both
//! databases can take them.
//!
//! Values stay the text they came as (`RawValue`) until somebody asks for one, so that numbers
//! keep their digits, and so that what is too deep or too much can be kept as that text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Limits;
use super::attributes::{OWN_KEY, Writer, push_key, push_string};
use super::text;

/// One level of a JSON object, in the order of the text. Keys may repeat.
#[derive(Debug)]
pub(super) struct Object<'a> {
    pub fields: Vec<Field<'a>>,
}

/// A key of an object with its value, unread.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub key: Text<'a>,
    pub value: &'a RawValue,
    /// It became a named field of the record, and is no attribute.
    pub taken: bool,
}

/// A decoded JSON string, made storable.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub text: Cow<'a, str>,
    /// It held a NUL or half of a surrogate pair, which had to be replaced.
    pub replaced: bool,
}

impl<'a> Object<'a> {
    /// Reads text that is exactly one JSON object, white space around it aside.
    pub fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The first value under a key.
    pub fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.fields.iter().find(|field| field.key.text == key).map(|field| field.value)
    }
}

/// The text of a JSON string; `None` for any other value.
pub(super) fn string(value: &RawValue) -> Option<Text<'_>> {
    serde_json::from_str(value.get()).ok()
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut fields = Vec::with_capacity(16);
                while let Some((key, value)) = map.next_entry()? {
                    fields.push(Field { key, value, taken: false });
                }
                Ok(Object { fields })
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON string")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Text<'de>, E> {
                let text = text::storable(bytes);
                Ok(Text { replaced: matches!(text, Cow::Owned(_)), text })
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text<'de>, E> {
                let text = text::storable(bytes);
                let replaced = matches!(text, Cow::Owned(_));
                Ok(Text { text: Cow::Owned(text.into_owned()), replaced })
            }
        }
        // As bytes, because half a surrogate pair (`"\ud83d"`, from text cut in mid-emoji) is an
        // error in a string of serde_json, and three bad bytes in its byte strings.
        deserializer.deserialize_bytes(Bytes)
    }
}

/// Copies JSON into attributes, within the limits.
pub(super) struct Copier {
    depth: usize,
    keys_left: usize,
    /// A string or key held something that had to be replaced.
    pub replaced: bool,
}

impl Copier {
    pub fn new(limits: &Limits) -> Self {
        Copier { depth: limits.depth, keys_left: limits.keys, replaced: false }
    }

    /// Writes every field that is not taken as an attribute. Values of a repeated key become a
    /// list. What is past the limit of keys is kept as JSON text in the note `overflow`, and a
    /// field named like Tailwater's own in the note `sender`.
    pub fn attributes(&mut self, fields: &[Field<'_>], out: &mut Writer) {
        let (kept, over) = fields.split_at(fields.len().min(self.keys_left));
        let mut overflow = String::new();
        for (key, values) in grouped(kept) {
            if self.keys_left == 0 {
                values.for_each(|field| self.overflow(field, &mut overflow));
            } else if key == OWN_KEY {
                self.values(values, out.note("sender"), self.depth);
            } else {
                self.values(values, out.key(key), self.depth);
            }
        }
        for field in over.iter().filter(|field| !field.taken) {
            self.overflow(field, &mut overflow);
        }
        if !overflow.is_empty() {
            overflow.push('}');
            out.note_text("overflow", &overflow);
        }
    }

    fn overflow(&mut self, field: &Field<'_>, json: &mut String) {
        self.replaced |= field.key.replaced;
        push_key(json, &field.key.text);
        json.push_str(field.value.get());
    }

    /// Writes the values of one key: the value itself, or a list of several.
    fn values<'f, 'a: 'f>(
        &mut self,
        fields: impl Iterator<Item = &'f Field<'a>>,
        json: &mut String,
        depth: usize,
    ) {
        self.keys_left = self.keys_left.saturating_sub(1);
        let start = json.len();
        let mut count = 0;
        for field in fields {
            if count > 0 {
                json.push(',');
            }
            self.replaced |= field.key.replaced;
            self.value(field.value, json, depth.saturating_sub(1));
            count += 1;
        }
        if count > 1 {
            json.insert(start, '[');
            json.push(']');
        }
    }

    /// Writes a value that may be `depth` levels deep; what is deeper is written as its text.
    fn value(&mut self, value: &RawValue, json: &mut String, depth: usize) {
        let raw = value.get();
        match raw.as_bytes().first() {
            Some(b'{') => match Object::read(raw) {
                Some(object) if depth > 0 && object.fields.len() <= self.keys_left => {
                    json.push('{');
                    for (key, values) in grouped(&object.fields) {
                        push_key(json, key);
                        self.values(values, json, depth);
                    }
                    json.push('}');
                }
                _ => push_string(json, raw),
            },
            Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(raw) {
                Ok(items) if depth > 0 => {
                    json.push('[');
                    for (n, item) in items.into_iter().enumerate() {
                        if n > 0 {
                            json.push(',');
                        }
                        self.value(item, json, depth - 1);
                    }
                    json.push(']');
                }
                _ => push_string(json, raw),
            },
            // Only `\u` can name what cannot be stored: every other string is fine as it stands.
            Some(b'"') if !raw.contains("\\u") => json.push_str(raw),
            Some(b'"') => match string(value) {
                Some(text) => {
                    self.replaced |= text.replaced;
                    push_string(json, &text.text);
                }
                None => push_string(json, raw),
            },
            Some(b'-' | b'0'..=b'9') if !is_exact(raw) => push_string(json, raw),
            _ => json.push_str(raw),
        }
    }
}

/// The fields that are not taken by key, each key once, where it first stands.
fn grouped<'f, 'a>(
    fields: &'f [Field<'a>],
) -> impl Iterator<Item = (&'f str, impl Iterator<Item = &'f Field<'a>>)> {
    let same = |a: &Field<'_>, b: &Field<'_>| !a.taken && !b.taken && a.key.text == b.key.text;
    fields.iter().enumerate().filter_map(move |(n, field)| {
        if field.taken || fields[..n].iter().any(|earlier| same(earlier, field)) {
            return None;
        }
        let values = fields[n..].iter().filter(move |other| same(field, other));
        Some((&*field.key.text, values))
    })
}

/// Digits, and the exponent, of a number that is kept as one. No double needs more; and Postgres
/// refuses a zero that is written with a scale over 16,383 (`0e-99999`, `0.000…`).
const NUMBER_LIMIT: u32 = 512;

/// Whether the number can be read back without losing a digit: an integer of 64 bits, or a
/// decimal fraction that a double tells apart. All others are kept as text.
fn is_exact(number: &str) -> bool {
    if !number.contains(['.', 'e', 'E']) {
        return number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok();
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let small = exponent.parse::<i32>().is_ok_and(|e| e.unsigned_abs() <= NUMBER_LIMIT);
    if !small || mantissa.len() > NUMBER_LIMIT as usize {
        return false;
    }
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0');
    let significant = digits.count();
    match number.parse::<f64>() {
        Ok(value) => value.is_finite() && significant <= 17 && (value != 0.0 || significant == 0),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(text: &str, limits: Limits) -> String {
        let object = Object::read(text).unwrap();
        let mut writer = Writer::default();
        Copier::new(&limits).attributes(&object.fields, &mut writer);
        writer.finish().as_json().to_owned()
    }

    #[test]
    fn values_are_copied_as_they_are() {
        let text = r#"{"a":{"b":[1,-2.50,true,null,"x\ny\u00e9"],"c":{}},"d":[]}"#;
        let same = r#"{"a":{"b":[1,-2.50,true,null,"x\nyé"],"c":{}},"d":[]}"#;
        assert_eq!(copied(text, Limits::default()), same);
    }

    #[test]
    fn a_repeated_key_becomes_a_list_on_every_level() {
        assert_eq!(
            copied(r#"{"a":1,"b":{"c":1,"c":2},"a":[2],"a":3}"#, Limits::default()),
            r#"{"a":[1,[2],3],"b":{"c":[1,2]}}"#
        );
    }

    #[test]
    fn what_is_too_deep_is_kept_as_text() {
        let limits = Limits { depth: 2, ..Limits::default() };
        assert_eq!(
            copied(r#"{"a":{"b":{"c":1},"d":[1]},"e":[[1]]}"#, limits),
            r#"{"a":{"b":"{\"c\":1}","d":"[1]"},"e":["[1]"]}"#
        );
    }

    #[test]
    fn keys_past_the_limit_are_kept_as_text() {
        let limits = Limits { keys: 3, ..Limits::default() };
        assert_eq!(
            copied(r#"{"a":{"b":1,"c":2},"d":3,"e":4}"#, limits),
            r#"{"a":{"b":1,"c":2},"tailwater":{"overflow":"{\"d\":3,\"e\":4}"}}"#
        );
        let limits = Limits { keys: 2, ..Limits::default() };
        assert_eq!(copied(r#"{"a":{"b":1,"c":2}}"#, limits), r#"{"a":"{\"b\":1,\"c\":2}"}"#);
    }

    #[test]
    fn a_field_named_like_our_own_is_set_apart() {
        assert_eq!(
            copied(r#"{"tailwater":{"cut":true}}"#, Limits::default()),
            r#"{"tailwater":{"sender":{"cut":true}}}"#
        );
    }

    #[test]
    fn what_cannot_be_stored_in_a_string_is_replaced() {
        let text = r#"{"k\u0000":"a\u0000b","half":"\ud83d","pair":"\ud83d\ude00"}"#;
        assert_eq!(
            copied(text, Limits::default()),
            "{\"k\u{FFFD}\":\"a\u{FFFD}b\",\"half\":\"\u{FFFD}\u{FFFD}\u{FFFD}\",\"pair\":\"😀\"}"
        );
    }

    #[test]
    fn numbers_that_would_lose_digits_are_kept_as_text() {
        for exact in
            ["0", "-1", "18446744073709551615", "1.10", "1e300", "0.000", "-0.5E-7", "0e0", "0E+0"]
        {
            assert!(is_exact(exact), "{exact}");
        }
        for lossy in ["18446744073709551616", "1e400", "1e-400", "0.1234567890123456789"] {
            assert!(!is_exact(lossy), "{lossy}");
        }
        for odd in ["0e-99999", "0e99999999999", &format!("0.{}", "0".repeat(20_000))] {
            assert!(!is_exact(odd), "{odd}");
        }
        assert_eq!(copied(r#"{"a":1e999}"#, Limits::default()), r#"{"a":"1e999"}"#);
    }

    #[test]
    fn only_one_whole_object_is_an_object() {
        assert!(Object::read(" {\"a\": 1} ").is_some());
        for text in ["", "{", "{}x", "{} {}", "[]", "1", "{'a':1}", "{\"a\":\"\\x\"}"] {
            assert!(Object::read(text).is_none(), "{text}");
        }
    }
}
