//! The cursors of connections: a place in one list of one database, opaque to clients.
//!
//! ```text
//! cursor = hex( version:u8 list:u8 database:[u8;16] place:bytes check:u32 )
//! ```
//! Numbers are big-endian. The check tells a cursor that was cut or altered from a real one. It is
//! no secret: a made-up cursor gets nobody anything but another page.

use chrono::Datelike;
use uuid::Uuid;

use super::errors::ApiError;
use crate::log::timestamp_from_micros;
use crate::store::Position;
use crate::user::Username;

const DIGITS: [u8; 16] = *b"0123456789abcdef";
const VERSION: u8 = 1;
const HEAD: usize = 1 + 1 + 16;
const CHECK: usize = 4;
/// No place is longer: a username has at most 64 bytes.
const LONGEST: usize = HEAD + 64 + CHECK;

/// The lists that have cursors; the order is part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    LogsByTimestamp,
    LogsByArrival,
    SourcesById,
    SourcesByLastSeen,
    SourcesByCount,
    Users,
    Audit,
}

impl List {
    fn code(self) -> u8 {
        match self {
            List::LogsByTimestamp => b't',
            List::LogsByArrival => b'a',
            List::SourcesById => b'i',
            List::SourcesByLastSeen => b'l',
            List::SourcesByCount => b'c',
            List::Users => b'u',
            List::Audit => b'w',
        }
    }
}

/// A place in a list.
pub trait Place: Sized {
    /// Its bytes.
    fn write(&self) -> Vec<u8>;

    /// The place that these bytes are, if they are one.
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// `timestamp:i64 id:i64`, the time in microseconds since 1970.
impl Place for Position {
    fn write(&self) -> Vec<u8> {
        let timestamp = self.timestamp.timestamp_micros().to_be_bytes();
        [timestamp, self.id.to_be_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (timestamp, id) = bytes.split_first_chunk::<8>()?;
        let timestamp = timestamp_from_micros(i64::from_be_bytes(*timestamp));
        // A made-up one may name a time that no database can be asked for.
        if !(0..=9999).contains(&timestamp.year()) {
            return None;
        }
        Some(Position { timestamp, id: i64::read(id)? })
    }
}

impl Place for i64 {
    fn write(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(i64::from_be_bytes(bytes.try_into().ok()?))
    }
}

impl Place for Username {
    fn write(&self) -> Vec<u8> {
        self.as_str().as_bytes().to_vec()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok()?.parse().ok()
    }
}

/// Writes the cursor of a place.
pub fn write(database: Uuid, list: List, place: &impl Place) -> String {
    let mut bytes = vec![VERSION, list.code()];
    bytes.extend(database.as_bytes());
    bytes.extend(place.write());
    bytes.extend(checksum(&bytes).to_be_bytes());
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]));
    text
}

/// Reads the cursor in `argument`, which must come from the same list of the same database.
///
/// # Errors
/// The user's, saying which of these it is not.
pub fn read<P: Place>(
    database: Uuid,
    list: List,
    argument: &'static str,
    text: &str,
) -> Result<P, ApiError> {
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
    P::read(&cursor.place).ok_or_else(|| wrong("not a cursor of this server"))
}

/// What a cursor says.
struct Fields {
    list: u8,
    database: Uuid,
    place: Vec<u8>,
}

impl Fields {
    fn decode(text: &str) -> Option<Fields> {
        let bytes = from_hex(text)?;
        let (body, check) = bytes.split_last_chunk::<CHECK>()?;
        let [VERSION, list, rest @ ..] = body else { return None };
        if *check != checksum(body).to_be_bytes() {
            return None;
        }
        let (database, place) = rest.split_first_chunk::<16>()?;
        let database = Uuid::from_bytes(*database);
        Some(Fields { list: *list, database, place: place.to_vec() })
    }
}

/// Bytes in lower-case hexadecimal digits: the one spelling we write.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let spelled = digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if digits.len() > 2 * LONGEST || !digits.len().is_multiple_of(2) || !spelled {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks_exact(2).map(byte).collect()
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
        let error = read::<Position>(database, list, "before", text).unwrap_err();
        assert_eq!(error.code, Code::BadUserInput);
        assert_eq!(error.argument.as_deref(), Some("before"));
        error.message
    }

    #[test]
    fn a_cursor_comes_back_as_the_place_it_was() {
        let text = write(DATABASE, List::LogsByArrival, &place());
        assert_eq!(read(DATABASE, List::LogsByArrival, "after", &text), Ok(place()));
    }

    #[test]
    fn a_place_may_be_a_name_or_a_number() {
        let name: Username = "ada@example.org".parse().unwrap();
        let text = write(DATABASE, List::Users, &name);
        assert_eq!(read(DATABASE, List::Users, "after", &text), Ok(name));
        let text = write(DATABASE, List::Audit, &-7_i64);
        assert_eq!(read(DATABASE, List::Audit, "after", &text), Ok(-7_i64));
        let other = read::<Position>(DATABASE, List::Audit, "after", &text);
        assert!(other.unwrap_err().message.contains("not a cursor"));
    }

    #[test]
    fn a_cursor_of_another_database_or_order_is_refused_by_name() {
        let text = write(DATABASE, List::LogsByTimestamp, &place());
        assert!(refused(Uuid::from_u128(8), List::LogsByTimestamp, &text).contains("database"));
        assert!(refused(DATABASE, List::LogsByArrival, &text).contains("order"));
    }

    #[test]
    fn a_cursor_with_any_character_changed_is_refused() {
        let text = write(DATABASE, List::LogsByTimestamp, &place());
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).unwrap();
            assert!(refused(DATABASE, List::LogsByTimestamp, &other).contains("not a cursor"));
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in [
            "",
            "0",
            "zz",
            "é",
            &"é".repeat(38),
            &"0".repeat(76),
            &"+0".repeat(38),
            &"0".repeat(9_999),
        ] {
            assert!(refused(DATABASE, List::LogsByTimestamp, text).contains("not a cursor"));
        }
    }
}
