//! Timestamps as loggers write them, read by hand: ISO 8601 (RFC 3339), the BSD form of RFC 3164
//! with its many additions, numbers since the epoch, and the form of web servers' access logs.

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::scan::Scan;
use crate::log::Timestamp;

/// What a text says about time, where its shape is that of a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// An instant that can be.
    At(Timestamp),
    /// The shape is right, and there is no such instant (`Feb 30`, `25:00:00`).
    Impossible,
}

impl Claim {
    /// The instant, if there is one.
    pub fn at(self) -> Option<Timestamp> {
        match self {
            Claim::At(at) => Some(at),
            Claim::Impossible => None,
        }
    }
}

/// What is needed to read a timestamp that leaves something out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Used where the text names no zone.
    pub timezone: Tz,
    /// Tells the year where the text names none.
    pub received_at: Timestamp,
}

/// A date and time of day as written, not checked yet. `year` may be missing.
struct Civil {
    year: Option<i32>,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
    /// Seconds east of UTC.
    offset: Option<i32>,
}

/// How far ahead of the receive time a timestamp without year may lie: a clock may be wrong by a
/// day, and no sender is a year late.
const AHEAD: TimeDelta = TimeDelta::days(1);

/// Numbers below this (in seconds: March 1973) are durations or counters, not times.
const EARLIEST_EPOCH: i64 = 100_000_000;

impl Clock {
    /// Reads an ISO 8601 timestamp at the start of the text: `2003-10-11T22:14:15.003Z`, with a
    /// fraction of any length, an offset (`+02:00`, `+0200`, `+02`) or none. Between date and
    /// time stands one of `separators`. Gives the length of what was read, too.
    pub fn iso(&self, text: &str, separators: &[u8]) -> Option<(Claim, usize)> {
        let mut scan = Scan::new(text);
        let year = scan.digits(4, 4)?;
        scan.eat(b'-')?;
        let month = scan.digits(2, 2)?;
        scan.eat(b'-')?;
        let day = scan.digits(2, 2)?;
        scan.one_of(separators)?;
        let (hour, minute, second) = time_of_day(&mut scan)?;
        let micros = fraction(&mut scan);
        let offset = offset(&mut scan).or_else(|| spaced_offset(&mut scan));
        let year = i32::try_from(year).ok();
        let civil = Civil { year, month, day, hour, minute, second, micros, offset };
        Some((self.claim(&civil), scan.position()))
    }

    /// Reads a BSD timestamp at the start of the text: `Oct  1 22:14:15`, and what senders add to
    /// it: a year before the month, before or after the time, a fraction, an offset or the
    /// abbreviation of a zone. Gives the length of what was read, too.
    pub fn bsd(&self, text: &str) -> Option<(Claim, usize)> {
        let mut scan = Scan::new(text);
        let mut year = scan.attempt(|s| followed_by_space(s, 4));
        let month = month(&mut scan)?;
        scan.eat(b' ')?;
        scan.spaces();
        let day = scan.digits(1, 2)?;
        scan.eat(b' ')?;
        year = year.or_else(|| scan.attempt(|s| followed_by_space(s, 4)));
        let (hour, minute, second) = time_of_day(&mut scan)?;
        let micros = fraction(&mut scan);
        if year.is_none() {
            year = scan.attempt(|s| {
                s.eat(b' ')?;
                s.digits(4, 4).filter(|year| (1970..2200).contains(year) && s.ends_before(b" "))
            });
        }
        let offset = offset(&mut scan)
            .or_else(|| spaced_offset(&mut scan))
            .or_else(|| spaced_abbreviation(&mut scan));
        let year = year.and_then(|year| i32::try_from(year).ok());
        let civil = Civil { year, month, day, hour, minute, second, micros, offset };
        Some((self.claim(&civil), scan.position()))
    }

    /// Reads a timestamp that is the whole text, in any of the forms known here.
    pub fn any(&self, text: &str) -> Option<Timestamp> {
        let text = text.trim();
        let whole = |(claim, length): (Claim, usize)| {
            // Go's `time.Time` prints the zone's name after its offset: `-0400 EDT`.
            let rest = text.get(length..)?.trim_start();
            let named = rest.len() <= 4 && rest.bytes().all(|b| b.is_ascii_uppercase());
            if named { claim.at() } else { None }
        };
        self.iso(text, b"Tt ")
            .and_then(whole)
            .or_else(|| epoch(text))
            .or_else(|| self.bsd(text).and_then(whole))
            .or_else(|| self.access_log(text).and_then(whole))
    }

    /// `10/Oct/2000:13:55:36 -0700`, as web servers write it.
    fn access_log(&self, text: &str) -> Option<(Claim, usize)> {
        let mut scan = Scan::new(text);
        let day = scan.digits(2, 2)?;
        scan.eat(b'/')?;
        let month = month(&mut scan)?;
        scan.eat(b'/')?;
        let year = i32::try_from(scan.digits(4, 4)?).ok();
        scan.eat(b':')?;
        let (hour, minute, second) = time_of_day(&mut scan)?;
        scan.eat(b' ')?;
        let offset = Some(offset(&mut scan)?);
        let civil = Civil { year, month, day, hour, minute, second, micros: 0, offset };
        Some((self.claim(&civil), scan.position()))
    }

    fn claim(&self, civil: &Civil) -> Claim {
        let at = match civil.year {
            Some(year) => self.instant(civil, year),
            None => self.guess_year(civil),
        };
        at.map_or(Claim::Impossible, Claim::At)
    }

    /// The latest year that puts the time no more than a day ahead of the receive time: that is
    /// also the nearest. February 29 may need to look back eight years (1896 to 1904).
    fn guess_year(&self, civil: &Civil) -> Option<Timestamp> {
        let received = self.received_at;
        (0..=9)
            .filter_map(|back| self.instant(civil, received.year() + 1 - back))
            .find(|at| at.signed_duration_since(received) <= AHEAD)
    }

    fn instant(&self, civil: &Civil, year: i32) -> Option<Timestamp> {
        let date = NaiveDate::from_ymd_opt(year, civil.month, civil.day)?;
        // A leap second is the second after it, as POSIX has it.
        let leap = civil.second == 60;
        let second = if leap { 59 } else { civil.second };
        let micros = if leap { 999_999 } else { civil.micros };
        let mut local = date.and_hms_micro_opt(civil.hour, civil.minute, second, micros)?;
        if leap {
            local =
                local.checked_add_signed(TimeDelta::microseconds(1 + i64::from(civil.micros)))?;
        }
        let at = match civil.offset {
            Some(east) => local.checked_sub_signed(TimeDelta::seconds(east.into()))?.and_utc(),
            None => self.in_timezone(local)?,
        };
        expressible(at)
    }

    /// The instant of a local time. One that the autumn's change of clocks makes twice is the one
    /// nearer to the receive time; one that the spring's leaves out is counted on from before it.
    fn in_timezone(&self, local: NaiveDateTime) -> Option<Timestamp> {
        if self.timezone == Tz::UTC {
            return Some(local.and_utc());
        }
        let utc = |at: DateTime<Tz>| at.to_utc();
        match self.timezone.from_local_datetime(&local) {
            LocalResult::Single(at) => Some(utc(at)),
            LocalResult::Ambiguous(one, other) => {
                let distance = |at: &Timestamp| (*at - self.received_at).abs();
                [utc(one), utc(other)].into_iter().min_by_key(distance)
            }
            LocalResult::None => {
                // No zone ever skipped more than a day.
                let before = local.checked_sub_signed(AHEAD)?;
                let at = self.timezone.from_local_datetime(&before).latest()?;
                utc(at).checked_add_signed(AHEAD)
            }
        }
    }
}

/// A time since the epoch: seconds, milli-, micro- or nanoseconds, told apart by size, with or
/// without a fraction. Small numbers are not times.
pub(super) fn epoch(number: &str) -> Option<Timestamp> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if !whole.bytes().chain(decimals.bytes()).all(|b| b.is_ascii_digit()) {
        // `1.7e9`, as some encoders write large floats, is as exact as a double.
        return epoch_float(number.parse().ok()?);
    }
    let whole: i64 = whole.parse().ok()?;
    let micros = if whole < 100_000_000_000 {
        whole * 1_000_000 + leading(decimals, 6)
    } else if whole < 100_000_000_000_000 {
        whole * 1_000 + leading(decimals, 3)
    } else if whole < 100_000_000_000_000_000 {
        whole
    } else {
        whole / 1_000
    };
    plausible(micros)
}

/// The number that the first so many decimals make, zeros added where they are fewer.
fn leading(decimals: &str, count: usize) -> i64 {
    let digits = decimals.bytes().map(|b| i64::from(b - b'0')).chain(std::iter::repeat(0));
    digits.take(count).fold(0, |number, digit| number * 10 + digit)
}

fn epoch_float(number: f64) -> Option<Timestamp> {
    let micros = if number < 1e11 {
        number * 1e6
    } else if number < 1e14 {
        number * 1e3
    } else if number < 1e17 {
        number
    } else if number < 1e20 {
        number / 1e3
    } else {
        return None;
    };
    plausible(micros as i64)
}

fn plausible(micros: i64) -> Option<Timestamp> {
    if micros < EARLIEST_EPOCH * 1_000_000 {
        return None;
    }
    at_micros(micros)
}

/// So many microseconds after the epoch.
pub(super) fn at_micros(micros: i64) -> Option<Timestamp> {
    expressible(DateTime::from_timestamp_micros(micros)?)
}

/// Only what RFC 3339 can write: the years 0 to 9999 in UTC. The databases keep no more than some
/// thousand years more, and each of them others.
fn expressible(at: Timestamp) -> Option<Timestamp> {
    (0..=9999).contains(&at.year()).then_some(at)
}

/// `hh:mm:ss`
fn time_of_day(scan: &mut Scan<'_>) -> Option<(u32, u32, u32)> {
    let hour = scan.digits(2, 2)?;
    scan.eat(b':')?;
    let minute = scan.digits(2, 2)?;
    scan.eat(b':')?;
    Some((hour, minute, scan.digits(2, 2)?))
}

/// `.003` or `,003`: microseconds, cut, not rounded; none is zero.
fn fraction(scan: &mut Scan<'_>) -> u32 {
    let read = scan.attempt(|s| {
        s.one_of(b".,")?;
        let mut micros = 0;
        let mut unit = 100_000;
        let mut any = false;
        while let Some(digit) = s.digit() {
            micros += digit * unit;
            unit /= 10;
            any = true;
        }
        any.then_some(micros)
    });
    read.unwrap_or(0)
}

/// `Z`, `+02:00`, `+0200` or `+02`: seconds east of UTC, less than a day.
fn offset(scan: &mut Scan<'_>) -> Option<i32> {
    scan.attempt(|s| {
        let east = match s.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hours = s.digits(2, 2).filter(|hours| *hours < 24)?;
        let colon = s.eat(b':').is_some();
        let minutes = match s.digits(2, 2) {
            Some(minutes) if minutes < 60 => minutes,
            None if !colon => 0,
            _ => return None,
        };
        Some(east * i32::try_from(hours * 3600 + minutes * 60).ok()?)
    })
}

/// An offset in digits after a space, as Go writes it. A letter there would be a word.
fn spaced_offset(scan: &mut Scan<'_>) -> Option<i32> {
    scan.attempt(|s| {
        s.eat(b' ')?;
        if s.ends_before(b"Zz") {
            return None;
        }
        offset(s).filter(|_| s.ends_before(b" :"))
    })
}

/// `Jan` to `Dec`, in any case: 1 to 12.
fn month(scan: &mut Scan<'_>) -> Option<u32> {
    const MONTHS: [&[u8; 3]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let name = scan.take(3)?;
    let index = MONTHS.iter().position(|month| name.eq_ignore_ascii_case(*month))?;
    u32::try_from(index + 1).ok()
}

/// So many digits and a space.
fn followed_by_space(scan: &mut Scan<'_>, digits: usize) -> Option<u32> {
    let number = scan.digits(digits, digits)?;
    scan.eat(b' ')?;
    Some(number)
}

/// The abbreviation of a zone after a space.
fn spaced_abbreviation(scan: &mut Scan<'_>) -> Option<i32> {
    scan.attempt(|s| {
        s.eat(b' ')?;
        let offset = abbreviation(s.word()?)?;
        s.ends_before(b" :").then_some(offset)
    })
}

/// The offset of a zone's abbreviation, in seconds east of UTC. Only those of RFC 822 and of
/// Europe, where each means one thing in practice; any other word is no zone.
fn abbreviation(zone: &str) -> Option<i32> {
    let hours = match zone {
        "UTC" | "GMT" | "UT" | "WET" => 0,
        "BST" | "WEST" | "CET" => 1,
        "CEST" | "EET" => 2,
        "EEST" | "MSK" => 3,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        _ => return None,
    };
    Some(hours * 3600)
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
