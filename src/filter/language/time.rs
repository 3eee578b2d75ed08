//! Times as the search language writes them: each names a period.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use crate::log::{Timestamp, timestamp_from_micros};

/// What a written time names: from its start to just before its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Period {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

/// Reads RFC 3339, with `T` or a space, or less of it: without seconds, without time of day;
/// without an offset it is UTC. The year has four digits. The period is as long as the last unit
/// that is written: a day, a minute, a second; a microsecond where there is a fraction.
pub(super) fn period(text: &str) -> Option<Period> {
    // chrono would take more digits, and signs.
    let (year, rest) = text.split_at_checked(4)?;
    if !year.bytes().all(|c| c.is_ascii_digit()) || !rest.starts_with('-') {
        return None;
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return since(date.and_hms_opt(0, 0, 0)?.and_utc(), TimeDelta::days(1));
    }
    let text = text.replacen(' ', "T", 1);
    let smallest =
        if text.contains('.') { TimeDelta::microseconds(1) } else { TimeDelta::seconds(1) };
    if let Ok(instant) = DateTime::parse_from_rfc3339(&text) {
        return since(instant.to_utc(), smallest);
    }
    if let Ok(instant) = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f") {
        return since(instant.and_utc(), smallest);
    }
    let local = text.strip_suffix(['Z', 'z']).unwrap_or(&text);
    if let Ok(instant) = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M") {
        return since(instant.and_utc(), TimeDelta::minutes(1));
    }
    let instant = DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M%:z").ok()?;
    since(instant.to_utc(), TimeDelta::minutes(1))
}

fn since(start: DateTime<Utc>, length: TimeDelta) -> Option<Period> {
    let start = timestamp_from_micros(start.timestamp_micros());
    Some(Period { start, end: start.checked_add_signed(length)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The period's start and its length in microseconds.
    fn read(text: &str) -> Option<(String, i64)> {
        let period = period(text)?;
        let length = (period.end - period.start).num_microseconds()?;
        Some((period.start.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true), length))
    }

    #[test]
    fn a_time_names_as_much_as_it_writes() {
        for (text, start, length) in [
            ("2026-01-02", "2026-01-02T00:00:00Z", 86_400_000_000),
            ("2026-01-02T03:04", "2026-01-02T03:04:00Z", 60_000_000),
            ("2026-01-02T03:04Z", "2026-01-02T03:04:00Z", 60_000_000),
            ("2026-01-02T03:04+01:00", "2026-01-02T02:04:00Z", 60_000_000),
            ("2026-01-02T03:04:05", "2026-01-02T03:04:05Z", 1_000_000),
            ("2026-01-02 03:04:05", "2026-01-02T03:04:05Z", 1_000_000),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", 1_000_000),
            ("2026-01-02T03:04:05-02:30", "2026-01-02T05:34:05Z", 1_000_000),
            ("2026-01-02T03:04:05.25Z", "2026-01-02T03:04:05.250Z", 1),
            ("2026-01-02T03:04:05.1234567", "2026-01-02T03:04:05.123456Z", 1),
        ] {
            assert_eq!(read(text), Some((start.to_owned(), length)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "+12026-01-01",
            "1767322800",
            "ü2026-01-01",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
