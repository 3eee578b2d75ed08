//! GELF 1.1: compressed or not, in chunks, over UDP and TCP.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::json;

use super::{House, assert_says};

fn message(text: &str) -> String {
    json!({
        "version": "1.1", "host": "web-1", "short_message": text, "level": 4,
        "timestamp": 1_767_323_045.123, "_app": "shop", "_user_id": 7
    })
    .to_string()
}

/// `text` in chunks of `size` bytes.
fn chunks(id: [u8; 8], text: &str, size: usize) -> Vec<Vec<u8>> {
    let parts: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
    let count = u8::try_from(parts.len()).expect("at most 128");
    let chunk =
        |(index, part): (u8, &&[u8])| [&[0x1e, 0x0f], &id[..], &[index, count], part].concat();
    (0..).zip(&parts).map(chunk).collect()
}

#[tokio::test]
async fn plain_gzip_and_zlib_datagrams_say_the_same() {
    let house = House::open().await;
    let text = message("card refused");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(text.as_bytes()).unwrap();
    house.datagrams([text.into_bytes(), gzip.finish().unwrap(), zlib.finish().unwrap()]);
    for record in house.stored(3).await {
        assert_says(
            &record,
            json!({
                "host": "web-1", "app": "shop", "severity": "WARNING", "message": "card refused",
                "timestamp": "2026-01-02T03:04:05.123Z", "attributes": { "user_id": 7 }
            }),
        );
    }
}

#[tokio::test]
async fn chunks_of_two_messages_may_come_mixed_and_backwards() {
    let house = House::open().await;
    let (one, two) = ("one ".repeat(100), "two ".repeat(100));
    let one_chunks = chunks([1; 8], &message(&one), 100);
    let two_chunks = chunks([2; 8], &message(&two), 100);
    let mixed = one_chunks.iter().zip(&two_chunks).flat_map(|(one, two)| [one, two]);
    house.datagrams(mixed.rev());
    let mut messages = house.messages(2).await;
    messages.sort();
    assert_eq!(messages, [one, two]);
}

#[tokio::test]
async fn a_nul_ends_a_message_over_tcp() {
    let house = House::open().await;
    house.stream(format!("{}\0{}\0", message("one"), message("two\nlines")));
    assert_eq!(house.messages(2).await, ["one", "two\nlines"]);
}
