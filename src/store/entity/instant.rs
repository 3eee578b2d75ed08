//! An instant in a column: `timestamptz` on Postgres, microseconds since the Unix epoch on SQLite.

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, DbBackend, QueryResult, TryGetError, TryGetable, Value};

use crate::log::{Timestamp, timestamp_from_micros};

/// The first instant of `timestamptz`, 4714-11-24 BC.
const POSTGRES_OLDEST_MICROS: i64 = -210_866_803_200_000_000;

/// A [`Timestamp`] in a column. To hold a column against an instant, use [`Instant::on`]: the
/// databases do not take the same value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub Timestamp);

impl Instant {
    /// The instant as this database takes it.
    pub fn on(backend: DbBackend, instant: Timestamp) -> Value {
        match backend {
            DbBackend::Sqlite => Value::BigInt(Some(instant.timestamp_micros())),
            // Postgres knows no earlier instant, and so no row is older.
            _ => {
                let oldest = timestamp_from_micros(POSTGRES_OLDEST_MICROS);
                Value::ChronoDateTimeUtc(Some(instant.max(oldest)))
            }
        }
    }

    /// The instant, or null, as this database takes it.
    pub fn or_null_on(backend: DbBackend, instant: Option<Timestamp>) -> Value {
        match (instant, backend) {
            (Some(instant), _) => Instant::on(backend, instant),
            (None, DbBackend::Sqlite) => Value::BigInt(None),
            (None, _) => Value::ChronoDateTimeUtc(None),
        }
    }
}

impl TryGetable for Instant {
    fn try_get_by<I: ColIdx>(row: &QueryResult, column: I) -> Result<Self, TryGetError> {
        if row.try_as_sqlite_row().is_some() {
            return i64::try_get_by(row, column)
                .map(|micros| Instant(timestamp_from_micros(micros)));
        }
        Timestamp::try_get_by(row, column).map(Instant)
    }
}

impl From<Instant> for Value {
    fn from(instant: Instant) -> Value {
        Value::ChronoDateTimeUtc(Some(instant.0))
    }
}

impl Nullable for Instant {
    fn null() -> Value {
        Value::ChronoDateTimeUtc(None)
    }
}

impl ValueType for Instant {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        match value {
            Value::ChronoDateTimeUtc(Some(instant)) => Ok(Instant(instant)),
            Value::BigInt(Some(micros)) => Ok(Instant(timestamp_from_micros(micros))),
            _ => Err(ValueTypeErr),
        }
    }

    fn type_name() -> String {
        "Instant".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::ChronoDateTimeUtc
    }

    fn column_type() -> ColumnType {
        ColumnType::TimestampWithTimeZone
    }
}
