//! CSV (RFC 4180): a line of names, then a line a record; what a record does not say is an empty
//! cell.
//!
//! Records come from anywhere, and a spreadsheet runs a cell that looks like a formula. So a cell
//! that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets a `'` before it.

use std::borrow::Cow;

use csv::{Writer, WriterBuilder};

use super::lines::Capitals;
use crate::api::scalars::DateTime;
use crate::log::Log;

const NAMES: [&str; 12] = [
    "id",
    "timestamp",
    "receivedAt",
    "severity",
    "facility",
    "host",
    "app",
    "address",
    "procId",
    "msgId",
    "message",
    "attributes",
];

/// Appends the line of names.
///
/// # Errors
/// None: memory takes it.
pub(super) fn write_names(out: &mut Vec<u8>) -> Result<(), csv::Error> {
    writer(out).write_record(NAMES)
}

/// Appends the lines of these records.
///
/// # Errors
/// None: memory takes them.
pub(super) fn write(logs: &[Log], out: &mut Vec<u8>) -> Result<(), csv::Error> {
    let mut writer = writer(out);
    for log in logs {
        let entry = &log.entry;
        let severity = entry.severity.map(|severity| Capitals(severity.name()).to_string());
        let facility = entry.facility.map(|facility| Capitals(facility.name()).to_string());
        let cells: [&str; 12] = [
            &log.id.to_string(),
            &DateTime(entry.timestamp).written(),
            &DateTime(entry.received_at).written(),
            severity.as_deref().unwrap_or_default(),
            facility.as_deref().unwrap_or_default(),
            log.source.host.as_deref().unwrap_or_default(),
            log.source.app.as_deref().unwrap_or_default(),
            &log.source.address.to_string(),
            entry.proc_id.as_deref().unwrap_or_default(),
            entry.msg_id.as_deref().unwrap_or_default(),
            &entry.message,
            entry.attributes.as_json(),
        ];
        for cell in cells {
            writer.write_field(guarded(cell).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(writer.flush()?)
}

fn writer(out: &mut Vec<u8>) -> Writer<&mut Vec<u8>> {
    WriterBuilder::new().from_writer(out)
}

/// The cell as no spreadsheet takes it for a formula.
fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::tests::{bare, full};
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_guarded() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(guarded(cell), format!("'{cell}"));
        }
        for cell in ["", "a=1", " =1", "'=1", "2026-01-02", "{\"=\":1}"] {
            assert_eq!(guarded(cell), cell);
        }
    }

    #[test]
    fn another_reader_gets_the_cells_back() {
        let mut out = Vec::new();
        write_names(&mut out).unwrap();
        write(&[full(), bare()], &mut out).unwrap();
        let mut reader = csv::Reader::from_reader(out.as_slice());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), NAMES);
        let lines: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        let first: Vec<&str> = lines[0].iter().collect();
        assert_eq!(
            first,
            [
                "7",
                "2026-01-02T03:04:05.123456Z",
                "2026-01-02T03:04:06Z",
                "ERROR",
                "LOCAL0",
                "web-1",
                "shop",
                "192.0.2.7",
                "42",
                "ID1",
                "'=it \"broke\",\nbadly",
                r#"{"b":1,"a":{"x":[1.50]}}"#,
            ]
        );
        assert_eq!(lines[1].iter().filter(|cell| cell.is_empty()).count(), 7);
        assert_eq!(lines.len(), 2);
    }
}
