//! A filter, asked of blocks by what the catalogue says of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::super::block::{Cell, decide};
use super::super::narrow::asks_for_sources;
use super::super::read::Entry;
use crate::filter::Filter;
use crate::log::{SourceKey, Timestamp, timestamp_from_micros};

const MINUTE_MICROS: i64 = 60_000_000;

/// A filter, and what remains of it to be asked of the records of each source, worked out once.
pub(super) struct Asked {
    /// The filter itself, and then what remains of it on sources: each different one once.
    rests: Vec<Filter>,
    /// Which of them is asked of a source.
    rest_of: HashMap<i32, usize>,
    by_source: bool,
}

/// The filter itself, among what remains of it.
const WHOLE: usize = 0;

/// Records of one minute and severity that pass.
pub(super) struct Minute {
    /// When the first and the last of them can be.
    pub times: (Timestamp, Timestamp),
    /// The severity's code; 8: none.
    pub severity: u8,
    pub records: u32,
}

/// A block as the catalogue knows it.
pub(super) struct Known<'a> {
    pub entry: &'a Entry,
    rests: &'a [Filter],
    /// Which of the rests are asked of its records.
    asked: Vec<usize>,
    /// Each source, how many records it has and which of the rests is asked of them. None at all
    /// when that is not known.
    sources: Vec<(i32, u32, usize)>,
}

impl Asked {
    pub fn new(filter: &Filter) -> Self {
        Asked {
            rests: vec![filter.clone()],
            rest_of: HashMap::new(),
            by_source: asks_for_sources(filter),
        }
    }

    /// Whether the outcome depends on the source.
    pub fn by_source(&self) -> bool {
        self.by_source
    }

    /// What is known of a block. `dictionary` has every source of the snapshot.
    pub fn of<'a>(
        &'a mut self,
        entry: &'a Entry,
        dictionary: &BTreeMap<i32, Arc<SourceKey>>,
    ) -> Known<'a> {
        let sources = self.sources_of(entry, dictionary).unwrap_or_default();
        let mut asked: Vec<usize> = sources.iter().map(|(.., rest)| *rest).collect();
        asked.sort_unstable();
        asked.dedup();
        if asked.is_empty() {
            asked.push(WHOLE);
        }
        Known { entry, rests: &self.rests, asked, sources }
    }

    /// The sources of a block; `None` when the catalogue does not say, or not of each record.
    fn sources_of(
        &mut self,
        entry: &Entry,
        dictionary: &BTreeMap<i32, Arc<SourceKey>>,
    ) -> Option<Vec<(i32, u32, usize)>> {
        let counts = entry.sources().ok()?;
        let known: u64 = counts.iter().map(|(_, records)| u64::from(*records)).sum();
        if known != entry.records() {
            return None;
        }
        let with_rest = |(id, records)| {
            let key = dictionary.get(&id)?;
            Some((id, records, self.rest_on(id, key)))
        };
        counts.into_iter().map(with_rest).collect()
    }

    fn rest_on(&mut self, id: i32, key: &SourceKey) -> usize {
        if !self.by_source {
            return WHOLE;
        }
        *self.rest_of.entry(id).or_insert_with(|| {
            let rest = self.rests[WHOLE].on_source(key);
            let known = self.rests.iter().position(|known| *known == rest);
            known.unwrap_or_else(|| {
                self.rests.push(rest);
                self.rests.len() - 1
            })
        })
    }
}

impl Known<'_> {
    /// Whether every one of its records passes, or none; `None`: it must be opened to know.
    pub fn outcome(&self) -> Option<bool> {
        let cell = self.entry.cell(&[]);
        let mut outcomes = self.asked.iter().map(|rest| self.decide(*rest, &cell));
        let first = outcomes.next()??;
        outcomes.all(|outcome| outcome == Some(first)).then_some(first)
    }

    /// How many records of each source pass, where the catalogue tells.
    pub fn passing_sources(&self) -> Option<Vec<(i32, u32)>> {
        if self.sources.is_empty() {
            return None;
        }
        let cell = self.entry.cell(&[]);
        let outcomes: Option<BTreeMap<usize, bool>> =
            self.asked.iter().map(|rest| Some((*rest, self.decide(*rest, &cell)?))).collect();
        let outcomes = outcomes?;
        let passes = |rest: &usize| outcomes.get(rest) == Some(&true);
        let passing = self.sources.iter().filter(|(.., rest)| passes(rest));
        Some(passing.map(|(id, records, _)| (*id, *records)).collect())
    }

    /// How many records of each minute and severity pass, where the catalogue tells.
    pub fn passing_minutes(&self) -> Option<Vec<Minute>> {
        let [rest] = self.asked[..] else { return None };
        let counts = self.entry.minutes().ok()?;
        let known: u64 = counts.iter().map(|(.., records)| u64::from(*records)).sum();
        if known != self.entry.records() {
            return None;
        }
        let mut passing = Vec::with_capacity(counts.len());
        for (minute, severity, records) in counts {
            let times = self.times_within(minute)?;
            let cell = Cell {
                times: &times,
                severities: 1i32.checked_shl(u32::from(severity))?,
                ..self.entry.cell(&[])
            };
            if self.decide(rest, &cell)? {
                let times = (times.first()?.0, times.last()?.1);
                passing.push(Minute { times, severity, records });
            }
        }
        Some(passing)
    }

    /// The stretches of the block that lie in a minute; `None` when there are none.
    fn times_within(&self, minute: i64) -> Option<Vec<(Timestamp, Timestamp)>> {
        let start = minute.checked_mul(MINUTE_MICROS)?;
        let first = timestamp_from_micros(start);
        let last = timestamp_from_micros(start.saturating_add(MINUTE_MICROS - 1));
        let within = |(from, to): &(Timestamp, Timestamp)| (first.max(*from), last.min(*to));
        let times: Vec<_> =
            self.entry.times.0.iter().map(within).filter(|(from, to)| from <= to).collect();
        (!times.is_empty()).then_some(times)
    }

    fn decide(&self, rest: usize, cell: &Cell<'_>) -> Option<bool> {
        decide(self.rests.get(rest)?, cell)
    }
}
