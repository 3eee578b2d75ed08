//! A file that is being made, in one of the formats: records go in, bytes come out.

use bytes::Bytes;

use super::{lines, table};
use crate::api::errors::ApiError;
use crate::store::{ExportPiece, ParquetExport};
use crate::user::ExportFormat;

/// The media type of a format.
pub(super) fn content_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Ndjson => "application/x-ndjson",
        ExportFormat::Csv => "text/csv; charset=utf-8; header=present",
        ExportFormat::Parquet => "application/vnd.apache.parquet",
    }
}

/// A file that is being made.
#[derive(Debug)]
pub(super) enum File {
    Ndjson,
    Csv,
    Parquet(Box<ParquetExport>),
}

impl File {
    /// A file of this format, and how it begins.
    ///
    /// # Errors
    /// Our own.
    pub fn begin(format: ExportFormat) -> Result<(File, Bytes), ApiError> {
        let mut opening = Vec::new();
        let file = match format {
            ExportFormat::Ndjson => File::Ndjson,
            ExportFormat::Csv => {
                table::write_names(&mut opening).map_err(|error| ApiError::internal(&error))?;
                File::Csv
            }
            ExportFormat::Parquet => File::Parquet(Box::new(ParquetExport::begin()?)),
        };
        Ok((file, opening.into()))
    }

    /// From how many records on it takes blocks as they are; `None`: it takes none.
    pub fn whole_from(&self) -> Option<u64> {
        matches!(self, File::Parquet(_)).then_some(ParquetExport::WHOLE_FROM)
    }

    /// Adds these records, and gives what there is to send by now. It computes: not for a thread
    /// that must not wait.
    ///
    /// # Errors
    /// Our own; a Parquet file that cannot become longer.
    pub fn add(&mut self, piece: ExportPiece) -> Result<Bytes, ApiError> {
        let mut out = Vec::new();
        match (self, piece) {
            (File::Ndjson, ExportPiece::Logs(logs)) => {
                lines::write(&logs, &mut out).map_err(|error| ApiError::internal(&error))?;
            }
            (File::Csv, ExportPiece::Logs(logs)) => {
                table::write(&logs, &mut out).map_err(|error| ApiError::internal(&error))?;
            }
            (File::Parquet(file), piece) => return Ok(file.add(piece)?),
            (File::Ndjson | File::Csv, ExportPiece::Block(_)) => {
                return Err(ApiError::internal(&"a block came where only records may"));
            }
        }
        Ok(out.into())
    }

    /// Gives the rest of the file.
    ///
    /// # Errors
    /// As [`File::add`].
    pub fn finish(self) -> Result<Bytes, ApiError> {
        match self {
            File::Ndjson | File::Csv => Ok(Bytes::new()),
            File::Parquet(file) => Ok(file.finish()?),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use crate::log::{
        Attributes, Entry, Facility, Log, Severity, SourceKey, Timestamp, timestamp_from_micros,
    };

    /// A record that says all that one can.
    pub fn full() -> Log {
        Log {
            id: 7,
            source_id: 1,
            source: Arc::new(SourceKey {
                host: Some("web-1".to_owned()),
                app: Some("shop".to_owned()),
                address: [192, 0, 2, 7].into(),
            }),
            entry: Entry {
                timestamp: timestamp_from_micros(1_767_323_045_123_456),
                received_at: timestamp_from_micros(1_767_323_046_000_000),
                severity: Some(Severity::Error),
                facility: Some(Facility::Local0),
                proc_id: Some("42".to_owned()),
                msg_id: Some("ID1".to_owned()),
                message: "=it \"broke\",\nbadly".to_owned(),
                attributes: Attributes::from_json_text(r#"{"b":1,"a":{"x":[1.50]}}"#.to_owned()),
            },
        }
    }

    /// A record that says as little as one can.
    pub fn bare() -> Log {
        Log {
            id: 8,
            source_id: 2,
            source: Arc::new(SourceKey {
                host: None,
                app: None,
                address: std::net::Ipv6Addr::LOCALHOST.into(),
            }),
            entry: Entry {
                timestamp: Timestamp::UNIX_EPOCH,
                received_at: Timestamp::UNIX_EPOCH,
                severity: None,
                facility: None,
                proc_id: None,
                msg_id: None,
                message: String::new(),
                attributes: Attributes::EMPTY,
            },
        }
    }
}
