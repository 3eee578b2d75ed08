//! The words of exports.

use std::str::FromStr;

use uuid::Uuid;

use crate::log::Timestamp;

/// What a file of an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values, with a line of names.
    Csv,
    /// Apache Parquet.
    Parquet,
}

impl ExportFormat {
    const ALL: [ExportFormat; 3] = [ExportFormat::Ndjson, ExportFormat::Csv, ExportFormat::Parquet];

    /// The name, as it is stored and typed, and as files of it end: `ndjson`, `csv`, `parquet`.
    pub fn name(self) -> &'static str {
        match self {
            ExportFormat::Ndjson => "ndjson",
            ExportFormat::Csv => "csv",
            ExportFormat::Parquet => "parquet",
        }
    }
}

/// The text is no format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an export is ndjson, csv or parquet")]
pub struct NotAnExportFormat;

impl FromStr for ExportFormat {
    type Err = NotAnExportFormat;

    fn from_str(text: &str) -> Result<Self, NotAnExportFormat> {
        let named = |format: &ExportFormat| format.name().eq_ignore_ascii_case(text);
        ExportFormat::ALL.into_iter().find(named).ok_or(NotAnExportFormat)
    }
}

/// How an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportState {
    /// Its link waits to be followed.
    Waiting,
    /// Somebody is being sent it.
    Running,
    /// It was sent to its end.
    Done,
    /// It broke off: what was sent is not whole.
    Failed,
    /// Its reader went away, or it was called off.
    Cancelled,
    /// Its link was not followed in time.
    Expired,
}

impl ExportState {
    const ALL: [ExportState; 6] = [
        ExportState::Waiting,
        ExportState::Running,
        ExportState::Done,
        ExportState::Failed,
        ExportState::Cancelled,
        ExportState::Expired,
    ];

    /// The name, as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            ExportState::Waiting => "waiting",
            ExportState::Running => "running",
            ExportState::Done => "done",
            ExportState::Failed => "failed",
            ExportState::Cancelled => "cancelled",
            ExportState::Expired => "expired",
        }
    }
}

/// The text is no state of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no export is like this")]
pub struct NotAnExportState;

impl FromStr for ExportState {
    type Err = NotAnExportState;

    fn from_str(text: &str) -> Result<Self, NotAnExportState> {
        let named = |state: &ExportState| state.name() == text;
        ExportState::ALL.into_iter().find(named).ok_or(NotAnExportState)
    }
}

/// How far an export is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportTally {
    /// The oldest position that it covers.
    pub first_id: i64,
    /// The newest: the head of the log when it started.
    pub last_id: i64,
    /// Everything up to here has been looked at.
    pub position: i64,
    /// Records written.
    pub records: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Records left out because the blocks that hold them are damaged.
    pub skipped: u64,
}

impl ExportTally {
    /// The part of its positions that has been looked at, from 0 to 1.
    pub fn progress(&self) -> f64 {
        let all = self.last_id.saturating_sub(self.first_id).saturating_add(1);
        let seen = self.position.saturating_sub(self.first_id).saturating_add(1);
        if all <= 0 { 0.0 } else { (seen as f64 / all as f64).clamp(0.0, 1.0) }
    }
}

/// An export that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    pub id: Uuid,
    pub owner: Uuid,
    /// The JSON of a `LogFilter`.
    pub filter: String,
    pub format: ExportFormat,
    /// Whether it goes on without the records of damaged blocks.
    pub skip_damaged: bool,
    pub state: ExportState,
    /// Why it failed, for its owner to read.
    pub problem: Option<String>,
    pub created_at: Timestamp,
    /// Its link is good until then.
    pub expires_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub tally: ExportTally,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_by_name_is_read_by_it() {
        for format in ExportFormat::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        for state in ExportState::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
        assert!("xlsx".parse::<ExportFormat>().is_err());
        assert!("DONE".parse::<ExportState>().is_err());
    }

    #[test]
    fn progress_is_the_part_of_the_positions_that_was_looked_at() {
        let at = |position| {
            ExportTally { first_id: 11, last_id: 20, position, ..ExportTally::default() }.progress()
        };
        assert_eq!((at(10), at(15), at(20)), (0.0, 0.5, 1.0));
        let empty = ExportTally { first_id: 1, last_id: 0, ..ExportTally::default() };
        assert_eq!(empty.progress(), 0.0, "until it is done");
    }

    #[test]
    fn absurd_positions_are_a_part_too() {
        let tally = ExportTally { first_id: i64::MIN, last_id: i64::MAX, ..ExportTally::default() };
        assert!((0.0..=1.0).contains(&tally.progress()));
    }
}
