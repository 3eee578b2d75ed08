//! What lies around a record.

use sea_orm::{ColumnTrait, Condition};

use super::super::entity::log;
use super::super::{Direction, Order, Position, Store, StoreError};
use super::snapshot::{Rows, Snapshot};
use crate::log::Log;

impl Store {
    /// The `before` records before a record and the `after` records after it, in id order, the
    /// record itself among them: those of the same source, or of all. Fewer when they are very
    /// long.
    pub async fn context(
        &self,
        log: &Log,
        same_source: bool,
        before: usize,
        after: usize,
    ) -> Result<Vec<Log>, StoreError> {
        let place = Position::of(log);
        let from_here = |direction| Rows {
            condition: Condition::all()
                .add_option(same_source.then(|| log::Column::SourceId.eq(log.source_id))),
            order: Order::Arrival,
            direction,
            past: Some(place),
            before: None,
        };
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let mut logs = snapshot.rows(&from_here(Direction::NewestFirst), before).await?.logs;
            logs.reverse();
            logs.push(log.clone());
            logs.extend(snapshot.rows(&from_here(Direction::OldestFirst), after).await?.logs);
            Ok(logs)
        })
        .await
    }
}
