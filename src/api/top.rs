//! `top`: the commonest values of a field.

use async_graphql::{Context, SimpleObject};

use super::connection::size;
use super::damage::told;
use super::enums::spelling;
use super::errors::ApiError;
use super::filter::LogFilter;
use super::limits::{DEFAULT_TOP, MAX_PAGE};
use super::reader::Reader;
use super::scalars::Count;
use crate::filter::limits::ATTRIBUTE_PATH;
use crate::filter::{Field, FieldName, UnknownField};
use crate::log::{Facility, Severity};
use crate::store::TopField;

/// A value and how many records have it.
#[derive(Debug, PartialEq, Eq, SimpleObject)]
pub struct ValueCount {
    /// The value; null for the records without one.
    value: Option<String>,
    /// The number of records.
    count: Count,
}

/// Counts the commonest values of a field of the search language.
pub async fn top(
    ctx: &Context<'_>,
    reader: &Reader,
    filter: LogFilter,
    field: &str,
    first: Option<i32>,
) -> Result<Vec<ValueCount>, ApiError> {
    let field = known(field)?;
    let limit = first.map_or(Ok(DEFAULT_TOP), |first| size("first", first, MAX_PAGE))?;
    let filter = reader.read(&filter).await?.tree;
    if limit == 0 {
        return Ok(Vec::new());
    }
    let counted = told(ctx, reader.top(&filter, &field, limit).await?);
    Ok(counted
        .into_iter()
        .map(|found| ValueCount {
            value: found.value.map(|value| spelled(&field, value)),
            count: Count(found.count),
        })
        .collect())
}

/// The field of this name, in any case, if its values can be counted.
fn known(name: &str) -> Result<TopField, ApiError> {
    let field: FieldName = name
        .parse()
        .map_err(|error: UnknownField| ApiError::bad_input("field", error.to_string()))?;
    match field {
        FieldName::Severity => Ok(TopField::Severity),
        FieldName::Facility => Ok(TopField::Facility),
        FieldName::Text(field) if path_length(&field) <= ATTRIBUTE_PATH => {
            Ok(TopField::Text(field))
        }
        FieldName::Text(_) => Err(ApiError::bad_input(
            "field",
            format!("the path of an attribute has at most {ATTRIBUTE_PATH} bytes"),
        )),
        FieldName::Id | FieldName::Timestamp | FieldName::Received => Err(ApiError::bad_input(
            "field",
            format!("`{field}` differs from record to record; `histogram` counts over time"),
        )),
    }
}

fn path_length(field: &Field) -> usize {
    match field {
        Field::Attribute(path) => path.len(),
        _ => 0,
    }
}

/// Severities and facilities as the schema spells them; everything else as it is.
fn spelled(field: &TopField, value: String) -> String {
    let name = match field {
        TopField::Severity => value.parse::<Severity>().ok().map(Severity::name),
        TopField::Facility => value.parse::<Facility>().ok().map(Facility::name),
        TopField::Text(_) => None,
    };
    name.map_or(value, spelling)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_search_language_is_known() {
        assert_eq!(known("host"), Ok(TopField::Text(Field::Host)));
        assert_eq!(known("procId"), Ok(TopField::Text(Field::ProcId)));
        assert_eq!(known("SEVERITY"), Ok(TopField::Severity));
        let path = Field::Attribute("User.id".to_owned());
        assert_eq!(known("attributes.User.id"), Ok(TopField::Text(path)));
    }

    #[test]
    fn an_unknown_field_is_refused_and_the_known_ones_are_named() {
        let error = known("colour").unwrap_err();
        assert_eq!(error.argument.as_deref(), Some("field"));
        assert!(error.message.contains("host, app"), "{}", error.message);
        assert!(error.message.contains("attributes.colour"), "{}", error.message);
    }

    #[test]
    fn what_no_two_records_share_is_not_counted() {
        for name in ["id", "timestamp", "receivedAt"] {
            assert!(known(name).unwrap_err().message.contains("histogram"), "{name}");
        }
        assert!(known(&format!("attributes.{}", "x".repeat(257))).is_err());
    }

    #[test]
    fn severities_and_facilities_are_spelled_as_in_the_schema() {
        assert_eq!(spelled(&TopField::Severity, "error".into()), "ERROR");
        assert_eq!(spelled(&TopField::Facility, "16".into()), "LOCAL0");
        assert_eq!(spelled(&TopField::Text(Field::Host), "error".into()), "error");
    }
}
