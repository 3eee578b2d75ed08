//! Access tokens: JSON Web Tokens (RFC 7519), signed and read by one algorithm, HS256.
//!
//! What a token says about its own verification is believed as little as can be: the algorithm is
//! pinned, the key is ours by its name, and every claim that we write is asked for again.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::log::Timestamp;

const ISSUER: &str = "tailwater";
const AUDIENCE: &str = "tailwater-api";
const TYPE: &str = "JWT";
/// The longest token worth reading, in bytes; ours have some 400.
const LONGEST: usize = 2_048;
/// How far the clock of the node that signed may be ahead of ours, in seconds. A token that has
/// expired gets no such leeway: the client comes back with a fresh one.
const LEEWAY: i64 = 10;

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    /// When it expires, in seconds since the Unix epoch.
    exp: i64,
    /// When it was signed, likewise.
    iat: i64,
    /// The user.
    pub sub: Uuid,
    /// The session.
    pub sid: Uuid,
    /// The version of the user.
    pub ver: i32,
}

impl Claims {
    /// What a token says that is signed now.
    pub fn new(user: (Uuid, i32), session: Uuid, now: Timestamp, expires_at: Timestamp) -> Self {
        Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            exp: expires_at.timestamp(),
            iat: now.timestamp(),
            sub: user.0,
            sid: session,
            ver: user.1,
        }
    }

    /// When it expires.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_timestamp(self.exp, 0).unwrap_or(Timestamp::MAX_UTC)
    }
}

/// Why a token is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotGood {
    /// It once was.
    Expired,
    /// It never was: not ours, or tampered with.
    Invalid,
}

/// Signs a token with the key of this name.
///
/// # Errors
/// Claims that cannot be signed: our own failure.
pub(super) fn sign(kid: &str, key: &EncodingKey, claims: &Claims) -> Result<String, String> {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, claims, key).map_err(|error| error.to_string())
}

/// The name of the key that a token claims to be signed with.
///
/// # Errors
/// It is not one of our tokens by its header.
pub(super) fn key_name(token: &str) -> Result<String, NotGood> {
    if token.len() > LONGEST {
        return Err(NotGood::Invalid);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| NotGood::Invalid)?;
    // An extension that must be understood (RFC 7515, section 4.1.11): we understand none.
    if header.alg != Algorithm::HS256
        || header.typ.as_deref() != Some(TYPE)
        || header.crit.is_some()
    {
        return Err(NotGood::Invalid);
    }
    header.kid.ok_or(NotGood::Invalid)
}

/// Reads a token by the key it names.
///
/// # Errors
/// It is not signed with this key, says not what it must, or has expired.
pub(super) fn verify(token: &str, key: &DecodingKey, now: Timestamp) -> Result<Claims, NotGood> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    // We set none; one that another holder of the key sets counts.
    validation.validate_nbf = true;
    // Below, by our clock and without the leeway.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
        .map_err(|_| NotGood::Invalid)?
        .claims;
    let now = now.timestamp();
    if claims.iat > now.saturating_add(LEEWAY) {
        return Err(NotGood::Invalid);
    }
    if claims.exp <= now {
        return Err(NotGood::Expired);
    }
    Ok(claims)
}

#[cfg(test)]
#[path = "jwt_tests.rs"]
mod tests;
