//! What should not be sent, and is: nothing of it is lost, and it hurts nobody else.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::json;

use super::{House, assert_says};

/// A message with its octet count (RFC 6587).
fn counted(message: &str) -> String {
    format!("{} {message}", message.len())
}

#[tokio::test]
async fn nul_and_invalid_utf_8_are_replaced_and_the_bytes_kept() {
    let house = House::open().await;
    let bytes = b"<13>1 - web-1 shop - - - gr\xfcn\0 tea";
    house.datagrams([bytes]);
    assert_says(
        &house.stored(1).await[0],
        json!({
            "host": "web-1", "app": "shop", "message": "gr\u{fffd}n\u{fffd} tea",
            "attributes": { "tailwater": { "raw": BASE64_STANDARD.encode(bytes) } }
        }),
    );
}

#[tokio::test]
async fn a_line_of_a_mebibyte_is_cut_and_flagged_and_the_next_is_whole() {
    let house = House::open().await;
    house.stream(format!("{}\nthe next\n", "x".repeat(1 << 20)));
    let records = house.stored(2).await;
    assert_says(
        &records[0],
        json!({ "message": "x".repeat(256 << 10), "attributes": { "tailwater": { "cut": true } } }),
    );
    assert_says(&records[1], json!({ "message": "the next", "attributes": {} }));
}

#[tokio::test]
async fn a_count_too_small_loses_no_text_and_the_stream_is_in_step_again() {
    let house = House::open().await;
    house.stream([&counted("<13>one"), "7 <13>twofold", &counted("<13>three")].concat());
    assert_eq!(house.messages(4).await, ["one", "two", "fold", "three"]);
}

#[tokio::test]
async fn a_count_too_large_takes_from_the_next_message_and_no_further() {
    let house = House::open().await;
    house.stream(["9 <13>one", &counted("<13>two"), &counted("<13>three")].concat());
    assert_eq!(house.messages(3).await, ["one7 ", "two", "three"]);
}

#[tokio::test]
async fn an_absurd_count_is_text() {
    let house = House::open().await;
    house.stream("99999999999 <13>one\n<13>two\n");
    assert_eq!(house.messages(2).await, ["99999999999 <13>one", "two"]);
}

#[tokio::test]
async fn a_last_line_without_an_end_is_a_line() {
    let house = House::open().await;
    house.stream("one\r\n\n\ntwo");
    assert_eq!(house.messages(2).await, ["one", "two"]);
}
