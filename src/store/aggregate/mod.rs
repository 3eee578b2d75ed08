//! Counts over both forms of the log: rows by SQL where the filter is exact, else by the matcher;
//! blocks by the catalogue alone where it tells, else by opening them.

mod asked;
mod bounds;
mod histogram;
mod seen;
mod top;
mod values;
mod visible;
mod walk;

pub(super) use seen::{Seen, counted_sources, seen_sources};

use super::StoreError;
use crate::log::{Facility, Severity};

/// Values (or steps and values) that are told apart in one answer, at most.
const MOST_GROUPS: usize = 100_000;

/// Refuses to tell more values apart than fit.
fn hold_to_limit(groups: usize) -> Result<(), StoreError> {
    if groups > MOST_GROUPS { Err(StoreError::TooManyValues(MOST_GROUPS)) } else { Ok(()) }
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// The name under which a severity's code is counted; none for what is no code.
fn severity_name(code: u8) -> Option<String> {
    Severity::from_code(code).map(|severity| severity.name().to_owned())
}

/// The same of a facility's.
fn facility_name(code: u8) -> Option<String> {
    Facility::from_code(code).map(|facility| facility.name().to_owned())
}
