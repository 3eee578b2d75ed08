//! GELF over UDP may be compressed: one layer of gzip or zlib.

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};

/// What came out of a compressed datagram.
#[derive(Debug, PartialEq, Eq)]
pub struct Inflated {
    /// At most as many bytes as the limit.
    pub bytes: Vec<u8>,
    /// There was more.
    pub cut: bool,
}

/// Inflates bytes that begin like gzip or zlib, up to `limit` bytes. `None`: they are not
/// compressed, or broken; then they are a record as they are, for text may begin like zlib (`x^`),
/// and nothing that was received is lost.
pub fn inflate(bytes: &[u8], limit: usize) -> Option<Inflated> {
    match bytes {
        [0x1f, 0x8b, ..] => read_up_to(GzDecoder::new(bytes), limit),
        // RFC 1950: the first two bytes are a multiple of 31.
        [0x78, flags, ..] if u16::from_be_bytes([0x78, *flags]).is_multiple_of(31) => {
            read_up_to(ZlibDecoder::new(bytes), limit)
        }
        _ => None,
    }
}

fn read_up_to(reader: impl Read, limit: usize) -> Option<Inflated> {
    let mut bytes = Vec::new();
    // One byte more tells whether there is more.
    reader.take(limit as u64 + 1).read_to_end(&mut bytes).ok()?;
    let cut = bytes.len() > limit;
    bytes.truncate(limit);
    Some(Inflated { bytes, cut })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn whole(bytes: &[u8]) -> Option<Inflated> {
        Some(Inflated { bytes: bytes.to_vec(), cut: false })
    }

    #[test]
    fn gzip_and_zlib_of_every_level_are_inflated() {
        let text = br#"{"short_message":"hello"}"#;
        assert_eq!(inflate(&gzip(text), 100), whole(text));
        for level in 0..=9 {
            assert_eq!(inflate(&zlib(text, level), 100), whole(text));
        }
    }

    #[test]
    fn only_one_layer_is_inflated() {
        let inner = gzip(b"hello");
        assert_eq!(inflate(&gzip(&inner), 100), whole(&inner));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![b'a'; 50 << 20]);
        assert!(bomb.len() < 65_507, "fits a datagram");
        let inflated = inflate(&bomb, 1_000).unwrap();
        assert_eq!(inflated, Inflated { bytes: vec![b'a'; 1_000], cut: true });
        assert!(inflated.bytes.capacity() < 10_000);
    }

    #[test]
    fn exactly_the_limit_is_not_cut() {
        assert_eq!(inflate(&gzip(b"12345"), 5), whole(b"12345"));
    }

    #[test]
    fn text_that_begins_like_zlib_and_broken_data_are_left_alone() {
        assert_eq!(inflate(b"x^2 + y^2", 100), None);
        let broken = gzip(b"hello hello hello");
        assert_eq!(inflate(&broken[..broken.len() - 4], 100), None);
        assert_eq!(inflate(b"", 100), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_inflating_panic(bytes in any::<Vec<u8>>(), limit in 0usize..100) {
            for magic in [&[0x1f, 0x8b][..], &[0x78, 0x9c], &[]] {
                let input = [magic, &bytes].concat();
                if let Some(inflated) = inflate(&input, limit) {
                    prop_assert!(inflated.bytes.len() <= limit);
                }
            }
        }
    }
}
