//! A Parquet file that is being made: records become row groups of their own, whole blocks are
//! copied into it as they are. It holds no more than one row group of either, and what describes
//! the row groups.

use std::fmt;

use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves,
};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;

use super::{ExportPiece, WholeBlock};
use crate::log::Log;
use crate::store::block::{FULL_BYTES, FULL_ROWS, PROPERTIES, Row, WRITTEN, side_by_side};

/// Row groups of a file, at most: other readers count them with 16 bits, and each takes some
/// kilobytes of memory until the file is done.
const MOST_GROUPS: usize = i16::MAX as usize;

/// Why a Parquet file does not come about.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It has as many row groups as it may.
    #[error("a Parquet file cannot be this long; export fewer records at once, or as NDJSON")]
    TooLong,
    /// Our own failure; the text is for the log.
    #[error("a Parquet file cannot be written: {0}")]
    Internal(String),
}

impl From<ParquetError> for ExportError {
    fn from(error: ParquetError) -> Self {
        ExportError::Internal(error.to_string())
    }
}

/// A Parquet file that is being made: records and whole blocks go in, bytes come out.
pub struct ParquetExport {
    writer: SerializedFileWriter<Vec<u8>>,
    factory: ArrowRowGroupWriterFactory,
    /// Records that make no full row group yet, and the bytes of their text.
    waiting: Vec<Log>,
    waiting_bytes: usize,
}

impl fmt::Debug for ParquetExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetExport")
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

impl ParquetExport {
    /// Records from which on a block is better copied than read: a file of small row groups is a
    /// slow one.
    pub const WHOLE_FROM: u64 = FULL_ROWS as u64 / 2;

    /// A file of no records.
    ///
    /// # Errors
    /// Our own.
    pub fn begin() -> Result<Self, ExportError> {
        let options = ArrowWriterOptions::new()
            .with_properties(PROPERTIES.clone())
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), WRITTEN.clone(), options)?;
        let (writer, factory) = writer.into_serialized_writer()?;
        Ok(ParquetExport { writer, factory, waiting: Vec::new(), waiting_bytes: 0 })
    }

    /// Adds what an export gave, and gives the bytes that there are by now. It computes.
    ///
    /// # Errors
    /// [`ExportError::TooLong`]; our own.
    pub fn add(&mut self, piece: ExportPiece) -> Result<Bytes, ExportError> {
        match piece {
            ExportPiece::Logs(logs) => {
                for log in logs {
                    self.waiting_bytes += log.size();
                    self.waiting.push(log);
                    if self.waiting.len() >= FULL_ROWS || self.waiting_bytes >= FULL_BYTES {
                        self.write_waiting()?;
                    }
                }
            }
            ExportPiece::Block(block) => {
                self.write_waiting()?;
                self.copy(&block)?;
            }
        }
        self.taken()
    }

    /// Gives the rest of the file.
    ///
    /// # Errors
    /// As [`ParquetExport::add`].
    pub fn finish(mut self) -> Result<Bytes, ExportError> {
        self.write_waiting()?;
        self.writer.finish()?;
        self.taken()
    }

    /// Makes a row group of what waits.
    fn write_waiting(&mut self) -> Result<(), ExportError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let logs = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let rows: Vec<Row<'_>> = logs.iter().map(row).collect();
        let batch = side_by_side(logs.iter().map(|log| log.id), &rows)?;
        let index = self.next_group()?;
        let mut columns = self.factory.create_column_writers(index)?;
        let schema = batch.schema();
        // No column is nested: each is one leaf.
        for ((field, array), column) in
            schema.fields().iter().zip(batch.columns()).zip(&mut columns)
        {
            for leaf in compute_leaves(field, array)? {
                column.write(&leaf)?;
            }
        }
        let mut group = self.writer.next_row_group()?;
        for column in columns {
            column.close()?.append_to_row_group(&mut group)?;
        }
        group.close()?;
        Ok(())
    }

    /// Copies a block, column chunk by column chunk.
    fn copy(&mut self, block: &WholeBlock) -> Result<(), ExportError> {
        self.next_group()?;
        let mut group = self.writer.next_row_group()?;
        let chunks = block.metadata.row_groups().iter().flat_map(|group| group.columns());
        for chunk in chunks {
            let described = ColumnCloseResult {
                bytes_written: u64::try_from(chunk.compressed_size()).unwrap_or(0),
                rows_written: block.records(),
                metadata: chunk.clone(),
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            };
            group.append_column(&block.file, described)?;
        }
        group.close()?;
        Ok(())
    }

    /// The index of the row group to come.
    fn next_group(&self) -> Result<usize, ExportError> {
        match self.writer.flushed_row_groups().len() {
            index if index < MOST_GROUPS => Ok(index),
            _ => Err(ExportError::TooLong),
        }
    }

    /// The bytes that were written since.
    fn taken(&mut self) -> Result<Bytes, ExportError> {
        self.writer.flush().map_err(|error| ExportError::Internal(error.to_string()))?;
        Ok(std::mem::take(self.writer.inner_mut()).into())
    }
}

fn row(log: &Log) -> Row<'_> {
    Row { source_id: log.source_id, source: &log.source, entry: &log.entry }
}
