//! Sources: who sends. A record's source knows its names at once; what the database counts about
//! it is loaded when asked for.

use std::sync::Arc;

use async_graphql::connection::PageInfo;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::connection::size;
use super::cursor::{self, List};
use super::damage::told;
use super::errors::{ApiError, Fallible};
use super::filter::check_text;
use super::limits::{DEFAULT_PAGE, MAX_PAGE};
use super::reader::Reader;
use super::scalars::{Count, DateTime};
use crate::log::{Log as LogRecord, SourceKey};
use crate::store::{Position, Source as SourceRow, SourceFilter as Condition, SourceOrder};

/// Who sends: a host, a program and an address.
pub struct Source {
    id: i32,
    key: Arc<SourceKey>,
    /// Its row, where it has been read already.
    row: Option<Arc<SourceRow>>,
    /// Who sees it.
    reader: Reader,
}

impl Source {
    /// The source of a record, which came through this reader.
    pub fn of(log: &LogRecord, reader: &Reader) -> Self {
        let (key, reader) = (Arc::clone(&log.source), reader.clone());
        Source { id: log.source_id, key, row: None, reader }
    }

    /// A source that came through this reader.
    fn of_row(row: SourceRow, reader: &Reader) -> Self {
        let (key, reader) = (Arc::new(row.key.clone()), reader.clone());
        Source { id: row.id, key, row: Some(Arc::new(row)), reader }
    }

    async fn read<T>(&self, field: impl Fn(&SourceRow) -> T) -> Fallible<T> {
        if let Some(row) = &self.row {
            return Some(Ok(field(row)));
        }
        let row = self.reader.source(self.id).await;
        row.map(|row| row.map(|row| field(&row))).transpose()
    }
}

/// Who sends: a host, a program and an address.
#[Object]
impl Source {
    /// Its id in this database.
    async fn id(&self) -> ID {
        self.id.into()
    }

    /// The host its records name.
    async fn host(&self) -> Option<&str> {
        self.key.host.as_deref()
    }

    /// The program its records name.
    async fn app(&self) -> Option<&str> {
        self.key.app.as_deref()
    }

    /// The address its records come from.
    async fn address(&self) -> String {
        self.key.address.to_string()
    }

    /// When its first record was received. To those with a scope, this and the other figures are
    /// of the records that they see; null where only a search could tell.
    async fn first_seen(&self) -> Fallible<DateTime> {
        self.read(|row| DateTime(row.first_seen)).await
    }

    /// When its newest record was received; up to some seconds behind.
    async fn last_seen(&self) -> Fallible<DateTime> {
        self.read(|row| DateTime(row.last_seen)).await
    }

    /// How many records it has sent; up to some seconds behind.
    async fn count(&self) -> Fallible<Count> {
        self.read(|row| Count(row.count)).await
    }

    /// Records a second over the last minute.
    async fn rate(&self) -> Fallible<f64> {
        self.reader.rate(self.id).await.transpose()
    }
}

/// The order of `sources`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(name = "SourceOrder")]
pub enum SourceOrderBy {
    /// By id: the order in which they first appeared.
    Id,
    /// Those heard of last first.
    #[default]
    LastSeen,
    /// Those that sent most first.
    Count,
}

impl SourceOrderBy {
    fn order(self) -> SourceOrder {
        match self {
            SourceOrderBy::Id => SourceOrder::Id,
            SourceOrderBy::LastSeen => SourceOrder::LastSeen,
            SourceOrderBy::Count => SourceOrder::Count,
        }
    }

    fn list(self) -> List {
        match self {
            SourceOrderBy::Id => List::SourcesById,
            SourceOrderBy::LastSeen => List::SourcesByLastSeen,
            SourceOrderBy::Count => List::SourcesByCount,
        }
    }
}

/// Which sources. All conditions hold together.
#[derive(Debug, Default, InputObject)]
pub struct SourceFilter {
    /// Those of this host.
    host: Option<String>,
    /// Those of this program.
    app: Option<String>,
    /// Those with this in their host, program or address, in any case.
    text: Option<String>,
}

impl SourceFilter {
    fn build(self) -> Result<Condition, ApiError> {
        for (argument, text) in
            [("filter.host", &self.host), ("filter.app", &self.app), ("filter.text", &self.text)]
        {
            let text = text.as_deref().unwrap_or_default();
            check_text(argument, text)?;
            // Postgres would not even be asked for it.
            if text.contains('\0') {
                return Err(ApiError::bad_input(argument, "no name holds a NUL"));
            }
        }
        Ok(Condition { host: self.host, app: self.app, text: self.text })
    }
}

/// A page of sources.
#[derive(SimpleObject)]
pub struct SourceConnection {
    /// The sources of the page with their cursors.
    edges: Vec<SourceEdge>,
    /// Where the page stands in the whole.
    page_info: PageInfo,
}

/// A source on a page.
#[derive(SimpleObject)]
pub struct SourceEdge {
    /// The place of the source in this order, for `after`.
    cursor: String,
    /// The source.
    node: Source,
}

/// Reads a page of sources.
pub async fn sources(
    ctx: &Context<'_>,
    reader: &Reader,
    filter: SourceFilter,
    first: Option<i32>,
    after: Option<String>,
    order: SourceOrderBy,
) -> Result<SourceConnection, ApiError> {
    let limit = first.map_or(Ok(DEFAULT_PAGE), |first| size("first", first, MAX_PAGE))?;
    let filter = filter.build()?;
    let database = reader.database();
    let after: Option<Position> =
        after.map(|text| cursor::read(database, order.list(), "after", &text)).transpose()?;
    let after_id = after.map(|place| source_id(place.id)).transpose()?;

    let rows = reader.sources(&filter, order.order(), after_id, limit + 1).await?;
    let mut rows = told(ctx, rows);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let edges: Vec<SourceEdge> = rows
        .into_iter()
        .map(|row| {
            let place = Position { timestamp: row.last_seen, id: row.id.into() };
            let cursor = cursor::write(database, order.list(), &place);
            SourceEdge { cursor, node: Source::of_row(row, reader) }
        })
        .collect();
    Ok(SourceConnection {
        page_info: PageInfo {
            has_previous_page: after.is_some(),
            has_next_page: more,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        },
        edges,
    })
}

fn source_id(id: i64) -> Result<i32, ApiError> {
    i32::try_from(id).map_err(|_| ApiError::bad_input("after", "not a cursor of this server"))
}
