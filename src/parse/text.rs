//! Bytes from the wild, made storable: valid UTF-8 without NUL.

use std::borrow::Cow;

/// What stands for a byte, or a NUL, that cannot be stored.
pub(super) const REPLACEMENT: &str = "\u{FFFD}";

/// The longest name (host, app, PROCID, MSGID) that is taken out of a record, in bytes. RFC 5424
/// allows 255 for a HOSTNAME and less for the others. What is longer is no name and stays where
/// it was: names go into indexes.
const NAME_LIMIT: usize = 255;

/// Without the NUL, CR and LF that many senders leave at the end.
pub(super) fn trim_end(bytes: &[u8]) -> &[u8] {
    let kept = bytes.iter().rposition(|b| !matches!(b, 0 | b'\r' | b'\n'));
    &bytes[..kept.map_or(0, |last| last + 1)]
}

/// The bytes as text that can be stored. It is borrowed when it is exactly the bytes, and owned
/// when something had to be replaced.
pub(super) fn storable(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if memchr::memchr(0, bytes).is_none() => Cow::Borrowed(text),
        _ => Cow::Owned(String::from_utf8_lossy(bytes).replace('\0', REPLACEMENT)),
    }
}

/// Whether the text can be a name: not empty and not too long.
pub(super) fn is_name(text: &str) -> bool {
    (1..=NAME_LIMIT).contains(&text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_trimmed() {
        assert_eq!(trim_end(b"\0a\nb\r\n\0"), b"\0a\nb");
        assert_eq!(trim_end(b"\r\n\0"), b"");
        assert_eq!(trim_end(b""), b"");
    }

    #[test]
    fn good_text_is_borrowed_and_bad_text_is_replaced() {
        assert!(matches!(storable("grün".as_bytes()), Cow::Borrowed("grün")));
        assert_eq!(storable(b"a\0b"), "a\u{FFFD}b");
        assert_eq!(storable(b"gr\xfcn"), "gr\u{FFFD}n");
        assert_eq!(storable(b"cut \xe2\x82"), "cut \u{FFFD}");
    }
}
