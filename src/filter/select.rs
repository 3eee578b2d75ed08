//! The matcher over columns: the same tests as for one record, asked of many at once.

use super::columns::{ColumnSet, Columns};
use super::matcher::Matcher;
use super::tree::Filter;

impl Filter {
    /// The columns that decide it. Ids need none.
    pub fn columns(&self) -> ColumnSet {
        todo!()
    }
}

impl Matcher {
    /// The records that pass, by their places, in order: exactly those that
    /// [`Matcher::matches_entry`] accepts. The columns of [`Filter::columns`] must be there.
    pub fn select(&self, _columns: &Columns<'_>) -> Vec<u32> {
        todo!()
    }
}
