//! The scalars of the schema: counts, times and free JSON.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as ChronoDateTime, Datelike, SecondsFormat, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use serde::de::Error;

use crate::log::Timestamp;

/// A number of things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(pub u64);

/// A number of things: an integer of up to 64 bits, written as a JSON number.
#[Scalar]
impl ScalarType for Count {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(n) if n.is_u64() => Ok(Count(n.as_u64().unwrap_or_default())),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Number(n) if n.is_u64())
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

const NOT_A_TIME: &str = "not a time as RFC 3339 writes it";

/// An instant in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime(pub Timestamp);

/// An instant as RFC 3339 writes it, to the microsecond. Answers are in UTC:
/// `2026-01-02T03:04:05.123456Z`; arguments may have any offset.
#[Scalar(specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => {
                read_instant(text).map(DateTime).ok_or_else(|| InputValueError::custom(NOT_A_TIME))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if read_instant(text).is_some())
    }

    fn to_value(&self) -> Value {
        Value::String(self.written())
    }
}

impl DateTime {
    /// As answers have it.
    pub fn written(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written())
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        read_instant(&text).map(DateTime).ok_or_else(|| D::Error::custom(NOT_A_TIME))
    }
}

/// Reads an RFC 3339 instant of the years 0 to 9999, cut to the microsecond.
fn read_instant(text: &str) -> Option<Timestamp> {
    let at = ChronoDateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
    (0..=9999).contains(&at.year()).then(|| at.trunc_subsecs(6))
}

/// A JSON value, kept as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(pub String);

/// Any JSON value, as it is: objects are objects, not text.
#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Json(serde_json::to_string(&value)?))
    }

    fn to_value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;
    use crate::log::timestamp_from_micros;

    #[test]
    fn an_instant_is_written_in_utc_to_the_microsecond() {
        let at = DateTime(timestamp_from_micros(1_767_323_045_123_456));
        assert_eq!(at.to_value(), value!("2026-01-02T03:04:05.123456Z"));
        let whole = DateTime(timestamp_from_micros(1_767_323_045_000_000));
        assert_eq!(whole.to_value(), value!("2026-01-02T03:04:05Z"));
    }

    #[test]
    fn an_instant_is_read_with_any_offset_and_cut_to_the_microsecond() {
        let at = read_instant("2026-01-02T05:04:05.123456789+02:00").unwrap();
        assert_eq!(at.timestamp_micros(), 1_767_323_045_123_456);
        assert_eq!(at.timestamp_subsec_nanos() % 1_000, 0);
    }

    #[test]
    fn what_is_not_an_instant_is_refused_before_anything_runs() {
        for text in
            ["", "yesterday", "2026-01-02", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59-01:00"]
        {
            assert!(!DateTime::is_valid(&Value::String(text.to_owned())), "{text:?}");
        }
        assert!(!DateTime::is_valid(&value!(7)));
    }

    #[test]
    fn a_count_is_a_number_beyond_32_bits() {
        assert_eq!(Count(u64::MAX).to_value().to_string(), "18446744073709551615");
        assert!(!Count::is_valid(&value!(-1)));
    }

    #[test]
    fn json_is_not_encoded_twice() {
        let text = r#"{"user.id":{"a":[1,2.5,null,"x"]},"big":18446744073709551615}"#;
        let value = Json(text.to_owned()).to_value();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }
}
