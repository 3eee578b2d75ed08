//! How many records become one block.

use super::{FULL_BYTES, FULL_ROWS, Row};

/// Cuts records into runs that make a block each: at most [`FULL_ROWS`] records and
/// [`FULL_BYTES`] of text. A record of more text stands alone.
pub(in crate::store) fn cut<'a, 'r>(rows: &'a [Row<'r>]) -> impl Iterator<Item = &'a [Row<'r>]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fitting = rest.iter().take(FULL_ROWS).take_while(|row| {
            bytes += row.entry.text_size();
            bytes <= FULL_BYTES
        });
        let count = fitting.count().max(1);
        let (run, after) = rest.split_at_checked(count)?;
        rest = after;
        Some(run)
    })
}
