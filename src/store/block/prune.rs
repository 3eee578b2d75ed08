//! What SQL can say of a filter by the catalogue alone: a condition that holds for every block
//! that has a record the matcher accepts, and perhaps for more.
//!
//! As in `narrow`, negations are pushed down to the single tests. Each test becomes "some record
//! of the block may pass", so a conjunction of tests may hold for a block none of whose records
//! passes them all; it never fails for one that has such a record.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::once;
use std::ops::RangeInclusive;
use std::sync::Arc;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, DbBackend};

use super::{WITH_SEAMS, bitmap};
use crate::filter::{FacilitySet, Field, Filter, SeveritySet, Test, TextTest, TimeRange};
use crate::log::{Facility, Severity, SourceKey};
use crate::store::dictionary::sources_that_pass;
use crate::store::entity::{Instant, block};

/// Sources that are looked up in a block, at most. Where more pass, hardly a block has none of them.
const MOST_SOURCES: usize = 32;

/// Trigrams of a needle that are looked up in a block, at most. More would cost more than they
/// still skip.
const MOST_TRIGRAMS: usize = 12;
/// Seams of a needle, likewise.
const MOST_SEAMS: usize = 4;

/// The stretches of time of a block.
const INTERVALS: [(block::Column, block::Column); 4] = [
    (block::Column::From1, block::Column::To1),
    (block::Column::From2, block::Column::To2),
    (block::Column::From3, block::Column::To3),
    (block::Column::From4, block::Column::To4),
];

/// Prunes by a filter. `sources` are all that the snapshot's records can name.
pub(in crate::store) fn prune(
    filter: &Filter,
    backend: DbBackend,
    sources: &BTreeMap<i32, Arc<SourceKey>>,
) -> Condition {
    let context = Context { backend, sources };
    let all = Condition::all();
    match context.bound(filter, true) {
        Bound::All => all,
        Bound::None => all.add(Expr::val(1).eq(0)),
        Bound::Of(sources) => all.add_option(context.one_of(&sources)),
        Bound::Where(condition) => condition,
    }
}

/// The blocks that may hold a record a filter accepts.
enum Bound {
    All,
    None,
    /// Those with a record of one of these sources.
    Of(BTreeSet<i32>),
    Where(Condition),
}

impl Bound {
    fn with(condition: Expr) -> Self {
        Bound::Where(Condition::all().add(condition))
    }
}

struct Context<'a> {
    backend: DbBackend,
    sources: &'a BTreeMap<i32, Arc<SourceKey>>,
}

impl Context<'_> {
    /// The bound of a filter, or of its negation (`holds` is false).
    fn bound(&self, filter: &Filter, holds: bool) -> Bound {
        match (filter, holds) {
            (Filter::And(parts), true) => {
                // Ranges that must hold together are one: of several, a block might have an
                // instant in each.
                let range = self.times(&INTERVALS, &filter.time_range(), true);
                let others = parts.iter().filter(|part| !is_of_timestamp(part));
                self.all(once(range).chain(others.map(|part| self.bound(part, true))))
            }
            (Filter::Or(parts), false) => {
                self.all(parts.iter().map(|part| self.bound(part, false)))
            }
            (Filter::Or(parts), true) | (Filter::And(parts), false) => {
                self.any(parts.iter().map(|part| self.bound(part, holds)))
            }
            (Filter::Not(inner), _) => self.bound(inner, !holds),
            (Filter::Test(test), _) => self.test(test, holds),
        }
    }

    fn all(&self, parts: impl Iterator<Item = Bound>) -> Bound {
        let mut sources: Option<BTreeSet<i32>> = None;
        let mut condition = Condition::all();
        for part in parts {
            match part {
                Bound::All => {}
                Bound::None => return Bound::None,
                Bound::Of(set) => {
                    // One record has one source: it must be in both sets.
                    sources = Some(sources.map_or_else(|| set.clone(), |known| &known & &set));
                }
                Bound::Where(more) => condition = condition.add(more),
            }
        }
        match (sources, condition.is_empty()) {
            (None, true) => Bound::All,
            (None, false) => Bound::Where(condition),
            (Some(sources), _) if sources.is_empty() => Bound::None,
            (Some(sources), true) => Bound::Of(sources),
            (Some(sources), false) => Bound::Where(condition.add_option(self.one_of(&sources))),
        }
    }

    fn any(&self, parts: impl Iterator<Item = Bound>) -> Bound {
        let mut sources = BTreeSet::new();
        let mut condition = Condition::any();
        for part in parts {
            match part {
                Bound::All => return Bound::All,
                Bound::None => {}
                Bound::Of(set) => sources.extend(set),
                Bound::Where(more) => condition = condition.add(more),
            }
        }
        match (sources.is_empty(), condition.is_empty()) {
            (true, true) => Bound::None,
            (true, false) => Bound::Where(condition),
            (false, true) => Bound::Of(sources),
            (false, false) => match self.one_of(&sources) {
                Some(listed) => Bound::Where(condition.add(listed)),
                None => Bound::All,
            },
        }
    }

    /// A record has one of these sources; `None` when that would be too long, or always so.
    fn one_of(&self, sources: &BTreeSet<i32>) -> Option<Condition> {
        if sources.len() > MOST_SOURCES || sources.len() == self.sources.len() {
            return None;
        }
        let bits = sources
            .iter()
            .map(|id| has_bit(block::Column::Sources, id.cast_unsigned(), self.backend));
        Some(bits.fold(Condition::any(), Condition::add))
    }

    fn test(&self, test: &Test, holds: bool) -> Bound {
        match test {
            Test::Timestamp(range) => self.times(&INTERVALS, range, holds),
            Test::ReceivedAt(range) => {
                let (from, to) = (block::Column::ReceivedFrom, block::Column::ReceivedTo);
                self.times(&[(from, to)], range, holds)
            }
            Test::Id(range) => ids(range, holds),
            Test::Severity(set) => severities(*set, holds),
            Test::Facility(set) => facilities(*set, holds),
            test if test.is_of_source() => self.of_sources(test, holds),
            Test::Exists(Field::Message) if !holds => Bound::None,
            Test::Text(Field::Message, test) if holds => self.text(test),
            // Nothing is known of what fails a test of text, or of other fields.
            _ => Bound::All,
        }
    }

    /// Some instant lies in the range, or outside of it. The intervals are in order, so that the
    /// first of them begins with the earliest instant and the last ends with the latest.
    fn times(
        &self,
        intervals: &[(block::Column, block::Column)],
        range: &TimeRange,
        holds: bool,
    ) -> Bound {
        let (Some((earliest, _)), Some((_, latest))) = (intervals.first(), intervals.last()) else {
            return Bound::All;
        };
        let from = range.from.map(|from| Instant::on(self.backend, from));
        let to = range.to.map(|to| Instant::on(self.backend, to));
        match (from, to, holds) {
            (None, None, true) => Bound::All,
            (None, None, false) => Bound::None,
            (Some(from), None, true) => Bound::with(latest.gte(from)),
            (None, Some(to), true) => Bound::with(earliest.lt(to)),
            (Some(from), Some(to), true) => {
                let overlaps = intervals.iter().map(|(first, last)| {
                    Condition::all().add(first.lt(to.clone())).add(last.gte(from.clone()))
                });
                Bound::Where(overlaps.fold(Condition::any(), Condition::add))
            }
            (from, to, false) => Bound::Where(
                Condition::any()
                    .add_option(from.map(|from| earliest.lt(from)))
                    .add_option(to.map(|to| latest.gte(to))),
            ),
        }
    }

    /// A test that the source alone decides.
    fn of_sources(&self, test: &Test, holds: bool) -> Bound {
        let passing = sources_that_pass(test, holds, self.sources);
        Bound::Of(passing)
    }

    /// A message that passes holds every trigram and every seam of the needle. Both are folded alike,
    /// character by character, before.
    fn text(&self, test: &TextTest) -> Bound {
        let needle = match test {
            TextTest::Equals(needle)
            | TextTest::StartsWith(needle)
            | TextTest::EndsWith(needle)
            | TextTest::Contains(needle) => needle,
            TextTest::Regex(_) => return Bound::All,
        };
        let bit = |hash| has_bit(block::Column::Trigrams, hash, self.backend);
        let seams = spread(bitmap::seams(needle), MOST_SEAMS).map(bit);
        let seams = seams.fold(Condition::all(), Condition::add);
        let bits = spread(bitmap::trigrams(needle), MOST_TRIGRAMS).map(bit);
        let mut condition = bits.fold(Condition::all(), Condition::add);
        if !seams.is_empty() {
            let unknown = block::Column::Format.lt(WITH_SEAMS);
            condition = condition.add(Condition::any().add(unknown).add(seams));
        }
        if condition.is_empty() { Bound::All } else { Bound::Where(condition) }
    }
}

fn is_of_timestamp(filter: &Filter) -> bool {
    matches!(filter, Filter::Test(Test::Timestamp(_)))
}

/// At most so many of them, from all over.
fn spread(all: Vec<u32>, most: usize) -> impl Iterator<Item = u32> {
    let count = all.len().min(most);
    (0..count).filter_map(move |n| all.get(n * all.len() / count).copied())
}

/// The bitmap in the column has the bit of the hash, or is empty and says nothing. The byte is cut
/// out, for so the database reads no more of a long bitmap than a piece, and looked for among
/// those that have the bit.
fn has_bit(column: block::Column, hash: u32, backend: DbBackend) -> Expr {
    let bit = hash % 8;
    let bytes: Vec<u8> = (0..=u8::MAX).filter(|byte| byte >> bit & 1 == 1).collect();
    // No bitmap has as many bits, so that nothing is lost, and every number stays positive.
    let hash = i32::try_from(hash & i32::MAX.cast_unsigned()).unwrap_or_default();
    let (column, hash, bytes) = (Expr::col(column), Expr::val(hash), Expr::val(bytes));
    match backend {
        DbBackend::Postgres => Expr::cust_with_exprs(
            "position(substr($1, (($2 & (octet_length($1) * 8 - 1)) >> 3) + 1, 1) in $3) > 0",
            [column, hash, bytes],
        ),
        // The parameters have no numbers here; a piece of nothing is null there.
        _ => Expr::cust_with_exprs(
            "instr(?, substr(?, ((? & (length(?) * 8 - 1)) >> 3) + 1, 1)) IS NOT 0",
            [bytes, column.clone(), hash, column],
        ),
    }
}

fn ids(range: &RangeInclusive<i64>, holds: bool) -> Bound {
    let (first, last) = (*range.start(), *range.end());
    let (first_id, last_id) = (block::Column::FirstId, block::Column::LastId);
    match (range.is_empty(), holds) {
        (true, true) => Bound::None,
        (true, false) => Bound::All,
        (false, true) => Bound::with(first_id.lte(last).and(last_id.gte(first))),
        (false, false) => Bound::with(first_id.lt(first).or(last_id.gt(last))),
    }
}

fn severities(set: SeveritySet, holds: bool) -> Bound {
    let inside = Severity::ALL.into_iter().filter(|s| set.contains(*s) == holds);
    codes(block::Column::Severities, inside.map(Severity::code), Severity::ALL.len(), holds)
}

fn facilities(set: FacilitySet, holds: bool) -> Bound {
    let inside = Facility::ALL.into_iter().filter(|f| set.contains(*f) == holds);
    codes(block::Column::Facilities, inside.map(Facility::code), Facility::ALL.len(), holds)
}

/// A record has one of the codes; where the test does not hold, none at all will do too, for
/// which the bit after the last code stands.
fn codes(
    column: block::Column,
    codes: impl Iterator<Item = u8>,
    none: usize,
    holds: bool,
) -> Bound {
    let mask = codes.fold(if holds { 0 } else { 1i32 << none }, |mask, code| mask | 1 << code);
    if mask == 0 { Bound::None } else { Bound::with(Expr::col(column).bit_and(mask).ne(0)) }
}
