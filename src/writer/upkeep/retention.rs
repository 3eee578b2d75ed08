//! Retention: what is too old or too much goes, and the disk with it.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::{Instant, sleep};

use super::duty::Duty;
use super::sealing::SEALING;
use super::{DEBT_LIMIT, Upkeep};
use crate::log::now;
use crate::store::{Keep, StoreError};
use crate::writer::plan::Plan;

/// This duty, as the health of the process names it.
const RETENTION: &str = "retention";

/// How often it looks for what may go.
const EVERY: Duration = Duration::from_secs(5);
/// How long giving the disk back may go on at a stretch.
const RECLAIM_FOR: Duration = Duration::from_secs(1);
/// A pause between two slices of work, for commits.
const PAUSE: Duration = Duration::from_millis(20);

impl Upkeep {
    /// Removes what is not to be kept, for ever.
    pub(super) async fn retain(&self) {
        let mut duty = Duty::new(RETENTION, self.figures.health.clone());
        let every = self.part_of_age().map_or(EVERY, |part| part.min(EVERY));
        loop {
            match self.retain_once().await {
                Ok(()) => {
                    duty.done();
                    sleep(every).await;
                }
                Err(error) => duty.failed(error).await,
            }
        }
    }

    async fn retain_once(&self) -> Result<(), StoreError> {
        self.store.make_room().await?;
        loop {
            let expired = self.store.expire(self.keep()).await?;
            if expired.records == 0 {
                break;
            }
            self.figures.expired.inc_by(expired.records);
            tracing::debug!(records = expired.records, blocks = expired.blocks, "expired");
            sleep(PAUSE).await;
        }
        let storage = self.store.storage().await?;
        self.ledger.revise(|plan| plan.expired(storage.first_id - 1));
        self.figures.blocks.set(i64::try_from(storage.blocks).unwrap_or(i64::MAX));
        let begun = Instant::now();
        while self.store.reclaim().await? && begun.elapsed() < RECLAIM_FOR {
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// What is to be kept now. By size only when sealing has caught up, or cannot: what is a row
    /// now takes a fraction of its room as a block.
    fn keep(&self) -> Keep {
        let age = self.options.retention_age.and_then(|age| TimeDelta::from_std(age).ok());
        let catching_up = self.ledger.plan(Plan::debt) > DEBT_LIMIT;
        let seals = !matches!(self.figures.health.read().get(SEALING), Some(Err(_)));
        Keep {
            since: age.and_then(|age| now().checked_sub_signed(age)),
            bytes: self.options.retention_size.filter(|_| !(catching_up && seals)),
        }
    }
}
