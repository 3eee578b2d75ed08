//! Who sends: questions about sources.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use super::aggregate::{Seen, seen_sources};
use super::dictionary::source_key;
use super::entity::{Instant, source};
use super::read::Snapshot;
use super::{Source, SourceCount, SourceFilter, SourceOrder, Store, StoreError};
use crate::filter::{Test, fold};
use crate::log::SourceKey;

/// Rows read at a time.
const CHUNK: u64 = 1_000;

impl Store {
    /// Sources in an order, past the one with the id `after`.
    pub async fn sources(
        &self,
        filter: &SourceFilter,
        order: SourceOrder,
        after: Option<i32>,
        limit: usize,
    ) -> Result<Vec<Source>, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let connection = &snapshot.transaction;
            let mut past = match after {
                Some(id) => source::Entity::find_by_id(id).one(connection).await?,
                None => None,
            };
            let text = filter.text.as_deref().map(fold);
            let mut sources = Vec::new();
            loop {
                let query = source::Entity::find().filter(
                    Condition::all()
                        .add_option(filter.host.as_ref().map(|h| source::Column::Host.eq(h)))
                        .add_option(filter.app.as_ref().map(|a| source::Column::App.eq(a)))
                        .add_option(past.as_ref().map(|row| past_row(row, order, self.backend()))),
                );
                let rows = ordered(query, order).limit(CHUNK).all(connection).await?;
                let ended = (rows.len() as u64) < CHUNK;
                for row in rows {
                    if sources.len() >= limit {
                        return Ok(sources);
                    }
                    past = Some(row.clone());
                    let source = known(row)?;
                    if text.as_deref().is_none_or(|text| mentions(&source.key, text)) {
                        sources.push(source);
                    }
                }
                if ended {
                    return Ok(sources);
                }
            }
        })
        .await
    }

    /// These sources, in no order; unknown ids are left out.
    pub async fn sources_by_id(&self, ids: &[i32]) -> Result<Vec<Source>, StoreError> {
        self.reading(async {
            let rows = source::Entity::find()
                .filter(source::Column::Id.is_in(ids.iter().copied()))
                .all(self.read_connection())
                .await?;
            rows.into_iter().map(known).collect()
        })
        .await
    }
}

/// The columns of an order: with the id, no two sources share a place.
fn place_of(order: SourceOrder) -> Vec<source::Column> {
    match order {
        SourceOrder::Id => vec![source::Column::Id],
        SourceOrder::LastSeen => vec![source::Column::LastSeen, source::Column::Id],
        SourceOrder::Count => vec![source::Column::Count, source::Column::Id],
    }
}

fn ordered(query: Select<source::Entity>, order: SourceOrder) -> Select<source::Entity> {
    let direction = if order == SourceOrder::Id { Order::Asc } else { Order::Desc };
    place_of(order)
        .into_iter()
        .fold(query, |query, column| query.order_by(column, direction.clone()))
}

/// Sources that come after this one.
fn past_row(row: &source::Model, order: SourceOrder, backend: DbBackend) -> Expr {
    let columns = Expr::tuple(place_of(order).into_iter().map(Expr::col));
    let id = Expr::val(row.id);
    match order {
        SourceOrder::Id => Expr::col(source::Column::Id).gt(id),
        SourceOrder::LastSeen => {
            columns.lt(Expr::tuple([Expr::val(Instant::on(backend, row.last_seen.0)), id]))
        }
        SourceOrder::Count => columns.lt(Expr::tuple([Expr::val(row.count), id])),
    }
}

/// Whether host, app or address hold the text, which is folded.
fn mentions(key: &SourceKey, text: &str) -> bool {
    let holds = |value: &str| fold(value).contains(text);
    key.host.as_deref().is_some_and(holds)
        || key.app.as_deref().is_some_and(holds)
        || holds(&key.address.to_string())
}

fn known(row: source::Model) -> Result<Source, StoreError> {
    Ok(Source {
        id: row.id,
        key: source_key(row.host, row.app, &row.address)?,
        first_seen: row.first_seen.0,
        last_seen: row.last_seen.0,
        count: u64::try_from(row.count).unwrap_or(0),
    })
}

/// How many records of each source lie after a position, and when the last one came. Those of a
/// block that cannot be read are not counted.
pub(super) async fn count_after(store: &Store, after: i64) -> Result<Vec<SourceCount>, StoreError> {
    let snapshot = Snapshot::begin(store).await?;
    let later = Test::Id(after.saturating_add(1)..=i64::MAX).into();
    let seen = seen_sources(&snapshot, &later).await?.value;
    let count = |(id, seen): (i32, Seen)| SourceCount {
        id,
        added: seen.records,
        last_seen: seen.received.1,
    };
    Ok(seen.into_iter().map(count).collect())
}
