//! `logs`: a Relay connection over the log, newest first, walked in either direction.

use async_graphql::connection::PageInfo;
use async_graphql::{Context, Enum, SimpleObject};

use super::cursor::{self, List};
use super::damage;
use super::errors::ApiError;
use super::filter::LogFilter;
use super::limits::{DEFAULT_PAGE, MAX_PAGE};
use super::log::Log;
use super::reader::{Reader, Stretch};
use crate::log::Log as LogRecord;
use crate::store::{Direction, Order, Position};

/// The order of `logs`. Both run newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum LogOrder {
    /// By the sender's time, then by id.
    #[default]
    Timestamp,
    /// By id: the order in which records were stored.
    Arrival,
}

impl LogOrder {
    fn order(self) -> Order {
        match self {
            LogOrder::Timestamp => Order::Timestamp,
            LogOrder::Arrival => Order::Arrival,
        }
    }

    fn list(self) -> List {
        match self {
            LogOrder::Timestamp => List::LogsByTimestamp,
            LogOrder::Arrival => List::LogsByArrival,
        }
    }
}

/// A page of records, newest first.
#[derive(SimpleObject)]
pub struct LogConnection {
    /// The records of the page with their cursors.
    edges: Vec<LogEdge>,
    /// Where the page stands in the whole.
    page_info: PageInfo,
}

/// A record on a page.
#[derive(SimpleObject)]
pub struct LogEdge {
    /// The place of the record in this order, for `after` and `before`.
    cursor: String,
    /// The record.
    node: Log,
}

/// The paging arguments, as Relay has them.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// Which way a page is read, and how long it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    backward: bool,
    limit: usize,
}

impl Paging {
    fn window(&self) -> Result<Window, ApiError> {
        match (self.first, self.last) {
            (Some(_), Some(_)) => {
                Err(ApiError::bad_input("last", "`first` and `last` cannot be given together"))
            }
            (None, Some(last)) => {
                Ok(Window { backward: true, limit: size("last", last, MAX_PAGE)? })
            }
            (Some(first), None) => {
                Ok(Window { backward: false, limit: size("first", first, MAX_PAGE)? })
            }
            (None, None) => Ok(Window { backward: false, limit: DEFAULT_PAGE }),
        }
    }
}

/// Reads how many items an argument asks for.
///
/// # Errors
/// The user's, when the number is negative or above `most`.
pub fn size(argument: &'static str, asked: i32, most: usize) -> Result<usize, ApiError> {
    match usize::try_from(asked) {
        Ok(asked) if asked <= most => Ok(asked),
        Ok(_) => Err(ApiError::bad_input(argument, format!("`{argument}` is at most {most}"))),
        Err(_) => Err(ApiError::bad_input(argument, format!("`{argument}` cannot be negative"))),
    }
}

/// Reads a page of the log.
pub async fn logs(
    ctx: &Context<'_>,
    reader: &Reader,
    filter: LogFilter,
    paging: Paging,
    order: LogOrder,
) -> Result<LogConnection, ApiError> {
    let Window { backward, limit } = paging.window()?;
    let database = reader.database();
    let place = |argument: &'static str, text: &Option<String>| {
        text.as_deref().map(|text| cursor::read(database, order.list(), argument, text)).transpose()
    };
    let after = place("after", &paging.after)?;
    let before = place("before", &paging.before)?;

    let (direction, past, stop) = if backward {
        (Direction::OldestFirst, before, after)
    } else {
        (Direction::NewestFirst, after, before)
    };
    let filter = reader.read(&filter).await?.tree;
    let stretch = Stretch {
        order: order.order(),
        direction,
        past,
        before: stop,
        // A page of nothing still says whether anything follows.
        limit: limit.max(1),
    };
    let page = reader.page(&filter, stretch).await?;
    damage::tell(ctx, page.damaged);
    let mut logs = page.logs;
    let more = page.more || logs.len() > limit;
    logs.truncate(limit);
    if backward {
        logs.reverse();
    }

    let edges: Vec<LogEdge> = logs.into_iter().map(|log| edge(reader, order, log)).collect();
    // Behind the place a page starts from there was something: the record of the cursor itself.
    let behind = past.is_some();
    Ok(LogConnection {
        page_info: PageInfo {
            has_previous_page: if backward { more } else { behind },
            has_next_page: if backward { behind } else { more },
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        },
        edges,
    })
}

fn edge(reader: &Reader, order: LogOrder, log: LogRecord) -> LogEdge {
    let cursor = cursor::write(reader.database(), order.list(), &Position::of(&log));
    LogEdge { cursor, node: Log::new(log, reader) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::errors::Code;

    fn window(first: Option<i32>, last: Option<i32>) -> Result<Window, ApiError> {
        Paging { first, last, ..Paging::default() }.window()
    }

    #[test]
    fn a_page_is_a_hundred_newest_unless_asked_otherwise() {
        assert_eq!(window(None, None), Ok(Window { backward: false, limit: 100 }));
        assert_eq!(window(Some(0), None), Ok(Window { backward: false, limit: 0 }));
        assert_eq!(window(None, Some(1_000)), Ok(Window { backward: true, limit: 1_000 }));
    }

    #[test]
    fn a_size_that_cannot_be_is_an_error_not_a_clamp() {
        for (first, last, argument) in [
            (Some(-1), None, "first"),
            (None, Some(-1), "last"),
            (Some(1_001), None, "first"),
            (None, Some(i32::MAX), "last"),
            (Some(1), Some(1), "last"),
        ] {
            let error = window(first, last).unwrap_err();
            assert_eq!(error.code, Code::BadUserInput);
            assert_eq!(error.argument.as_deref(), Some(argument));
        }
    }
}
