//! The tree back to text: [`Filter`]'s `Display` is a query that asks the same.

use std::fmt::{self, Display, Write};

use crate::filter::tree::{FacilitySet, Field, Filter, SeveritySet, Test, TextTest, TimeRange};
use crate::log::{Facility, Severity, Timestamp};

impl Display for Filter {
    /// A query that [`parse`](super::parse) reads as a filter that passes the same records. Times
    /// beyond the year 9999 and numbers that are not finite have no form in the language.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::And(parts) if parts.is_empty() => f.write_str("*"),
            Filter::Or(parts) if parts.is_empty() => f.write_str("NOT *"),
            Filter::And(parts) => join(f, parts, " "),
            Filter::Or(parts) => join(f, parts, " OR "),
            Filter::Not(inner) => write!(f, "NOT {}", Operand(inner)),
            Filter::Test(test) => test.fmt(f),
        }
    }
}

/// A filter inside another one.
struct Operand<'a>(&'a Filter);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Filter::And(parts) | Filter::Or(parts) if !parts.is_empty() => {
                write!(f, "({})", self.0)
            }
            other => other.fmt(f),
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, parts: &[Filter], between: &str) -> fmt::Result {
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            f.write_str(between)?;
        }
        Operand(part).fmt(f)?;
    }
    Ok(())
}

impl Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Text(Field::Message, TextTest::Contains(needle)) => Quoted(needle).fmt(f),
            Test::Text(Field::Message, TextTest::Regex(regex)) => Pattern(regex.as_str()).fmt(f),
            Test::Text(field @ Field::Message, TextTest::Equals(text)) => {
                write!(f, "{}:={}", Name(field), Quoted(text))
            }
            Test::Text(field, test) => {
                write!(f, "{}:", Name(field))?;
                match test {
                    TextTest::Equals(text) => Quoted(text).fmt(f),
                    TextTest::StartsWith(text) => write!(f, "{}*", Quoted(text)),
                    TextTest::EndsWith(text) => write!(f, "*{}", Quoted(text)),
                    TextTest::Contains(text) => write!(f, "*{}*", Quoted(text)),
                    TextTest::Regex(regex) => Pattern(regex.as_str()).fmt(f),
                }
            }
            Test::Number(field, comparison, number) => {
                write!(f, "{}{comparison}{number:?}", Name(field))
            }
            Test::Exists(field) => write!(f, "{}:*", Name(field)),
            Test::Severity(set) => severities(f, *set),
            Test::Facility(set) => facilities(f, *set),
            Test::Timestamp(range) => times(f, "timestamp", range),
            Test::ReceivedAt(range) => times(f, "received", range),
            Test::Id(range) => match (*range.start(), *range.end()) {
                (i64::MIN, i64::MAX) => f.write_str("*"),
                (first, last) if first > last => f.write_str("NOT *"),
                (first, last) if first == last => write!(f, "id:{first}"),
                (first, i64::MAX) => write!(f, "id>={first}"),
                (i64::MIN, last) => write!(f, "id<={last}"),
                (first, last) => write!(f, "(id>={first} id<={last})"),
            },
        }
    }
}

fn severities(f: &mut fmt::Formatter<'_>, set: SeveritySet) -> fmt::Result {
    let members: Vec<Severity> = Severity::ALL.into_iter().filter(|s| set.contains(*s)).collect();
    match members.as_slice() {
        _ if set == SeveritySet::ALL => f.write_str("severity:*"),
        [_, .., least] if set == SeveritySet::at_least(*least) => write!(f, "severity>={least}"),
        [most, .., _] if set == SeveritySet::at_most(*most) => write!(f, "severity<={most}"),
        members => choice(f, "severity", members),
    }
}

fn facilities(f: &mut fmt::Formatter<'_>, set: FacilitySet) -> fmt::Result {
    let members: Vec<Facility> = Facility::ALL.into_iter().filter(|m| set.contains(*m)).collect();
    match members.len() {
        n if n == Facility::ALL.len() => f.write_str("facility:*"),
        _ => choice(f, "facility", &members),
    }
}

fn choice(f: &mut fmt::Formatter<'_>, field: &str, members: &[impl Display]) -> fmt::Result {
    match members {
        [] => f.write_str("NOT *"),
        [member] => write!(f, "{field}:{member}"),
        [first, rest @ ..] => {
            write!(f, "({field}:{first}")?;
            for member in rest {
                write!(f, " OR {field}:{member}")?;
            }
            f.write_char(')')
        }
    }
}

fn times(f: &mut fmt::Formatter<'_>, field: &str, range: &TimeRange) -> fmt::Result {
    let text = |at: Timestamp| at.format("%Y-%m-%dT%H:%M:%S%.6fZ");
    match (range.from, range.to) {
        (None, None) => f.write_str("*"),
        (Some(from), None) => write!(f, "{field}>={}", text(from)),
        (None, Some(to)) => write!(f, "{field}<{}", text(to)),
        (Some(from), Some(to)) => {
            write!(f, "({field}>={} {field}<{})", text(from), text(to))
        }
    }
}

/// A field's name, escaped.
struct Name<'a>(&'a Field);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Field::Attribute(path) = self.0 else { return self.0.fmt(f) };
        f.write_str("attributes.")?;
        for c in path.chars() {
            if c.is_whitespace() || matches!(c, ':' | '<' | '>' | '"' | '(' | ')' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
        }
        Ok(())
    }
}

/// A text as a word where it can be one, else in quotes.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '=' | '/' | '@');
        let is_word = text.starts_with(char::is_alphanumeric)
            && text.chars().all(plain)
            && !matches!(text, "AND" | "OR" | "NOT");
        if is_word {
            return f.write_str(text);
        }
        f.write_char('"')?;
        for c in text.chars() {
            if matches!(c, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
        }
        f.write_char('"')
    }
}

/// A regular expression between slashes.
struct Pattern<'a>(&'a str);

impl Display for Pattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("/(?:)/");
        }
        f.write_char('/')?;
        let mut escaped = false;
        for c in self.0.chars() {
            if c == '/' && !escaped {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
            escaped = c == '\\' && !escaped;
        }
        f.write_char('/')
    }
}
