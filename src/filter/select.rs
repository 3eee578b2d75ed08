//! The matcher over columns: the same tests as for one record, asked of many at once. Each test
//! gets candidates and says which of them pass, so that a dear one is asked about few.

use std::iter;

use arrow_buffer::{BooleanBuffer, Buffer};

use super::attributes::{AttributePath, AttributeReader};
use super::columns::{ColumnSet, Columns, MissingColumn, Names, Texts};
use super::matcher::{Matcher, Node, Place, ValueTest};
use super::runs::Runs;
use super::text::TextMatcher;
use super::tree::{Field, Filter, Test, TimeRange};
use crate::log::Timestamp;

impl Filter {
    /// The columns that decide it. Ids need none.
    pub fn columns(&self) -> ColumnSet {
        match self {
            Filter::And(parts) | Filter::Or(parts) => {
                parts.iter().fold(ColumnSet::NONE, |set, part| set.and(part.columns()))
            }
            Filter::Not(inner) => inner.columns(),
            Filter::Test(test) => match test {
                Test::Id(_) | Test::Exists(Field::Message) => ColumnSet::NONE,
                Test::Text(field, _) | Test::Number(field, ..) | Test::Exists(field) => {
                    column_of(field)
                }
                Test::Severity(_) => ColumnSet::SEVERITY,
                Test::Facility(_) => ColumnSet::FACILITY,
                Test::Timestamp(_) => ColumnSet::TIMESTAMP,
                Test::ReceivedAt(_) => ColumnSet::RECEIVED_AT,
            },
        }
    }
}

impl Filter {
    /// Parts it: what can be asked without these columns, and what remains to be asked of the
    /// records that pass that. Both together are the filter.
    pub fn part(&self, columns: ColumnSet) -> (Filter, Filter) {
        let parts = match self {
            Filter::And(parts) => parts.as_slice(),
            filter => std::slice::from_ref(filter),
        };
        let (rest, without): (Vec<_>, Vec<_>) =
            parts.iter().cloned().partition(|part| part.columns().touches(columns));
        (Filter::all(without), Filter::all(rest))
    }
}

fn column_of(field: &Field) -> ColumnSet {
    match field {
        Field::Host => ColumnSet::HOST,
        Field::App => ColumnSet::APP,
        Field::Address => ColumnSet::ADDRESS,
        Field::ProcId => ColumnSet::PROC_ID,
        Field::MsgId => ColumnSet::MSG_ID,
        Field::Message => ColumnSet::MESSAGE,
        Field::Attribute(_) => ColumnSet::ATTRIBUTES,
    }
}

impl Matcher {
    /// The records that pass, by their places, in order: exactly those that
    /// [`Matcher::matches_entry`] accepts.
    ///
    /// # Errors
    /// [`MissingColumn`] when one of [`Filter::columns`] is not there and was needed.
    pub fn select(&self, columns: &Columns<'_>) -> Result<Vec<u32>, MissingColumn> {
        let everyone = BooleanBuffer::new_set(columns.len);
        Ok(self.select_among(columns, &everyone)?.set_indices_u32().collect())
    }

    /// Those of the candidates that pass. Nothing is asked of the other records.
    ///
    /// # Errors
    /// [`MissingColumn`] as for [`Matcher::select`].
    pub fn select_among(
        &self,
        columns: &Columns<'_>,
        candidates: &BooleanBuffer,
    ) -> Result<BooleanBuffer, MissingColumn> {
        self.root.among(columns, candidates)
    }
}

impl Node {
    /// The candidates that pass.
    fn among(
        &self,
        columns: &Columns<'_>,
        candidates: &BooleanBuffer,
    ) -> Result<BooleanBuffer, MissingColumn> {
        if !candidates.has_true() {
            return Ok(candidates.clone());
        }
        Ok(match self {
            Node::All(parts) => {
                let mut passing = candidates.clone();
                for part in parts {
                    passing = part.among(columns, &passing)?;
                }
                passing
            }
            Node::Any(parts) => {
                let mut failing = candidates.clone();
                for part in parts {
                    failing = without(&failing, &part.among(columns, &failing)?);
                }
                without(candidates, &failing)
            }
            Node::Not(inner) => without(candidates, &inner.among(columns, candidates)?),
            Node::Value(Place::Attribute(path), test) => {
                with_attribute(columns, path, test, candidates)?
            }
            Node::Value(Place::Field(field), test) => with_field(columns, field, test, candidates)?,
            Node::Severity(set) => {
                let codes = values(columns, columns.severities, ColumnSet::SEVERITY)?;
                candidates & &with_code(codes, u32::from(set.0))
            }
            Node::Facility(set) => {
                let codes = values(columns, columns.facilities, ColumnSet::FACILITY)?;
                candidates & &with_code(codes, set.0)
            }
            Node::Timestamp(range) => {
                let times = values(columns, columns.timestamps, ColumnSet::TIMESTAMP)?;
                candidates & &within(times, range)
            }
            Node::ReceivedAt(range) => {
                let times = values(columns, columns.received_at, ColumnSet::RECEIVED_AT)?;
                candidates & &within(times, range)
            }
            Node::Id(range) => {
                let id = |place: usize| i64::try_from(place).map(|at| columns.first_id + at);
                let inside = |place| id(place).is_ok_and(|id| range.contains(&id));
                candidates & &BooleanBuffer::collect_bool(columns.len, inside)
            }
        })
    }
}

/// Those of the one that are not in the other.
fn without(these: &BooleanBuffer, others: &BooleanBuffer) -> BooleanBuffer {
    these & &!others
}

/// A column that is there, with a value for each record.
fn values<'a, T>(
    columns: &Columns<'_>,
    column: Option<&'a [T]>,
    name: ColumnSet,
) -> Result<&'a [T], MissingColumn> {
    column.filter(|values| values.len() == columns.len).ok_or(MissingColumn(name))
}

fn texts<'a>(
    columns: &Columns<'_>,
    column: &Option<Texts<'a>>,
    name: ColumnSet,
) -> Result<Texts<'a>, MissingColumn> {
    let texts = column.as_ref().filter(|texts| texts.are_sound(columns.len));
    texts.cloned().ok_or(MissingColumn(name))
}

/// The values that pass a test that costs next to nothing: all of them are tested.
fn passing<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> BooleanBuffer {
    let bits = |values: &[T]| {
        let bits = (0..).zip(values).map(|(place, value)| u64::from(test(*value)) << place);
        bits.fold(0u64, |word, bit| word | bit).to_le()
    };
    let words: Vec<u64> = values.chunks(64).map(bits).collect();
    BooleanBuffer::new(Buffer::from(words), 0, values.len())
}

/// The candidates that pass a test that costs something.
fn tested(candidates: &BooleanBuffer, test: impl Fn(usize) -> bool) -> BooleanBuffer {
    BooleanBuffer::collect_bool(candidates.len(), |place| candidates.value(place) && test(place))
}

/// The records with a code of the set, in which bit `n` stands for code `n`.
fn with_code(codes: &[u8], set: u32) -> BooleanBuffer {
    let is_in = |code: usize| code < 32 && set >> code & 1 == 1;
    let outcomes: [bool; 256] = std::array::from_fn(is_in);
    passing(codes, |code| outcomes[usize::from(code)])
}

fn within(times: &[i64], range: &TimeRange) -> BooleanBuffer {
    let from = range.from.map_or(i64::MIN, whole_micros);
    match range.to.map(whole_micros) {
        Some(to) => passing(times, |at| from <= at && at < to),
        None => passing(times, |at| from <= at),
    }
}

/// The first whole microsecond at or after an instant.
fn whole_micros(at: Timestamp) -> i64 {
    at.timestamp_micros() + i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000))
}

/// The candidates whose field, not an attribute, passes.
fn with_field(
    columns: &Columns<'_>,
    field: &Field,
    test: &ValueTest,
    candidates: &BooleanBuffer,
) -> Result<BooleanBuffer, MissingColumn> {
    let name = column_of(field);
    let column = match field {
        Field::Message if matches!(test, ValueTest::Exists) => return Ok(candidates.clone()),
        Field::Host => return with_name(columns, &columns.hosts, name, test, candidates),
        Field::App => return with_name(columns, &columns.apps, name, test, candidates),
        Field::Address => return with_name(columns, &columns.addresses, name, test, candidates),
        Field::ProcId => &columns.proc_ids,
        Field::MsgId => &columns.msg_ids,
        Field::Message => &columns.messages,
        Field::Attribute(_) => &None,
    };
    let texts = texts(columns, column, name)?;
    let present = of_present(&texts, candidates);
    Ok(match test {
        ValueTest::Exists => present,
        ValueTest::Text(TextMatcher::Contains(needle)) if !needle.is_empty() => {
            Runs::new(&texts, columns.len).holding(needle, &present)
        }
        test => tested(&present, |place| texts.get(place).is_some_and(|text| test.accepts(text))),
    })
}

/// The candidates whose name passes: each name is tested once.
fn with_name(
    columns: &Columns<'_>,
    column: &Option<Names<'_>>,
    name: ColumnSet,
    test: &ValueTest,
    candidates: &BooleanBuffer,
) -> Result<BooleanBuffer, MissingColumn> {
    let names = column.as_ref().ok_or(MissingColumn(name))?;
    let places = values(columns, Some(names.places), name)?;
    let outcomes: Vec<bool> =
        iter::once(false).chain(names.iter().map(|name| test.accepts(name))).collect();
    let outcome = |place: u32| outcomes.get(place as usize).is_some_and(|passes| *passes);
    Ok(candidates & &passing(places, outcome))
}

/// The candidates with a value that passes at the path.
fn with_attribute(
    columns: &Columns<'_>,
    path: &AttributePath,
    test: &ValueTest,
    candidates: &BooleanBuffer,
) -> Result<BooleanBuffer, MissingColumn> {
    let texts = texts(columns, &columns.attributes, ColumnSet::ATTRIBUTES)?;
    let present = of_present(&texts, candidates);
    let hopeful = path.may_pass_in(test, &Runs::new(&texts, columns.len), &present);
    Ok(tested(&hopeful, |place| {
        texts.get(place).is_some_and(|json| {
            AttributeReader::new(json).any(path, |value| test.accepts_value(value))
        })
    }))
}

fn of_present(texts: &Texts<'_>, candidates: &BooleanBuffer) -> BooleanBuffer {
    let present = texts.present.as_ref();
    present.map_or_else(|| candidates.clone(), |present| candidates & present.inner())
}
