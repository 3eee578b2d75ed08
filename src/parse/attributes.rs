//! Writes attributes as JSON text, without a tree of values in between.

use std::collections::HashSet;

use super::object::Object;
use crate::log::Attributes;

/// The key of the object that holds what Tailwater itself has to say about a record.
pub(super) const OWN_KEY: &str = Attributes::OWN_KEY;

/// The attributes of one record while they are written. Keys must not repeat: whoever writes
/// them sees to that.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// The object without its closing brace; empty while there is no key.
    json: String,
    /// The object under [`OWN_KEY`], likewise.
    notes: String,
}

impl Writer {
    /// Makes room for about so many bytes.
    pub fn reserve(&mut self, bytes: usize) {
        self.json.reserve(bytes);
    }

    /// Begins a key. The caller appends exactly one JSON value to the text returned.
    pub fn key(&mut self, key: &str) -> &mut String {
        push_key(&mut self.json, key);
        &mut self.json
    }

    /// The keys a sender has written so far.
    pub fn keys(&self) -> HashSet<String> {
        let written = format!("{}}}", self.json);
        let keys = Object::read(&written).into_iter().flat_map(|object| object.fields);
        let mut keys: HashSet<String> = keys.map(|field| field.key.text.into_owned()).collect();
        if self.notes.contains("\"sender\":") {
            keys.insert(OWN_KEY.to_owned());
        }
        keys
    }

    /// Notes that something holds for this record.
    pub fn note_flag(&mut self, name: &str) {
        self.note(name).push_str("true");
    }

    /// Keeps a text that found no other place.
    pub fn note_text(&mut self, name: &str, text: &str) {
        push_string(self.note(name), text);
    }

    /// Begins a note of any kind. The caller appends exactly one JSON value.
    pub fn note(&mut self, name: &str) -> &mut String {
        push_key(&mut self.notes, name);
        &mut self.notes
    }

    /// The finished object.
    pub fn finish(mut self) -> Attributes {
        if !self.notes.is_empty() {
            push_key(&mut self.json, OWN_KEY);
            self.json.push_str(&self.notes);
            self.json.push('}');
        }
        if self.json.is_empty() {
            return Attributes::EMPTY;
        }
        self.json.push('}');
        Attributes::from_json_text(self.json)
    }
}

/// Appends a key to an object that is open at the end of `json`, opening the first one when
/// `json` is empty.
pub(super) fn push_key(json: &mut String, key: &str) {
    if json.is_empty() {
        json.push('{');
    } else if !json.ends_with('{') {
        json.push(',');
    }
    push_string(json, key);
    json.push(':');
}

/// Appends a JSON string.
pub(super) fn push_string(json: &mut String, text: &str) {
    json.push('"');
    push_escaped(json, text);
    json.push('"');
}

/// Appends the inside of a JSON string (RFC 8259, section 7).
pub(super) fn push_escaped(json: &mut String, text: &str) {
    let mut clean = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        json.push_str(&text[clean..at]);
        clean = at + 1;
        match byte {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                json.push_str("\\u00");
                json.push(char::from(HEX[usize::from(byte >> 4)]));
                json.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    json.push_str(&text[clean..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_written_is_no_attributes() {
        assert!(Writer::default().finish().is_empty());
    }

    #[test]
    fn keys_and_notes_make_one_object() {
        let mut writer = Writer::default();
        writer.key("a\"b").push_str("[1]");
        writer.key("c").push_str("{}");
        writer.note_flag("cut");
        writer.note_text("timestamp", "never");
        assert_eq!(
            writer.finish().as_json(),
            r#"{"a\"b":[1],"c":{},"tailwater":{"cut":true,"timestamp":"never"}}"#
        );
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_its_json(text in any::<String>()) {
            let mut json = String::new();
            push_string(&mut json, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
