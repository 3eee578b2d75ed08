//! A record of the log as clients see it.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use super::connection::size;
use super::damage::told;
use super::enums::{Facility, Severity};
use super::errors::ApiError;
use super::limits::{CONTEXT_COST, DEFAULT_CONTEXT, MAX_CONTEXT, asked, cost};
use super::reader::Reader;
use super::scalars::{DateTime, Json};
use super::source::Source;
use crate::log::Log as LogRecord;

/// A record of the log.
pub struct Log {
    record: Arc<LogRecord>,
    /// Who sees it.
    reader: Reader,
}

impl Log {
    /// Shows this record, which came through this reader.
    pub fn new(record: impl Into<Arc<LogRecord>>, reader: &Reader) -> Self {
        Log { record: record.into(), reader: reader.clone() }
    }
}

/// Which records stand around a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum ContextOf {
    /// Those of the same source.
    #[default]
    Source,
    /// Those of every source.
    All,
}

/// A record of the log.
#[Object]
impl Log {
    /// Its position: contiguous, in the order of storing, from 1.
    async fn id(&self) -> ID {
        self.record.id.into()
    }

    /// The sender's time; the time of receipt when the record names none that can be.
    async fn timestamp(&self) -> DateTime {
        DateTime(self.record.entry.timestamp)
    }

    /// When the record was received.
    async fn received_at(&self) -> DateTime {
        DateTime(self.record.entry.received_at)
    }

    /// How severe it is; null when the record does not say.
    async fn severity(&self) -> Option<Severity> {
        self.record.entry.severity.map(Severity::from)
    }

    /// What part of a system it comes from; null when the record does not say.
    async fn facility(&self) -> Option<Facility> {
        self.record.entry.facility.map(Facility::from)
    }

    /// The host it names.
    async fn host(&self) -> Option<&str> {
        self.record.source.host.as_deref()
    }

    /// The program it names.
    async fn app(&self) -> Option<&str> {
        self.record.source.app.as_deref()
    }

    /// PROCID (RFC 5424): often a process id.
    async fn proc_id(&self) -> Option<&str> {
        self.record.entry.proc_id.as_deref()
    }

    /// MSGID (RFC 5424): the type of message.
    async fn msg_id(&self) -> Option<&str> {
        self.record.entry.msg_id.as_deref()
    }

    /// The text.
    async fn message(&self) -> &str {
        &self.record.entry.message
    }

    /// Whatever else the record says: structured data, JSON fields. Always an object.
    async fn attributes(&self) -> Json {
        Json(self.record.entry.attributes.as_json().to_owned())
    }

    /// Who sent it.
    async fn source(&self) -> Source {
        Source::of(&self.record, &self.reader)
    }

    /// The records around this one in the order of storing, oldest first, with this one among
    /// them: up to `before` older and `after` newer ones (10 each unless told otherwise, at most
    /// 100), `of` the same SOURCE (the default) or of ALL.
    #[graphql(complexity = "cost(CONTEXT_COST, context_size(before, after), child_complexity)")]
    async fn context(
        &self,
        ctx: &Context<'_>,
        before: Option<i32>,
        after: Option<i32>,
        of: Option<ContextOf>,
    ) -> Result<Vec<Log>, ApiError> {
        let side = |argument, asked: Option<i32>| {
            asked.map_or(Ok(DEFAULT_CONTEXT), |asked| size(argument, asked, MAX_CONTEXT))
        };
        let before = side("before", before)?;
        let after = side("after", after)?;
        let same_source = of.unwrap_or_default() == ContextOf::Source;
        let logs = self.reader.context(&self.record, same_source, before, after).await?;
        let logs = told(ctx, logs);
        Ok(logs.into_iter().map(|log| Log::new(log, &self.reader)).collect())
    }
}

/// How many records `context` may answer.
fn context_size(before: Option<i32>, after: Option<i32>) -> usize {
    let side = |asked_for| asked(asked_for, DEFAULT_CONTEXT, MAX_CONTEXT);
    side(before) + 1 + side(after)
}
