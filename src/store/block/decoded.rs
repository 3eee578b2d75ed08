//! Columns of a block, decoded, and the records they hold.

use std::sync::Arc;

use arrow_buffer::ScalarBuffer;

use super::named::{NameColumn, NamedSources};
use super::text::TextColumn;
use crate::filter::{ColumnSet, Columns};
use crate::log::{Attributes, Entry, Facility, Log, Severity, timestamp_from_micros};

/// Some columns of a block, decoded. Each is as long as the block has records, or as many of them
/// were read. Clones share the columns.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Decoded {
    pub(super) known: ColumnSet,
    pub(super) timestamps: Option<ScalarBuffer<i64>>,
    pub(super) received_at: Option<ScalarBuffer<i64>>,
    pub(super) severities: Option<Arc<[u8]>>,
    pub(super) facilities: Option<Arc<[u8]>>,
    pub(super) hosts: Option<Arc<NameColumn>>,
    pub(super) apps: Option<Arc<NameColumn>>,
    pub(super) addresses: Option<Arc<NameColumn>>,
    pub(super) sources: Option<Arc<NamedSources>>,
    pub(super) proc_ids: Option<Arc<TextColumn>>,
    pub(super) msg_ids: Option<Arc<TextColumn>>,
    pub(super) messages: Option<Arc<TextColumn>>,
    pub(super) attributes: Option<Arc<TextColumn>>,
}

impl Decoded {
    /// The columns that are there.
    pub fn known(&self) -> ColumnSet {
        self.known
    }

    /// Whether these columns are there, and anything at all.
    pub fn holds(&self, columns: ColumnSet) -> bool {
        self.known != ColumnSet::NONE && columns.without(self.known) == ColumnSet::NONE
    }

    /// Bytes that it takes, about.
    pub fn size(&self) -> usize {
        let times = [&self.timestamps, &self.received_at].into_iter().flatten();
        let codes = [&self.severities, &self.facilities].into_iter().flatten();
        let names = [&self.hosts, &self.apps, &self.addresses].into_iter().flatten();
        let texts = [&self.proc_ids, &self.msg_ids, &self.messages, &self.attributes];
        times.map(|column| size_of_val(&**column)).sum::<usize>()
            + codes.map(|column| column.len()).sum::<usize>()
            + names.map(|column| column.size()).sum::<usize>()
            + self.sources.as_ref().map_or(0, |sources| sources.size())
            + texts.into_iter().flatten().map(|column| column.size()).sum::<usize>()
    }

    /// Takes over what the other has.
    pub(super) fn add(&mut self, other: Decoded) {
        *self = Decoded {
            known: self.known.and(other.known),
            timestamps: other.timestamps.or(self.timestamps.take()),
            received_at: other.received_at.or(self.received_at.take()),
            severities: other.severities.or(self.severities.take()),
            facilities: other.facilities.or(self.facilities.take()),
            hosts: other.hosts.or(self.hosts.take()),
            apps: other.apps.or(self.apps.take()),
            addresses: other.addresses.or(self.addresses.take()),
            sources: other.sources.or(self.sources.take()),
            proc_ids: other.proc_ids.or(self.proc_ids.take()),
            msg_ids: other.msg_ids.or(self.msg_ids.take()),
            messages: other.messages.or(self.messages.take()),
            attributes: other.attributes.or(self.attributes.take()),
        };
    }

    /// The columns as the matcher takes them.
    pub(super) fn columns(&self, first_id: i64, len: usize) -> Columns<'_> {
        Columns {
            first_id,
            len,
            timestamps: self.timestamps.as_deref(),
            received_at: self.received_at.as_deref(),
            severities: self.severities.as_deref(),
            facilities: self.facilities.as_deref(),
            hosts: self.hosts.as_deref().map(NameColumn::names),
            apps: self.apps.as_deref().map(NameColumn::names),
            addresses: self.addresses.as_deref().map(NameColumn::names),
            sources: self.sources.as_deref().map(|sources| (&*sources.places, &*sources.keys)),
            proc_ids: self.proc_ids.as_deref().map(TextColumn::texts),
            msg_ids: self.msg_ids.as_deref().map(TextColumn::texts),
            messages: self.messages.as_deref().map(TextColumn::texts),
            attributes: self.attributes.as_deref().map(TextColumn::texts),
        }
    }

    /// The record of a row, which has this id.
    pub(super) fn log(&self, row: usize, id: i64) -> Option<Log> {
        let sources = self.sources.as_ref()?;
        let source = *sources.places.get(row)? as usize;
        let text = |column: &Option<Arc<TextColumn>>| {
            column.as_ref().map(|column| column.get(row).map(str::to_owned))
        };
        let instant = |column: &Option<ScalarBuffer<i64>>| {
            Some(timestamp_from_micros(*column.as_ref()?.get(row)?))
        };
        Some(Log {
            id,
            source_id: *sources.ids.get(source)?,
            source: Arc::clone(sources.keys.get(source)?),
            entry: Entry {
                timestamp: instant(&self.timestamps)?,
                received_at: instant(&self.received_at)?,
                severity: Severity::from_code(*self.severities.as_ref()?.get(row)?),
                facility: Facility::from_code(*self.facilities.as_ref()?.get(row)?),
                proc_id: text(&self.proc_ids)?,
                msg_id: text(&self.msg_ids)?,
                message: text(&self.messages)??,
                attributes: text(&self.attributes)?
                    .map_or(Attributes::EMPTY, Attributes::from_json_text),
            },
        })
    }
}
