//! Records to a block.

use super::{Encoded, Row};
use crate::store::StoreError;

/// Makes one block of records with contiguous ids. The caller holds it to
/// [`FULL_ROWS`](super::FULL_ROWS) and [`FULL_BYTES`](super::FULL_BYTES) (see [`cut`]).
pub(in crate::store) fn encode(_first_id: i64, _rows: &[Row<'_>]) -> Result<Encoded, StoreError> {
    todo!()
}
