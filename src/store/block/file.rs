//! The Parquet file of a block, of which only some parts may be at hand.

use std::iter::zip;
use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::buf::Reader;
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};

use super::pages::MessagePages;
use super::schema::{self, Column, FORMAT_KEY};
use super::{Block, FILE_FORMAT, FORMAT};

/// What ends the file: the length of the metadata and the magic number.
const TAIL: usize = 8;

/// Where the parts begin, in order, and where the last of them ends.
pub(super) fn bounds(metadata: &ParquetMetaData) -> Result<[u64; 4], ParquetError> {
    let [group] = metadata.row_groups() else {
        return Err(damage("it does not have one row group"));
    };
    let at = |column: Column| group.columns().get(column.place()).map(|chunk| chunk.byte_range());
    let (Some((message, _)), Some((attributes, length))) =
        (at(Column::Message), at(Column::Attributes))
    else {
        return Err(damage("columns are missing"));
    };
    let end = attributes.checked_add(length);
    Ok([0, message, attributes, end.ok_or_else(|| damage("it has no end"))?])
}

/// A block's file, its footer read.
#[derive(Debug)]
pub(super) struct BlockFile<'a> {
    block: &'a Block,
    metadata: ArrowReaderMetadata,
    records: usize,
}

impl<'a> BlockFile<'a> {
    pub fn open(block: &'a Block) -> Result<Self, ParquetError> {
        let metadata = Arc::new(block.metadata()?);
        let records = usize::try_from(metadata.file_metadata().num_rows()).unwrap_or(0);
        let options = ArrowReaderOptions::new().with_schema(schema::READ.clone());
        let metadata = ArrowReaderMetadata::try_new(metadata, options)?;
        Ok(BlockFile { block, metadata, records })
    }

    /// The messages, page by page.
    pub fn message_pages(&self) -> Result<MessagePages, ParquetError> {
        let metadata = self.metadata.metadata();
        MessagePages::new(Parts::new(metadata, &self.block.parts)?, metadata, self.records)
    }

    /// Reads columns, by their places in the file: of the records at these places, in order, or of
    /// every one.
    pub fn read(
        &self,
        columns: Vec<usize>,
        places: Option<&[u32]>,
    ) -> Result<RecordBatch, ParquetError> {
        let (metadata, records) = (self.metadata.clone(), self.records);
        let file = Parts::new(metadata.metadata(), &self.block.parts)?;
        let projection = ProjectionMask::leaves(metadata.parquet_schema(), columns);
        let mut reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_projection(projection)
            .with_batch_size(records);
        if let Some(places) = places {
            reader = reader.with_row_selection(selection(places, records)?);
        }
        let batch = reader.build()?.next().ok_or_else(|| damage("it is empty"))??;
        match batch.num_rows() == places.map_or(records, <[u32]>::len) {
            true => Ok(batch),
            false => Err(damage("columns are too short")),
        }
    }
}

impl Block {
    /// What the footer says, once it fits what the catalogue says.
    pub fn metadata(&self) -> Result<ParquetMetaData, ParquetError> {
        if !(1..=FORMAT).contains(&self.format) {
            return Err(damage(&format!("format {} is not known", self.format)));
        }
        let length = self.footer.len().checked_sub(TAIL).ok_or_else(|| damage("no footer"))?;
        let metadata = ParquetMetaDataReader::decode_metadata(&self.footer[..length])?;
        let file = metadata.file_metadata();
        let entries = file.key_value_metadata().map_or(&[][..], Vec::as_slice);
        let format = entries.iter().find(|entry| entry.key == FORMAT_KEY);
        if format.and_then(|entry| entry.value.as_deref()) != Some(&FILE_FORMAT.to_string()) {
            return Err(damage("the footer is of another format"));
        }
        let records = self.last_id.checked_sub(self.first_id).and_then(|last| last.checked_add(1));
        if records != Some(file.num_rows()) || file.num_rows() < 1 {
            return Err(damage(&format!("it holds {} records", file.num_rows())));
        }
        Ok(metadata)
    }

    /// The whole Parquet file, when every part is there.
    pub fn file(&self) -> Option<Vec<u8>> {
        let parts: Option<Vec<&[u8]>> = self.parts.iter().map(|part| part.as_deref()).collect();
        let mut file = parts?.concat();
        file.extend_from_slice(&self.footer);
        Some(file)
    }
}

/// The records at these places, which are in order, of so many.
fn selection(places: &[u32], records: usize) -> Result<RowSelection, ParquetError> {
    if places.last().is_some_and(|last| *last as usize >= records) {
        return Err(damage("it has no such record"));
    }
    let runs = places.chunk_by(|a, b| a + 1 == *b).filter_map(|run| {
        let from = *run.first()? as usize;
        Some(from..from + run.len())
    });
    Ok(RowSelection::from_consecutive_ranges(runs, records))
}

/// The bytes at hand: what has to be read of the others is an error.
#[derive(Debug)]
pub(super) struct Parts {
    /// Where each part begins in the file, and its bytes.
    parts: Vec<(u64, Bytes)>,
    end: u64,
}

impl Parts {
    fn new(metadata: &ParquetMetaData, parts: &[Option<Bytes>; 3]) -> Result<Self, ParquetError> {
        let bounds = bounds(metadata)?;
        let ranges = zip(bounds, bounds.into_iter().skip(1));
        let mut there = Vec::with_capacity(parts.len());
        for ((from, to), bytes) in zip(ranges, parts) {
            let Some(bytes) = bytes else { continue };
            if to.checked_sub(from) != Some(bytes.len() as u64) {
                return Err(damage(&format!("the part from byte {from} on is of another length")));
            }
            there.push((from, bytes.clone()));
        }
        let [.., end] = bounds;
        Ok(Parts { parts: there, end })
    }

    /// The bytes from here to the end of the part.
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        let found = self.parts.iter().find_map(|(from, bytes)| {
            let offset = usize::try_from(start.checked_sub(*from)?).ok()?;
            (offset < bytes.len()).then(|| bytes.slice(offset..))
        });
        found.ok_or_else(|| damage(&format!("a part is missing: there is no byte {start}")))
    }
}

impl Length for Parts {
    fn len(&self) -> u64 {
        self.end
    }
}

impl ChunkReader for Parts {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.from(start)?;
        if bytes.len() < length {
            return Err(damage(&format!("byte {start} is followed by less than {length}")));
        }
        Ok(bytes.slice(..length))
    }
}

/// What is wrong with a block, as the parquet crate would say it.
pub(super) fn damage(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}
