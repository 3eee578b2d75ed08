//! Reading the log through, step by step.

use super::whole::{Ahead, look_ahead};
use super::{ExportPiece, ExportStep};
use crate::filter::Filter;
use crate::store::read::{Scanned, Snapshot, scan_between};
use crate::store::{Store, StoreError};

/// Records that a step gives, at most: those of a full block, so that none is opened twice.
const RECORDS: usize = 16_384;
/// Positions that one step passes over, at most.
const WINDOW: i64 = 1 << 21;

impl Store {
    /// Reads on from a position: positions after `after`, up to and including `up_to`, and bounded
    /// work a call, in a snapshot of its own. Calling it again from `scanned_to` misses nothing and
    /// repeats nothing. With `whole_from`, a block of at least so many records (or of much text)
    /// whose every record passes comes as it is, without being opened.
    pub async fn export(
        &self,
        filter: &Filter,
        after: i64,
        up_to: i64,
        whole_from: Option<u64>,
    ) -> Result<ExportStep, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let head = snapshot.head_after(after).await?;
            let end = up_to.min(head.last_id);
            if after >= end {
                return Ok(step(ExportPiece::Logs(Vec::new()), after, 0));
            }
            let first = head.first_id.min(end + 1);
            let lost = u64::try_from(first - after - 1).unwrap_or(0);
            let mut end = end.min(first.saturating_add(WINDOW - 1));
            if let Some(least) = whole_from {
                match look_ahead(&snapshot, filter, first, end, least).await? {
                    Ahead::Block(block, last) => {
                        return Ok(step(ExportPiece::Block(block), last, lost));
                    }
                    Ahead::Damaged(block) => {
                        let nothing = step(ExportPiece::Logs(Vec::new()), block.last_id, lost);
                        return Ok(ExportStep { damaged: vec![block], ..nothing });
                    }
                    Ahead::Mixed(up_to) => end = up_to,
                }
            }
            let Scanned { logs, scanned_to, mut damaged } =
                scan_between(&snapshot, filter, first, end, RECORDS).await?;
            damaged.retain(|block| block.first_id <= scanned_to);
            Ok(ExportStep { damaged, ..step(ExportPiece::Logs(logs), scanned_to, lost) })
        })
        .await
    }
}

fn step(piece: ExportPiece, scanned_to: i64, lost: u64) -> ExportStep {
    ExportStep { piece, scanned_to, lost, damaged: Vec::new() }
}
