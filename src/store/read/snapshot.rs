//! One snapshot of the log: what a page, a scan or a count reads, from one moment.

use futures_util::TryStreamExt;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, TransactionTrait,
};

use super::super::dictionary::Dictionary;
use super::super::entity::{Instant, log};
use super::super::narrow::{Narrowed, narrow};
use super::super::schema::head_row;
use super::super::{Damaged, Direction, Head, Order, Position, Store, StoreError};
use super::cache::PartCache;
use crate::filter::Filter;
use crate::log::{Attributes, Entry, Facility, Log, Severity};

/// Text of rows that are read together, about, so that long records do not fill the memory.
pub(crate) const CHUNK_BYTES: usize = 4 << 20;

/// A read-only transaction that sees one moment. Dropping it ends it.
pub(in crate::store) struct Snapshot<'a> {
    store: &'a Store,
    pub transaction: DatabaseTransaction,
}

/// A run of rows: in this order, from here to there, under this condition.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub condition: Condition,
    pub order: Order,
    pub direction: Direction,
    /// Begins just past this place.
    pub past: Option<Position>,
    /// Ends just before this place.
    pub before: Option<Position>,
}

/// Rows that were read together.
pub(crate) struct Chunk {
    pub logs: Vec<Log>,
    /// Of their text.
    pub bytes: usize,
    /// No more follow in the run.
    pub ended: bool,
}

impl<'a> Snapshot<'a> {
    pub async fn begin(store: &'a Store) -> Result<Self, StoreError> {
        Ok(Snapshot { store, transaction: store.read_connection().begin().await? })
    }

    pub fn store(&self) -> &'a Store {
        self.store
    }

    pub fn backend(&self) -> DbBackend {
        self.store.backend()
    }

    pub fn dictionary(&self) -> &'a Dictionary {
        self.store.dictionary()
    }

    pub fn part_cache(&self) -> &'a PartCache {
        &self.store.inner.parts
    }

    /// Learns every source that records of the snapshot can have.
    pub async fn know_every_source(&self) -> Result<(), StoreError> {
        self.dictionary().refresh(&self.transaction).await
    }

    /// Says in the log, once, that a block is damaged.
    pub fn note(&self, damaged: &Damaged) {
        self.store.inner.damage.note(damaged);
    }

    /// Where the log ends, and the first position kept after this one.
    pub async fn head_after(&self, after: i64) -> Result<Head, StoreError> {
        let head = head_row(&self.transaction).await?;
        let first: Option<Option<i64>> = log::Entity::find()
            .select_only()
            .column_as(log::Column::Id.min(), "first")
            .filter(log::Column::Id.gt(after))
            .into_tuple()
            .one(&self.transaction)
            .await?;
        Ok(Head {
            database: head.database,
            last_id: head.last_id,
            first_id: first.flatten().unwrap_or(head.last_id + 1),
        })
    }

    /// What SQL can say of the filter in this snapshot.
    pub async fn narrow(&self, filter: &Filter) -> Result<Narrowed, StoreError> {
        if super::super::narrow::asks_for_sources(filter) {
            self.store.dictionary().refresh(&self.transaction).await?;
        }
        Ok(narrow(filter, self.backend(), &self.store.dictionary().read()))
    }

    /// At most `limit` rows of the run, and fewer when they are long.
    pub async fn rows(&self, rows: &Rows, limit: usize) -> Result<Chunk, StoreError> {
        let backend = self.backend();
        let (newer, older) = match rows.direction {
            Direction::NewestFirst => (rows.before, rows.past),
            Direction::OldestFirst => (rows.past, rows.before),
        };
        let mut condition = Condition::all().add(rows.condition.clone());
        condition = condition
            .add_option(
                newer.map(|place| place_of(rows.order).gt(key_of(place, rows.order, backend))),
            )
            .add_option(
                older.map(|place| place_of(rows.order).lt(key_of(place, rows.order, backend))),
            );
        let direction = match rows.direction {
            Direction::NewestFirst => sea_orm::Order::Desc,
            Direction::OldestFirst => sea_orm::Order::Asc,
        };
        let mut query = log::Entity::find().filter(condition);
        if rows.order == Order::Timestamp {
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
        let dictionary = self.store.dictionary();
        let unknown = {
            let known = dictionary.read();
            models.iter().any(|model| !known.contains_key(&model.source_id))
        };
        if unknown {
            dictionary.refresh(&self.transaction).await?;
        }
        let known = dictionary.read();
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
