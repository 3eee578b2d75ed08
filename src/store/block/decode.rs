//! A block to records.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMicrosecondType, UInt8Type};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::{BooleanBuffer, ScalarBuffer};
use parquet::errors::ParquetError;

use super::Block;
use super::file::{BlockFile, damage};
use super::named::{NameColumn, NamedSources};
use super::schema::Column;
use super::text::TextColumn;
use crate::filter::{ColumnSet, Columns, NO_CODE, Texts};
use crate::log::{Attributes, Entry, Facility, Log, Severity, timestamp_from_micros};
use crate::store::Damaged;
use crate::store::dictionary::Dictionary;

/// A block that is being read: a column is decoded when it is first asked for.
#[derive(Debug)]
pub(in crate::store) struct BlockReader<'a> {
    block: &'a Block,
    /// Knows every source of the snapshot.
    dictionary: &'a Dictionary,
    file: BlockFile<'a>,
    known: ColumnSet,
    decoded: Decoded,
}

/// Some columns of a block, decoded. Each is as long as the block has records, or as many of them
/// were read.
#[derive(Debug, Default)]
struct Decoded {
    timestamps: Option<ScalarBuffer<i64>>,
    received_at: Option<ScalarBuffer<i64>>,
    severities: Option<Vec<u8>>,
    facilities: Option<Vec<u8>>,
    hosts: Option<NameColumn>,
    apps: Option<NameColumn>,
    addresses: Option<NameColumn>,
    sources: Option<NamedSources>,
    proc_ids: Option<TextColumn>,
    msg_ids: Option<TextColumn>,
    messages: Option<TextColumn>,
    attributes: Option<TextColumn>,
}

impl Block {
    /// Begins to read. The dictionary knows every source of the snapshot.
    ///
    /// # Errors
    /// [`Damaged`] when the footer is not as it was written.
    pub fn reader<'a>(&'a self, dictionary: &'a Dictionary) -> Result<BlockReader<'a>, Damaged> {
        let file = self.guarded(|| BlockFile::open(self))?;
        let (known, decoded) = (ColumnSet::NONE, Decoded::default());
        Ok(BlockReader { block: self, dictionary, file, known, decoded })
    }

    /// The parquet crate checks much of what it reads, and yet panics on some malformed input
    /// (footers with negative lengths, for one). It owns no state that such an end could leave
    /// half changed.
    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, Damaged> {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(made) => made.map_err(|error| self.damaged(error.to_string())),
            Err(_) => Err(self.damaged("its bytes make no sense".to_owned())),
        }
    }

    fn damaged(&self, reason: String) -> Damaged {
        Damaged { first_id: self.first_id, last_id: self.last_id, reason }
    }
}

impl BlockReader<'_> {
    /// How many records the block holds.
    pub fn len(&self) -> usize {
        self.file.records()
    }

    /// Decodes these columns, unless they are already; the parts that hold them must be there.
    ///
    /// # Errors
    /// [`Damaged`] when anything is not as it was written.
    pub fn load(&mut self, wanted: ColumnSet) -> Result<(), Damaged> {
        let missing = wanted.without(self.known);
        if missing != ColumnSet::NONE {
            let more = self.block.guarded(|| self.decode(missing, None))?;
            self.decoded.add(more);
            self.known = self.known.and(missing);
        }
        Ok(())
    }

    /// Shows the messages page by page, in order, with the places of their records: the pages with
    /// one of the records that are wanted. The part that holds them must be there.
    ///
    /// # Errors
    /// [`Damaged`] when anything is not as it was written, and what `look` says.
    pub fn look_at_messages(
        &self,
        wanted: &BooleanBuffer,
        mut look: impl FnMut(Range<usize>, Texts<'_>) -> Result<(), Damaged>,
    ) -> Result<(), Damaged> {
        let mut pages = self.block.guarded(|| self.file.message_pages())?;
        while let Some(page) = self.block.guarded(|| pages.next(wanted))? {
            look(page.places.clone(), page.texts())?;
        }
        Ok(())
    }

    /// The block is not as it was written.
    pub fn damaged(&self, reason: String) -> Damaged {
        self.block.damaged(reason)
    }

    /// The columns that were loaded, for the matcher and for counting.
    pub fn columns(&self) -> Columns<'_> {
        self.decoded.columns(self.block.first_id, self.len())
    }

    /// The ids of the sources that are listed in [`Columns::sources`].
    pub fn source_ids(&self) -> &[i32] {
        self.decoded.sources.as_ref().map_or(&[], |sources| &sources.ids)
    }

    /// The records at these places, in the order of the block, without decoding more than it
    /// takes: pages that hold none of them are passed over. Every part must be there.
    ///
    /// # Errors
    /// [`Damaged`] when anything is not as it was written, or there is no such place.
    pub fn logs(&self, places: &[u32]) -> Result<Vec<Log>, Damaged> {
        let mut places = places.to_vec();
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return Ok(Vec::new());
        }
        self.block.guarded(|| {
            let decoded = self.decode(ColumnSet::ALL, Some(&places))?;
            let log = |(row, place): (usize, &u32)| {
                decoded.log(row, self.block.first_id.checked_add(i64::from(*place))?)
            };
            let logs = places.iter().enumerate().map(log);
            logs.collect::<Option<_>>().ok_or_else(|| damage("columns are missing"))
        })
    }

    fn decode(&self, columns: ColumnSet, places: Option<&[u32]>) -> Result<Decoded, ParquetError> {
        let mut read = ReadColumns(self.file.read(Column::places(columns), places)?);
        let codes_of = |column: Option<ArrayRef>, known: usize| {
            column.map(|column| codes(column, known)).transpose()
        };
        let mut names = |column| read.take(column).map(NameColumn::new).transpose();
        let (hosts, apps, addresses) =
            (names(Column::Host)?, names(Column::App)?, names(Column::Address)?);
        let sources = match (&hosts, &apps, &addresses) {
            (Some(hosts), Some(apps), Some(addresses)) if columns.touches(ColumnSet::SOURCE) => {
                Some(NamedSources::new([hosts, apps, addresses], self.dictionary)?)
            }
            _ => None,
        };
        Ok(Decoded {
            hosts,
            apps,
            addresses,
            sources,
            timestamps: read.take(Column::Timestamp).map(instants).transpose()?,
            received_at: read.take(Column::ReceivedAt).map(instants).transpose()?,
            severities: codes_of(read.take(Column::Severity), Severity::ALL.len())?,
            facilities: codes_of(read.take(Column::Facility), Facility::ALL.len())?,
            proc_ids: read.take(Column::ProcId).map(texts).transpose()?,
            msg_ids: read.take(Column::MsgId).map(texts).transpose()?,
            messages: read.take(Column::Message).map(texts).transpose()?,
            attributes: read.take(Column::Attributes).map(texts).transpose()?,
        })
    }
}

/// The columns as they were read. Each is taken out, so that its memory is its new owner's alone.
struct ReadColumns(RecordBatch);

impl ReadColumns {
    fn take(&mut self, column: Column) -> Option<ArrayRef> {
        let (place, _) = self.0.schema_ref().column_with_name(column.name())?;
        Some(self.0.remove_column(place))
    }
}

fn instants(column: ArrayRef) -> Result<ScalarBuffer<i64>, ParquetError> {
    let instants = column.as_primitive_opt::<TimestampMicrosecondType>();
    Ok(instants.ok_or_else(|| damage("a time is none"))?.values().clone())
}

/// Codes below a limit, and [`NO_CODE`] where there is none.
fn codes(column: ArrayRef, limit: usize) -> Result<Vec<u8>, ParquetError> {
    let column = column.as_primitive_opt::<UInt8Type>().ok_or_else(|| damage("a code is none"))?;
    let codes: Vec<u8> = column.iter().map(|code| code.unwrap_or(NO_CODE)).collect();
    let known = |code: &u8| *code == NO_CODE || usize::from(*code) < limit;
    if codes.iter().all(known) { Ok(codes) } else { Err(damage("a code is not known")) }
}

fn texts(column: ArrayRef) -> Result<TextColumn, ParquetError> {
    let texts = column.as_string_opt().cloned().ok_or_else(|| damage("a text is none"))?;
    drop(column);
    TextColumn::new(texts)
}

impl Decoded {
    /// Takes over what the other has.
    fn add(&mut self, other: Decoded) {
        *self = Decoded {
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

    fn columns(&self, first_id: i64, len: usize) -> Columns<'_> {
        Columns {
            first_id,
            len,
            timestamps: self.timestamps.as_deref(),
            received_at: self.received_at.as_deref(),
            severities: self.severities.as_deref(),
            facilities: self.facilities.as_deref(),
            hosts: self.hosts.as_ref().map(NameColumn::names),
            apps: self.apps.as_ref().map(NameColumn::names),
            addresses: self.addresses.as_ref().map(NameColumn::names),
            sources: self.sources.as_ref().map(|sources| (&*sources.places, &*sources.keys)),
            proc_ids: self.proc_ids.as_ref().map(TextColumn::texts),
            msg_ids: self.msg_ids.as_ref().map(TextColumn::texts),
            messages: self.messages.as_ref().map(TextColumn::texts),
            attributes: self.attributes.as_ref().map(TextColumn::texts),
        }
    }

    /// The record of a row, which has this id.
    fn log(&self, row: usize, id: i64) -> Option<Log> {
        let sources = self.sources.as_ref()?;
        let source = *sources.places.get(row)? as usize;
        let text = |column: &Option<TextColumn>| {
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
