//! Instants as people type them.

use chrono::{DateTime, Days, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

use crate::log::Timestamp;

/// Reads an instant: RFC 3339 (`2026-01-02T03:04:05Z`), a date with or without a time of day in
/// the given zone (`2026-01-02`, `2026-01-02 03:04`), a time ago (`15m`, `-1h30m`, `2 days ago`),
/// `now`, `today` or `yesterday`.
///
/// # Errors
/// A text that says what may be written.
pub fn parse_instant<Z: TimeZone>(
    text: &str,
    now: Timestamp,
    zone: &Z,
) -> Result<Timestamp, String> {
    let text = text.trim();
    let today = now.with_timezone(zone).date_naive();
    match text {
        "now" => return Ok(now),
        "today" => return in_zone(today.and_time(NaiveTime::MIN), zone),
        "yesterday" => {
            let day = today.checked_sub_days(Days::new(1)).unwrap_or(today);
            return in_zone(day.and_time(NaiveTime::MIN), zone);
        }
        _ => {}
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.with_timezone(&Utc));
    }
    for layout in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, layout) {
            return in_zone(local, zone);
        }
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return in_zone(day.and_time(NaiveTime::MIN), zone);
    }
    let ago = text.strip_prefix('-').or_else(|| text.strip_suffix("ago")).unwrap_or(text);
    humantime::parse_duration(ago.trim())
        .ok()
        .and_then(|ago| chrono::Duration::from_std(ago).ok())
        .and_then(|ago| now.checked_sub_signed(ago))
        .ok_or_else(|| {
            format!(
                "`{text}` is no time: write 15m, -1h30m, today, 2026-01-02, 2026-01-02 03:04 or \
                 2026-01-02T03:04:05Z"
            )
        })
}

/// The instant at which clocks in the zone show this; the first one when they show it twice.
fn in_zone<Z: TimeZone>(local: NaiveDateTime, zone: &Z) -> Result<Timestamp, String> {
    zone.from_local_datetime(&local)
        .earliest()
        .map(|instant| instant.with_timezone(&Utc))
        .ok_or_else(|| format!("clocks never showed {local}: they went forward"))
}

/// The zone in which instants are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    Local,
    Utc,
}

impl Zone {
    /// UTC if wished, otherwise that of this machine.
    pub fn new(utc: bool) -> Self {
        if utc { Zone::Utc } else { Zone::Local }
    }

    /// Reads an instant (see [`parse_instant`]).
    ///
    /// # Errors
    /// A text that says what may be written.
    pub fn parse(self, text: &str, now: Timestamp) -> Result<Timestamp, String> {
        match self {
            Zone::Local => parse_instant(text, now, &Local),
            Zone::Utc => parse_instant(text, now, &Utc),
        }
    }

    /// Writes an instant to the millisecond: `2026-01-02 03:04:05.123`.
    pub fn format(self, instant: Timestamp) -> String {
        const LAYOUT: &str = "%Y-%m-%d %H:%M:%S%.3f";
        match self {
            Zone::Local => instant.with_timezone(&Local).format(LAYOUT).to_string(),
            Zone::Utc => instant.format(LAYOUT).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;

    use super::*;

    fn parsed(text: &str) -> Result<String, String> {
        let now = "2026-03-04T05:06:07Z".parse().unwrap();
        let two_hours_east = FixedOffset::east_opt(7_200).unwrap();
        parse_instant(text, now, &two_hours_east).map(|instant| instant.to_rfc3339())
    }

    #[test]
    fn times_ago_are_counted_back_from_now() {
        for text in ["15m", "-15m", "15m ago", "15min", " 900s "] {
            assert_eq!(parsed(text).unwrap(), "2026-03-04T04:51:07+00:00", "{text}");
        }
        assert_eq!(parsed("-1h30m").unwrap(), "2026-03-04T03:36:07+00:00");
        assert_eq!(parsed("now").unwrap(), "2026-03-04T05:06:07+00:00");
    }

    #[test]
    fn dates_and_times_of_day_are_those_of_the_zone() {
        assert_eq!(parsed("today").unwrap(), "2026-03-03T22:00:00+00:00");
        assert_eq!(parsed("yesterday").unwrap(), "2026-03-02T22:00:00+00:00");
        assert_eq!(parsed("2026-01-02").unwrap(), "2026-01-01T22:00:00+00:00");
        assert_eq!(parsed("2026-01-02 03:04").unwrap(), "2026-01-02T01:04:00+00:00");
        assert_eq!(parsed("2026-01-02 03:04:05.5").unwrap(), "2026-01-02T01:04:05.500+00:00");
    }

    #[test]
    fn rfc_3339_says_its_zone_itself() {
        assert_eq!(parsed("2026-01-02T03:04:05+01:00").unwrap(), "2026-01-02T02:04:05+00:00");
    }

    #[test]
    fn everything_else_is_refused_with_examples() {
        for text in ["", "soon", "99999999999999999y", "2026-13-01", "--5m"] {
            assert!(parsed(text).unwrap_err().contains("2026-01-02 03:04"), "{text}");
        }
    }

    #[test]
    fn instants_are_written_to_the_millisecond() {
        let instant = "2026-01-02T03:04:05.123456Z".parse().unwrap();
        assert_eq!(Zone::Utc.format(instant), "2026-01-02 03:04:05.123");
    }
}
