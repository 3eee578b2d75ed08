//! The root of all questions, by what they are about.

mod account;
mod log;

use async_graphql::MergedObject;

use account::AccountQuery;
use log::LogQuery;

/// The root of all questions. Every field can fail; then it is null beside an error whose
/// `extensions.code` says what kind it is.
#[derive(Default, MergedObject)]
pub struct Query(LogQuery, AccountQuery);
