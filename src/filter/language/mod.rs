//! The search language: text to filter, and filter to text.
//!
//! | written | means |
//! |---|---|
//! | `disk full` | the message holds both words, anywhere and in any case |
//! | `"disk full"` | the message holds this text |
//! | `a OR b`, `a AND b`, `NOT a`, `-a`, `( … )` | as they read; AND binds tighter than OR and may be left out |
//! | `/time[ds] out/` | the message matches the regular expression (case counts unless it says `(?i)`) |
//! | `host:web1` | the field is this text, in any case; `message:` holds it, like a word |
//! | `host:"web 1"` | the same with spaces |
//! | `host:web*`, `host:*web`, `host:*web*` | the field begins with it, ends with it, holds it |
//! | `message:="disk full"` | the field is exactly this text (as `:` for all fields but the message) |
//! | `host:*` | the field is there |
//! | `host:/^web\d+$/` | the field matches the regular expression |
//! | `severity:error`, `severity>=warning` | this severity; warning or more severe (alias `level`) |
//! | `facility:local0` | this facility |
//! | `id>=42`, `id:42` | the position in the log |
//! | `timestamp>=2026-01-02T03:04:05Z`, `received:2026-01-02` | the sender's time, the time of receipt |
//! | `attributes.user.id:42`, `attr.latency>100` | a value in the attributes, as text or as a number |
//! | `*` | everything, as does an empty query |
//!
//! Comparisons are `<`, `<=`, `>`, `>=`, also written `field:>=value`. A time names as much as it
//! writes: `2026-01-02` is that day, `2026-01-02T03:04` that minute, with seconds that second, with
//! a fraction that microsecond; so `timestamp>2026-01-02` begins on the third. Without an offset it
//! is UTC.
//!
//! A `\` makes the character after it plain text, everywhere; before a letter or digit it is text
//! itself, so that `"C:\temp"` is what it looks like. A `/` inside a regular expression is `\/`.
//! Inside quotes everything else is plain text. Outside, these stand for themselves only when
//! escaped or quoted: `(`, `)`, `"`, `*`, white space, a `/` or a `-` at the beginning (but `--flag`
//! is text), and AND, OR, NOT as whole words.
//!
//! `name:`, `name<` and `name>` always speak of a field, and a name that no field has is an error,
//! for a slip in a field's name must not turn into a search that finds nothing. What cannot be meant
//! as a field is text: `http://host`, `std::io`, `10:20:30`, `key=value`, `a->b`.

mod lexer;
mod parser;
mod term;
mod time;
mod write;

#[cfg(test)]
mod tests;

use std::fmt;

use super::tree::Filter;

/// What a query may at most be. All of it is bounded, for queries come from outside.
pub mod limits {
    /// Characters of a query.
    pub const QUERY_LENGTH: usize = 4096;
    /// Parentheses within parentheses.
    pub const NESTING: usize = 32;
    /// Words, phrases and field tests in one query.
    pub const TERMS: usize = 128;
    /// Regular expressions in one query.
    pub const REGEXES: usize = 16;
    /// Bytes of one compiled regular expression, and of the cache it works with.
    pub const REGEX_SIZE: usize = 1 << 20;
    /// Groups within groups of a regular expression.
    pub const REGEX_NESTING: u32 = 64;
    /// Bytes of the path after `attributes.`.
    pub const ATTRIBUTE_PATH: usize = 256;
}

/// A query that cannot be understood, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// What is wrong, and what to write instead.
    pub message: String,
    /// The place, in characters, from 1.
    pub column: usize,
}

impl std::error::Error for QueryError {}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.message)
    }
}

/// A [`QueryError`] with its place in bytes.
#[derive(Debug)]
struct Problem {
    at: usize,
    message: String,
}

impl Problem {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Problem { at, message: message.into() }
    }
}

/// Reads a query.
///
/// # Errors
/// The first thing in it that cannot be understood, or the limit (see [`limits`]) it exceeds.
pub fn parse(query: &str) -> Result<Filter, QueryError> {
    let read = || {
        if let Some((at, _)) = query.char_indices().nth(limits::QUERY_LENGTH) {
            let limit = limits::QUERY_LENGTH;
            return Err(Problem::new(at, format!("a query has at most {limit} characters")));
        }
        parser::parse(lexer::tokens(query)?, query.len())
    };
    read().map_err(|problem| {
        let before = query.get(..problem.at).unwrap_or(query);
        QueryError { column: before.chars().count() + 1, message: problem.message }
    })
}
