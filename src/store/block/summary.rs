//! What the catalogue says of a block.

use std::collections::BTreeMap;

use super::bitmap::{Bitmap, Trigrams};
use super::senders::Senders;
use super::{Intervals, Row, counts};
use crate::log::{Facility, Timestamp, timestamp_from_micros};
use crate::store::StoreError;

/// What lets a query skip a block, or answer without opening it.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub first_id: i64,
    pub last_id: i64,
    /// Bytes of text of its records.
    pub raw_bytes: u64,
    pub times: Intervals,
    /// The earliest and the latest time of receipt.
    pub received: (Timestamp, Timestamp),
    /// Bit `n`: a record has the severity of code `n`. Bit 8: a record has none.
    pub severities: i32,
    /// Bit `n`: a record has the facility of code `n`. Bit 24: a record has none.
    pub facilities: i32,
    /// Records of each source, by source id.
    pub sources: Vec<(i32, u32)>,
    /// Records of each minute (since the Unix epoch, rounded down) and severity code (8: none),
    /// in order.
    pub minutes: Vec<(i64, u8, u32)>,
    /// A bitmap of the trigrams and seams of the folded messages.
    pub trigrams: Vec<u8>,
}

/// The place of "no severity" beside the codes.
const NO_SEVERITY: u8 = 8;
/// The place of "no facility" beside the codes.
const NO_FACILITY: u8 = Facility::ALL.len() as u8;

const MICROS_A_MINUTE: i64 = 60_000_000;

impl Summary {
    /// Sums up records with contiguous ids; `None` when there are none. `senders` are theirs.
    pub(super) fn of(first_id: i64, rows: &[Row<'_>], senders: &Senders) -> Option<Self> {
        let times = rows.iter().map(|row| row.entry.timestamp.timestamp_micros()).collect();
        let received = || rows.iter().map(|row| row.entry.received_at.timestamp_micros());
        let received = (received().min()?, received().max()?);
        let mut trigrams = Trigrams::new();
        let (mut severities, mut facilities) = (0, 0);
        for Row { entry, .. } in rows {
            severities |= 1 << entry.severity.map_or(NO_SEVERITY, |severity| severity.code());
            facilities |= 1 << entry.facility.map_or(NO_FACILITY, |facility| facility.code());
            trigrams.insert(&entry.message);
        }
        Some(Summary {
            first_id,
            last_id: first_id.saturating_add(i64::try_from(rows.len()).ok()? - 1),
            raw_bytes: rows.iter().map(|row| row.entry.text_size() as u64).sum(),
            times: Intervals::of(times)?,
            received: (timestamp_from_micros(received.0), timestamp_from_micros(received.1)),
            severities,
            facilities,
            sources: senders.counts(),
            minutes: minutes(rows),
            trigrams: trigrams.into_bytes(),
        })
    }

    /// How many records it holds.
    pub fn records(&self) -> u64 {
        u64::try_from(self.last_id - self.first_id + 1).unwrap_or(0)
    }

    /// The bitmap of source ids, as the catalogue keeps it: an id is its own hash.
    pub fn source_bitmap(&self) -> Vec<u8> {
        let mut bitmap = Bitmap::new();
        self.sources.iter().for_each(|(id, _)| bitmap.insert(id.cast_unsigned()));
        bitmap.into_bytes()
    }

    /// `source_counts`, as the catalogue keeps it.
    pub fn write_sources(&self) -> Vec<u8> {
        counts::write_sources(&self.sources)
    }

    /// Reads `source_counts` back.
    ///
    /// # Errors
    /// [`StoreError::Internal`] for bytes that [`Summary::write_sources`] did not make.
    pub fn read_sources(bytes: &[u8]) -> Result<Vec<(i32, u32)>, StoreError> {
        counts::read_sources(bytes)
            .ok_or_else(|| StoreError::Internal("block.source_counts cannot be read".to_owned()))
    }

    /// `minutes`, as the catalogue keeps it.
    pub fn write_minutes(&self) -> Vec<u8> {
        counts::write_minutes(&self.minutes)
    }

    /// Reads `minutes` back.
    ///
    /// # Errors
    /// [`StoreError::Internal`] for bytes that [`Summary::write_minutes`] did not make.
    pub fn read_minutes(bytes: &[u8]) -> Result<Vec<(i64, u8, u32)>, StoreError> {
        counts::read_minutes(bytes)
            .ok_or_else(|| StoreError::Internal("block.minutes cannot be read".to_owned()))
    }
}

/// Counts the records of each minute and severity.
fn minutes(rows: &[Row<'_>]) -> Vec<(i64, u8, u32)> {
    let mut counts: BTreeMap<i64, [u32; NO_SEVERITY as usize + 1]> = BTreeMap::new();
    let minute_of =
        |row: &Row<'_>| row.entry.timestamp.timestamp_micros().div_euclid(MICROS_A_MINUTE);
    for run in rows.chunk_by(|a, b| minute_of(a) == minute_of(b)) {
        let Some(first) = run.first() else { continue };
        let of_minute = counts.entry(minute_of(first)).or_default();
        for Row { entry, .. } in run {
            let code = entry.severity.map_or(NO_SEVERITY, |severity| severity.code());
            of_minute[usize::from(code)] += 1;
        }
    }
    let each = counts.into_iter().flat_map(|(minute, of_minute)| {
        (0..=NO_SEVERITY).zip(of_minute).map(move |(code, count)| (minute, code, count))
    });
    each.filter(|(_, _, count)| *count > 0).collect()
}
