//! Attacks on access tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;
use crate::log::timestamp_from_micros;

const SECRET: &[u8] = b"a secret of thirty-two bytes, or more";

fn now() -> Timestamp {
    timestamp_from_micros(1_800_000_000_000_000)
}

fn claims() -> Value {
    json!({
        "iss": "tailwater", "aud": "tailwater-api", "iat": now().timestamp(),
        "exp": now().timestamp() + 600, "sub": Uuid::from_u128(1), "sid": Uuid::from_u128(2),
        "ver": 3,
    })
}

fn header() -> Value {
    json!({ "alg": "HS256", "typ": "JWT", "kid": "k" })
}

/// The unsigned part of a token that says whatever it likes.
fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// A token with a good signature, whatever it says.
fn signed(header: &Value, claims: &Value) -> String {
    signed_as(header, claims, Algorithm::HS256, SECRET)
}

fn signed_as(header: &Value, claims: &Value, algorithm: Algorithm, secret: &[u8]) -> String {
    let message = unsigned(header, claims);
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn read(token: &str) -> Result<Claims, NotGood> {
    assert_eq!(key_name(token)?, "k");
    verify(token, &DecodingKey::from_secret(SECRET), now())
}

fn with(mut value: Value, key: &str, changed: Value) -> Value {
    value[key] = changed;
    value
}

fn without(mut value: Value, key: &str) -> Value {
    value.as_object_mut().unwrap().remove(key);
    value
}

#[test]
fn a_token_of_ours_says_what_was_signed() {
    let expires_at = now() + TimeDelta::seconds(600);
    let claims = Claims::new((Uuid::from_u128(1), 3), Uuid::from_u128(2), now(), expires_at);
    let token = sign("k", &EncodingKey::from_secret(SECRET), &claims).unwrap();
    assert_eq!(read(&token), Ok(claims));
    assert!(token.len() < LONGEST / 2, "{} bytes", token.len());
}

#[test]
fn a_token_made_by_hand_is_read_alike() {
    assert!(read(&signed(&header(), &claims())).is_ok());
}

#[test]
fn no_algorithm_is_no_signature() {
    for none in ["none", "None", "NONE", ""] {
        let header = with(header(), "alg", json!(none));
        for signature in ["", "AAAA"] {
            let token = format!("{}.{signature}", unsigned(&header, &claims()));
            assert_eq!(read(&token), Err(NotGood::Invalid), "{none:?}");
        }
    }
}

#[test]
fn another_algorithm_is_refused_though_the_key_fits() {
    for (name, algorithm) in [("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
        let token = signed_as(&with(header(), "alg", json!(name)), &claims(), algorithm, SECRET);
        assert_eq!(read(&token), Err(NotGood::Invalid), "{name}");
        let key = DecodingKey::from_secret(SECRET);
        assert_eq!(verify(&token, &key, now()), Err(NotGood::Invalid), "{name}, by verify alone");
    }
}

#[test]
fn an_algorithm_with_a_public_key_is_not_confused_with_ours() {
    for name in ["RS256", "PS256", "ES256", "EdDSA"] {
        // Signed with HMAC all the same: what a verifier falls for that goes by the header.
        let token = signed(&with(header(), "alg", json!(name)), &claims());
        assert_eq!(read(&token), Err(NotGood::Invalid), "{name}");
        let key = DecodingKey::from_secret(SECRET);
        assert_eq!(verify(&token, &key, now()), Err(NotGood::Invalid), "{name}, by verify alone");
    }
}

#[test]
fn a_wrong_key_is_refused() {
    let token = signed_as(&header(), &claims(), Algorithm::HS256, b"another secret, as long as it");
    assert_eq!(read(&token), Err(NotGood::Invalid));
    assert_eq!(
        read(&signed_as(&header(), &claims(), Algorithm::HS256, b"")),
        Err(NotGood::Invalid)
    );
}

#[test]
fn a_tampered_token_is_refused() {
    let token = signed(&header(), &claims());
    let signature = token.rsplit_once('.').unwrap().1;
    let raised = with(claims(), "ver", json!(4));
    let forged = format!("{}.{signature}", unsigned(&header(), &raised));
    assert_eq!(read(&forged), Err(NotGood::Invalid));
    for cut in 1..token.len() {
        assert_eq!(read(&token[..cut]), Err(NotGood::Invalid), "cut to {cut} bytes");
    }
    for more in [".", "=", "A", " ", ".AAAA"] {
        assert_eq!(read(&format!("{token}{more}")), Err(NotGood::Invalid), "{more:?}");
    }
}

#[test]
fn a_token_is_worth_nothing_from_the_moment_it_expires() {
    for (exp, expected) in [(1, true), (0, false), (-1, false), (-1_000_000, false)] {
        let claims = with(claims(), "exp", json!(now().timestamp() + exp));
        let read = read(&signed(&header(), &claims));
        let why = if expected { None } else { Some(NotGood::Expired) };
        assert_eq!(read.err(), why, "{exp} s to go");
    }
}

#[test]
fn a_token_from_the_future_is_refused_past_a_small_leeway() {
    for (ahead, good) in [(10, true), (11, false), (1_000_000, false)] {
        let claims = with(claims(), "iat", json!(now().timestamp() + ahead));
        let claims = with(claims, "exp", json!(now().timestamp() + 2_000_000));
        assert_eq!(read(&signed(&header(), &claims)).is_ok(), good, "{ahead} s ahead");
    }
    let claims = with(claims(), "iat", json!(i64::MAX));
    assert_eq!(read(&signed(&header(), &claims)), Err(NotGood::Invalid));
}

#[test]
fn a_token_that_is_not_good_yet_is_refused() {
    let token = signed(&header(), &with(claims(), "nbf", 4_000_000_000_u64.into()));
    assert!(matches!(read(&token), Err(NotGood::Invalid)));
}

#[test]
fn every_claim_must_be_there_and_be_ours() {
    for claim in ["iss", "aud", "exp", "iat", "sub", "sid", "ver"] {
        let token = signed(&header(), &without(claims(), claim));
        assert_eq!(read(&token), Err(NotGood::Invalid), "without {claim}");
    }
    for (claim, wrong) in [
        ("iss", json!("tailwater ")),
        ("iss", json!(["tailwater"])),
        ("aud", json!("tailwater")),
        ("aud", json!(["tailwater-api"])),
        ("exp", json!("1900000000")),
        ("exp", json!(1e300)),
        ("exp", json!(null)),
        ("sub", json!("admin")),
        ("sid", json!("")),
        ("ver", json!(3.5)),
        ("ver", json!(i64::MAX)),
    ] {
        let token = signed(&header(), &with(claims(), claim, wrong.clone()));
        assert_eq!(read(&token), Err(NotGood::Invalid), "{claim}: {wrong}");
    }
}

#[test]
fn a_header_must_be_as_ours_are() {
    for wrong in [
        without(header(), "kid"),
        without(header(), "typ"),
        with(header(), "typ", json!("at+jwt")),
        with(header(), "crit", json!(["exp"])),
        with(header(), "kid", json!(7)),
    ] {
        assert_eq!(read(&signed(&wrong, &claims())), Err(NotGood::Invalid), "{wrong}");
    }
}

#[test]
fn what_is_no_token_is_refused_whatever_it_is() {
    for text in ["", ".", "..", "...", "a.b.c", "\0", "🦀.🦀.🦀", "e30.e30.e30"] {
        assert_eq!(key_name(text), Err(NotGood::Invalid), "{text:?}");
    }
    let huge = signed(&header(), &with(claims(), "more", json!("x".repeat(LONGEST))));
    assert_eq!(read(&huge), Err(NotGood::Invalid));
}
