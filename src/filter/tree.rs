//! The one filter tree: what a search asks, whoever asks it and wherever it is answered.

use std::fmt;
use std::ops::RangeInclusive;

use crate::log::{Facility, Severity, Timestamp};

/// A condition on a record. The search language, `LogFilter` and row scopes all become this tree;
/// `matcher` decides it, and the store may only narrow by it.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every one of them holds. `And(vec![])` matches everything.
    And(Vec<Filter>),
    /// At least one holds. `Or(vec![])` matches nothing.
    Or(Vec<Filter>),
    /// It does not hold. A record without the field a test asks for fails the test, and so
    /// passes its negation.
    Not(Box<Filter>),
    /// A single test.
    Test(Test),
}

/// One test of one record.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A field's text, tested. For [`Field::Message`] the usual search is `TextTest::Contains`.
    Text(Field, TextTest),
    /// A field compared as a number. Text that reads as a finite decimal number counts as one
    /// (structured data of RFC 5424 is always text); every other value fails.
    Number(Field, Comparison, f64),
    /// The field is present and not null.
    Exists(Field),
    /// The record has a severity and it is one of these.
    Severity(SeveritySet),
    /// The record has a facility and it is one of these.
    Facility(FacilitySet),
    /// The sender's time lies in the range.
    Timestamp(TimeRange),
    /// The time of receipt lies in the range.
    ReceivedAt(TimeRange),
    /// The position lies in the range.
    Id(RangeInclusive<i64>),
}

/// A field that holds text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Message,
    Host,
    App,
    /// The peer's address.
    Address,
    ProcId,
    MsgId,
    /// A value in `attributes`. The path `user.id` is kept whole: it is looked up as nested
    /// keys and as keys with dots in them alike (`{"user":{"id":1}}`, `{"user.id":1}`), and an
    /// array on the way stands for each of its elements. A scalar that is not text is tested as
    /// the text JSON writes for it; null is as good as absent; an object exists, and fails every
    /// other test.
    Attribute(String),
}

/// How a field's text is tested. Every needle is already folded (see [`fold`]); the text it is
/// held against is folded while it is tested.
#[derive(Clone, Debug)]
pub enum TextTest {
    /// The whole text is this.
    Equals(String),
    /// The text starts with this (`field:val*`).
    StartsWith(String),
    /// The text ends with this (`field:*val`).
    EndsWith(String),
    /// The text holds this (`word`, `"phrase"`, `field:*val*`).
    Contains(String),
    /// The regular expression finds a match. Not folded: case counts unless it says `(?i)`.
    Regex(Box<regex::Regex>),
}

impl PartialEq for TextTest {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Equals(a), Self::Equals(b))
            | (Self::StartsWith(a), Self::StartsWith(b))
            | (Self::EndsWith(a), Self::EndsWith(b))
            | (Self::Contains(a), Self::Contains(b)) => a == b,
            (Self::Regex(a), Self::Regex(b)) => a.as_str() == b.as_str(),
            _ => false,
        }
    }
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A set of severities; bit `n` stands for code `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SeveritySet(pub u8);

impl SeveritySet {
    /// Every severity.
    pub const ALL: SeveritySet = SeveritySet(u8::MAX);

    /// This severity and every more severe one.
    pub fn at_least(severity: Severity) -> Self {
        SeveritySet(u8::MAX >> (7 - severity.code()))
    }

    /// This severity and every less severe one.
    pub fn at_most(severity: Severity) -> Self {
        SeveritySet(u8::MAX << severity.code())
    }

    /// Whether the severity is in the set.
    pub fn contains(self, severity: Severity) -> bool {
        self.0 & (1 << severity.code()) != 0
    }
}

impl FromIterator<Severity> for SeveritySet {
    fn from_iter<I: IntoIterator<Item = Severity>>(severities: I) -> Self {
        SeveritySet(severities.into_iter().fold(0, |set, s| set | 1 << s.code()))
    }
}

/// A set of facilities; bit `n` stands for code `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FacilitySet(pub u32);

impl FacilitySet {
    /// Every facility.
    pub const ALL: FacilitySet = FacilitySet((1 << Facility::ALL.len()) - 1);

    /// Whether the facility is in the set.
    pub fn contains(self, facility: Facility) -> bool {
        self.0 & (1 << facility.code()) != 0
    }
}

impl FromIterator<Facility> for FacilitySet {
    fn from_iter<I: IntoIterator<Item = Facility>>(facilities: I) -> Self {
        FacilitySet(facilities.into_iter().fold(0, |set, f| set | 1 << f.code()))
    }
}

/// A range of time: from (inclusive) to (exclusive), open where none is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TimeRange {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

impl TimeRange {
    /// Whether the instant lies in the range.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }

    /// What lies in both.
    pub fn and(self, other: TimeRange) -> TimeRange {
        TimeRange { from: self.from.max(other.from), to: self.to.into_iter().chain(other.to).min() }
    }
}

impl Filter {
    /// The filter that every record passes.
    pub const ALL: Filter = Filter::And(Vec::new());

    /// The filter that no record passes.
    pub const NONE: Filter = Filter::Or(Vec::new());

    /// Every one of them holds; flat, and no larger than it must be.
    pub fn all(filters: impl IntoIterator<Item = Filter>) -> Filter {
        let mut parts = Vec::new();
        for filter in filters {
            match filter {
                Filter::And(inner) => parts.extend(inner),
                none if none.is_none() => return Filter::NONE,
                other => parts.push(other),
            }
        }
        if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) }
    }

    /// At least one holds; flat, and no larger than it must be.
    pub fn any(filters: impl IntoIterator<Item = Filter>) -> Filter {
        let mut parts = Vec::new();
        for filter in filters {
            match filter {
                Filter::Or(inner) => parts.extend(inner),
                all if all.is_all() => return Filter::ALL,
                other => parts.push(other),
            }
        }
        if parts.len() == 1 { parts.remove(0) } else { Filter::Or(parts) }
    }

    /// Both hold.
    pub fn and(self, other: Filter) -> Filter {
        Filter::all([self, other])
    }

    /// It does not hold.
    pub fn negate(self) -> Filter {
        match self {
            Filter::Not(inner) => *inner,
            all if all.is_all() => Filter::NONE,
            none if none.is_none() => Filter::ALL,
            other => Filter::Not(Box::new(other)),
        }
    }

    /// Whether it is [`Filter::ALL`]. Other trees may let every record pass, too.
    pub fn is_all(&self) -> bool {
        matches!(self, Filter::And(parts) if parts.is_empty())
    }

    /// Whether it is [`Filter::NONE`]. Other trees may let no record pass, too.
    pub fn is_none(&self) -> bool {
        matches!(self, Filter::Or(parts) if parts.is_empty())
    }
}

impl From<Test> for Filter {
    fn from(test: Test) -> Self {
        Filter::Test(test)
    }
}

/// Folds case for search: Unicode simple lower-casing, one character for one character, so that
/// offsets in characters stay the same. Characters whose full lower-casing is longer keep their
/// simple one (`İ` becomes `i`).
pub fn fold(text: &str) -> String {
    text.chars().map(fold_char).collect()
}

/// Folds one character (see [`fold`]).
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    // Only U+0130 has a full lower-casing of more than one character; its simple one is `i`.
    c.to_lowercase().next().unwrap_or(c)
}

impl Comparison {
    /// Whether `left` compares to `right` in this way.
    pub fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        })
    }
}
