//! How much one operation may ask for.

use std::time::Duration;

/// Records on a page of `logs` when the client names no number.
pub const DEFAULT_PAGE: usize = 100;
/// Most records on a page of `logs`, sources on a page of `sources`, records of `tail(last:)`
/// and values of `top`.
pub const MAX_PAGE: usize = 1_000;
/// Records on each side of `Log.context` when the client names no number.
pub const DEFAULT_CONTEXT: usize = 10;
/// Most records on each side of `Log.context`.
pub const MAX_CONTEXT: usize = 100;
/// Buckets of `histogram` when the client names no number.
pub const DEFAULT_BUCKETS: usize = 60;
/// Most buckets of `histogram`.
pub const MAX_BUCKETS: usize = 1_000;
/// Most counts that a grouped `histogram` answers.
pub const MAX_GROUPED_COUNTS: usize = 50_000;
/// Values of `top` when the client names no number.
pub const DEFAULT_TOP: usize = 10;
/// Most values in one list of a `LogFilter`.
pub const MAX_LIST: usize = 1_000;
/// Longest text in a filter, in bytes.
pub const MAX_TEXT: usize = 8_192;

/// What a question that reads many records costs beside its fields.
pub const SCAN_COST: usize = 1_000;
/// What costs a query of its own beside its fields: `log`, and `Log.context` for each record.
pub const CONTEXT_COST: usize = 50;

/// The limits of the schema on a whole operation. [`Limits::default`] is what the documentation
/// promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep fields may nest. Introspection has a limit of its own; with fragments, nothing nests
    /// more than 32 levels.
    pub depth: usize,
    /// What an operation may cost: a field costs one, times the records it is asked of.
    pub complexity: usize,
    /// How many fields and spreads its document may have, each spread counted as what it stands
    /// for. The query of GraphiQL has some 200.
    pub selections: usize,
    /// How many aliases, spreads counted as what they stand for.
    pub aliases: usize,
    /// How many fields of the root, spreads counted as what they stand for.
    pub root_fields: usize,
    /// How many directives.
    pub directives: usize,
    /// How many names, values and punctuators its document may have. The query of GraphiQL has
    /// some 400.
    pub tokens: usize,
    /// How long a query or a mutation may run.
    pub operation_timeout: Duration,
    /// Whom the schema describes itself to.
    pub introspection: Introspection,
}

/// Whom the schema describes itself to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Introspection {
    /// To everybody.
    On,
    /// To those who are signed in.
    #[default]
    SignedIn,
    /// To nobody.
    Off,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 20,
            complexity: 100_000,
            selections: 10_000,
            aliases: 30,
            root_fields: 20,
            directives: 50,
            tokens: 5_000,
            operation_timeout: Duration::from_secs(15),
            introspection: Introspection::default(),
        }
    }
}

/// Above every limit, and so far below what a number holds that costs can be added up.
const COST_CEILING: usize = u32::MAX as usize;

/// What a field costs that answers `items`, each with fields that cost `each`.
pub fn cost(base: usize, items: usize, each: usize) -> usize {
    items.saturating_mul(each).saturating_add(base).min(COST_CEILING)
}

/// How many items a paging argument asks for, for the cost of a query. A number that is not
/// allowed counts as what is: its own error comes from the resolver.
pub fn asked(first: Option<i32>, default: usize, most: usize) -> usize {
    first.map_or(default, |n| usize::try_from(n).unwrap_or(0)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_grow_to_a_ceiling_and_not_over() {
        assert_eq!(cost(50, 21, 3), 113);
        assert_eq!(cost(50, usize::MAX, usize::MAX), COST_CEILING);
    }

    #[test]
    fn the_cost_of_a_page_is_what_it_may_hold() {
        assert_eq!(asked(None, DEFAULT_PAGE, MAX_PAGE), DEFAULT_PAGE);
        assert_eq!(asked(Some(7), DEFAULT_PAGE, MAX_PAGE), 7);
        assert_eq!(asked(Some(i32::MAX), DEFAULT_PAGE, MAX_PAGE), MAX_PAGE);
        assert_eq!(asked(Some(-1), DEFAULT_PAGE, MAX_PAGE), 0);
    }
}
