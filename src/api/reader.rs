//! The log, as far as somebody sees it. The store and the live feed are locked away in here: the
//! one way to them is a [`Reader`], which takes a [`Viewer`] and keeps each question to the records
//! that this viewer sees.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use uuid::Uuid;

use super::asker;
use super::errors::{ApiError, Code};
use super::filter::{LogFilter, uuid};
use super::scope::Scope;
use super::source_loader::{RateOf, SourceLoader};
use crate::auth::{Auth, AuthError, Viewer};
use crate::filter::Field;
use crate::filter::{Filter, Test, TextTest, TimeRange, fold};
use crate::live::{Hub, Start, Tail};
use crate::log::{Log as LogRecord, SourceKey, Timestamp};
use crate::store::{
    Answer, Bucket, Direction, ExportStep, Head, HistogramField, Order, Page, PageRequest,
    Position, Source as SourceRow, SourceFilter, SourceOrder, Store, TopField, ValueCount,
};

/// Rows of `source` read at a time, where a scope leaves some out.
const CHUNK: usize = 1_000;

/// The log behind a lock that a viewer opens.
#[derive(Clone)]
pub struct LockedLog {
    store: Store,
    hub: Hub,
    auth: Auth,
    sources: Arc<DataLoader<SourceLoader>>,
}

/// The log as one viewer sees it. Clones are cheap.
#[derive(Clone)]
pub struct Reader {
    inner: Arc<Inner>,
}

struct Inner {
    log: LockedLog,
    viewer: Viewer,
    /// `None`: everything.
    scope: Option<Scope>,
}

/// What a `LogFilter` asks for, its saved search included.
#[derive(Clone, Debug)]
pub struct Asked {
    pub tree: Filter,
    /// The times that it names.
    pub range: TimeRange,
}

/// A stretch of an order, as [`PageRequest`] has it.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub order: Order,
    pub direction: Direction,
    pub past: Option<Position>,
    pub before: Option<Position>,
    pub limit: usize,
}

impl LockedLog {
    /// Locks the log away. Must be called within a Tokio runtime.
    pub fn new(store: Store, hub: Hub, auth: Auth) -> LockedLog {
        let sources = DataLoader::new(SourceLoader::new(store.clone()), tokio::spawn);
        LockedLog { store, hub, auth, sources: Arc::new(sources) }
    }

    /// The log as this viewer sees it.
    ///
    /// # Errors
    /// The viewer's scope cannot be read.
    pub fn open(&self, viewer: Viewer) -> Result<Reader, ApiError> {
        let scope = viewer.scope().map(Scope::read).transpose()?;
        Ok(Reader { inner: Arc::new(Inner { log: self.clone(), viewer, scope }) })
    }
}

/// The log as whoever asks sees it.
///
/// # Errors
/// Not signed in; a scope that cannot be read.
pub fn reader(ctx: &Context<'_>) -> Result<Reader, ApiError> {
    ctx.data_unchecked::<LockedLog>().open(asker::viewer(ctx)?)
}

/// The database that cursors belong to.
pub fn database(ctx: &Context<'_>) -> Uuid {
    ctx.data_unchecked::<LockedLog>().hub.database()
}

impl Reader {
    /// The database whose log this is.
    pub fn database(&self) -> Uuid {
        self.inner.log.hub.database()
    }

    /// What decides how much of the log is seen: the role and the scope. Who has the same sees the
    /// same.
    pub fn sight(&self) -> (&'static str, Option<&str>) {
        (self.inner.viewer.user().role.name(), self.inner.viewer.scope())
    }

    /// Reads a `LogFilter`.
    ///
    /// # Errors
    /// The user's; there is no such saved search, or it is another's.
    pub async fn read(&self, filter: &LogFilter) -> Result<Asked, ApiError> {
        let asked = Asked { tree: filter.build()?, range: filter.range() };
        let Some(id) = &filter.saved_search else { return Ok(asked) };
        let id = uuid("filter.savedSearch", id)?;
        let saved =
            self.inner.log.auth.search(&self.inner.viewer, id).await.map_err(
                |error| match error {
                    AuthError::NotFound => {
                        ApiError::new(Code::NotFound, "there is no such saved search")
                    }
                    other => other.into(),
                },
            )?;
        let saved = LogFilter::from_json(&saved.filter).map_err(|e| ApiError::internal(&e))?;
        Ok(Asked { tree: asked.tree.and(saved.build()?), range: both(asked.range, saved.range()) })
    }

    /// The records of a stretch that match.
    pub async fn page(&self, asked: &Filter, stretch: Stretch) -> Result<Page, ApiError> {
        let filter = self.seen(asked);
        let Stretch { order, direction, past, before, limit } = stretch;
        let request = PageRequest { filter: &filter, order, direction, past, before, limit };
        Ok(self.store().page(request).await?)
    }

    /// A record. `None`: there is none, or it is not for this viewer.
    pub async fn log(&self, id: i64) -> Result<Option<LogRecord>, ApiError> {
        let log = self.store().log(id).await?;
        Ok(log.filter(|log| self.scope().is_none_or(|scope| scope.shows(log))))
    }

    /// The `before` records before a record and the `after` records after it, in id order, the
    /// record itself among them: those of the same source, or of all.
    pub async fn context(
        &self,
        log: &LogRecord,
        same_source: bool,
        before: usize,
        after: usize,
    ) -> Result<Answer<Vec<LogRecord>>, ApiError> {
        let whole = match self.scope() {
            None => true,
            Some(scope) => same_source && scope.is_of_sources(),
        };
        if whole {
            return Ok(self.store().context(log, same_source, before, after).await?);
        }
        let mut damaged = Vec::new();
        let near = if same_source { from(&log.source) } else { Filter::ALL };
        let mut side = async |direction, limit| {
            if limit == 0 {
                return Ok::<_, ApiError>(Vec::new());
            }
            let past = Some(Position::of(log));
            let stretch = Stretch { order: Order::Arrival, direction, past, before: None, limit };
            let Page { mut logs, damaged: some, .. } = self.page(&near, stretch).await?;
            damaged.extend(some);
            logs.retain(|other| !same_source || other.source_id == log.source_id);
            Ok(logs)
        };
        let mut logs = side(Direction::NewestFirst, before).await?;
        logs.reverse();
        logs.push(log.clone());
        logs.extend(side(Direction::OldestFirst, after).await?);
        Ok(Answer { value: logs, damaged })
    }

    /// The first and the last time of the records that match.
    pub async fn time_bounds(
        &self,
        asked: &Filter,
    ) -> Result<Answer<Option<(Timestamp, Timestamp)>>, ApiError> {
        Ok(self.store().time_bounds(&self.seen(asked)).await?)
    }

    /// Counts what matches in even steps of time.
    pub async fn histogram(
        &self,
        asked: &Filter,
        start: Timestamp,
        width: std::time::Duration,
        buckets: usize,
        by: Option<HistogramField>,
    ) -> Result<Answer<Vec<Bucket>>, ApiError> {
        Ok(self.store().histogram(&self.seen(asked), start, width, buckets, by).await?)
    }

    /// Counts the commonest values of a field among what matches.
    pub async fn top(
        &self,
        asked: &Filter,
        field: &TopField,
        limit: usize,
    ) -> Result<Answer<Vec<ValueCount>>, ApiError> {
        Ok(self.store().top(&self.seen(asked), field, limit).await?)
    }

    /// Reads what matches on from a position; with `whole_from`, blocks of so many records come as
    /// they are where every record matches.
    pub async fn export(
        &self,
        asked: &Filter,
        after: i64,
        up_to: i64,
        whole_from: Option<u64>,
    ) -> Result<ExportStep, ApiError> {
        Ok(self.store().export(&self.seen(asked), after, up_to, whole_from).await?)
    }

    /// Where the log begins and ends: not for this viewer to know, but where an export does, and
    /// until when an answer is true.
    pub async fn head(&self) -> Result<Head, ApiError> {
        Ok(self.store().head().await?)
    }

    /// Resolves when readers are to end, for the process stops.
    pub async fn closed(&self) {
        self.inner.log.hub.closed().await;
    }

    /// Follows what matches.
    pub async fn tail(&self, asked: &Filter, start: Start) -> Result<Tail, ApiError> {
        let filter = Arc::new(self.seen(asked));
        let LockedLog { store, hub, .. } = &self.inner.log;
        Ok(Tail::open(store.clone(), hub.clone(), filter, start).await?)
    }

    /// Sources in an order, past the one with the id `after`. Their figures are of records that
    /// this viewer sees.
    pub async fn sources(
        &self,
        filter: &SourceFilter,
        order: SourceOrder,
        after: Option<i32>,
        limit: usize,
    ) -> Result<Answer<Vec<SourceRow>>, ApiError> {
        // What is counted by source needs no block to be opened.
        let whole = |value| Answer { value, damaged: Vec::new() };
        match self.scope() {
            None => Ok(whole(self.store().sources(filter, order, after, limit).await?)),
            Some(scope) if scope.is_of_sources() => {
                self.sources_of_scope(scope, filter, order, after, limit).await.map(whole)
            }
            Some(scope) => {
                let visible = self.store().visible_sources(scope.filter()).await?;
                let value = page_of_sources(visible.value, filter, order, after, limit);
                Ok(Answer { value, damaged: visible.damaged })
            }
        }
    }

    /// The whole sources that a scope shows.
    async fn sources_of_scope(
        &self,
        scope: &Scope,
        filter: &SourceFilter,
        order: SourceOrder,
        mut after: Option<i32>,
        limit: usize,
    ) -> Result<Vec<SourceRow>, ApiError> {
        // A page that began at a hidden source would tell how busy that is.
        if let Some(id) = after
            && self.source(id).await?.is_none()
        {
            after = None;
        }
        let mut found = Vec::new();
        loop {
            let rows = self.store().sources(filter, order, after, CHUNK).await?;
            let ended = rows.len() < CHUNK;
            after = rows.last().map(|row| row.id);
            found.extend(rows.into_iter().filter(|row| scope.shows_source(row)));
            if ended || found.len() >= limit {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }

    /// The figures of a source. `None` where they would tell of records that this viewer does not
    /// see.
    pub async fn source(&self, id: i32) -> Result<Option<Arc<SourceRow>>, ApiError> {
        let row = match self.scope() {
            Some(scope) if !scope.is_of_sources() => None,
            _ => self.inner.log.sources.load_one(id).await?,
        };
        Ok(row.filter(|row| self.scope().is_none_or(|scope| scope.shows_source(row))))
    }

    /// Records a second of a source over the last minute. `None` where that would tell of records
    /// that this viewer does not see.
    pub async fn rate(&self, id: i32) -> Result<Option<f64>, ApiError> {
        match self.source(id).await? {
            Some(_) => self.inner.log.sources.load_one(RateOf(id)).await,
            None => Ok(None),
        }
    }

    /// The store and the live feed themselves, for those who see everything.
    ///
    /// # Errors
    /// The viewer sees a part only.
    pub fn everything(&self) -> Result<(&Store, &Hub), ApiError> {
        match self.scope() {
            None => Ok((&self.inner.log.store, &self.inner.log.hub)),
            Some(_) => Err(ApiError::forbidden("these figures tell of records outside your scope")),
        }
    }

    /// What is asked for, as far as this viewer sees it.
    fn seen(&self, asked: &Filter) -> Filter {
        self.scope().map_or_else(|| asked.clone(), |scope| scope.narrow(asked))
    }

    fn scope(&self) -> Option<&Scope> {
        self.inner.scope.as_ref()
    }

    fn store(&self) -> &Store {
        &self.inner.log.store
    }
}

/// The times that lie in both.
fn both(one: TimeRange, other: TimeRange) -> TimeRange {
    TimeRange { from: one.from.max(other.from), to: [one.to, other.to].into_iter().flatten().min() }
}

/// The records of a source, as far as a filter can name one: hosts and apps that differ in case
/// alone are not told apart.
fn from(key: &SourceKey) -> Filter {
    let is = |field: Field, value: Option<&str>| match value {
        Some(value) => Filter::from(Test::Text(field, TextTest::Equals(fold(value)))),
        None => Filter::from(Test::Exists(field)).negate(),
    };
    Filter::all([
        is(Field::Host, key.host.as_deref()),
        is(Field::App, key.app.as_deref()),
        is(Field::Address, Some(&key.address.to_string())),
    ])
}

/// What [`Store::sources`] does with the rows of the database, done with these.
fn page_of_sources(
    mut sources: Vec<SourceRow>,
    filter: &SourceFilter,
    order: SourceOrder,
    after: Option<i32>,
    limit: usize,
) -> Vec<SourceRow> {
    let text = filter.text.as_deref().map(fold);
    sources.retain(|source| {
        let SourceKey { host, app, address } = &source.key;
        let holds = |text: &str| {
            let holds = |value: &str| fold(value).contains(text);
            host.as_deref().is_some_and(holds)
                || app.as_deref().is_some_and(holds)
                || holds(&address.to_string())
        };
        filter.host.as_ref().is_none_or(|wanted| host.as_ref() == Some(wanted))
            && filter.app.as_ref().is_none_or(|wanted| app.as_ref() == Some(wanted))
            && text.as_deref().is_none_or(holds)
    });
    match order {
        SourceOrder::Id => sources.sort_by_key(|source| source.id),
        SourceOrder::LastSeen => {
            sources.sort_by_key(|source| std::cmp::Reverse((source.last_seen, source.id)));
        }
        SourceOrder::Count => {
            sources.sort_by_key(|source| std::cmp::Reverse((source.count, source.id)));
        }
    }
    let place = after.and_then(|id| sources.iter().position(|source| source.id == id));
    let start = place.map_or(0, |place| place + 1);
    sources.into_iter().skip(start).take(limit).collect()
}
