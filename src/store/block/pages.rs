//! Messages, page by page: each page is searched while it is in a fast cache, and what is not
//! looked at is never decompressed, copied or checked.

use std::ops::Range;
use std::sync::Arc;

use arrow_buffer::BooleanBuffer;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use super::file::{Parts, damage};
use super::schema::Column;
use crate::filter::Texts;

/// What stands before each text in a plain page: its length, in four bytes.
const LENGTH: usize = size_of::<u32>();

/// The pages of the messages, in order.
pub(super) struct MessagePages {
    reader: SerializedPageReader<Parts>,
    /// Records of the block.
    records: usize,
    /// Those that were passed.
    passed: usize,
}

/// The messages of some records.
pub(super) struct MessagePage {
    /// The places of the records in the block.
    pub places: Range<usize>,
    bytes: Bytes,
    offsets: Vec<i32>,
}

impl MessagePages {
    pub fn new(
        file: Parts,
        metadata: &ParquetMetaData,
        records: usize,
    ) -> Result<Self, ParquetError> {
        let group = metadata.row_groups().first();
        let column = group.and_then(|group| group.columns().get(Column::Message.place()));
        let column = column.ok_or_else(|| damage("columns are missing"))?;
        let reader = SerializedPageReader::new(Arc::new(file), column, records, None)?;
        Ok(MessagePages { reader, records, passed: 0 })
    }

    /// The next page with one of the records that are wanted; `None` when none follows.
    pub fn next(&mut self, wanted: &BooleanBuffer) -> Result<Option<MessagePage>, ParquetError> {
        loop {
            let rest = wanted.slice(self.passed, self.records - self.passed);
            let Some(ahead) = rest.set_indices().next() else { return Ok(None) };
            let next = self.passed + ahead;
            let head = self.reader.peek_next_page()?;
            let len = head.and_then(|head| head.num_levels);
            let len = len.ok_or_else(|| damage("columns are too short"))?;
            let end = self.passed.checked_add(len).filter(|end| *end <= self.records);
            let places = self.passed..end.ok_or_else(|| damage("columns are too long"))?;
            self.passed = places.end;
            if next < places.end {
                let page = self.reader.get_next_page()?;
                return page.map(|page| MessagePage::new(page, places)).transpose();
            }
            self.reader.skip_next_page()?;
        }
    }
}

impl MessagePage {
    /// Messages are always there and plain, so a page is nothing but texts with their lengths.
    fn new(page: Page, places: Range<usize>) -> Result<Self, ParquetError> {
        let Page::DataPage { buf: bytes, encoding: Encoding::PLAIN, .. } = page else {
            return Err(damage("a page of messages is not plain"));
        };
        if i32::try_from(bytes.len()).is_err() {
            return Err(damage("a page is too long"));
        }
        let mut offsets = Vec::with_capacity(places.len() + 1);
        let mut next = 0;
        for _ in places.clone() {
            offsets.push(next as i32);
            let length = bytes.get(next..).and_then(<[u8]>::first_chunk::<LENGTH>);
            let length = length.map(|length| u32::from_le_bytes(*length) as usize);
            next = length
                .and_then(|length| next.checked_add(LENGTH)?.checked_add(length))
                .filter(|end| *end <= bytes.len())
                .ok_or_else(|| damage("a text does not end where it should"))?;
        }
        offsets.push(next as i32);
        Ok(MessagePage { places, bytes, offsets })
    }

    pub fn texts(&self) -> Texts<'_> {
        Texts { buffer: &self.bytes, offsets: &self.offsets, gap: LENGTH, present: None }
    }
}
