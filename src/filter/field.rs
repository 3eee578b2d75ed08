//! The names of fields, as the search language and `top` write them.

use std::fmt;
use std::str::FromStr;

use super::tree::Field;

/// A field by its name, whatever its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldName {
    /// A field that holds text, or a value in `attributes`.
    Text(Field),
    Severity,
    Facility,
    /// The position in the log.
    Id,
    /// The sender's time.
    Timestamp,
    /// The time of receipt.
    Received,
}

/// Every field's name, for messages and completion. `attributes.` goes on with a path.
pub const FIELD_NAMES: [&str; 12] = [
    "message",
    "host",
    "app",
    "address",
    "procid",
    "msgid",
    "severity",
    "facility",
    "id",
    "timestamp",
    "received",
    "attributes.",
];

/// Other names that are understood.
const LEVEL: &str = "level";
const RECEIVED_AT: &str = "receivedat";
const ATTRIBUTE_PREFIXES: [&str; 2] = ["attributes.", "attr."];

/// What follows `attributes.` or `attr.`, where the text begins with it in any case.
pub(super) fn attribute_path(name: &str) -> Option<&str> {
    ATTRIBUTE_PREFIXES.iter().find_map(|prefix| {
        let (head, path) = name.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then_some(path)
    })
}

impl FromStr for FieldName {
    type Err = UnknownField;

    /// Reads a name of [`FIELD_NAMES`] in any case, or `level` (severity), `receivedAt`
    /// (received), `attr.` (attributes). The path of an attribute is taken as it stands.
    fn from_str(name: &str) -> Result<Self, UnknownField> {
        if let Some(path) = attribute_path(name).filter(|path| !path.is_empty()) {
            return Ok(FieldName::Text(Field::Attribute(path.to_owned())));
        }
        Ok(match name.to_ascii_lowercase().as_str() {
            "message" => FieldName::Text(Field::Message),
            "host" => FieldName::Text(Field::Host),
            "app" => FieldName::Text(Field::App),
            "address" => FieldName::Text(Field::Address),
            "procid" => FieldName::Text(Field::ProcId),
            "msgid" => FieldName::Text(Field::MsgId),
            "severity" | LEVEL => FieldName::Severity,
            "facility" => FieldName::Facility,
            "id" => FieldName::Id,
            "timestamp" => FieldName::Timestamp,
            "received" | RECEIVED_AT => FieldName::Received,
            _ => return Err(UnknownField { name: name.to_owned() }),
        })
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FieldName::Text(field) => return field.fmt(f),
            FieldName::Severity => "severity",
            FieldName::Facility => "facility",
            FieldName::Id => "id",
            FieldName::Timestamp => "timestamp",
            FieldName::Received => "received",
        })
    }
}

impl fmt::Display for Field {
    /// The field's name; that of an attribute with its path, not escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Message => "message",
            Field::Host => "host",
            Field::App => "app",
            Field::Address => "address",
            Field::ProcId => "procid",
            Field::MsgId => "msgid",
            Field::Attribute(path) => return write!(f, "attributes.{path}"),
        })
    }
}

/// No field has this name. Its `Display` says which one may be meant, or which ones there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// The name that was given.
    pub name: String,
}

impl UnknownField {
    /// The field that is probably meant: one that is a slip of the finger away, or begins alike.
    pub fn suggestion(&self) -> Option<&'static str> {
        let name = self.name.to_ascii_lowercase();
        let slips = if name.len() <= 4 { 1 } else { 2 };
        FIELD_NAMES
            .into_iter()
            .map(|known| (distance(&name, known.trim_end_matches('.')), known))
            .filter(|(distance, known)| *distance <= slips || begins_alike(&name, known))
            .min()
            .map(|(_, known)| known)
    }
}

impl std::error::Error for UnknownField {}

impl fmt::Display for UnknownField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.suggestion() {
            Some("attributes.") => {
                write!(f, "unknown field `{name}`; an attribute is written `attributes.name`")
            }
            Some(meant) => write!(f, "unknown field `{name}`; did you mean `{meant}`?"),
            None => {
                let known = FIELD_NAMES[..FIELD_NAMES.len() - 1].join(", ");
                write!(f, "unknown field `{name}`; there are {known} and `attributes.{name}`")
            }
        }
    }
}

fn begins_alike(name: &str, known: &str) -> bool {
    name.len() >= 3 && known.len() >= 3 && (known.starts_with(name) || name.starts_with(known))
}

/// How many slips of the finger lie between two words: characters missing, added, wrong, or two
/// of them swapped (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let wrong = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = wrong.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = above;
        above = row;
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_name_is_read_and_written_back() {
        for name in FIELD_NAMES {
            let full = if name.ends_with('.') { format!("{name}user.id") } else { name.to_owned() };
            let field: FieldName = full.parse().unwrap();
            assert_eq!(field.to_string(), full);
        }
    }

    #[test]
    fn names_are_read_in_any_case_and_paths_as_they_stand() {
        assert_eq!("procId".parse(), Ok(FieldName::Text(Field::ProcId)));
        assert_eq!("Level".parse(), Ok(FieldName::Severity));
        assert_eq!("receivedAt".parse(), Ok(FieldName::Received));
        let path = Field::Attribute("User.ID".into());
        assert_eq!("Attr.User.ID".parse(), Ok(FieldName::Text(path)));
    }

    #[test]
    fn an_unknown_name_comes_with_the_one_that_is_meant() {
        let meant = |name: &str| UnknownField { name: name.into() }.suggestion();
        assert_eq!(meant("hots"), Some("host"));
        assert_eq!(meant("hostname"), Some("host"));
        assert_eq!(meant("sevrity"), Some("severity"));
        assert_eq!(meant("time"), Some("timestamp"));
        assert_eq!(meant("attributes"), Some("attributes."));
        assert_eq!(meant("latency"), None);
    }

    #[test]
    fn an_unknown_name_without_likeness_comes_with_all_names() {
        let message = UnknownField { name: "latency".into() }.to_string();
        assert!(message.contains("`latency`") && message.contains("attributes.latency"));
        assert!(message.contains("message, host, app"), "{message}");
    }
}
