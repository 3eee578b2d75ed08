//! What a filter says of sources and times alone, before any record is looked at.

use super::matcher::{Matcher, ValueTest, source_text};
use super::tree::{Field, Filter, Test, TimeRange};
use crate::log::{Attributes, Entry, SourceKey, Timestamp};

impl Filter {
    /// What remains to be asked of the records of one source: every test of host, app and address
    /// is replaced by its outcome, and the tree is simplified. [`Filter::NONE`] says that no
    /// record of the source passes, [`Filter::ALL`] that each of them does; equal remainders of
    /// two sources ask the same of both.
    pub fn on_source(&self, source: &SourceKey) -> Filter {
        match self {
            Filter::And(parts) => Filter::all(parts.iter().map(|part| part.on_source(source))),
            Filter::Or(parts) => Filter::any(parts.iter().map(|part| part.on_source(source))),
            Filter::Not(inner) => inner.on_source(source).negate(),
            Filter::Test(test) => match outcome(test, source) {
                Some(true) => Filter::ALL,
                Some(false) => Filter::NONE,
                None => self.clone(),
            },
        }
    }

    /// A range that holds the timestamp of every record that passes: all ranges that must hold
    /// together, as one.
    pub fn time_range(&self) -> TimeRange {
        match self {
            Filter::And(parts) => {
                let ranges = parts.iter().map(Filter::time_range);
                ranges.fold(TimeRange::default(), TimeRange::and)
            }
            Filter::Test(Test::Timestamp(range)) => *range,
            _ => TimeRange::default(),
        }
    }

    /// Whether it speaks of nothing but ids, times, severities and sources (host, app, address).
    /// SQL and the catalogue may answer such a filter alone, once [`Filter::on_source`] has said
    /// which sources it means; every other one is decided by the matcher.
    pub fn is_exact(&self) -> bool {
        match self {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().all(Filter::is_exact),
            Filter::Not(inner) => inner.is_exact(),
            Filter::Test(test) => match test {
                Test::Id(_) | Test::Timestamp(_) | Test::ReceivedAt(_) | Test::Severity(_) => true,
                test => test.is_of_source(),
            },
        }
    }

    /// Whether it speaks of nothing but host, app and address. Then it lets every record of a
    /// source pass, or none, and whoever sees one of them sees them all.
    pub fn is_of_sources(&self) -> bool {
        match self {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().all(Filter::is_of_sources),
            Filter::Not(inner) => inner.is_of_sources(),
            Filter::Test(test) => test.is_of_source(),
        }
    }
}

impl Matcher {
    /// Whether the records of a source pass, where the source alone decides
    /// ([`Filter::is_of_sources`]).
    pub fn matches_source(&self, source: &SourceKey) -> bool {
        self.matches_entry(0, source, &NOTHING)
    }
}

/// An entry that says nothing, for tests that do not look at it.
const NOTHING: Entry = Entry {
    timestamp: Timestamp::UNIX_EPOCH,
    received_at: Timestamp::UNIX_EPOCH,
    severity: None,
    facility: None,
    proc_id: None,
    msg_id: None,
    message: String::new(),
    attributes: Attributes::EMPTY,
};

impl Test {
    /// Whether the source alone decides it: a test of host, app or address.
    pub fn is_of_source(&self) -> bool {
        match self {
            Test::Text(field, _) | Test::Number(field, ..) | Test::Exists(field) => {
                is_of_source(field)
            }
            Test::Severity(_)
            | Test::Facility(_)
            | Test::Timestamp(_)
            | Test::ReceivedAt(_)
            | Test::Id(_) => false,
        }
    }
}

fn is_of_source(field: &Field) -> bool {
    matches!(field, Field::Host | Field::App | Field::Address)
}

/// The outcome of a test for every record of the source, where the source alone decides it.
fn outcome(test: &Test, source: &SourceKey) -> Option<bool> {
    let (field, test) = match test {
        Test::Text(field, test) => (field, ValueTest::text(test)),
        Test::Number(field, comparison, bound) => (field, ValueTest::Number(*comparison, *bound)),
        Test::Exists(field) => (field, ValueTest::Exists),
        _ => return None,
    };
    is_of_source(field).then(|| source_text(field, source).is_some_and(|text| test.accepts(&text)))
}
