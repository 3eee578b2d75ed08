//! STRUCTURED-DATA of RFC 5424, section 6.3: `[id name="value" …][id …]…`.

use super::Limits;
use super::attributes::{OWN_KEY, Writer, push_key, push_string};

/// Structured data, checked and cut into its parts, in the order of the text.
pub(super) struct StructuredData<'a> {
    /// Every parameter with the SD-ID of its element. An element without parameters stands as
    /// one without name.
    parts: Vec<Part<'a>>,
}

struct Part<'a> {
    id: &'a str,
    parameter: Option<Parameter<'a>>,
}

struct Parameter<'a> {
    name: &'a str,
    /// Still escaped as in the text.
    value: &'a str,
}

impl<'a> StructuredData<'a> {
    /// Reads elements up to the first text that is none, and gives that text, too. `None` when
    /// there is no element, when one is broken, or when there are more parameters than the limit.
    pub fn read(text: &'a str, limits: &Limits) -> Option<(Self, &'a str)> {
        let mut parts = Vec::with_capacity(8);
        let mut rest = text.strip_prefix('[')?;
        loop {
            let id;
            (id, rest) = name(rest)?;
            let mut bare = true;
            while let Some(parameter) = rest.strip_prefix(' ') {
                let name_text;
                (name_text, rest) = name(parameter)?;
                let value;
                (value, rest) = quoted(rest.strip_prefix('=')?)?;
                parts.push(Part { id, parameter: Some(Parameter { name: name_text, value }) });
                bare = false;
            }
            if bare {
                parts.push(Part { id, parameter: None });
            }
            if parts.len() > limits.keys {
                return None;
            }
            rest = rest.strip_prefix(']')?;
            match rest.strip_prefix('[') {
                Some(next) => rest = next,
                None => return Some((StructuredData { parts }, rest)),
            }
        }
    }

    /// Writes `{id: {name: value}}`. A repeated name becomes a list, a repeated SD-ID one object.
    pub fn write(&self, out: &mut Writer) {
        let values: usize = self.parts.iter().map(Part::size).sum();
        out.reserve(values + 16);
        for (n, part) in self.parts.iter().enumerate() {
            if self.parts[..n].iter().any(|earlier| earlier.id == part.id) {
                continue;
            }
            let of_element = || self.parts[n..].iter().filter(|other| other.id == part.id);
            let json = if part.id == OWN_KEY { out.note("sender") } else { out.key(part.id) };
            write_parameters(of_element().filter_map(|part| part.parameter.as_ref()), json);
        }
    }
}

impl Part<'_> {
    /// What it takes as JSON, roughly.
    fn size(&self) -> usize {
        let parameter = self.parameter.as_ref().map_or(0, |p| p.name.len() + p.value.len() + 6);
        self.id.len() + parameter + 6
    }
}

fn write_parameters<'p>(
    parameters: impl Iterator<Item = &'p Parameter<'p>> + Clone,
    json: &mut String,
) {
    json.push('{');
    let mut rest = parameters.clone();
    let mut before = 0;
    while let Some(parameter) = rest.next() {
        let repeats = parameters.clone().take(before).any(|p| p.name == parameter.name);
        before += 1;
        if repeats {
            continue;
        }
        push_key(json, parameter.name);
        let mut twins = rest.clone().filter(|p| p.name == parameter.name).peekable();
        if twins.peek().is_none() {
            push_value(json, parameter.value);
            continue;
        }
        json.push('[');
        push_value(json, parameter.value);
        for twin in twins {
            json.push(',');
            push_value(json, twin.value);
        }
        json.push(']');
    }
    json.push('}');
}

/// SD-NAME: printable, without space, `=`, `]` and `"`. Also taken when longer than the 32
/// characters of the RFC, or not ASCII.
fn name(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|b| b <= b' ' || matches!(b, b'=' | b']' | b'"' | 0x7f))?;
    if end == 0 {
        return None;
    }
    text.split_at_checked(end)
}

/// `"PARAM-VALUE"`, still escaped, and the text after it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(b'"', b'\\', inside.as_bytes().get(from..)?)?;
        if inside.as_bytes().get(at) == Some(&b'"') {
            return Some((inside.get(..at)?, inside.get(at + 1..)?));
        }
        from = at + 2;
    }
}

/// Writes a value as a JSON string. Only `\"`, `\\` and `\]` are escapes; any other backslash is
/// itself.
fn push_value(json: &mut String, escaped: &str) {
    if !escaped.contains('\\') {
        return push_string(json, escaped);
    }
    let mut value = String::with_capacity(escaped.len());
    let mut chars = escaped.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(&next @ ('"' | '\\' | ']')) if c == '\\' => {
                value.push(next);
                chars.next();
            }
            _ => value.push(c),
        }
    }
    push_string(json, &value);
}
