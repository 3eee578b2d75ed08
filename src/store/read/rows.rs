//! The part of the log that is stored as plain rows, chunk by chunk, in an order.

use std::collections::VecDeque;

use futures_util::TryStreamExt;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{Condition, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::super::entity::{Instant, log};
use super::super::narrow::Narrowed;
use super::super::{Direction, Order, Position, StoreError};
use super::snapshot::Snapshot;
use super::span::{Rank, Span};
use crate::filter::Matcher;
use crate::log::{Attributes, Entry, Facility, Log, Severity};

/// Text of rows that are read together, about, so that long records do not fill the memory.
pub(super) const CHUNK_BYTES: usize = 4 << 20;
const SMALLEST_CHUNK: usize = 64;
/// While nothing is known of their length yet.
const FIRST_CHUNK: usize = 1024;
const LARGEST_CHUNK: usize = 8192;

/// The rows that match, in the order of a span.
pub(in crate::store) struct RowHits<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    condition: Condition,
    span: Span,
    chunk: usize,
    hits: VecDeque<(Rank, Log)>,
    /// No row that was not read yet comes before it; `None` when all were.
    unread: Option<Rank>,
}

impl<'s, 'a> RowHits<'s, 'a> {
    /// `limit` hits are wanted at most: about so many rows are read at first.
    pub async fn of(
        snapshot: &'s Snapshot<'a>,
        narrowed: Narrowed,
        span: Span,
        limit: usize,
    ) -> Result<Self, StoreError> {
        let unread = match (span.order, span.direction) {
            // Blocks come first, and rows need not be read before their turn.
            (Order::Arrival, Direction::OldestFirst) => {
                let after = span.past.map_or(0, |place| place.id);
                snapshot.first_row_after(after).await?.map(|id| span.rank(0, id))
            }
            _ => Some(Rank::FIRST),
        };
        let chunk = if narrowed.exact { limit } else { limit.saturating_mul(4) };
        Ok(RowHits {
            snapshot,
            condition: narrowed.condition,
            span,
            chunk: chunk.clamp(SMALLEST_CHUNK, FIRST_CHUNK),
            hits: VecDeque::new(),
            unread,
        })
    }

    /// The first hit that was read and not taken.
    pub fn first(&self) -> Option<Rank> {
        self.hits.front().map(|(rank, _)| *rank)
    }

    /// No row that was not read yet comes before this; `None` when all were read.
    pub fn unread(&self) -> Option<Rank> {
        self.unread
    }

    /// The hits that were read and not taken, in order.
    pub fn ranks(&self) -> impl ExactSizeIterator<Item = Rank> {
        self.hits.iter().map(|(rank, _)| *rank)
    }

    /// Takes the hits that come before this place, `most` of them at most.
    pub fn take(&mut self, before: Option<Rank>, most: usize) -> Vec<Log> {
        let count = self
            .ranks()
            .take(most)
            .take_while(|rank| before.is_none_or(|before| *rank < before))
            .count();
        self.hits.drain(..count).map(|(_, log)| log).collect()
    }

    /// Reads the next rows, and keeps those that the matcher accepts. How much text was read.
    pub async fn read(&mut self, matcher: &Matcher) -> Result<usize, StoreError> {
        let Chunk { logs, bytes, ended } =
            self.snapshot.rows(&self.condition, &self.span, self.chunk).await?;
        if let Some(last) = logs.last() {
            let place = Position::of(last);
            self.span.past = Some(place);
            self.unread = Some(self.span.rank_of(place).next());
        }
        if ended {
            self.unread = None;
        }
        let average = bytes / logs.len().max(1) + 1;
        self.chunk =
            Ord::clamp((self.chunk * 4).min(CHUNK_BYTES / average), SMALLEST_CHUNK, LARGEST_CHUNK);
        let hits = logs.into_iter().filter(|log| matcher.matches(log));
        let span = &self.span;
        self.hits.extend(hits.map(|log| (span.rank_of(Position::of(&log)), log)));
        Ok(bytes)
    }
}

/// Rows that were read together.
struct Chunk {
    logs: Vec<Log>,
    /// Of their text.
    bytes: usize,
    /// No more follow in the span.
    ended: bool,
}

impl Snapshot<'_> {
    /// At most `limit` rows of the span, and fewer when they are long.
    async fn rows(
        &self,
        condition: &Condition,
        span: &Span,
        limit: usize,
    ) -> Result<Chunk, StoreError> {
        let backend = self.backend();
        let (newer, older) = match span.direction {
            Direction::NewestFirst => (span.before, span.past),
            Direction::OldestFirst => (span.past, span.before),
        };
        let key = |place| key_of(place, span.order, backend);
        let condition = Condition::all()
            .add(condition.clone())
            .add_option(newer.map(|place| place_of(span.order).gt(key(place))))
            .add_option(older.map(|place| place_of(span.order).lt(key(place))));
        let direction = match span.direction {
            Direction::NewestFirst => sea_orm::Order::Desc,
            Direction::OldestFirst => sea_orm::Order::Asc,
        };
        let mut query = log::Entity::find().filter(condition);
        if span.order == Order::Timestamp {
            query = query.order_by(log::Column::Timestamp, direction.clone());
        }
        let query = query.order_by(log::Column::Id, direction).limit(limit as u64);
        let mut stream = query.stream(&self.transaction).await?;
        let mut models = Vec::new();
        let mut bytes = 0;
        while bytes < CHUNK_BYTES
            && let Some(model) = stream.try_next().await?
        {
            bytes += model.message.len() + model.attributes.as_ref().map_or(0, String::len);
            models.push(model);
        }
        drop(stream);
        let ended = models.len() < limit && bytes < CHUNK_BYTES;
        Ok(Chunk { logs: self.logs(models).await?, bytes, ended })
    }

    /// One row.
    pub async fn row(&self, id: i64) -> Result<Option<Log>, StoreError> {
        let model = log::Entity::find_by_id(id).one(&self.transaction).await?;
        Ok(self.logs(model.into_iter().collect()).await?.pop())
    }

    /// The records that rows hold.
    async fn logs(&self, models: Vec<log::Model>) -> Result<Vec<Log>, StoreError> {
        let unknown = {
            let known = self.dictionary().read();
            models.iter().any(|model| !known.contains_key(&model.source_id))
        };
        if unknown {
            self.know_every_source().await?;
        }
        let known = self.dictionary().read();
        models
            .into_iter()
            .map(|model| {
                let source = known.get(&model.source_id).cloned().ok_or_else(|| {
                    StoreError::Internal(format!("there is no source {}", model.source_id))
                })?;
                Ok(Log { id: model.id, source_id: model.source_id, source, entry: entry(model) })
            })
            .collect()
    }
}

/// The columns of an order.
fn place_of(order: Order) -> Expr {
    match order {
        Order::Arrival => Expr::col(log::Column::Id),
        Order::Timestamp => {
            Expr::tuple([Expr::col(log::Column::Timestamp), Expr::col(log::Column::Id)])
        }
    }
}

/// A place as the columns of an order are held against it.
fn key_of(place: Position, order: Order, backend: DbBackend) -> Expr {
    match order {
        Order::Arrival => Expr::val(place.id),
        Order::Timestamp => {
            Expr::tuple([Expr::val(Instant::on(backend, place.timestamp)), Expr::val(place.id)])
        }
    }
}

fn entry(model: log::Model) -> Entry {
    let code = |value: i16| u8::try_from(value).ok();
    Entry {
        timestamp: model.timestamp.0,
        received_at: model.received_at.0,
        severity: model.severity.and_then(code).and_then(Severity::from_code),
        facility: model.facility.and_then(code).and_then(Facility::from_code),
        proc_id: model.procid,
        msg_id: model.msgid,
        message: model.message,
        attributes: Attributes::from_json_text(model.attributes.unwrap_or_default()),
    }
}
