//! A block to records.

use std::cell::OnceCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMicrosecondType, UInt8Type};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::{BooleanBuffer, ScalarBuffer};
use parquet::errors::ParquetError;

use super::Block;
use super::decoded::Decoded;
use super::file::{BlockFile, damage};
use super::named::{NameColumn, NamedSources};
use super::schema::Column;
use super::text::TextColumn;
use crate::filter::{ColumnSet, Columns, NO_CODE, Texts};
use crate::log::{Facility, Log, Severity};
use crate::store::Damaged;
use crate::store::dictionary::Dictionary;

/// A block that is being read: a column is decoded when it is first asked for.
#[derive(Debug)]
pub(in crate::store) struct BlockReader<'a> {
    block: &'a Block,
    /// Knows every source of the snapshot.
    dictionary: &'a Dictionary,
    /// Read when it is first needed.
    file: OnceCell<BlockFile<'a>>,
    decoded: Decoded,
}

/// So many records are worth decoding the whole block, when it is wanted again and again.
const MANY: usize = 16;

impl Block {
    /// Begins to read. The dictionary knows every source of the snapshot.
    ///
    /// # Errors
    /// [`Damaged`] when the footer is not as it was written.
    pub fn reader<'a>(&'a self, dictionary: &'a Dictionary) -> Result<BlockReader<'a>, Damaged> {
        let decoded = self.decoded.clone();
        let reader = BlockReader { block: self, dictionary, file: OnceCell::new(), decoded };
        if !self.is_wanted_again() {
            reader.file()?;
        }
        Ok(reader)
    }

    /// Whether columns of it were decoded before, and kept.
    fn is_wanted_again(&self) -> bool {
        self.decoded.known != ColumnSet::NONE
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

impl<'a> BlockReader<'a> {
    /// How many records the block holds.
    pub fn len(&self) -> usize {
        usize::try_from(self.block.last_id - self.block.first_id + 1).unwrap_or(0)
    }

    fn file(&self) -> Result<&BlockFile<'a>, Damaged> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = self.block.guarded(|| BlockFile::open(self.block))?;
        Ok(self.file.get_or_init(|| file))
    }

    /// What was decoded, to be kept for the next reader.
    pub fn into_decoded(self) -> Decoded {
        self.decoded
    }

    /// Decodes these columns, unless they are already; the parts that hold them must be there.
    ///
    /// # Errors
    /// [`Damaged`] when anything is not as it was written.
    pub fn load(&mut self, wanted: ColumnSet) -> Result<(), Damaged> {
        let missing = wanted.without(self.decoded.known);
        if missing != ColumnSet::NONE {
            let file = self.file()?;
            let more = self.block.guarded(|| self.decode(file, missing, None))?;
            self.decoded.add(more);
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
        if let Some(messages) = &self.decoded.messages {
            return look(0..self.len(), messages.texts());
        }
        let file = self.file()?;
        let mut pages = self.block.guarded(|| file.message_pages())?;
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
    /// takes: pages that hold none of them are passed over. Every part must be there. Where a block
    /// is wanted again and again, all of it is decoded, to be kept.
    ///
    /// # Errors
    /// [`Damaged`] when anything is not as it was written, or there is no such place.
    pub fn logs(&mut self, places: &[u32]) -> Result<Vec<Log>, Damaged> {
        let mut places = places.to_vec();
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return Ok(Vec::new());
        }
        if self.block.is_wanted_again() && places.len() >= MANY {
            self.load(ColumnSet::ALL)?;
        }
        let id = |place: &u32| self.block.first_id.checked_add(i64::from(*place));
        let logs: Option<Vec<Log>> = if self.decoded.holds(ColumnSet::ALL) {
            places.iter().map(|place| self.decoded.log(*place as usize, id(place)?)).collect()
        } else {
            let file = self.file()?;
            let all = ColumnSet::ALL;
            let some = self.block.guarded(|| self.decode(file, all, Some(&places)))?;
            places.iter().enumerate().map(|(row, place)| some.log(row, id(place)?)).collect()
        };
        logs.ok_or_else(|| self.damaged("columns are missing".to_owned()))
    }

    fn decode(
        &self,
        file: &BlockFile<'_>,
        columns: ColumnSet,
        places: Option<&[u32]>,
    ) -> Result<Decoded, ParquetError> {
        let mut read = ReadColumns(file.read(Column::places(columns), places)?);
        let codes_of = |column: Option<ArrayRef>, known: usize| {
            column.map(|column| codes(column, known)).transpose()
        };
        let mut names = |column| read.take(column).map(NameColumn::new).transpose();
        let (hosts, apps, addresses) =
            (names(Column::Host)?, names(Column::App)?, names(Column::Address)?);
        let sources = match (&hosts, &apps, &addresses) {
            (Some(hosts), Some(apps), Some(addresses)) if columns.touches(ColumnSet::SOURCE) => {
                Some(NamedSources::new([hosts, apps, addresses], self.dictionary)?.into())
            }
            _ => None,
        };
        Ok(Decoded {
            known: columns,
            hosts: hosts.map(Arc::new),
            apps: apps.map(Arc::new),
            addresses: addresses.map(Arc::new),
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
fn codes(column: ArrayRef, limit: usize) -> Result<Arc<[u8]>, ParquetError> {
    let column = column.as_primitive_opt::<UInt8Type>().ok_or_else(|| damage("a code is none"))?;
    let codes: Arc<[u8]> = column.iter().map(|code| code.unwrap_or(NO_CODE)).collect();
    let known = |code: &u8| *code == NO_CODE || usize::from(*code) < limit;
    if codes.iter().all(known) { Ok(codes) } else { Err(damage("a code is not known")) }
}

fn texts(column: ArrayRef) -> Result<Arc<TextColumn>, ParquetError> {
    let texts = column.as_string_opt().cloned().ok_or_else(|| damage("a text is none"))?;
    drop(column);
    Ok(TextColumn::new(texts)?.into())
}
