//! The commonest values of a field.

use std::cmp::Reverse;
use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, NullOrdering};
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};

use super::super::collation::bytewise;
use super::super::entity::log;
use super::super::read::Snapshot;
use super::super::{Store, StoreError, TopField, ValueCount};
use super::values::values_at;
use super::{for_each, hold_to_limit, unsigned};
use crate::filter::{Field, Filter};
use crate::log::{Facility, Log, Severity, SourceKey};

type Counts = HashMap<Option<String>, u64>;

impl Store {
    /// The commonest values of a field, most first, ties by value; records without it count under
    /// `None`. A record whose attribute holds several values counts under each of them.
    ///
    /// # Errors
    /// [`StoreError::TooManyValues`] when there are more values than fit in memory.
    pub async fn top(
        &self,
        filter: &Filter,
        field: &TopField,
        limit: usize,
    ) -> Result<Vec<ValueCount>, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let narrowed = snapshot.narrow(filter).await?;
            let attribute = matches!(field, TopField::Text(Field::Attribute(_)));
            if narrowed.exact && !attribute {
                return match text_column(field) {
                    Some(column) => by_text(&snapshot, narrowed.condition, column, limit).await,
                    None => by_code(self, &snapshot, narrowed.condition, field)
                        .await
                        .map(|counts| commonest(counts, limit)),
                };
            }
            let mut counts = Counts::new();
            for_each(&snapshot, filter, |log| {
                count(&mut counts, log, field);
                hold_to_limit(counts.len())
            })
            .await?;
            Ok(commonest(counts, limit))
        })
        .await
    }
}

fn count(counts: &mut Counts, log: &Log, field: &TopField) {
    let entry = &log.entry;
    let value = match field {
        TopField::Severity => entry.severity.map(|severity| severity.name().to_owned()),
        TopField::Facility => entry.facility.map(|facility| facility.name().to_owned()),
        TopField::Text(Field::Message) => Some(entry.message.clone()),
        TopField::Text(Field::ProcId) => entry.proc_id.clone(),
        TopField::Text(Field::MsgId) => entry.msg_id.clone(),
        TopField::Text(Field::Attribute(path)) => {
            let values = values_at(&entry.attributes, path);
            if values.is_empty() {
                *counts.entry(None).or_default() += 1;
            }
            for value in values {
                *counts.entry(Some(value)).or_default() += 1;
            }
            return;
        }
        TopField::Text(field @ (Field::Host | Field::App | Field::Address)) => {
            source_value(&log.source, field)
        }
    };
    *counts.entry(value).or_default() += 1;
}

fn source_value(source: &SourceKey, field: &Field) -> Option<String> {
    match field {
        Field::Host => source.host.clone(),
        Field::App => source.app.clone(),
        Field::Address => Some(source.address.to_string()),
        _ => None,
    }
}

fn commonest(counts: Counts, limit: usize) -> Vec<ValueCount> {
    let mut counts: Vec<_> =
        counts.into_iter().map(|(value, count)| ValueCount { value, count }).collect();
    counts.sort_unstable_by(|a, b| (Reverse(a.count), &a.value).cmp(&(Reverse(b.count), &b.value)));
    counts.truncate(limit);
    counts
}

/// The column that holds the field's text itself.
fn text_column(field: &TopField) -> Option<log::Column> {
    match field {
        TopField::Text(Field::Message) => Some(log::Column::Message),
        TopField::Text(Field::ProcId) => Some(log::Column::Procid),
        TopField::Text(Field::MsgId) => Some(log::Column::Msgid),
        _ => None,
    }
}

/// Counted, ordered and cut by the database.
async fn by_text(
    snapshot: &Snapshot<'_>,
    condition: Condition,
    column: log::Column,
    limit: usize,
) -> Result<Vec<ValueCount>, StoreError> {
    let rows: Vec<(Option<String>, i64)> = log::Entity::find()
        .select_only()
        .column(column)
        .column_as(log::Column::Id.count(), "records")
        .filter(condition)
        .group_by(column)
        .order_by(log::Column::Id.count(), Order::Desc)
        .order_by_with_nulls(bytewise(column, snapshot.backend()), Order::Asc, NullOrdering::First)
        .limit(limit as u64)
        .into_tuple()
        .all(&snapshot.transaction)
        .await?;
    let count = |(value, count)| ValueCount { value, count: unsigned(count) };
    Ok(rows.into_iter().map(count).collect())
}

/// Counted by the database under severity codes, facility codes or sources, which are then put
/// under their values.
async fn by_code(
    store: &Store,
    snapshot: &Snapshot<'_>,
    condition: Condition,
    field: &TopField,
) -> Result<Counts, StoreError> {
    let column = match field {
        TopField::Severity => log::Column::Severity,
        TopField::Facility => log::Column::Facility,
        TopField::Text(_) => log::Column::SourceId,
    };
    let rows: Vec<(Option<i32>, i64)> = log::Entity::find()
        .select_only()
        .column_as(Expr::col(column).cast_as("integer"), "code")
        .column_as(log::Column::Id.count(), "records")
        .filter(condition)
        .group_by(column)
        .into_tuple()
        .all(&snapshot.transaction)
        .await?;
    if let TopField::Text(_) = field {
        store.dictionary().refresh(&snapshot.transaction).await?;
    }
    let sources = store.dictionary().read();
    let mut counts = Counts::new();
    for (code, records) in rows {
        let small = code.and_then(|code| u8::try_from(code).ok());
        let value = match field {
            TopField::Severity => {
                small.and_then(Severity::from_code).map(|severity| severity.name().to_owned())
            }
            TopField::Facility => {
                small.and_then(Facility::from_code).map(|facility| facility.name().to_owned())
            }
            TopField::Text(field) => {
                code.and_then(|id| sources.get(&id)).and_then(|key| source_value(key, field))
            }
        };
        *counts.entry(value).or_default() += unsigned(records);
    }
    Ok(counts)
}
