//! What SQL can say of a filter: a condition that holds for every row the matcher accepts, and
//! perhaps for more.
//!
//! Negations are pushed down to the single tests, each of which knows its own complement with
//! nulls in mind, so that SQL's three-valued logic never meets a `NOT`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, DbBackend};

use super::collation::looks_like;
use super::dictionary::sources_that_pass;
use super::entity::{Instant, log};
use super::pattern::like_pattern;
use crate::filter::{FacilitySet, Field, Filter, SeveritySet, Test, TextTest, TimeRange};
use crate::log::{Facility, Severity, SourceKey};

/// Ids of sources that are listed in a condition, at most. A longer list is not worth its length.
const LONGEST_LIST: usize = 2_000;

/// Ids written into the statement: as parameters, several long lists would be too many for it.
fn constants(ids: impl IntoIterator<Item = i32>) -> impl Iterator<Item = Expr> {
    ids.into_iter().map(|id| Expr::Constant(id.into()))
}

/// A filter as SQL sees it.
#[derive(Clone, Debug)]
pub(super) struct Narrowed {
    pub condition: Condition,
    /// The rows the condition holds for are exactly the rows the matcher accepts.
    pub exact: bool,
}

/// Narrows by a filter. `sources` are all that the snapshot's rows can name; they are not looked
/// at unless [`asks_for_sources`].
pub(super) fn narrow(
    filter: &Filter,
    backend: DbBackend,
    sources: &BTreeMap<i32, Arc<SourceKey>>,
) -> Narrowed {
    let context = Context { backend, sources };
    let Bound { rows, exact } = context.bound(filter, true);
    match context.condition(rows) {
        Some(condition) => Narrowed { condition, exact },
        None => Narrowed { condition: Condition::all(), exact: false },
    }
}

/// Whether the filter says anything of host, app or address.
pub(super) fn asks_for_sources(filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(asks_for_sources),
        Filter::Not(inner) => asks_for_sources(inner),
        Filter::Test(test) => test.is_of_source(),
    }
}

/// Rows that hold everything a filter accepts.
struct Bound {
    rows: Rows,
    /// Nothing but what it accepts.
    exact: bool,
}

enum Rows {
    All,
    None,
    /// Those of these sources.
    Of(BTreeSet<i32>),
    Where(Condition),
}

impl Bound {
    fn exact(rows: Rows) -> Self {
        Bound { rows, exact: true }
    }

    /// All that can be said is this.
    fn rough(rows: Rows) -> Self {
        Bound { rows, exact: false }
    }

    fn exactly(condition: Expr) -> Self {
        Bound::exact(Rows::Where(Condition::all().add(condition)))
    }

    fn roughly(condition: Expr) -> Self {
        Bound::rough(Rows::Where(Condition::all().add(condition)))
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
            (Filter::And(parts), true) | (Filter::Or(parts), false) => {
                self.all(parts.iter().map(|part| self.bound(part, holds)))
            }
            (Filter::Or(parts), true) | (Filter::And(parts), false) => {
                self.any(parts.iter().map(|part| self.bound(part, holds)))
            }
            (Filter::Not(inner), _) => self.bound(inner, !holds),
            (Filter::Test(test), _) => self.test(test, holds),
        }
    }

    fn all(&self, parts: impl Iterator<Item = Bound>) -> Bound {
        let mut exact = true;
        let mut sources: Option<BTreeSet<i32>> = None;
        let mut condition = Condition::all();
        for part in parts {
            exact &= part.exact;
            match part.rows {
                Rows::All => {}
                // Nothing is nothing, however rough.
                Rows::None => return Bound::exact(Rows::None),
                Rows::Of(set) => {
                    sources = Some(sources.map_or_else(|| set.clone(), |known| &known & &set));
                }
                Rows::Where(more) => condition = condition.add(more),
            }
        }
        let rows = match (sources, condition.is_empty()) {
            (None, true) => Rows::All,
            (None, false) => Rows::Where(condition),
            (Some(sources), _) if sources.is_empty() => return Bound::exact(Rows::None),
            (Some(sources), true) => Rows::Of(sources),
            (Some(sources), false) => match self.condition(Rows::Of(sources)) {
                Some(listed) => Rows::Where(condition.add(listed)),
                None => return Bound::rough(Rows::Where(condition)),
            },
        };
        Bound { rows, exact }
    }

    fn any(&self, parts: impl Iterator<Item = Bound>) -> Bound {
        let mut exact = true;
        let mut everything = false;
        let mut sources = BTreeSet::new();
        let mut condition = Condition::any();
        for part in parts {
            exact &= part.exact;
            match part.rows {
                Rows::All if part.exact => return Bound::exact(Rows::All),
                Rows::All => everything = true,
                Rows::None => {}
                Rows::Of(set) => sources.extend(set),
                Rows::Where(more) => condition = condition.add(more),
            }
        }
        let rows = match (sources.is_empty(), condition.is_empty()) {
            _ if everything => Rows::All,
            (true, true) => Rows::None,
            (true, false) => Rows::Where(condition),
            (false, true) => Rows::Of(sources),
            (false, false) => match self.condition(Rows::Of(sources)) {
                Some(listed) => Rows::Where(condition.add(listed)),
                None => return Bound::rough(Rows::All),
            },
        };
        Bound { rows, exact }
    }

    /// The rows as a condition; `None` when that would be too long.
    fn condition(&self, rows: Rows) -> Option<Condition> {
        let all = Condition::all();
        let column = log::Column::SourceId;
        Some(match rows {
            Rows::All => all,
            Rows::None => all.add(Expr::val(1).eq(0)),
            Rows::Where(condition) => condition,
            Rows::Of(sources) if sources.len() == self.sources.len() => all,
            Rows::Of(sources) if sources.len() <= LONGEST_LIST => {
                all.add(Expr::col(column).is_in(constants(sources)))
            }
            Rows::Of(sources) if self.sources.len() - sources.len() <= LONGEST_LIST => {
                let others = self.sources.keys().filter(|id| !sources.contains(id));
                all.add(Expr::col(column).is_not_in(constants(others.copied())))
            }
            Rows::Of(_) => return None,
        })
    }

    fn test(&self, test: &Test, holds: bool) -> Bound {
        match test {
            Test::Timestamp(range) => self.time(log::Column::Timestamp, range, holds),
            Test::ReceivedAt(range) => self.time(log::Column::ReceivedAt, range, holds),
            Test::Id(range) => ids(range, holds),
            Test::Severity(set) => severities(*set, holds),
            Test::Facility(set) => facilities(*set, holds),
            test if test.is_of_source() => self.of_sources(test, holds),
            Test::Exists(Field::ProcId) => presence(log::Column::Procid, holds),
            Test::Exists(Field::MsgId) => presence(log::Column::Msgid, holds),
            Test::Exists(Field::Message) => {
                Bound::exact(if holds { Rows::All } else { Rows::None })
            }
            // What fails a test of text or numbers is not known to SQL.
            _ if !holds => Bound::rough(Rows::All),
            Test::Text(field, test) => self.text(field, Some(test)),
            Test::Number(field, ..) | Test::Exists(field) => self.text(field, None),
        }
    }

    fn time(&self, column: log::Column, range: &TimeRange, holds: bool) -> Bound {
        let from = range.from.map(|from| Instant::on(self.backend, from));
        let to = range.to.map(|to| Instant::on(self.backend, to));
        match (from, to) {
            (None, None) => Bound::exact(if holds { Rows::All } else { Rows::None }),
            (from, to) if holds => Bound::exact(Rows::Where(
                Condition::all()
                    .add_option(from.map(|from| column.gte(from)))
                    .add_option(to.map(|to| column.lt(to))),
            )),
            (from, to) => Bound::exact(Rows::Where(
                Condition::any()
                    .add_option(from.map(|from| column.lt(from)))
                    .add_option(to.map(|to| column.gte(to))),
            )),
        }
    }

    /// A test that the source alone decides.
    fn of_sources(&self, test: &Test, holds: bool) -> Bound {
        let passing = sources_that_pass(test, holds, self.sources);
        Bound::exact(Rows::Of(passing))
    }

    /// A field that must be there, and perhaps look like something.
    fn text(&self, field: &Field, test: Option<&TextTest>) -> Bound {
        let (column, always) = match field {
            Field::Message => (log::Column::Message, true),
            Field::ProcId => (log::Column::Procid, false),
            Field::MsgId => (log::Column::Msgid, false),
            Field::Attribute(_) => return Bound::roughly(log::Column::Attributes.is_not_null()),
            Field::Host | Field::App | Field::Address => return Bound::rough(Rows::All),
        };
        match test.and_then(like_pattern) {
            Some(pattern) => Bound::roughly(looks_like(column, pattern, self.backend)),
            None if always => Bound::rough(Rows::All),
            None => Bound::roughly(column.is_not_null()),
        }
    }
}

fn ids(range: &RangeInclusive<i64>, holds: bool) -> Bound {
    let (first, last) = (*range.start(), *range.end());
    match (range.is_empty(), holds) {
        (true, true) => Bound::exact(Rows::None),
        (true, false) => Bound::exact(Rows::All),
        (false, true) => Bound::exactly(log::Column::Id.between(first, last)),
        (false, false) => Bound::exactly(log::Column::Id.not_between(first, last)),
    }
}

fn severities(set: SeveritySet, holds: bool) -> Bound {
    let inside = Severity::ALL.into_iter().filter(|s| set.contains(*s) == holds);
    codes(log::Column::Severity, inside.map(Severity::code), holds)
}

fn facilities(set: FacilitySet, holds: bool) -> Bound {
    let inside = Facility::ALL.into_iter().filter(|f| set.contains(*f) == holds);
    codes(log::Column::Facility, inside.map(Facility::code), holds)
}

/// One of the codes; where the test does not hold, none at all will do too.
fn codes(column: log::Column, codes: impl Iterator<Item = u8>, holds: bool) -> Bound {
    let listed = column.is_in(codes.map(i16::from));
    Bound::exactly(if holds { listed } else { column.is_null().or(listed) })
}

fn presence(column: log::Column, holds: bool) -> Bound {
    Bound::exactly(if holds { column.is_not_null() } else { column.is_null() })
}
