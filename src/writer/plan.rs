//! What to seal next: pure, from what is known of the records that are not in their final form.
//!
//! The log's unsealed parts are *segments*: runs of rows, and small blocks. Contiguous segments are
//! a *run*. A run is sealed
//!
//! - as far as it fills blocks;
//! - whole and for good when a final block follows it, for nothing can be added to it any more;
//! - whole when it is idle: what came last has waited long enough, and its block is merged with
//!   what comes later;
//! - whole and for good when it is old, so that retention finds no block that grows for ever.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::log::Timestamp;
use crate::store::{FULL_BLOCK_BYTES, FULL_BLOCK_RECORDS, Form, Segment};

/// How long records may wait.
#[derive(Clone, Copy, Debug)]
pub struct Ages {
    /// Since they came in, until they are in some block.
    pub idle: Duration,
    /// Until their block is final. None: until it is full.
    pub last: Option<Duration>,
}

/// What to seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub range: RangeInclusive<i64>,
    /// The last block is final, however small.
    pub is_final: bool,
}

/// The unsealed part of the log.
#[derive(Debug, Default)]
pub struct Plan {
    /// By first position; without overlap, and rows beside rows are one segment.
    segments: BTreeMap<i64, Segment>,
    /// The newest position.
    head: i64,
}

impl Plan {
    /// Takes in what was committed up to a new head.
    pub fn add(&mut self, unsealed: Vec<Segment>, head: i64) {
        self.head = self.head.max(head);
        unsealed.into_iter().for_each(|segment| self.insert(segment));
    }

    /// Begins anew from what the database says, keeping what was committed after `head` and the
    /// database may not have told of.
    pub fn reload(&mut self, unsealed: Vec<Segment>, head: i64) {
        let told_to = unsealed.last().map_or(0, |segment| segment.last_id);
        self.forget(&(0..=head.max(told_to)));
        self.add(unsealed, head);
    }

    /// A step was done; `rest` is what of it is still not in its final form.
    pub fn done(&mut self, range: &RangeInclusive<i64>, rest: Option<Segment>) {
        self.forget(range);
        rest.into_iter().for_each(|segment| self.insert(segment));
    }

    /// Retention removed everything up to here.
    pub fn expired(&mut self, up_to: i64) {
        self.forget(&(0..=up_to));
    }

    /// How many records are not in their final form.
    pub fn debt(&self) -> u64 {
        self.segments.values().map(Segment::records).sum()
    }

    /// Whether a record of the range is not in its final form.
    pub fn touches(&self, range: &RangeInclusive<i64>) -> bool {
        let before = self.segments.range(..=range.end()).next_back();
        before.is_some_and(|(_, segment)| segment.last_id >= *range.start())
    }

    /// What to do next, the oldest first.
    pub fn next(&self, now: Timestamp, ages: Ages) -> Option<Step> {
        let mut segments = self.segments.values().peekable();
        while let Some(first) = segments.next() {
            let mut run = vec![first];
            let mut last_id = first.last_id;
            while let Some(next) = segments.next_if(|next| next.first_id == last_id + 1) {
                last_id = next.last_id;
                run.push(next);
            }
            if let Some(step) = self.step(&run, now, ages) {
                return Some(step);
            }
        }
        None
    }

    fn step(&self, run: &[&Segment], now: Timestamp, ages: Ages) -> Option<Step> {
        let (first, last) = (run.first()?, run.last()?);
        if let Some(end) = end_of_block(run) {
            return Some(Step { range: first.first_id..=end, is_final: false });
        }
        let whole = first.first_id..=last.last_id;
        let waited = |segment: &&Segment, long: Duration| {
            (now - segment.received_from).to_std().is_ok_and(|waited| waited >= long)
        };
        let closed = last.last_id < self.head;
        if closed || ages.last.is_some_and(|long| run.iter().any(|s| waited(s, long))) {
            return Some(Step { range: whole, is_final: true });
        }
        // A small block alone, or before what is young, has done its waiting.
        let waiting = if first.form == Form::SmallBlock { &run[1..] } else { run };
        let idle = waiting.iter().any(|segment| waited(segment, ages.idle));
        idle.then_some(Step { range: whole, is_final: false })
    }

    fn insert(&mut self, segment: Segment) {
        let beside = self.segments.range_mut(..segment.first_id).next_back();
        if let Some((_, before)) = beside
            && before.last_id + 1 == segment.first_id
            && (before.form, segment.form) == (Form::Rows, Form::Rows)
        {
            before.last_id = segment.last_id;
            before.raw_bytes += segment.raw_bytes;
            before.received_from = before.received_from.min(segment.received_from);
            return;
        }
        self.segments.insert(segment.first_id, segment);
    }

    /// Cuts a range out: rows may be cut anywhere, a small block goes as a whole.
    fn forget(&mut self, range: &RangeInclusive<i64>) {
        let (start, end) = (*range.start(), *range.end());
        let touched: Vec<i64> = self
            .segments
            .range(..=end)
            .rev()
            .take_while(|(_, segment)| segment.last_id >= start)
            .map(|(first_id, _)| *first_id)
            .collect();
        for first_id in touched {
            let Some(segment) = self.segments.remove(&first_id) else { continue };
            if segment.form == Form::Rows {
                let before = part(&segment, segment.first_id, start - 1);
                let after = part(&segment, end + 1, segment.last_id);
                before.into_iter().chain(after).for_each(|part| self.insert(part));
            }
        }
    }
}

/// A part of a segment of rows; none when there is nothing in it.
fn part(segment: &Segment, first_id: i64, last_id: i64) -> Option<Segment> {
    let records = u64::try_from(last_id - first_id + 1).ok().filter(|records| *records > 0)?;
    let raw_bytes = bytes_of(segment, records);
    Some(Segment { first_id, last_id, raw_bytes, ..segment.clone() })
}

/// Bytes of text of so many of the segment's records, about.
fn bytes_of(segment: &Segment, records: u64) -> u64 {
    let share = u128::from(segment.raw_bytes) * u128::from(records);
    u64::try_from(share / u128::from(segment.records().max(1))).unwrap_or(u64::MAX)
}

/// How many of the segment's records have so many bytes of text, about.
fn records_of(segment: &Segment, bytes: u64) -> u64 {
    let share = u128::from(segment.records()) * u128::from(bytes);
    u64::try_from(share / u128::from(segment.raw_bytes.max(1))).unwrap_or(u64::MAX)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Where the first block ends that the run fills; none when it fills none.
fn end_of_block(run: &[&Segment]) -> Option<i64> {
    let (mut records, mut bytes) = (0, 0);
    let mut end = None;
    for segment in run {
        let room_records = FULL_BLOCK_RECORDS.saturating_sub(records);
        let room_bytes = FULL_BLOCK_BYTES.saturating_sub(bytes);
        let fits = segment.records() <= room_records && segment.raw_bytes <= room_bytes;
        if !fits {
            return match segment.form {
                Form::SmallBlock => end.or(Some(segment.last_id)),
                Form::Rows => {
                    let fitting = records_of(segment, room_bytes).min(room_records);
                    // A record that is longer than a block is one all the same.
                    let least = u64::from(end.is_none());
                    Some(segment.first_id + signed(fitting.max(least)) - 1)
                }
            };
        }
        records += segment.records();
        bytes += segment.raw_bytes;
        end = Some(segment.last_id);
        if records >= FULL_BLOCK_RECORDS || bytes >= FULL_BLOCK_BYTES {
            return end;
        }
    }
    None
}

#[cfg(test)]
mod tests;
