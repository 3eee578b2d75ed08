//! Which format a record has, and what is said about it whatever the format.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::json;

use super::*;

#[test]
fn plain_text_stays_whole() {
    for line in [
        "hello world",
        "",
        "Jan  5 12:00:00 myhost sshd[12]: without PRI this is text",
        "<>1 - - - - - - text",
        "<192>1 - - - - - - too large a PRI",
        "<9999>text",
        "<1a>text",
        "< 13>text",
        "<13",
        "[1, 2]",
        "{not json}",
        "{\"cut\": \"in mid",
        "  leading spaces and tabs\t",
    ] {
        let record = parse(line);
        assert_eq!(record.entry.message, line);
        assert_eq!(record.severity(), NONE);
        assert_eq!(record.facility(), NONE);
        assert_eq!((record.host(), record.app()), (NONE, NONE));
        assert_eq!(record.time(), NONE);
        assert_eq!(record.attributes(), json!({}));
    }
}

#[test]
fn the_peer_is_the_address_and_the_receive_time_stands_in() {
    let record = parse("hello");
    assert_eq!(record.source.address.to_string(), "192.0.2.1");
    assert_eq!(record.entry.received_at, raw(b"").received_at);
    assert_eq!(record.entry.timestamp, record.entry.received_at);
}

#[test]
fn trailing_nul_and_line_ends_are_trimmed() {
    assert_eq!(parse(b"<14>text\0").entry.message, "text");
    assert_eq!(parse(b"text\r\n").entry.message, "text");
    assert_eq!(parse(b"\n\0").entry.message, "");
    assert_eq!(parse(b"<14>text\0").attributes(), json!({}));
}

#[test]
fn bytes_that_cannot_be_stored_are_replaced_and_kept() {
    let bytes = b"<13>Jun  1 00:00:00 host app: gr\xfcn\0x";
    let record = parse(bytes);
    assert_eq!(record.entry.message, "gr\u{FFFD}n\u{FFFD}x");
    assert_eq!(record.attributes(), json!({"tailwater": {"raw": BASE64_STANDARD.encode(bytes)}}));
}

#[test]
fn what_json_names_and_cannot_be_stored_is_replaced_and_kept() {
    for line in [
        r#"{"msg":"a\u0000b"}"#,
        r#"{"msg":"x","k":"a\u0000b"}"#,
        r#"{"msg":"x","a\u0000":1}"#,
        r#"{"msg":"x","k":["\ud83d"]}"#,
        r#"{"version":"1.1","short_message":"a\u0000b"}"#,
        r#"<13>Jun  1 00:00:00 host app: {"msg":"a\u0000b"}"#,
    ] {
        let record = parse(line);
        assert_eq!(record.attributes()["tailwater"]["raw"], BASE64_STANDARD.encode(line), "{line}");
        assert!(!record.entry.message.contains('\0'));
        assert!(!record.entry.attributes.as_json().contains("\\u0000"));
    }
}

#[test]
fn a_cut_record_says_so() {
    let record = Parser::default().parse(RawRecord { cut: true, ..raw(b"<13>hello") });
    assert_eq!(record.entry.message, "hello");
    assert_eq!(record.attributes(), json!({"tailwater": {"cut": true}}));
}

#[test]
fn a_sender_cannot_pose_as_tailwater() {
    let forged = json!({"tailwater": {"sender": {"cut": "true"}}});
    assert_eq!(parse(r#"{"msg":"x","tailwater":{"cut":"true"}}"#).attributes(), forged);
    let line = r#"<13>1 - - - - - [tailwater cut="true"] x"#;
    assert_eq!(parse(line).attributes(), forged);
}
