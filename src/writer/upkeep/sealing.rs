//! Sealing what the commits left behind: beside them while they leave time for it.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::duty::Duty;
use super::{DEBT_LIMIT, Upkeep};
use crate::log::now;
use crate::store::{Sealing, StoreError};
use crate::writer::plan::{Ages, Plan, Step};

/// This duty, as the health of the process names it.
pub(super) const SEALING: &str = "sealing";

/// How often something may have waited long enough, though nothing is committed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Commits that come close together are looked at together.
const GATHER: Duration = Duration::from_millis(50);

impl Upkeep {
    /// Seals for ever.
    pub(super) async fn seal(&self) {
        let mut duty = Duty::new(SEALING, self.figures.health.clone());
        loop {
            let Err(error) = self.seal_until_it_fails(&mut duty).await;
            duty.failed(error).await;
        }
    }

    /// Begins from what the database says.
    async fn seal_until_it_fails(&self, duty: &mut Duty) -> Result<Infallible, StoreError> {
        // The head first: what is committed in between is told twice, rather than never.
        let head = self.store.head().await?.last_id;
        let unsealed = self.store.segments().await?;
        self.ledger.revise(|plan| plan.reload(unsealed, head));
        loop {
            let debt = self.ledger.plan(Plan::debt);
            self.figures.unsealed.set(i64::try_from(debt).unwrap_or(i64::MAX));
            let Some(step) = self.ledger.plan(|plan| plan.next(now(), self.ages())) else {
                duty.done();
                // Whether something new came or not, it is time to look.
                let _ = timeout(LOOK_EVERY, self.ledger.news()).await;
                sleep(GATHER).await;
                continue;
            };
            let in_hurry = debt > DEBT_LIMIT;
            if self.ledger.is_busy() && !in_hurry {
                sleep(GATHER).await;
                continue;
            }
            let begun = Instant::now();
            self.seal_step(step).await?;
            duty.done();
            if !in_hurry {
                // Half of the time is for commits.
                sleep(begun.elapsed()).await;
            }
        }
    }

    async fn seal_step(&self, step: Step) -> Result<(), StoreError> {
        let Step { range, is_final } = step;
        let begun = Instant::now();
        let logs = self.ledger.records(&range);
        let rest = self.store.seal(Sealing { range: range.clone(), logs, is_final }).await?;
        let unsealed = rest.as_ref().map_or(0, |rest| rest.records());
        let records = u64::try_from(range.end() - range.start() + 1).unwrap_or(0);
        self.ledger.revise(|plan| plan.done(&range, rest));
        self.figures.sealed.inc_by(records.saturating_sub(unsealed));
        self.figures.seal_seconds.observe(begun.elapsed().as_secs_f64());
        tracing::debug!(first = range.start(), last = range.end(), "sealed");
        Ok(())
    }

    fn ages(&self) -> Ages {
        let last = self.part_of_age();
        let idle = self.options.seal_after;
        Ages { idle: last.map_or(idle, |last| last.min(idle)), last }
    }
}
