//! Exports: the log read through once, in the order of ids, and Parquet files made of it.

mod parquet;
mod read;
mod whole;

use super::Damaged;
use crate::log::Log;

pub use parquet::{ExportError, ParquetExport};
pub use whole::WholeBlock;

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
            ExportPiece::Block(block) => block.records(),
        }
    }
}

/// A step of an export.
#[derive(Debug)]
pub struct ExportStep {
    pub piece: ExportPiece,
    /// Everything up to here has been looked at: the next step's `after`.
    pub scanned_to: i64,
    /// Records between `after` and `scanned_to` that retention has removed.
    pub lost: u64,
    /// Blocks that have positions between `after` and `scanned_to` and cannot be read.
    pub damaged: Vec<Damaged>,
}
