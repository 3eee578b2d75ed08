//! One term to its test: what each field understands.

use std::fmt::Display;
use std::str::FromStr;

use regex::RegexBuilder;

use super::lexer::{Operator, Term, Value};
use super::{Problem, limits, time};
use crate::filter::field::FieldName;
use crate::filter::tree::{
    Comparison, FacilitySet, Field, Filter, SeveritySet, Test, TextTest, TimeRange, fold,
};
use crate::log::{Facility, Severity};

/// The filter a term stands for.
pub(super) fn filter(term: Term) -> Result<Filter, Problem> {
    match &term.field {
        None => word(term),
        Some(FieldName::Text(field)) => text(field.clone(), term),
        Some(FieldName::Severity) => severity(term),
        Some(FieldName::Facility) => facility(term),
        Some(FieldName::Id) => id(term),
        Some(FieldName::Timestamp) => instant(term, Test::Timestamp),
        Some(FieldName::Received) => instant(term, Test::ReceivedAt),
    }
}

/// A word, a phrase or a regular expression: the message holds it.
fn word(term: Term) -> Result<Filter, Problem> {
    let test = match term.value {
        Value::Anything => return Ok(Filter::ALL),
        Value::Text { text, .. } => TextTest::Contains(fold(&text)),
        Value::Regex(pattern) => regex(term.value_at, &pattern)?,
    };
    Ok(Test::Text(Field::Message, test).into())
}

fn text(field: Field, term: Term) -> Result<Filter, Problem> {
    let test = match (term.operator, term.value) {
        (Operator::Is, Value::Anything) => return Ok(Test::Exists(field).into()),
        (Operator::Is, Value::Regex(pattern)) => regex(term.value_at, &pattern)?,
        (Operator::Is, Value::Text { open_start, text, open_end }) => {
            let needle = fold(&text);
            match (open_start, open_end) {
                (true, true) => TextTest::Contains(needle),
                (true, false) => TextTest::EndsWith(needle),
                (false, true) => TextTest::StartsWith(needle),
                (false, false) if field == Field::Message => TextTest::Contains(needle),
                (false, false) => TextTest::Equals(needle),
            }
        }
        (Operator::Exactly, value) => TextTest::Equals(fold(&plain(term.value_at, value)?)),
        (Operator::Compare(comparison), value) => {
            let number: f64 = parsed(term.value_at, value, "a number")?;
            if !number.is_finite() {
                return Err(Problem::new(term.value_at, "the number is not finite"));
            }
            return Ok(Test::Number(field, comparison, number).into());
        }
    };
    Ok(Test::Text(field, test).into())
}

fn severity(term: Term) -> Result<Filter, Problem> {
    if is_anything(&term) {
        return Ok(Test::Severity(SeveritySet::ALL).into());
    }
    let severity: Severity = named(term.value_at, term.value, &Severity::ALL)?;
    // The more severe one has the smaller code.
    let set = match term.operator {
        Operator::Is | Operator::Exactly => SeveritySet::from_iter([severity]),
        Operator::Compare(Comparison::GreaterOrEqual) => SeveritySet::at_least(severity),
        Operator::Compare(Comparison::LessOrEqual) => SeveritySet::at_most(severity),
        Operator::Compare(Comparison::Greater) => SeveritySet(!SeveritySet::at_most(severity).0),
        Operator::Compare(Comparison::Less) => SeveritySet(!SeveritySet::at_least(severity).0),
    };
    Ok(if set.0 == 0 { Filter::NONE } else { Test::Severity(set).into() })
}

fn facility(term: Term) -> Result<Filter, Problem> {
    if let Operator::Compare(comparison) = term.operator {
        let message = format!("facilities have no order for `{comparison}`; use `facility:`");
        return Err(Problem::new(term.value_at, message));
    }
    if is_anything(&term) {
        return Ok(Test::Facility(FacilitySet::ALL).into());
    }
    let facility: Facility = named(term.value_at, term.value, &Facility::ALL)?;
    Ok(Test::Facility(FacilitySet::from_iter([facility])).into())
}

fn id(term: Term) -> Result<Filter, Problem> {
    if is_anything(&term) {
        return Ok(Filter::ALL);
    }
    let id: i64 = parsed(term.value_at, term.value, "a position (a whole number)")?;
    let range = match term.operator {
        Operator::Is | Operator::Exactly => Some(id..=id),
        Operator::Compare(Comparison::GreaterOrEqual) => Some(id..=i64::MAX),
        Operator::Compare(Comparison::LessOrEqual) => Some(i64::MIN..=id),
        Operator::Compare(Comparison::Greater) => id.checked_add(1).map(|next| next..=i64::MAX),
        Operator::Compare(Comparison::Less) => id.checked_sub(1).map(|last| i64::MIN..=last),
    };
    Ok(range.map_or(Filter::NONE, |range| Test::Id(range).into()))
}

fn instant(term: Term, test: fn(TimeRange) -> Test) -> Result<Filter, Problem> {
    if is_anything(&term) {
        return Ok(Filter::ALL);
    }
    let text = plain(term.value_at, term.value)?;
    let Some(period) = time::period(&text) else {
        let message = format!(
            "`{text}` is not a time; write 2026-01-02T03:04:05Z, 2026-01-02T03:04 or 2026-01-02"
        );
        return Err(Problem::new(term.value_at, message));
    };
    let from = |at| Filter::from(test(TimeRange { from: Some(at), to: None }));
    let to = |at| Filter::from(test(TimeRange { from: None, to: Some(at) }));
    Ok(match term.operator {
        Operator::Is | Operator::Exactly => from(period.start).and(to(period.end)),
        Operator::Compare(Comparison::GreaterOrEqual) => from(period.start),
        Operator::Compare(Comparison::LessOrEqual) => to(period.end),
        Operator::Compare(Comparison::Greater) => from(period.end),
        Operator::Compare(Comparison::Less) => to(period.start),
    })
}

fn is_anything(term: &Term) -> bool {
    term.operator == Operator::Is && matches!(term.value, Value::Anything)
}

/// The text of a value that may have no wildcards and be no regular expression.
fn plain(at: usize, value: Value) -> Result<String, Problem> {
    match value {
        Value::Text { open_start: false, text, open_end: false } => Ok(text),
        Value::Regex(_) => Err(Problem::new(at, "a regular expression has no meaning here")),
        _ => Err(Problem::new(at, "`*` has no meaning here; as text it is `\\*`")),
    }
}

fn parsed<T: FromStr>(at: usize, value: Value, what: &str) -> Result<T, Problem> {
    let text = plain(at, value)?;
    text.parse().map_err(|_| Problem::new(at, format!("`{text}` is not {what}")))
}

/// A severity or a facility, by its name; the error lists all of them.
fn named<T>(at: usize, value: Value, all: &[T]) -> Result<T, Problem>
where
    T: FromStr<Err: Display> + Display,
{
    let text = plain(at, value)?;
    text.parse().map_err(|unknown| {
        let names: Vec<String> = all.iter().map(T::to_string).collect();
        Problem::new(at, format!("{unknown}; there are {}", names.join(", ")))
    })
}

fn regex(at: usize, pattern: &str) -> Result<TextTest, Problem> {
    RegexBuilder::new(pattern)
        .size_limit(limits::REGEX_SIZE)
        .dfa_size_limit(limits::REGEX_SIZE)
        .nest_limit(limits::REGEX_NESTING)
        .build()
        .map(|regex| TextTest::Regex(Box::new(regex)))
        .map_err(|error| {
            let message = match error {
                regex::Error::CompiledTooBig(_) => "the regular expression is too large".to_owned(),
                // The crate draws a picture over several lines; its last line says what is wrong.
                error => {
                    let text = error.to_string();
                    let reason = text.lines().last().unwrap_or_default();
                    let reason = reason.trim_start_matches("error: ");
                    format!("the regular expression is not valid: {reason}")
                }
            };
            Problem::new(at, message)
        })
}
