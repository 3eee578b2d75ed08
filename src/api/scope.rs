//! What somebody sees of the log.

use std::fmt::Display;

use super::errors::ApiError;
use super::filter::LogFilter;
use crate::filter::{Filter, Matcher};
use crate::log::Log as LogRecord;
use crate::store::Source as SourceRow;

/// The part of the log that somebody sees: the records that a filter lets through.
#[derive(Debug)]
pub struct Scope {
    filter: Filter,
    matcher: Matcher,
    of_sources: bool,
}

impl Scope {
    /// The scope that is kept with a user, as the JSON of a `LogFilter`.
    ///
    /// # Errors
    /// It cannot be read. Nothing is seen then, for nobody knows what was to be hidden.
    pub fn read(json: &str) -> Result<Scope, ApiError> {
        let unreadable = |cause: &dyn Display| {
            tracing::error!(%cause, "the scope of a user cannot be read: nothing is shown");
            ApiError::forbidden(
                "the scope of this account cannot be read; an admin can set it anew",
            )
        };
        let filter = LogFilter::from_json(json).map_err(|error| unreadable(&error))?;
        if filter.saved_search.is_some() {
            return Err(unreadable(&"it names a saved search"));
        }
        let filter = filter.build().map_err(|error| unreadable(&error.message))?;
        Ok(Scope { matcher: Matcher::new(&filter), of_sources: filter.is_of_sources(), filter })
    }

    /// What is asked for, as far as it is seen.
    pub fn narrow(&self, asked: &Filter) -> Filter {
        self.filter.clone().and(asked.clone())
    }

    /// Whether the record is seen.
    pub fn shows(&self, log: &LogRecord) -> bool {
        self.matcher.matches(log)
    }

    /// Whether it is the sources that decide, so that every record of a source is seen, or none.
    pub fn is_of_sources(&self) -> bool {
        self.of_sources
    }

    /// Whether the records of this source are seen, all of them.
    pub fn shows_source(&self, source: &SourceRow) -> bool {
        self.of_sources && self.matcher.matches_source(&source.key)
    }

    /// The filter itself.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }
}
