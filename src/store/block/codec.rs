//! The codec as `benches/blocks.rs` measures it.

use super::senders::Senders;
use super::{Block, Decoded, Encoded, FORMAT, Row, Summary, encode};
use crate::filter::ColumnSet;
use crate::log::Log;
use crate::store::Resolved;
use crate::store::dictionary::Dictionary;

/// A block on its own, with a dictionary that knows its sources: only the bench wants this.
#[doc(hidden)]
#[derive(Debug)]
pub struct BlockCodec {
    block: Block,
    summary: Summary,
    dictionary: Dictionary,
}

impl BlockCodec {
    /// Encodes records, of which there must be some.
    pub fn new(records: &[Resolved]) -> Self {
        let Encoded { summary, parts, footer } = match encode(1, &rows(records)) {
            Ok(encoded) => encoded,
            Err(error) => panic!("{error}"),
        };
        let dictionary = Dictionary::default();
        dictionary.learn(records.iter().map(|r| (r.source_id, r.source.clone())).collect());
        let block = Block {
            first_id: summary.first_id,
            last_id: summary.last_id,
            format: FORMAT,
            footer: footer.into(),
            parts: parts.map(|part| Some(part.into())),
            decoded: Decoded::default(),
        };
        BlockCodec { block, summary, dictionary }
    }

    /// Bytes of the catalogue's row, about.
    pub fn catalogue_bytes(&self) -> usize {
        let Summary { trigrams, .. } = &self.summary;
        self.block.footer.len()
            + trigrams.len()
            + self.summary.source_bitmap().len()
            + self.summary.write_sources().len()
            + self.summary.write_minutes().len()
    }

    /// Bytes at rest, about.
    pub fn stored_bytes(&self) -> usize {
        let parts: usize = self.block.parts.iter().flatten().map(|part| part.len()).sum();
        self.catalogue_bytes() + parts
    }

    /// Only the summary.
    pub fn sum_up(records: &[Resolved]) -> Option<Summary> {
        let rows = rows(records);
        Summary::of(1, &rows, &Senders::of(&rows))
    }

    /// Decodes columns; how many records they are of.
    pub fn decode(&self, columns: ColumnSet) -> usize {
        let reader = self.block.reader(&self.dictionary);
        let loaded = reader.and_then(|mut reader| {
            reader.load(columns)?;
            Ok(reader.columns().len)
        });
        loaded.unwrap_or(0)
    }

    /// Decodes the record in the middle.
    pub fn decode_one(&self) -> Option<Log> {
        let middle = u32::try_from(self.summary.records() / 2).ok()?;
        self.block.reader(&self.dictionary).ok()?.logs(&[middle]).ok()?.pop()
    }

    /// Decodes every record.
    pub fn decode_records(&self) -> Vec<Log> {
        let places: Vec<u32> = (0..self.summary.records() as u32).collect();
        let reader = self.block.reader(&self.dictionary);
        reader.and_then(|mut reader| reader.logs(&places)).unwrap_or_default()
    }
}

fn rows(records: &[Resolved]) -> Vec<Row<'_>> {
    let rows = records.iter().map(|record| Row {
        source_id: record.source_id,
        source: &record.source,
        entry: &record.entry,
    });
    rows.collect()
}
