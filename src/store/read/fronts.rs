//! The merge of rows and blocks: whose turn it is. Pure.

use super::span::Rank;

/// How far each part of the log has come in an order. Each is a place before which that part has
/// nothing any more; none where the part is used up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fronts {
    /// The first hit among the rows that were read.
    pub row: Option<Rank>,
    /// Where the rows begin that were not read yet.
    pub unread: Option<Rank>,
    /// The first hit in the blocks that were opened.
    pub found: Option<Rank>,
    /// Where the first block that was not opened yet can begin.
    pub unopened: Option<Rank>,
}

/// What is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Hits of rows, up to this place (to the end: none).
    HandOutRows(Option<Rank>),
    ReadRows,
    /// Hits of blocks, up to this place (to the end: none).
    HandOutFound(Option<Rank>),
    OpenBlock,
    End,
}

impl Fronts {
    /// What must be done before anything else can be handed out in order, or what can be handed
    /// out. A block is opened only where it may hold a hit that belongs before everything known.
    pub fn step(&self) -> Step {
        // Rows are read in order: while some wait, what was not read comes after them.
        let unread = if self.row.is_some() { None } else { self.unread };
        let Some(first) = self.first() else { return Step::End };
        if unread == Some(first) {
            Step::ReadRows
        } else if self.unopened == Some(first) {
            Step::OpenBlock
        } else if self.row == Some(first) {
            Step::HandOutRows(least([self.found, self.unopened]))
        } else {
            Step::HandOutFound(least([self.row, unread, self.unopened]))
        }
    }

    /// Nothing comes before it any more; none at the end.
    pub fn first(&self) -> Option<Rank> {
        let rows = self.row.or(self.unread);
        least([rows, self.found, self.unopened])
    }
}

fn least<const N: usize>(places: [Option<Rank>; N]) -> Option<Rank> {
    places.into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::super::super::{Direction, Order};
    use super::super::span::Span;
    use super::*;

    fn at(id: i64) -> Option<Rank> {
        Some(Span::all(Order::Arrival, Direction::OldestFirst).rank(0, id))
    }

    #[test]
    fn a_block_is_opened_only_while_it_may_come_first() {
        let fronts = Fronts { found: at(5), unopened: at(7), ..Fronts::default() };
        assert_eq!(fronts.step(), Step::HandOutFound(at(7)));
        let fronts = Fronts { found: at(7), unopened: at(5), ..Fronts::default() };
        assert_eq!(fronts.step(), Step::OpenBlock);
        let fronts = Fronts { row: at(5), unopened: at(7), ..Fronts::default() };
        assert_eq!(fronts.step(), Step::HandOutRows(at(7)));
    }

    #[test]
    fn rows_are_read_only_when_it_is_their_turn() {
        let fronts = Fronts { unread: at(9), unopened: at(1), ..Fronts::default() };
        assert_eq!(fronts.step(), Step::OpenBlock);
        let fronts = Fronts { unread: at(9), found: at(1), ..Fronts::default() };
        assert_eq!(fronts.step(), Step::HandOutFound(at(9)));
        let fronts = Fronts { unread: at(9), found: at(10), ..Fronts::default() };
        assert_eq!(fronts.step(), Step::ReadRows);
    }

    #[test]
    fn rows_that_wait_come_before_rows_that_are_not_read() {
        // The last row read lies at 3 and did not match, say; the one that waits is before.
        let fronts = Fronts { row: at(2), unread: at(3), found: at(8), unopened: None };
        assert_eq!(fronts.step(), Step::HandOutRows(at(8)));
        let fronts = Fronts { row: at(2), unread: at(3), ..Fronts::default() };
        assert_eq!(fronts.step(), Step::HandOutRows(None));
    }

    #[test]
    fn when_everything_is_used_up_it_ends() {
        assert_eq!(Fronts::default().step(), Step::End);
        assert_eq!(Fronts { found: at(1), ..Fronts::default() }.step(), Step::HandOutFound(None));
    }
}
