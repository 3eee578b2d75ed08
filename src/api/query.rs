//! The root of all questions.

use async_graphql::{Context, ID, Object};

use super::ApiContext;
use super::connection::{self, LogConnection, LogOrder, Paging};
use super::errors::{ApiError, Fallible};
use super::filter::LogFilter;
use super::histogram::{self, Bucket, HistogramField};
use super::limits::{
    CONTEXT_COST, DEFAULT_BUCKETS, DEFAULT_PAGE, DEFAULT_TOP, MAX_BUCKETS, MAX_PAGE, SCAN_COST,
    asked, cost,
};
use super::log::Log;
use super::pipeline::{self, Pipeline};
use super::source::{self, SourceConnection, SourceFilter, SourceOrderBy};
use super::top::{self, ValueCount};

/// The root of all questions. Every field can fail; then it is null beside an error whose
/// `extensions.code` says what kind it is.
pub struct Query;

#[Object]
impl Query {
    /// The log, newest first: the `first` records (`after` a cursor), or the `last` ones
    /// (`before` a cursor). 100 unless told otherwise, at most 1,000.
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
        Some(connection::logs(context(ctx), filter.unwrap_or_default(), paging, order).await)
    }

    /// One record; null when there is none of this id (any more).
    #[graphql(complexity = "cost(CONTEXT_COST, 1, child_complexity)")]
    async fn log(&self, ctx: &Context<'_>, id: ID) -> Fallible<Log> {
        find_log(context(ctx), &id).await.transpose()
    }

    /// How many records over time, in at most `buckets` stretches of an even width: 60 unless
    /// told otherwise, at most 1,000. Without `by`, every stretch is there, also those without a
    /// record; with it, those that have records of a key, key by key.
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
        Some(histogram::histogram(context(ctx), filter.unwrap_or_default(), buckets, by).await)
    }

    /// The commonest values of a field of the search language (`host`, `attributes.user.id`),
    /// most first: 10 unless told otherwise, at most 1,000.
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
        Some(top::top(context(ctx), filter.unwrap_or_default(), &field, first).await)
    }

    /// Who sends: those heard of last first unless told otherwise. 100 unless told otherwise, at
    /// most 1,000.
    #[graphql(complexity = "cost(0, asked(first, DEFAULT_PAGE, MAX_PAGE), child_complexity)")]
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
        Some(source::sources(context(ctx), filter, first, after, order).await)
    }

    /// Where the records are, and what was lost.
    #[graphql(complexity = "cost(SCAN_COST, 1, child_complexity)")]
    async fn pipeline(&self, ctx: &Context<'_>) -> Fallible<Pipeline> {
        Some(pipeline::pipeline(context(ctx)).await)
    }
}

async fn find_log(context: &ApiContext, id: &ID) -> Result<Option<Log>, ApiError> {
    let id: i64 = id
        .parse()
        .map_err(|_| ApiError::bad_input("id", "the id of a record is a whole number"))?;
    Ok(context.store.log(id).await?.map(Log::new))
}

fn context<'a>(ctx: &Context<'a>) -> &'a ApiContext {
    ctx.data_unchecked()
}
