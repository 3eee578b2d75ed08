use chrono::TimeZone;

use super::*;

fn utc(text: &str) -> Timestamp {
    text.parse::<DateTime<chrono::Utc>>().unwrap()
}

fn clock(timezone: Tz, received: &str) -> Clock {
    Clock { timezone, received_at: utc(received) }
}

fn june() -> Clock {
    clock(Tz::UTC, "2024-06-15T12:00:00Z")
}

fn bsd(clock: Clock, text: &str) -> String {
    match clock.bsd(text) {
        Some((Claim::At(at), length)) if length == text.len() => {
            at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn iso_timestamps_are_read_to_the_microsecond() {
    for (text, expected) in [
        ("2003-10-11T22:14:15.003Z", "2003-10-11T22:14:15.003Z"),
        ("2003-08-24T05:14:15.000003-07:00", "2003-08-24T12:14:15.000003Z"),
        ("2003-08-24T05:14:15.123456789+0530", "2003-08-23T23:44:15.123456Z"),
        ("2003-08-24t05:14:15,5+02", "2003-08-24T03:14:15.5Z"),
        ("2003-08-24T05:14:15", "2003-08-24T05:14:15Z"),
        ("2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.25Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ] {
        let read = june().iso(text, b"Tt");
        assert_eq!(read, Some((Claim::At(utc(expected)), text.len())), "{text}");
    }
}

#[test]
fn impossible_instants_are_claims_and_other_shapes_are_not() {
    for text in [
        "2023-02-29T00:00:00Z",
        "2023-13-01T00:00:00Z",
        "2023-01-01T24:00:00Z",
        "2023-01-01T00:60:00Z",
        "2023-00-00T00:00:00Z",
    ] {
        assert!(matches!(june().iso(text, b"T"), Some((Claim::Impossible, _))), "{text}");
    }
    for text in ["", "2023", "2023-1-1T00:00:00", "2023-01-01 00:00:00", "20230101T000000Z", "é"] {
        assert_eq!(june().iso(text, b"T"), None, "{text}");
    }
    assert_eq!(bsd(june(), "Feb 30 12:00:00"), "Some((Impossible, 15))");
    assert_eq!(bsd(june(), "Jun  1 12:00"), "None");
}

#[test]
fn a_bsd_timestamp_takes_what_senders_add_to_it() {
    for (text, expected) in [
        ("Jun  1 22:14:15", "2024-06-01T22:14:15Z"),
        ("jun 1 22:14:15", "2024-06-01T22:14:15Z"),
        ("Jun 01 22:14:15.123456789", "2024-06-01T22:14:15.123456Z"),
        ("Oct 10 2018 12:34:56", "2018-10-10T12:34:56Z"),
        ("Oct 10 12:34:56 2018", "2018-10-10T12:34:56Z"),
        ("2019 Mar  4 16:23:04.5 CET", "2019-03-04T15:23:04.500Z"),
        ("Jun  1 22:14:15 EDT", "2024-06-02T02:14:15Z"),
        ("Jun  1 22:14:15+02:00", "2024-06-01T20:14:15Z"),
        ("Jun  1 22:14:15 +0200", "2024-06-01T20:14:15Z"),
    ] {
        assert_eq!(bsd(june(), text), expected, "{text}");
    }
    // A word that is no zone, and a number that is no year, are left alone.
    assert_eq!(june().bsd("Jun  1 22:14:15 XYZ").unwrap().1, 15);
    assert_eq!(june().bsd("Jun  1 22:14:15 9999").unwrap().1, 15);
}

#[test]
fn a_missing_year_is_the_nearest_and_at_most_a_day_ahead() {
    for (received, text, expected) in [
        ("2024-01-01T00:00:05Z", "Dec 31 23:59:59", "2023-12-31T23:59:59Z"),
        ("2023-12-31T23:59:59Z", "Jan  1 00:00:01", "2024-01-01T00:00:01Z"),
        ("2024-06-15T12:00:00Z", "Jun 16 12:00:00", "2024-06-16T12:00:00Z"),
        ("2024-06-15T12:00:00Z", "Jun 16 12:00:01", "2023-06-16T12:00:01Z"),
        ("2023-12-31T23:00:00Z", "Jan  1 23:00:01", "2023-01-01T23:00:01Z"),
        ("2025-03-01T00:00:00Z", "Feb 29 12:00:00", "2024-02-29T12:00:00Z"),
        ("1904-02-01T00:00:00Z", "Feb 29 12:00:00", "1896-02-29T12:00:00Z"),
    ] {
        assert_eq!(bsd(clock(Tz::UTC, received), text), expected, "{text} at {received}");
    }
}

#[test]
fn a_missing_zone_is_the_configured_one() {
    let berlin = |received| clock(Tz::Europe__Berlin, received);
    assert_eq!(bsd(berlin("2024-07-01T12:00:00Z"), "Jul  1 14:00:00"), "2024-07-01T12:00:00Z");
    assert_eq!(bsd(berlin("2024-01-15T12:00:00Z"), "Jan 15 13:00:00"), "2024-01-15T12:00:00Z");
    // The clocks go back at 03:00: 02:30 is made twice, and the nearer one is meant.
    assert_eq!(bsd(berlin("2024-10-27T00:30:00Z"), "Oct 27 02:30:00"), "2024-10-27T00:30:00Z");
    assert_eq!(bsd(berlin("2024-10-27T01:30:00Z"), "Oct 27 02:30:00"), "2024-10-27T01:30:00Z");
    // The clocks go forward at 02:00: 02:30 is never, and counts on from before.
    assert_eq!(bsd(berlin("2024-03-31T01:30:00Z"), "Mar 31 02:30:00"), "2024-03-31T01:30:00Z");
    // The year is told in the zone, too: it is 2025 in Auckland and 2024 at the receiver.
    let auckland = clock(Tz::Pacific__Auckland, "2024-12-31T12:00:00Z");
    assert_eq!(bsd(auckland, "Jan  1 01:00:00"), "2024-12-31T12:00:00Z");
}

#[test]
fn epochs_are_told_apart_by_size() {
    let at = |micros| Some(DateTime::from_timestamp_micros(micros).unwrap());
    for text in ["1700000000", "1700000000000", "1700000000000000", "1700000000000000000", "1.7e9"]
    {
        assert_eq!(epoch(text), at(1_700_000_000_000_000), "{text}");
    }
    for text in
        ["1700000000.1234569", "1700000000123.4569", "1700000000123456", "1700000000123456999"]
    {
        assert_eq!(epoch(text), at(1_700_000_000_123_456), "{text}");
    }
    let none =
        ["", "12", "0.035", "-1700000000", "nan", "inf", "1e300", "1.7.0", "99999999999999999999"];
    for text in none {
        assert_eq!(epoch(text), None, "{text}");
    }
}

#[test]
fn a_time_that_rfc_3339_cannot_write_is_none() {
    for text in ["9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z"] {
        assert_eq!(june().any(text), None, "{text}");
    }
    assert!(june().any("9999-12-31T23:59:59.999999Z").is_some());
    assert!(june().any("0000-01-01T00:00:00Z").is_some());
    for micros in [-253_000_000_000_000_000, 254_000_000_000_000_000, i64::MAX] {
        assert_eq!(at_micros(micros), None);
    }
}

#[test]
fn loggers_write_time_in_many_ways() {
    let expected = chrono::Utc.with_ymd_and_hms(2014, 3, 10, 23, 57, 38).unwrap();
    for text in [
        "2014-03-10T19:57:38-04:00",
        "2014-03-10 23:57:38",
        "2014-03-10 19:57:38 -0400 EDT",
        "10/Mar/2014:19:57:38 -0400",
        "1394495858",
        "Mar 10 2014 23:57:38",
    ] {
        assert_eq!(june().any(text), Some(expected), "{text}");
    }
    assert_eq!(june().any("2014-03-10T19:57:38 and more"), None);
    assert_eq!(june().any("yesterday"), None);
}
