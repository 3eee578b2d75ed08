//! Records to a block.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, TimestampMicrosecondArray, UInt8Array};
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::errors::ParquetError;

use super::file::bounds;
use super::senders::Senders;
use super::{Encoded, Row, Summary, schema};
use crate::log::{Entry, Timestamp};
use crate::store::StoreError;

/// Text of a block, at most: its columns count bytes in 31 bits.
const MOST_TEXT: u64 = 1 << 30;

/// Makes one block of records with contiguous ids. The caller holds it to
/// [`FULL_ROWS`](super::FULL_ROWS) and [`FULL_BYTES`](super::FULL_BYTES) (see
/// [`cut`](super::cut())).
///
/// # Errors
/// [`StoreError::Internal`] when there is no record, or more text than a column can hold.
pub(in crate::store) fn encode(first_id: i64, rows: &[Row<'_>]) -> Result<Encoded, StoreError> {
    let senders = Senders::of(rows);
    let summary = Summary::of(first_id, rows, &senders)
        .ok_or_else(|| StoreError::Internal("a block without records".to_owned()))?;
    if summary.raw_bytes > MOST_TEXT {
        return Err(StoreError::Internal(format!("a block of {} bytes", summary.raw_bytes)));
    }
    let (parts, footer) = columns((first_id..).take(rows.len()), rows, &senders)
        .and_then(|columns| write(&columns))
        .map_err(|error| StoreError::Internal(format!("a block cannot be written: {error}")))?;
    Ok(Encoded { summary, parts, footer })
}

/// Records with any ids side by side, as [`schema::WRITTEN`] wants them: for a file of our own that
/// is no block.
pub(in crate::store) fn side_by_side(
    ids: impl IntoIterator<Item = i64>,
    rows: &[Row<'_>],
) -> Result<RecordBatch, ParquetError> {
    columns(ids, rows, &Senders::of(rows))
}

/// The records side by side, as [`schema::WRITTEN`] wants them.
fn columns(
    ids: impl IntoIterator<Item = i64>,
    rows: &[Row<'_>],
    senders: &Senders,
) -> Result<RecordBatch, ParquetError> {
    let entries = || rows.iter().map(|row| row.entry);
    let sources = || rows.iter().map(|row| row.source);
    let instants = |of: fn(&Entry) -> Timestamp| -> ArrayRef {
        let micros = entries().map(|entry| of(entry).timestamp_micros());
        Arc::new(TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC"))
    };
    let severities = entries().map(|entry| entry.severity.map(|severity| severity.code()));
    let facilities = entries().map(|entry| entry.facility.map(|facility| facility.code()));
    let attributes =
        entries().map(|entry| (!entry.attributes.is_empty()).then(|| entry.attributes.as_json()));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(ids)),
        instants(|entry| entry.timestamp),
        instants(|entry| entry.received_at),
        Arc::new(severities.collect::<UInt8Array>()),
        Arc::new(facilities.collect::<UInt8Array>()),
        texts(sources().map(|source| source.host.as_deref())),
        texts(sources().map(|source| source.app.as_deref())),
        texts(senders.addresses().map(Some)),
        texts(entries().map(|entry| entry.proc_id.as_deref())),
        texts(entries().map(|entry| entry.msg_id.as_deref())),
        texts(entries().map(|entry| Some(&*entry.message))),
        texts(attributes),
    ];
    Ok(RecordBatch::try_new(schema::WRITTEN.clone(), columns)?)
}

/// A column of text, in memory of the right size from the start.
fn texts<'a>(texts: impl Iterator<Item = Option<&'a str>> + Clone) -> ArrayRef {
    let size = |(count, bytes), text: Option<&str>| (count + 1, bytes + text.map_or(0, str::len));
    let (count, bytes) = texts.clone().fold((0, 0), size);
    let mut column = StringBuilder::with_capacity(count, bytes);
    texts.for_each(|text| column.append_option(text));
    Arc::new(column.finish())
}

/// The Parquet file, cut into its parts and the footer.
fn write(columns: &RecordBatch) -> Result<([Vec<u8>; 3], Vec<u8>), ParquetError> {
    let mut fields = Vec::new();
    let options = ArrowWriterOptions::new()
        .with_properties(schema::PROPERTIES.clone())
        .with_skip_arrow_metadata(true);
    let mut writer =
        ArrowWriter::try_new_with_options(&mut fields, schema::WRITTEN.clone(), options)?;
    writer.write(columns)?;
    let metadata = writer.close()?;
    let [_, message_at, attributes_at, footer_at] = bounds(&metadata)?.map(|at| at as usize);
    let footer = fields.split_off(footer_at);
    let attributes = fields.split_off(attributes_at);
    let message = fields.split_off(message_at);
    Ok(([fields, message, attributes], footer))
}
