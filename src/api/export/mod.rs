//! Exports: what clients see of them, and the files themselves.
//!
//! A mutation gives a link that is good once. Following it is plain HTTP; what is sent then is
//! made here, step by step, as fast as its reader takes it.

mod file;
mod lines;
mod open;
mod run;
mod table;

use async_graphql::{Enum, ID, Object};

pub use open::{Download, Exports, FileHead, NoDownload};
pub use run::BrokenOff;

use super::scalars::{Count, DateTime};
use crate::user::{Export as Known, ExportState as State};

/// What a file of an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::user::ExportFormat")]
pub enum ExportFormat {
    /// One JSON object a line, with the fields of a `Log`, and the address of its source.
    Ndjson,
    /// Comma-separated values after a line of names; attributes as JSON. A cell that a spreadsheet
    /// would take for a formula, for it begins with = + - @, a tab or a carriage return, begins
    /// with ' instead.
    Csv,
    /// Apache Parquet, of many row groups.
    Parquet,
}

/// How an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::user::ExportState")]
pub enum ExportState {
    /// Its link waits to be followed.
    Waiting,
    /// Somebody is being sent it.
    Running,
    /// It was sent to its end.
    Done,
    /// It broke off: what was sent is not whole. `problem` says why.
    Failed,
    /// Its reader went away, or it was called off.
    Cancelled,
    /// Its link was not followed in time.
    Expired,
}

/// A file of the records that match a filter, oldest first in the order of storing.
pub struct Export {
    known: Known,
    url: Option<String>,
}

impl Export {
    /// An export whose link is shown, this once.
    pub fn with_link(known: Known, url: String) -> Self {
        Export { known, url: Some(url) }
    }
}

impl From<Known> for Export {
    fn from(known: Known) -> Self {
        Export { known, url: None }
    }
}

/// A file of the records that match a filter, oldest first in the order of storing.
#[Object]
impl Export {
    /// The id, to ask how far it is.
    async fn id(&self) -> ID {
        self.known.id.into()
    }

    /// What the file is.
    async fn format(&self) -> ExportFormat {
        self.known.format.into()
    }

    /// How it is.
    async fn state(&self) -> ExportState {
        self.known.state.into()
    }

    /// Why it failed; null while it has not.
    async fn problem(&self) -> Option<&str> {
        self.known.problem.as_deref()
    }

    /// Where the file is, for a GET without any token; good once, until `expiresAt`. Only in the
    /// answer of `createExport`.
    async fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Until when the link is good: for a minute.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.known.expires_at)
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        DateTime(self.known.created_at)
    }

    /// When its link was followed.
    async fn started_at(&self) -> Option<DateTime> {
        self.known.started_at.map(DateTime)
    }

    /// When it came to its end, whichever.
    async fn ended_at(&self) -> Option<DateTime> {
        self.known.ended_at.map(DateTime)
    }

    /// Records sent. This and what follows are up to a second behind while it runs.
    async fn records(&self) -> Count {
        Count(self.known.tally.records)
    }

    /// Bytes sent.
    async fn bytes(&self) -> Count {
        Count(self.known.tally.bytes)
    }

    /// Records left out because they are damaged: only with `skipDamaged`.
    async fn skipped(&self) -> Count {
        Count(self.known.tally.skipped)
    }

    /// How much of the log has been looked through, from 0 to 1.
    async fn progress(&self) -> f64 {
        match self.known.state {
            State::Waiting | State::Expired => 0.0,
            State::Done => 1.0,
            _ => self.known.tally.progress(),
        }
    }
}
