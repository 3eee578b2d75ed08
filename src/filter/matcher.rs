//! Decides whether a record passes a filter: the same code for live tails, rows and blocks.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::attributes::{AttributePath, AttributeReader, Value};
use super::text::TextMatcher;
use super::tree::{Comparison, FacilitySet, Field, Filter, SeveritySet, Test, TextTest, TimeRange};
use crate::log::{Entry, Log, SourceKey};

/// A [`Filter`], made ready to look at many records. Make it once; it may be shared by threads.
#[derive(Clone, Debug)]
pub struct Matcher {
    pub(super) root: Node,
}

impl Matcher {
    /// Makes the filter ready.
    pub fn new(filter: &Filter) -> Self {
        Matcher { root: Node::new(filter) }
    }

    /// Whether the record passes.
    pub fn matches(&self, log: &Log) -> bool {
        self.matches_entry(log.id, &log.source, &log.entry)
    }

    /// Whether a record passes whose parts are kept apart.
    pub fn matches_entry(&self, id: i64, source: &SourceKey, entry: &Entry) -> bool {
        let attributes = AttributeReader::new(entry.attributes.as_json());
        self.root.holds(&Subject { id, source, entry, attributes })
    }
}

/// The record that is looked at.
struct Subject<'a> {
    id: i64,
    source: &'a SourceKey,
    entry: &'a Entry,
    attributes: AttributeReader<'a>,
}

/// [`Filter`], made ready.
#[derive(Clone, Debug)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Value(Place, ValueTest),
    Severity(SeveritySet),
    Facility(FacilitySet),
    Timestamp(TimeRange),
    ReceivedAt(TimeRange),
    Id(RangeInclusive<i64>),
}

/// Where a value stands.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// Any field but an attribute.
    Field(Field),
    Attribute(Box<AttributePath>),
}

/// What is asked of a value.
#[derive(Clone, Debug)]
pub(super) enum ValueTest {
    Text(TextMatcher),
    Number(Comparison, f64),
    Exists,
}

impl ValueTest {
    pub(super) fn text(test: &TextTest) -> Self {
        ValueTest::Text(TextMatcher::new(test))
    }

    pub(super) fn accepts(&self, text: &str) -> bool {
        match self {
            ValueTest::Text(matcher) => matcher.accepts(text),
            ValueTest::Number(comparison, bound) => text
                .parse::<f64>()
                .is_ok_and(|number| number.is_finite() && comparison.holds(number, *bound)),
            ValueTest::Exists => true,
        }
    }

    pub(super) fn accepts_value(&self, value: Value<'_>) -> bool {
        match value {
            Value::Scalar(text) => self.accepts(&text),
            Value::Object => matches!(self, ValueTest::Exists),
        }
    }
}

impl Node {
    fn new(filter: &Filter) -> Self {
        match filter {
            Filter::And(parts) => Node::All(cheapest_first(parts)),
            Filter::Or(parts) => Node::Any(cheapest_first(parts)),
            Filter::Not(inner) => Node::Not(Box::new(Node::new(inner))),
            Filter::Test(test) => Node::test(test),
        }
    }

    fn test(test: &Test) -> Self {
        match test {
            Test::Text(field, test) => Node::Value(Place::new(field), ValueTest::text(test)),
            Test::Number(field, comparison, bound) => {
                Node::Value(Place::new(field), ValueTest::Number(*comparison, *bound))
            }
            Test::Exists(field) => Node::Value(Place::new(field), ValueTest::Exists),
            Test::Severity(set) => Node::Severity(*set),
            Test::Facility(set) => Node::Facility(*set),
            Test::Timestamp(range) => Node::Timestamp(*range),
            Test::ReceivedAt(range) => Node::ReceivedAt(*range),
            Test::Id(range) => Node::Id(range.clone()),
        }
    }

    fn holds(&self, subject: &Subject<'_>) -> bool {
        let entry = subject.entry;
        match self {
            Node::All(parts) => parts.iter().all(|part| part.holds(subject)),
            Node::Any(parts) => parts.iter().any(|part| part.holds(subject)),
            Node::Not(inner) => !inner.holds(subject),
            Node::Value(Place::Attribute(path), test) => {
                subject.attributes.any(path, |value| test.accepts_value(value))
            }
            Node::Value(Place::Field(field), test) => {
                subject.text(field).is_some_and(|text| test.accepts(&text))
            }
            Node::Severity(set) => entry.severity.is_some_and(|s| set.contains(s)),
            Node::Facility(set) => entry.facility.is_some_and(|f| set.contains(f)),
            Node::Timestamp(range) => range.contains(entry.timestamp),
            Node::ReceivedAt(range) => range.contains(entry.received_at),
            Node::Id(range) => range.contains(&subject.id),
        }
    }

    /// What the test costs, roughly, in nanoseconds; only the order counts.
    fn cost(&self) -> u32 {
        match self {
            Node::All(parts) | Node::Any(parts) => parts.iter().map(Node::cost).sum(),
            Node::Not(inner) => inner.cost(),
            Node::Value(Place::Attribute(_), _) => 300,
            Node::Value(_, ValueTest::Text(TextMatcher::Regex(_))) => 150,
            Node::Value(Place::Field(Field::Address), _) => 100,
            // The longer, the fewer pass.
            Node::Value(_, ValueTest::Text(TextMatcher::Contains(needle))) => {
                40 + 20usize.saturating_sub(needle.len()) as u32
            }
            Node::Value(..) => 10,
            _ => 1,
        }
    }
}

/// The parts in the order in which they are tried. Their order never changes the outcome.
fn cheapest_first(parts: &[Filter]) -> Vec<Node> {
    let mut nodes: Vec<Node> = parts.iter().map(Node::new).collect();
    nodes.sort_by_key(Node::cost);
    nodes
}

impl Place {
    fn new(field: &Field) -> Self {
        match field {
            Field::Attribute(path) => Place::Attribute(Box::new(AttributePath::new(path))),
            field => Place::Field(field.clone()),
        }
    }
}

impl<'a> Subject<'a> {
    /// The text of a field that is not an attribute.
    fn text(&self, field: &Field) -> Option<Cow<'a, str>> {
        match field {
            Field::Host | Field::App | Field::Address => source_text(field, self.source),
            Field::Message => Some(Cow::Borrowed(&self.entry.message)),
            Field::ProcId => self.entry.proc_id.as_deref().map(Cow::Borrowed),
            Field::MsgId => self.entry.msg_id.as_deref().map(Cow::Borrowed),
            Field::Attribute(_) => None,
        }
    }
}

/// What the source says in a field; `None` when it says nothing, or the field is not a source's.
pub(super) fn source_text<'a>(field: &Field, source: &'a SourceKey) -> Option<Cow<'a, str>> {
    match field {
        Field::Host => source.host.as_deref().map(Cow::Borrowed),
        Field::App => source.app.as_deref().map(Cow::Borrowed),
        Field::Address => Some(Cow::Owned(source.address.to_string())),
        Field::Message | Field::ProcId | Field::MsgId | Field::Attribute(_) => None,
    }
}
