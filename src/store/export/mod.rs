//! Exports: the log read through once, in the order of ids, and Parquet files made of it.

use super::{Damaged, Store, StoreError};
use crate::filter::Filter;
use crate::log::Log;

/// A block that an export takes as it is.
#[derive(Debug)]
pub struct WholeBlock {}

/// What an export gets at once, in the order of ids.
#[derive(Debug)]
pub enum ExportPiece {
    Logs(Vec<Log>),
    /// Every record of it passes the filter.
    Block(WholeBlock),
}

/// A step of an export.
#[derive(Debug)]
pub struct ExportStep {
    pub piece: ExportPiece,
    /// Everything up to here has been looked at: the next step's `after`.
    pub scanned_to: i64,
    /// Records between `after` and `scanned_to` that are gone.
    pub lost: u64,
    pub damaged: Vec<Damaged>,
}

/// A Parquet file that is being made: records and whole blocks go in, bytes come out.
#[derive(Debug)]
pub struct ParquetExport {}

impl Store {
    /// Reads on from a position, as [`Store::scan`] does. With `whole_blocks`, a block whose every
    /// record passes comes as it is.
    pub async fn export(
        &self,
        _filter: &Filter,
        _after: i64,
        _up_to: i64,
        _whole_blocks: bool,
    ) -> Result<ExportStep, StoreError> {
        todo!()
    }
}
