//! The cursor of a reader: a place in one log.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A place in the log of one database: everything up to and including `id` has been seen. It does
/// not depend on a filter. Written as `tw1-<database>-<id>`, opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub database: Uuid,
    pub id: i64,
}

/// The text is not a cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this server")]
pub struct NotACursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tw1-{}-{}", self.database.simple(), self.id)
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let rest = text.strip_prefix("tw1-").ok_or(NotACursor)?;
        let (database, id) = rest.split_once('-').ok_or(NotACursor)?;
        let database = Uuid::try_parse(database).map_err(|_| NotACursor)?;
        let id: i64 = id.parse().map_err(|_| NotACursor)?;
        let cursor = Cursor { database, id };
        // Only the one spelling we write is a cursor.
        if id < 0 || cursor.to_string() != text { Err(NotACursor) } else { Ok(cursor) }
    }
}
