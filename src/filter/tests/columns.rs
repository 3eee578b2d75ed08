//! Records side by side are decided as each of them is alone.

use std::sync::Arc;

use arrow_buffer::NullBuffer;
use proptest::collection::vec;
use proptest::prelude::*;

use super::random;
use crate::filter::{
    ColumnSet, Columns, Filter, Matcher, MissingColumn, NO_CODE, Names, Texts, parse,
};
use crate::log::{Facility, Log, Record, Severity, SourceKey};

/// A column of texts that owns them.
struct TextColumn {
    buffer: String,
    offsets: Vec<i32>,
    present: Option<NullBuffer>,
}

impl TextColumn {
    fn of<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Self {
        // As in a slice of a longer column, the first text does not begin at 0.
        let mut buffer = "before".to_owned();
        let mut offsets = vec![buffer.len() as i32];
        let mut present = Vec::new();
        for text in texts {
            buffer.push_str(text.unwrap_or_default());
            offsets.push(buffer.len() as i32);
            present.push(text.is_some());
        }
        let present = present.contains(&false).then(|| present.into());
        buffer.push_str("behind");
        TextColumn { buffer, offsets, present }
    }

    fn texts(&self) -> Texts<'_> {
        Texts {
            buffer: self.buffer.as_bytes(),
            offsets: &self.offsets,
            gap: 0,
            present: self.present.clone(),
        }
    }
}

/// A column of names that owns them.
struct NameColumn {
    places: Vec<u32>,
    list: TextColumn,
}

impl NameColumn {
    fn of(names: impl Iterator<Item = Option<String>>) -> Self {
        let names: Vec<Option<String>> = names.collect();
        let mut list: Vec<&String> = names.iter().flatten().collect();
        list.sort();
        list.dedup();
        let place = |name: &String| list.binary_search(&name).expect("it is listed") as u32 + 1;
        NameColumn {
            places: names.iter().map(|name| name.as_ref().map_or(0, place)).collect(),
            list: TextColumn::of(list.iter().map(|name| Some(name.as_str()))),
        }
    }

    fn names(&self) -> Names<'_> {
        Names { places: &self.places, list: self.list.texts() }
    }
}

/// Columns that own what they show.
struct OwnedColumns {
    first_id: i64,
    len: usize,
    timestamps: Vec<i64>,
    received_at: Vec<i64>,
    severities: Vec<u8>,
    facilities: Vec<u8>,
    places: Vec<u32>,
    keys: Vec<Arc<SourceKey>>,
    hosts: NameColumn,
    apps: NameColumn,
    addresses: NameColumn,
    proc_ids: TextColumn,
    msg_ids: TextColumn,
    messages: TextColumn,
    attributes: TextColumn,
}

impl OwnedColumns {
    fn of(logs: &[Log]) -> Self {
        let entries = || logs.iter().map(|log| &log.entry);
        let mut keys: Vec<Arc<SourceKey>> = logs.iter().map(|log| log.source.clone()).collect();
        keys.sort();
        keys.dedup();
        OwnedColumns {
            first_id: logs.first().map_or(1, |log| log.id),
            len: logs.len(),
            timestamps: entries().map(|entry| entry.timestamp.timestamp_micros()).collect(),
            received_at: entries().map(|entry| entry.received_at.timestamp_micros()).collect(),
            severities: entries().map(|e| e.severity.map_or(NO_CODE, Severity::code)).collect(),
            facilities: entries().map(|e| e.facility.map_or(NO_CODE, Facility::code)).collect(),
            places: logs
                .iter()
                .map(|log| keys.binary_search(&log.source).expect("it is listed") as u32)
                .collect(),
            keys,
            hosts: NameColumn::of(logs.iter().map(|log| log.source.host.clone())),
            apps: NameColumn::of(logs.iter().map(|log| log.source.app.clone())),
            addresses: NameColumn::of(logs.iter().map(|log| Some(log.source.address.to_string()))),
            proc_ids: TextColumn::of(entries().map(|entry| entry.proc_id.as_deref())),
            msg_ids: TextColumn::of(entries().map(|entry| entry.msg_id.as_deref())),
            messages: TextColumn::of(entries().map(|entry| Some(entry.message.as_str()))),
            attributes: TextColumn::of(
                entries().map(|entry| {
                    (!entry.attributes.is_empty()).then(|| entry.attributes.as_json())
                }),
            ),
        }
    }

    /// The columns of a set, and no others.
    fn only(&self, set: ColumnSet) -> Columns<'_> {
        let has = |column| set.touches(column);
        Columns {
            first_id: self.first_id,
            len: self.len,
            timestamps: has(ColumnSet::TIMESTAMP).then_some(&self.timestamps),
            received_at: has(ColumnSet::RECEIVED_AT).then_some(&self.received_at),
            severities: has(ColumnSet::SEVERITY).then_some(&self.severities),
            facilities: has(ColumnSet::FACILITY).then_some(&self.facilities),
            hosts: has(ColumnSet::HOST).then(|| self.hosts.names()),
            apps: has(ColumnSet::APP).then(|| self.apps.names()),
            addresses: has(ColumnSet::ADDRESS).then(|| self.addresses.names()),
            sources: has(ColumnSet::SOURCE).then_some((&self.places, &self.keys)),
            proc_ids: has(ColumnSet::PROC_ID).then(|| self.proc_ids.texts()),
            msg_ids: has(ColumnSet::MSG_ID).then(|| self.msg_ids.texts()),
            messages: has(ColumnSet::MESSAGE).then(|| self.messages.texts()),
            attributes: has(ColumnSet::ATTRIBUTES).then(|| self.attributes.texts()),
        }
    }
}

/// Records with contiguous ids.
fn logs() -> impl Strategy<Value = Vec<Log>> {
    (1i64..4, vec(random::record(), 0..40)).prop_map(|(first_id, records)| {
        let log = |(id, Record { source, entry })| Log {
            id,
            source_id: 1,
            source: Arc::new(source),
            entry,
        };
        (first_id..).zip(records).map(log).collect()
    })
}

fn places_of_hits(filter: &Filter, logs: &[Log]) -> Vec<u32> {
    let matcher = Matcher::new(filter);
    (0..).zip(logs).filter(|(_, log)| matcher.matches(log)).map(|(place, _)| place).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_selection_is_what_the_matcher_accepts(filter in random::filter(), logs in logs()) {
        let columns = OwnedColumns::of(&logs);
        let selected = Matcher::new(&filter).select(&columns.only(filter.columns()));
        prop_assert_eq!(selected, Ok(places_of_hits(&filter, &logs)), "{}", filter);
    }
}

#[test]
fn a_column_that_is_missing_or_short_is_an_error() {
    let logs = [super::log()];
    let columns = OwnedColumns::of(&logs);
    for (query, column) in [
        ("timed", ColumnSet::MESSAGE),
        ("host:web1", ColumnSet::HOST),
        ("-attr.none:*", ColumnSet::ATTRIBUTES),
        ("severity:error", ColumnSet::SEVERITY),
        ("timestamp:2026-01-02", ColumnSet::TIMESTAMP),
    ] {
        let filter = parse(query).unwrap();
        assert_eq!(filter.columns(), column);
        let matcher = Matcher::new(&filter);
        assert_eq!(matcher.select(&columns.only(column)), Ok(vec![0]), "{query}");
        assert_eq!(matcher.select(&columns.only(ColumnSet::NONE)), Err(MissingColumn(column)));
        let longer = Columns { len: 2, ..columns.only(column) };
        assert_eq!(matcher.select(&longer), Err(MissingColumn(column)), "{query}");
    }
}

#[test]
fn what_says_nothing_of_records_needs_no_column() {
    for query in ["", "id:7", "message:*"] {
        assert_eq!(parse(query).unwrap().columns(), ColumnSet::NONE, "{query}");
    }
}
