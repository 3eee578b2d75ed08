//! The cursors of connections: a place in one list of one database, opaque to clients.
//!
//! ```text
//! cursor = hex( version:u8 list:u8 database:[u8;16] timestamp:i64 id:i64 check:u32 )
//! ```
//! Numbers are big-endian; the time is in microseconds since 1970. The check tells a cursor that
//! was cut or altered from a real one. It is no secret: a made-up cursor gets nobody anything but
//! another page.

use chrono::Datelike;
use uuid::Uuid;

use super::errors::ApiError;
use crate::log::timestamp_from_micros;
use crate::store::Position;

const VERSION: u8 = 1;
const BODY: usize = 1 + 1 + 16 + 8 + 8;
const LENGTH: usize = BODY + 4;

/// The lists that have cursors; the order is part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    LogsByTimestamp,
    LogsByArrival,
    SourcesById,
    SourcesByLastSeen,
    SourcesByCount,
}

impl List {
    fn code(self) -> u8 {
        match self {
            List::LogsByTimestamp => b't',
            List::LogsByArrival => b'a',
            List::SourcesById => b'i',
            List::SourcesByLastSeen => b'l',
            List::SourcesByCount => b'c',
        }
    }
}

/// Writes the cursor of a place.
pub fn write(database: Uuid, list: List, place: Position) -> String {
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.extend([VERSION, list.code()]);
    bytes.extend(database.as_bytes());
    bytes.extend(place.timestamp.timestamp_micros().to_be_bytes());
    bytes.extend(place.id.to_be_bytes());
    bytes.extend(checksum(&bytes).to_be_bytes());
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the cursor in `argument`, which must come from the same list of the same database.
///
/// # Errors
/// The user's, saying which of these it is not.
pub fn read(
    database: Uuid,
    list: List,
    argument: &'static str,
    text: &str,
) -> Result<Position, ApiError> {
    let wrong = |message: &str| ApiError::bad_input(argument, message);
    let Some(cursor) = Fields::decode(text) else {
        return Err(wrong("not a cursor of this server"));
    };
    if cursor.database != database {
        return Err(wrong("the cursor belongs to another database"));
    }
    if cursor.list != list.code() {
        return Err(wrong("the cursor belongs to another list or another order"));
    }
    Ok(cursor.place)
}

/// What a cursor says.
struct Fields {
    list: u8,
    database: Uuid,
    place: Position,
}

impl Fields {
    fn decode(text: &str) -> Option<Fields> {
        let bytes: [u8; LENGTH] = from_hex(text)?;
        let (body, check) = bytes.split_at(BODY);
        let [VERSION, list, rest @ ..] = body else { return None };
        if check != checksum(body).to_be_bytes() {
            return None;
        }
        let (database, rest) = rest.split_first_chunk::<16>()?;
        let (timestamp, rest) = rest.split_first_chunk::<8>()?;
        let timestamp = timestamp_from_micros(i64::from_be_bytes(*timestamp));
        // A made-up one may name a time that no database can be asked for.
        if !(0..=9999).contains(&timestamp.year()) {
            return None;
        }
        let (id, _) = rest.split_first_chunk::<8>()?;
        Some(Fields {
            list: *list,
            database: Uuid::from_bytes(*database),
            place: Position { timestamp, id: i64::from_be_bytes(*id) },
        })
    }
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// FNV-1a, 32 bits.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::errors::Code;

    const DATABASE: Uuid = Uuid::from_u128(7);

    fn place() -> Position {
        Position { timestamp: timestamp_from_micros(-1_234_567), id: 42 }
    }

    fn refused(database: Uuid, list: List, text: &str) -> String {
        let error = read(database, list, "before", text).unwrap_err();
        assert_eq!((error.code, error.argument), (Code::BadUserInput, Some("before")));
        error.message
    }

    #[test]
    fn a_cursor_comes_back_as_the_place_it_was() {
        let text = write(DATABASE, List::LogsByArrival, place());
        assert_eq!(read(DATABASE, List::LogsByArrival, "after", &text), Ok(place()));
    }

    #[test]
    fn a_cursor_of_another_database_or_order_is_refused_by_name() {
        let text = write(DATABASE, List::LogsByTimestamp, place());
        assert!(refused(Uuid::from_u128(8), List::LogsByTimestamp, &text).contains("database"));
        assert!(refused(DATABASE, List::LogsByArrival, &text).contains("order"));
    }

    #[test]
    fn a_cursor_with_any_character_changed_is_refused() {
        let text = write(DATABASE, List::LogsByTimestamp, place());
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).unwrap();
            assert!(refused(DATABASE, List::LogsByTimestamp, &other).contains("not a cursor"));
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in
            ["", "0", "zz", "é", &"é".repeat(LENGTH), &"0".repeat(2 * LENGTH), &"+0".repeat(LENGTH)]
        {
            assert!(refused(DATABASE, List::LogsByTimestamp, text).contains("not a cursor"));
        }
    }
}
