//! The upkeep of a session: beside the commits it seals what they left behind, removes what
//! retention no longer keeps, and gives the disk back.
//!
//! It may fail and it may be late: the log is complete and readable all the same. So its failures
//! never stop the writer; each duty begins anew from what the database says.

mod duty;
mod retention;
mod sealing;

use std::time::Duration;

use super::ledger::Ledger;
use crate::store::{FULL_BLOCK_RECORDS, Store};
use crate::telemetry::Figures;

/// Unsealed records past which sealing does not wait for a quiet moment any more, and retention by
/// size waits for sealing.
const DEBT_LIMIT: u64 = 32 * FULL_BLOCK_RECORDS;

/// Small blocks are final after this part of the time that records are kept, one in so many:
/// retention removes whole blocks.
const PART_OF_AGE: u32 = 8;

/// What is kept, and how.
#[derive(Clone, Copy, Debug)]
pub struct UpkeepOptions {
    /// How long records are kept after they came in. None: for ever.
    pub retention_age: Option<Duration>,
    /// How many bytes of records are kept, about. None: any.
    pub retention_size: Option<u64>,
    /// How long records wait as plain rows for others to share a block with.
    pub seal_after: Duration,
    /// Bytes of committed records that are kept in memory until they are sealed.
    pub memory: usize,
}

impl Default for UpkeepOptions {
    fn default() -> Self {
        UpkeepOptions {
            retention_age: None,
            retention_size: None,
            seal_after: Duration::from_secs(600),
            memory: 24 << 20,
        }
    }
}

/// What the duties work with.
#[derive(Clone)]
pub struct Upkeep {
    pub store: Store,
    pub ledger: Ledger,
    pub options: UpkeepOptions,
    pub figures: Figures,
}

impl Upkeep {
    /// Goes on until it is dropped, which may be at any moment: a transaction that is under way is
    /// then rolled back.
    pub async fn run(self) {
        tokio::join!(self.seal(), self.retain());
    }

    /// The part of the retention age after which a block grows no more.
    fn part_of_age(&self) -> Option<Duration> {
        self.options.retention_age.map(|age| age / PART_OF_AGE)
    }
}
