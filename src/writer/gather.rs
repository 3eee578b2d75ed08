//! The batch that is being gathered.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;
use uuid::Uuid;

use super::BatchLimits;
use super::sources::Sources;
use crate::live::Piece;
use crate::log::Log;
use crate::parse::Parser;
use crate::queue::{Delivery, Ticket};
use crate::store::{Committed, Marks, Resolved, WriteBatch, is_half_full};

/// What the gathering knows across batches: which frames are in or on their way, and the sources.
#[derive(Debug)]
pub struct Known {
    /// The counters of each producer that are stored or gathered.
    pub marks: BTreeMap<Uuid, Marks>,
    pub sources: Sources,
}

/// A batch and the ticket that its commit releases.
#[derive(Debug, Default)]
pub struct Gathered {
    pub batch: WriteBatch,
    /// Of the last frame looked at, stored before or not.
    pub ticket: Option<Ticket>,
    /// When its first record came.
    opened: Option<Instant>,
    bytes: usize,
}

impl Gathered {
    /// Takes in a frame, unless it is known. Returns how many records were skipped.
    pub fn add(&mut self, delivery: Delivery, known: &mut Known, parser: &Parser) -> usize {
        let Delivery { frame, ticket } = delivery;
        self.ticket = Some(ticket);
        let id = frame.id();
        let marks = known.marks.entry(id.producer).or_default();
        if !marks.insert(id.counter) {
            return frame.records();
        }
        self.batch.marks.insert(id.producer, marks.clone());
        self.opened.get_or_insert_with(Instant::now);
        self.batch.records.reserve(frame.records());
        for raw in frame.iter() {
            let mut record = parser.parse(raw);
            let (source_id, source) =
                known.sources.resolve(&mut record, &mut self.batch.new_sources);
            self.bytes += record.entry.text_size();
            self.batch.records.push(Resolved {
                source_id,
                source,
                producer: id.producer,
                entry: record.entry,
            });
        }
        0
    }

    /// Whether there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.opened.is_none()
    }

    /// Whether nothing more should come in.
    pub fn is_full(&self, limits: &BatchLimits) -> bool {
        self.batch.records.len() >= limits.max_rows || self.bytes >= limits.max_bytes
    }

    /// Whether it is enough for a block in its final form.
    pub fn is_half_a_block(&self) -> bool {
        is_half_full(self.batch.records.len() as u64, self.bytes as u64)
    }

    /// Whether a frame of so many records still fits; an empty batch takes any.
    pub fn fits(&self, records: usize, limits: &BatchLimits) -> bool {
        self.is_empty() || self.batch.records.len() + records <= limits.max_rows
    }

    /// When its first record came.
    pub fn opened(&self) -> Option<Instant> {
        self.opened
    }

    /// The records as the log has them now, without the rejected ones; counts them.
    pub fn into_piece(self, committed: &Committed, sources: &mut Sources) -> Option<Piece> {
        let mut rejected = committed.rejected.iter().map(|rejected| rejected.index).peekable();
        let mut id = committed.first_id;
        let mut logs = Vec::with_capacity(self.batch.records.len());
        for (index, record) in self.batch.records.into_iter().enumerate() {
            if rejected.next_if_eq(&index).is_some() {
                continue;
            }
            sources.count(record.source_id, record.entry.received_at);
            logs.push(Arc::new(Log {
                id,
                source_id: record.source_id,
                source: record.source,
                entry: record.entry,
            }));
            id += 1;
        }
        Piece::new(logs)
    }
}
