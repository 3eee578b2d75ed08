//! The audit log.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{address, address_text, insert};
use crate::log::Timestamp;
use crate::store::entity::{Instant, audit};
use crate::store::{Store, StoreError};
use crate::user::{Act, AuditEntry};

/// Characters of a text that are kept.
const LONGEST_TEXT: usize = 256;
/// Acts that are removed in one statement, at most.
const ACTS_AT_ONCE: usize = 1_000;

impl Store {
    /// Writes an act down. Texts that cannot be stored as they are, are made so: nobody gets
    /// past the audit log by a name it cannot hold.
    pub async fn add_act(&self, at: Timestamp, act: Act) -> Result<(), StoreError> {
        let row = [
            (audit::Column::At, Instant::on(self.backend(), at)),
            (audit::Column::UserId, act.user.into()),
            (audit::Column::Actor, storable(&act.actor).into()),
            (audit::Column::Action, storable(&act.action).into()),
            (audit::Column::Target, act.target.as_deref().map(storable).into()),
            (audit::Column::Address, address_text(act.address)),
            (audit::Column::Outcome, storable(&act.outcome).into()),
        ];
        Ok(insert::<audit::Entity>(&self.write_access().connection(), row).await?)
    }

    /// Removes the acts that are older, the oldest first, and says how many. They were written in
    /// the order of time, so it looks no further than at the first one that stays.
    pub async fn remove_acts_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut removed = 0;
        loop {
            let oldest: Vec<(i64, Instant)> = audit::Entity::find()
                .select_only()
                .columns([audit::Column::Id, audit::Column::At])
                .order_by_asc(audit::Column::Id)
                .limit(ACTS_AT_ONCE as u64)
                .into_tuple()
                .all(self.lookup_connection())
                .await?;
            let old = oldest.iter().take_while(|(_, at)| at.0 < before);
            let Some((last, _)) = old.last() else { return Ok(removed) };
            let done = audit::Entity::delete_many()
                .filter(audit::Column::Id.lte(*last))
                .exec(&self.write_access().connection())
                .await?;
            removed += done.rows_affected;
        }
    }

    /// The audit log, newest first, before this entry.
    pub async fn acts(
        &self,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = self
            .reading(async {
                Ok(audit::Entity::find()
                    .filter(audit::Column::Id.lt(before.unwrap_or(i64::MAX)))
                    .order_by_desc(audit::Column::Id)
                    .limit(limit as u64)
                    .all(self.lookup_connection())
                    .await?)
            })
            .await?;
        rows.into_iter().map(known).collect()
    }
}

/// The beginning of the text, without NUL, which Postgres refuses.
fn storable(text: &str) -> String {
    text.chars()
        .take(LONGEST_TEXT)
        .map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}

fn known(row: audit::Model) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        id: row.id,
        at: row.at.0,
        act: Act {
            user: row.user_id,
            actor: row.actor,
            action: row.action,
            target: row.target,
            address: address("audit.address", row.address)?,
            outcome: row.outcome,
        },
    })
}
