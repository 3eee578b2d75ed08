//! A block to records.

use super::Block;
use crate::filter::{ColumnSet, Columns};
use crate::log::Log;
use crate::store::Damaged;
use crate::store::dictionary::Dictionary;

/// Some columns of a block, decoded.
#[derive(Debug)]
pub(in crate::store) struct Decoded {}

impl Block {
    /// Decodes these columns; the parts that hold them must be there. The dictionary knows every
    /// source of the snapshot.
    pub fn decode(&self, _columns: ColumnSet, _sources: &Dictionary) -> Result<Decoded, Damaged> {
        todo!()
    }

    /// The whole Parquet file, when every part is there.
    pub fn file(&self) -> Option<Vec<u8>> {
        todo!()
    }
}

impl Decoded {
    /// The columns, for the matcher and for counting.
    pub fn columns(&self) -> Columns<'_> {
        todo!()
    }

    /// The source ids of the list in [`Columns::sources`].
    pub fn source_ids(&self) -> &[i32] {
        todo!()
    }

    /// The records at these places. Every column must be there.
    pub fn logs(&self, _places: &[u32]) -> Result<Vec<Log>, Damaged> {
        todo!()
    }
}
