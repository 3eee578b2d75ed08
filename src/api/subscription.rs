//! `tail`: the log as it grows, every matching record once, in the order of ids. How it is opened,
//! and what a batch shows; who follows it is in [`following`](super::following).

use async_graphql::{Context, SimpleObject, Subscription};
use futures_util::Stream;
use futures_util::stream;

use super::connection::size;
use super::errors::{ApiError, Fallible};
use super::filter::LogFilter;
use super::following::{Counted, Opened, Stage};
use super::limits::{MAX_PAGE, cost};
use super::log::Log;
use super::reader::{Reader, reader};
use super::scalars::Count;
use crate::live::{Batch, Cursor, Start};
use crate::telemetry::Figures;

/// The root of all subscriptions.
pub struct Subscription;

/// Records that a tail hands over together.
#[derive(SimpleObject)]
pub struct TailBatch {
    /// The records, oldest first. None, now and then, when only the cursor has moved.
    logs: Vec<Log>,
    /// Where to go on from: give it as `after`.
    cursor: String,
    /// Whether this was the newest there is.
    caught_up: bool,
    /// Records that retention removed before this batch could hand them over; null when none.
    /// They are counted whether or not they matched, for nobody can tell any more; so those who
    /// see only a part of the log get none.
    lost_before: Option<Count>,
}

impl TailBatch {
    pub fn new(batch: Batch, reader: &Reader) -> Self {
        TailBatch {
            logs: batch.logs.into_iter().map(|log| Log::new(log, reader)).collect(),
            cursor: batch.cursor.to_string(),
            caught_up: batch.caught_up,
            lost_before: (batch.lost_before > 0 && reader.everything().is_ok())
                .then_some(Count(batch.lost_before)),
        }
    }
}

#[Subscription]
impl Subscription {
    /// The log as it grows: from now on, from the `last` n matching records (at most 1,000), or
    /// from just `after` a cursor. The first batch comes at once, even when it is empty. It ends
    /// with an error UNAUTHENTICATED when the access token expires (`extensions.reason` is
    /// EXPIRED: go on with a fresh one and the cursor) or the session does (REVOKED).
    /// Needs VIEWER.
    #[graphql(complexity = "cost(0, MAX_PAGE, child_complexity)")]
    async fn tail(
        &self,
        ctx: &Context<'_>,
        filter: Option<LogFilter>,
        after: Option<String>,
        last: Option<i32>,
    ) -> Result<impl Stream<Item = Fallible<TailBatch>>, ApiError> {
        let stage = ctx.data_unchecked::<Stage>();
        let shown = stage.shown();
        if shown.is_none() {
            let reader = reader(ctx)?;
            let asked = reader.read(&filter.unwrap_or_default()).await?;
            let tail = reader.tail(&asked.tree, start(after.as_deref(), last)?).await?;
            let counted = Counted::new(&ctx.data_unchecked::<Figures>().tails);
            stage.open(Opened { tail, reader, counted });
        }
        Ok(stream::iter(shown))
    }
}

/// Where a tail with these arguments starts.
fn start(after: Option<&str>, last: Option<i32>) -> Result<Start, ApiError> {
    match (after, last) {
        (None, None) => Ok(Start::Now),
        (None, Some(last)) => Ok(Start::Last(size("last", last, MAX_PAGE)?)),
        (Some(after), None) => Ok(Start::After(after.parse::<Cursor>()?)),
        (Some(_), Some(_)) => {
            Err(ApiError::bad_input("last", "`after` and `last` cannot be given together"))
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::api::errors::Code;

    #[test]
    fn a_tail_starts_where_its_arguments_say() {
        assert!(matches!(start(None, None), Ok(Start::Now)));
        assert!(matches!(start(None, Some(5)), Ok(Start::Last(5))));
        let cursor = Cursor { database: Uuid::from_u128(1), id: 9 };
        let resumed = start(Some(&cursor.to_string()), None);
        assert!(matches!(resumed, Ok(Start::After(found)) if found == cursor));
    }

    #[test]
    fn a_tail_refuses_what_it_cannot_start_from() {
        for (after, last, argument) in [
            (Some("nonsense"), None, "after"),
            (None, Some(1_001), "last"),
            (None, Some(-1), "last"),
            (Some("nonsense"), Some(1), "last"),
        ] {
            let error = start(after, last).unwrap_err();
            assert_eq!(error.code, Code::BadUserInput);
            assert_eq!(error.argument.as_deref(), Some(argument));
        }
    }
}
