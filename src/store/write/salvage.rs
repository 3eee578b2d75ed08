//! Saving what can be saved of a batch that holds a record the database refuses.

use std::ops::Range;

use sea_orm::sqlx;

use super::super::batch::{Rejected, Resolved};
use super::super::error::data_error;

/// A transaction that records go into, piece by piece.
pub(super) trait RowSink {
    /// Marks a place to go back to.
    async fn savepoint(&mut self) -> Result<(), sqlx::Error>;
    /// Forgets the place, keeping what was done since.
    async fn release(&mut self) -> Result<(), sqlx::Error>;
    /// Goes back to the place, and forgets it.
    async fn back(&mut self) -> Result<(), sqlx::Error>;
    /// Inserts the records under the ids from `first_id` on.
    async fn insert(&mut self, records: &[Resolved], first_id: i64) -> Result<(), sqlx::Error>;
}

/// Inserts the records, halving what is refused for its content until the bad records stand
/// alone. The others get contiguous ids from `first_id` on; the bad ones are returned in order.
pub(super) async fn insert_good(
    sink: &mut impl RowSink,
    records: &[Resolved],
    first_id: i64,
) -> Result<Vec<Rejected>, sqlx::Error> {
    let mut rejected = Vec::new();
    let mut next_id = first_id;
    // Ranges still to go in, the next one on top. The whole was tried and refused already.
    let mut waiting = Vec::new();
    push_halves(&mut waiting, 0..records.len());
    while let Some(range) = waiting.pop() {
        sink.savepoint().await?;
        let Err(error) = sink.insert(&records[range.clone()], next_id).await else {
            sink.release().await?;
            next_id += super::signed(range.len());
            continue;
        };
        let Some(reason) = data_error(&error) else { return Err(error) };
        sink.back().await?;
        match range.len() {
            1 => rejected.push(Rejected { index: range.start, reason }),
            _ => push_halves(&mut waiting, range),
        }
    }
    Ok(rejected)
}

fn push_halves(waiting: &mut Vec<Range<usize>>, range: Range<usize>) {
    let middle = range.start + range.len().div_ceil(2);
    for half in [middle..range.end, range.start..middle] {
        if !half.is_empty() {
            waiting.push(half);
        }
    }
}
