//! What a search asks: one tree, one language, one matcher. Pure.

mod attributes;
mod columns;
mod field;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod language;
mod matcher;
mod partial;
mod runs;
mod select;
mod text;
mod tree;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use tests::random;

pub use columns::{ColumnSet, Columns, MissingColumn, NO_CODE, Names, Texts};
pub use field::{FIELD_NAMES, FieldName, UnknownField};
pub use language::{QueryError, limits, parse};
pub use matcher::Matcher;
pub use tree::{
    Comparison, FacilitySet, Field, Filter, SeveritySet, Test, TextTest, TimeRange, fold, fold_char,
};
