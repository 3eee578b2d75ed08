//! The commonest values of a field.

use std::cmp::Reverse;
use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use super::super::entity::log;
use super::super::read::{Extras, Snapshot};
use super::super::{Answer, Store, StoreError, TopField, ValueCount};
use super::asked::Known;
use super::values::values_at;
use super::walk::{Count, Sources, over_blocks, over_rows};
use super::{MOST_GROUPS, facility_name, hold_to_limit, severity_name, unsigned};
use crate::filter::{ColumnSet, Columns, Field, Filter, Texts};
use crate::log::{Log, SourceKey};

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
    ) -> Result<Answer<Vec<ValueCount>>, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let mut counts = of_rows(self, &snapshot, filter, field).await?;
            let damaged = over_blocks(&snapshot, filter, OfField(field.clone()), |part| {
                for (value, records) in part {
                    *counts.entry(value).or_default() += records;
                }
                hold_to_limit(counts.len())
            })
            .await?;
            Ok(Answer { value: commonest(counts, limit), damaged })
        })
        .await
    }
}

/// The count of blocks.
struct OfField(TopField);

impl Count for OfField {
    type Part = Counts;

    fn extras(&self) -> Extras {
        Extras { sources: is_of_source(&self.0), minutes: self.0 == TopField::Severity }
    }

    fn by_catalogue(&self, known: &Known<'_>, sources: &Sources) -> Option<Counts> {
        let mut counts = Counts::new();
        match &self.0 {
            TopField::Severity => {
                for minute in known.passing_minutes()? {
                    let value = severity_name(minute.severity);
                    *counts.entry(value).or_default() += u64::from(minute.records);
                }
            }
            TopField::Text(field @ (Field::Host | Field::App | Field::Address)) => {
                for (id, records) in known.passing_sources()? {
                    let value = source_value(sources.get(&id)?, field);
                    *counts.entry(value).or_default() += u64::from(records);
                }
            }
            TopField::Facility | TopField::Text(_) => return None,
        }
        Some(counts)
    }

    fn columns(&self) -> ColumnSet {
        match &self.0 {
            TopField::Severity => ColumnSet::SEVERITY,
            TopField::Facility => ColumnSet::FACILITY,
            TopField::Text(Field::Host | Field::App | Field::Address) => ColumnSet::SOURCE,
            TopField::Text(Field::Message) => ColumnSet::MESSAGE,
            TopField::Text(Field::ProcId) => ColumnSet::PROC_ID,
            TopField::Text(Field::MsgId) => ColumnSet::MSG_ID,
            TopField::Text(Field::Attribute(_)) => ColumnSet::ATTRIBUTES,
        }
    }

    fn in_block(&self, columns: &Columns<'_>, _: &[i32], places: &[u32]) -> Counts {
        match &self.0 {
            TopField::Severity => count_codes(columns.severities, places, severity_name),
            TopField::Facility => count_codes(columns.facilities, places, facility_name),
            TopField::Text(field @ (Field::Host | Field::App | Field::Address)) => {
                let (sources, keys) = columns.sources.unwrap_or_default();
                let found = places.iter().map(|place| sources.get(*place as usize).copied());
                let value = |at: u32| source_value(keys.get(at as usize)?, field);
                named(tallied(found), |at| at.and_then(value))
            }
            TopField::Text(Field::Message) => count_texts(&columns.messages, places),
            TopField::Text(Field::ProcId) => count_texts(&columns.proc_ids, places),
            TopField::Text(Field::MsgId) => count_texts(&columns.msg_ids, places),
            TopField::Text(Field::Attribute(path)) => {
                let mut counts = Counts::new();
                for place in places {
                    let texts = columns.attributes.as_ref();
                    let json = texts.and_then(|texts| texts.get(*place as usize));
                    count_values(&mut counts, json.unwrap_or_default(), path);
                }
                counts
            }
        }
    }
}

fn is_of_source(field: &TopField) -> bool {
    matches!(field, TopField::Text(Field::Host | Field::App | Field::Address))
}

/// How often each value occurs, before it gets its name.
fn tallied<T: Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> HashMap<T, u64> {
    let mut counts = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts
}

/// Puts counts under their names; several may have the same one.
fn named<T>(counts: HashMap<T, u64>, name: impl Fn(T) -> Option<String>) -> Counts {
    let mut under_names = Counts::new();
    for (value, records) in counts {
        *under_names.entry(name(value)).or_default() += records;
    }
    under_names
}

fn count_codes(codes: Option<&[u8]>, places: &[u32], name: fn(u8) -> Option<String>) -> Counts {
    let codes = codes.unwrap_or_default();
    let found = places.iter().map(|place| codes.get(*place as usize).copied());
    named(tallied(found), |code| code.and_then(name))
}

fn count_texts(texts: &Option<Texts<'_>>, places: &[u32]) -> Counts {
    let text = |place: &u32| texts.as_ref()?.get(*place as usize);
    let found = places.iter().map(text);
    named(tallied(found), |text| text.map(str::to_owned))
}

/// Counts a record under each value that its attributes have at the path.
fn count_values(counts: &mut Counts, json: &str, path: &str) {
    let values = values_at(json, path);
    if values.is_empty() {
        *counts.entry(None).or_default() += 1;
    }
    for value in values {
        *counts.entry(Some(value)).or_default() += 1;
    }
}

/// The count of rows.
async fn of_rows(
    store: &Store,
    snapshot: &Snapshot<'_>,
    filter: &Filter,
    field: &TopField,
) -> Result<Counts, StoreError> {
    let narrowed = snapshot.narrow(filter).await?;
    if narrowed.exact && !matches!(field, TopField::Text(Field::Attribute(_))) {
        return match text_column(field) {
            Some(column) => by_text(snapshot, narrowed.condition, column).await,
            None => by_code(store, snapshot, narrowed.condition, field).await,
        };
    }
    let mut counts = Counts::new();
    over_rows(snapshot, filter, |log| {
        count_row(&mut counts, log, field);
        hold_to_limit(counts.len())
    })
    .await?;
    Ok(counts)
}

fn count_row(counts: &mut Counts, log: &Log, field: &TopField) {
    let entry = &log.entry;
    let value = match field {
        TopField::Severity => entry.severity.map(|severity| severity.name().to_owned()),
        TopField::Facility => entry.facility.map(|facility| facility.name().to_owned()),
        TopField::Text(Field::Message) => Some(entry.message.clone()),
        TopField::Text(Field::ProcId) => entry.proc_id.clone(),
        TopField::Text(Field::MsgId) => entry.msg_id.clone(),
        TopField::Text(Field::Attribute(path)) => {
            return count_values(counts, entry.attributes.as_json(), path);
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

/// Counted by the database under the texts of a column.
async fn by_text(
    snapshot: &Snapshot<'_>,
    condition: Condition,
    column: log::Column,
) -> Result<Counts, StoreError> {
    let rows: Vec<(Option<String>, i64)> = log::Entity::find()
        .select_only()
        .column(column)
        .column_as(log::Column::Id.count(), "records")
        .filter(condition)
        .group_by(column)
        .limit(MOST_GROUPS as u64 + 1)
        .into_tuple()
        .all(&snapshot.transaction)
        .await?;
    hold_to_limit(rows.len())?;
    Ok(rows.into_iter().map(|(value, records)| (value, unsigned(records))).collect())
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
            TopField::Severity => small.and_then(severity_name),
            TopField::Facility => small.and_then(facility_name),
            TopField::Text(field) => {
                code.and_then(|id| sources.get(&id)).and_then(|key| source_value(key, field))
            }
        };
        *counts.entry(value).or_default() += unsigned(records);
    }
    Ok(counts)
}
