//! `LogFilter`: the conditions of a client, made into the one filter tree.

use async_graphql::{ID, InputObject};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::enums::Severity;
use super::errors::ApiError;
use super::limits::{MAX_LIST, MAX_TEXT};
use super::scalars::DateTime;
use crate::filter::{self, Field, Filter, SeveritySet, Test, TextTest, TimeRange, fold};
use crate::log::Severity as LogSeverity;

/// Which records. All conditions hold together; one that is not given says nothing.
///
/// Scopes and saved searches are kept as the JSON of its fields that are given.
#[derive(Clone, Debug, Default, PartialEq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LogFilter {
    /// The search language: words, "phrases", -not, AND, OR, NOT, ( ), field:value,
    /// field:val*, severity>=warning, attributes.user.id:42, /regex/.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// From this time of the sender on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime>,
    /// Before this time of the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime>,
    /// This severity and every more severe one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_severity: Option<Severity>,
    /// One of these severities; an empty list holds for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severities: Option<Vec<Severity>>,
    /// One of these hosts, in any case; an empty list holds for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
    /// One of these programs, in any case; an empty list holds for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apps: Option<Vec<String>>,
    /// This text is in the message, in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The conditions of this saved search, too: an own one, or one that is shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved_search: Option<ID>,
}

impl LogFilter {
    /// The time range that the filter names.
    pub fn range(&self) -> TimeRange {
        TimeRange { from: self.from.map(|at| at.0), to: self.to.map(|at| at.0) }
    }

    /// Reads the JSON of a scope or a saved search.
    ///
    /// # Errors
    /// It is none, for our log: clients give filters that have been read already.
    pub fn from_json(json: &str) -> Result<LogFilter, serde_json::Error> {
        // serde would read an array as the fields in their order.
        let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json)?;
        serde_json::from_value(fields.into())
    }

    /// The JSON to keep of a filter that is fit for a scope or a saved search.
    ///
    /// # Errors
    /// The user's: those of [`LogFilter::build`], and that it names a saved search.
    pub fn to_json(&self) -> Result<String, ApiError> {
        if self.saved_search.is_some() {
            let message = "a filter that is kept cannot name a saved search";
            return Err(ApiError::bad_input("filter.savedSearch", message));
        }
        self.to_json_with_saved_search()
    }

    /// The JSON to keep of a filter that is read again by whoever gave it.
    ///
    /// # Errors
    /// The user's: those of [`LogFilter::build`].
    pub fn to_json_with_saved_search(&self) -> Result<String, ApiError> {
        self.build()?;
        let json = serde_json::to_string(self).map_err(|error| ApiError::internal(&error))?;
        // Postgres keeps no NUL, and no record holds one.
        if json.contains("\\u0000") {
            return Err(ApiError::bad_input("filter", "no record holds a NUL"));
        }
        Ok(json)
    }

    /// The tree of all the conditions but those of the saved search.
    ///
    /// # Errors
    /// The user's: the query cannot be read, the range runs backwards, a list or text is too long.
    pub fn build(&self) -> Result<Filter, ApiError> {
        let mut conditions = Vec::new();
        if self.from.is_some() || self.to.is_some() {
            conditions.push(Test::Timestamp(self.checked_range()?).into());
        }
        if let Some(least) = self.min_severity {
            conditions.push(Test::Severity(SeveritySet::at_least(least.into())).into());
        }
        if let Some(severities) = &self.severities {
            let set = severities.iter().map(|severity| LogSeverity::from(*severity)).collect();
            conditions.push(Test::Severity(set).into());
        }
        if let Some(hosts) = &self.hosts {
            conditions.push(one_of("filter.hosts", Field::Host, hosts)?);
        }
        if let Some(apps) = &self.apps {
            conditions.push(one_of("filter.apps", Field::App, apps)?);
        }
        if let Some(text) = self.text.as_deref().filter(|text| !text.is_empty()) {
            check_text("filter.text", text)?;
            let test = TextTest::Contains(fold(text));
            conditions.push(Test::Text(Field::Message, test).into());
        }
        if let Some(query) = &self.query {
            conditions.push(parse(query)?);
        }
        Ok(conditions.into_iter().fold(Filter::ALL, Filter::and))
    }

    fn checked_range(&self) -> Result<TimeRange, ApiError> {
        let range = self.range();
        match (range.from, range.to) {
            (Some(from), Some(to)) if from > to => {
                Err(ApiError::bad_input("filter.from", "`from` lies after `to`"))
            }
            _ => Ok(range),
        }
    }
}

/// The field is one of these texts.
fn one_of(argument: &'static str, field: Field, values: &[String]) -> Result<Filter, ApiError> {
    if values.len() > MAX_LIST {
        return Err(ApiError::bad_input(argument, format!("at most {MAX_LIST} values")));
    }
    values
        .iter()
        .map(|value| {
            check_text(argument, value)?;
            Ok(Test::Text(field.clone(), TextTest::Equals(fold(value))).into())
        })
        .collect::<Result<_, _>>()
        .map(Filter::Or)
}

/// The id of a user or of something a user keeps.
///
/// # Errors
/// The user's: no id looks like this.
pub fn uuid(argument: &'static str, id: &ID) -> Result<Uuid, ApiError> {
    Uuid::try_parse(id).map_err(|_| ApiError::bad_input(argument, "no id looks like this"))
}

/// Refuses a text that is too long to look for.
pub fn check_text(argument: &'static str, text: &str) -> Result<(), ApiError> {
    if text.len() > MAX_TEXT {
        return Err(ApiError::bad_input(argument, format!("longer than {MAX_TEXT} bytes")));
    }
    Ok(())
}

/// Reads the search language.
fn parse(query: &str) -> Result<Filter, ApiError> {
    filter::parse(query)
        .map_err(|error| ApiError::bad_input("filter.query", error.message).at_column(error.column))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::timestamp_from_micros;

    fn at(micros: i64) -> Option<DateTime> {
        Some(DateTime(timestamp_from_micros(micros)))
    }

    fn text(field: Field, text: &str) -> Filter {
        Test::Text(field, TextTest::Equals(text.into())).into()
    }

    #[test]
    fn no_condition_is_the_filter_that_everything_passes() {
        assert_eq!(LogFilter::default().build(), Ok(Filter::ALL));
        let blank = LogFilter { text: Some(String::new()), ..LogFilter::default() };
        assert_eq!(blank.build(), Ok(Filter::ALL));
    }

    #[test]
    fn all_conditions_hold_together() {
        let filter = LogFilter {
            from: at(1),
            min_severity: Some(Severity::Warning),
            hosts: Some(vec!["Web1".into(), "web2".into()]),
            text: Some("Disk FULL".into()),
            ..LogFilter::default()
        };
        let range = TimeRange { from: Some(timestamp_from_micros(1)), to: None };
        let contains = TextTest::Contains("disk full".into());
        assert_eq!(
            filter.build(),
            Ok(Filter::And(vec![
                Test::Timestamp(range).into(),
                Test::Severity(SeveritySet(0b0001_1111)).into(),
                Filter::Or(vec![text(Field::Host, "web1"), text(Field::Host, "web2")]),
                Test::Text(Field::Message, contains).into(),
            ]))
        );
    }

    #[test]
    fn what_is_kept_comes_back_as_the_filter_it_was() {
        let filter = LogFilter {
            query: Some("host:\"web 1\" -debug".into()),
            from: at(1_767_323_045_123_456),
            min_severity: Some(Severity::Error),
            severities: Some(vec![Severity::Emergency]),
            hosts: Some(vec![]),
            ..LogFilter::default()
        };
        let json = filter.to_json().unwrap();
        assert_eq!(LogFilter::from_json(&json).unwrap(), filter);
        let expected = serde_json::json!({
            "query": "host:\"web 1\" -debug", "from": "2026-01-02T03:04:05.123456Z",
            "minSeverity": "ERROR", "severities": ["EMERGENCY"], "hosts": [],
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), expected);
        assert_eq!(LogFilter::default().to_json().unwrap(), "{}");
    }

    #[test]
    fn what_is_kept_must_be_whole_in_itself() {
        let of = |filter: LogFilter| filter.to_json().unwrap_err().argument.unwrap();
        let saved = LogFilter { saved_search: Some("1".into()), ..LogFilter::default() };
        assert_eq!(of(saved), "filter.savedSearch");
        let query = LogFilter { query: Some("(".into()), ..LogFilter::default() };
        assert_eq!(of(query), "filter.query");
        let nul = LogFilter { hosts: Some(vec!["\0".into()]), ..LogFilter::default() };
        assert_eq!(of(nul), "filter");
    }

    #[test]
    fn what_was_kept_is_read_strictly() {
        for json in ["", "[]", "null", r#"{"host":"web1"}"#, r#"{"from":"yesterday"}"#] {
            assert!(LogFilter::from_json(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_empty_list_holds_for_nothing() {
        let hosts = LogFilter { hosts: Some(vec![]), ..LogFilter::default() };
        assert_eq!(hosts.build(), Ok(Filter::Or(vec![])));
        let severities = LogFilter { severities: Some(vec![]), ..LogFilter::default() };
        assert_eq!(severities.build(), Ok(Test::Severity(SeveritySet(0)).into()));
    }

    #[test]
    fn a_query_that_cannot_be_read_points_at_the_column() {
        let filter = LogFilter { query: Some("disk (full".into()), ..LogFilter::default() };
        let error = filter.build().unwrap_err();
        assert_eq!((error.argument.as_deref(), error.column), (Some("filter.query"), Some(6)));
    }

    #[test]
    fn a_range_that_runs_backwards_is_refused_and_an_empty_one_is_not() {
        let backwards = LogFilter { from: at(2), to: at(1), ..LogFilter::default() };
        assert_eq!(backwards.build().unwrap_err().argument.as_deref(), Some("filter.from"));
        let empty = LogFilter { from: at(2), to: at(2), ..LogFilter::default() };
        assert!(empty.build().is_ok());
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let long = || "x".repeat(MAX_TEXT + 1);
        for (filter, argument) in [
            (LogFilter { text: Some(long()), ..LogFilter::default() }, "filter.text"),
            (LogFilter { query: Some(long()), ..LogFilter::default() }, "filter.query"),
            (LogFilter { hosts: Some(vec![long()]), ..LogFilter::default() }, "filter.hosts"),
            (
                LogFilter { apps: Some(vec![String::new(); MAX_LIST + 1]), ..LogFilter::default() },
                "filter.apps",
            ),
        ] {
            assert_eq!(filter.build().unwrap_err().argument.as_deref(), Some(argument));
        }
    }
}
