//! Who sends, as somebody knows it who sees only a part of the log.

use super::super::read::Snapshot;
use super::super::{Answer, Source, Store, StoreError};
use super::seen_sources;
use crate::filter::Filter;

impl Store {
    /// The sources of the records that the matcher accepts, by id; first and last seen and count
    /// are of those records alone.
    ///
    /// # Errors
    /// [`StoreError::TooManyValues`] when there are more sources than fit in memory.
    pub async fn visible_sources(&self, scope: &Filter) -> Result<Answer<Vec<Source>>, StoreError> {
        self.reading(async {
            let snapshot = Snapshot::begin(self).await?;
            let Answer { value, damaged } = seen_sources(&snapshot, scope).await?;
            snapshot.know_every_source().await?;
            let known = self.dictionary().read();
            let source = |(id, seen): (i32, super::Seen)| {
                let key = known
                    .get(&id)
                    .ok_or_else(|| StoreError::Internal(format!("there is no source {id}")))?;
                let (first_seen, last_seen) = seen.received;
                let (key, count) = ((**key).clone(), seen.records);
                Ok(Source { id, key, first_seen, last_seen, count })
            };
            let sources: Result<Vec<Source>, StoreError> = value.into_iter().map(source).collect();
            Ok(Answer { value: sources?, damaged })
        })
        .await
    }
}
