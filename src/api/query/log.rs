//! Questions about the log.

use async_graphql::{Context, ID, Object};

use crate::api::asker::viewer;
use crate::api::connection::{self, LogConnection, LogOrder, Paging};
use crate::api::errors::{ApiError, Fallible};
use crate::api::export::Export;
use crate::api::filter::{LogFilter, uuid};
use crate::api::histogram::{self, Bucket, HistogramField};
use crate::api::limits::{
    CONTEXT_COST, DEFAULT_BUCKETS, DEFAULT_PAGE, DEFAULT_TOP, MAX_BUCKETS, MAX_PAGE, SCAN_COST,
    asked, cost,
};
use crate::api::log::Log;
use crate::api::pipeline::{self, Pipeline, Stations};
use crate::api::reader::{Reader, reader};
use crate::api::source::{self, SourceConnection, SourceFilter, SourceOrderBy};
use crate::api::top::{self, ValueCount};
use crate::auth::Auth;

/// Questions about the log.
#[derive(Default)]
pub struct LogQuery;

#[Object]
impl LogQuery {
    /// The log, newest first: the `first` records (`after` a cursor), or the `last` ones
    /// (`before` a cursor). 100 unless told otherwise, at most 1,000. Needs VIEWER.
    #[graphql(
        complexity = "cost(0, asked(first.or(last), DEFAULT_PAGE, MAX_PAGE), child_complexity)"
    )]
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn logs(
        &self,
        ctx: &Context<'_>,
        filter: Option<LogFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        order_by: Option<LogOrder>,
    ) -> Fallible<LogConnection> {
        let paging = Paging { first, after, last, before };
        let order = order_by.unwrap_or_default();
        let filter = filter.unwrap_or_default();
        Some(async { connection::logs(ctx, &reader(ctx)?, filter, paging, order).await }.await)
    }

    /// One record; null when there is none of this id (any more), or you do not see it.
    /// Needs VIEWER.
    #[graphql(complexity = "cost(CONTEXT_COST, 1, child_complexity)")]
    async fn log(&self, ctx: &Context<'_>, id: ID) -> Fallible<Log> {
        async { find_log(&reader(ctx)?, &id).await }.await.transpose()
    }

    /// How many records over time, in at most `buckets` stretches of an even width: 60 unless
    /// told otherwise, at most 1,000. Without `by`, every stretch is there, also those without a
    /// record; with it, those that have records of a key, key by key.
    /// Needs VIEWER.
    #[graphql(
        complexity = "cost(SCAN_COST, asked(buckets, DEFAULT_BUCKETS, MAX_BUCKETS), child_complexity)"
    )]
    async fn histogram(
        &self,
        ctx: &Context<'_>,
        filter: Option<LogFilter>,
        buckets: Option<i32>,
        by: Option<HistogramField>,
    ) -> Fallible<Vec<Bucket>> {
        let filter = filter.unwrap_or_default();
        Some(async { histogram::histogram(ctx, &reader(ctx)?, filter, buckets, by).await }.await)
    }

    /// The commonest values of a field of the search language (`host`, `attributes.user.id`),
    /// most first: 10 unless told otherwise, at most 1,000. Needs VIEWER.
    #[graphql(
        complexity = "cost(SCAN_COST, asked(first, DEFAULT_TOP, MAX_PAGE), child_complexity)"
    )]
    async fn top(
        &self,
        ctx: &Context<'_>,
        filter: Option<LogFilter>,
        field: String,
        first: Option<i32>,
    ) -> Fallible<Vec<ValueCount>> {
        let filter = filter.unwrap_or_default();
        Some(async { top::top(ctx, &reader(ctx)?, filter, &field, first).await }.await)
    }

    /// Who sends: those heard of last first unless told otherwise. 100 unless told otherwise, at
    /// most 1,000. Needs VIEWER.
    #[graphql(
        complexity = "cost(SCAN_COST, asked(first, DEFAULT_PAGE, MAX_PAGE), child_complexity)"
    )]
    async fn sources(
        &self,
        ctx: &Context<'_>,
        filter: Option<SourceFilter>,
        first: Option<i32>,
        after: Option<String>,
        order_by: Option<SourceOrderBy>,
    ) -> Fallible<SourceConnection> {
        let order = order_by.unwrap_or_default();
        let filter = filter.unwrap_or_default();
        Some(async { source::sources(ctx, &reader(ctx)?, filter, first, after, order).await }.await)
    }

    /// How far an export of yours is; null when there is none of this id (any more). Admins see
    /// everybody's. Needs VIEWER.
    async fn export(&self, ctx: &Context<'_>, id: ID) -> Fallible<Export> {
        async { find_export(ctx, &id).await }.await.transpose()
    }

    /// Where the records are, and what was lost. For those who see the whole log: the totals would
    /// tell of hidden records. Needs VIEWER.
    #[graphql(complexity = "cost(SCAN_COST, 1, child_complexity)")]
    async fn pipeline(&self, ctx: &Context<'_>) -> Fallible<Pipeline> {
        let stations = ctx.data_unchecked::<Stations>();
        Some(async { pipeline::pipeline(&reader(ctx)?, stations).await }.await)
    }
}

async fn find_export(ctx: &Context<'_>, id: &ID) -> Result<Option<Export>, ApiError> {
    let viewer = viewer(ctx)?;
    let export = ctx.data_unchecked::<Auth>().export(&viewer, uuid("id", id)?).await?;
    Ok(export.map(Export::from))
}

async fn find_log(reader: &Reader, id: &ID) -> Result<Option<Log>, ApiError> {
    let id: i64 = id
        .parse()
        .map_err(|_| ApiError::bad_input("id", "the id of a record is a whole number"))?;
    Ok(reader.log(id).await?.map(|log| Log::new(log, reader)))
}
