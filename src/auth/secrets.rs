//! Opaque tokens: random text that is shown once and kept as its hash.
//!
//! They are random through and through, so a plain SHA-256 is as good as a slow one, and finding
//! one by its hash tells nothing by the time that it takes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::SysRng;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::AuthError;
use crate::store::TokenHash;

/// Random bytes of a token: 256 bits.
pub(super) const RANDOM_BYTES: usize = 32;
/// How long those are in base64url without padding.
const RANDOM_CHARS: usize = 43;
/// How an API token begins, so that people and scanners of leaked secrets know it.
pub(super) const API_TOKEN_MARK: &str = "tw_";
/// Characters past the mark by which the owner tells a token.
const PREFIX_CHARS: usize = 6;

/// Bytes from the operating system's generator.
///
/// # Errors
/// The system has none to give.
pub(super) fn random_bytes<const N: usize>() -> Result<[u8; N], AuthError> {
    let mut bytes = [0; N];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| AuthError::Internal(format!("no random bytes: {error}")))?;
    Ok(bytes)
}

/// A token that was just made.
pub(super) struct Fresh {
    pub token: SecretString,
    pub hash: TokenHash,
}

/// A token for refreshing, or for the set-up link.
pub(super) fn opaque_token() -> Result<Fresh, AuthError> {
    Ok(fresh(URL_SAFE_NO_PAD.encode(random_bytes::<RANDOM_BYTES>()?)))
}

/// An API token, and how it begins.
pub(super) fn api_token() -> Result<(Fresh, String), AuthError> {
    let random = URL_SAFE_NO_PAD.encode(random_bytes::<RANDOM_BYTES>()?);
    let token = format!("{API_TOKEN_MARK}{random}");
    let prefix = token.chars().take(API_TOKEN_MARK.len() + PREFIX_CHARS).collect();
    Ok((fresh(token), prefix))
}

fn fresh(token: String) -> Fresh {
    Fresh { hash: hash(&token), token: token.into() }
}

/// The hash of an opaque token; `None` when the text is none of ours by its shape.
pub(super) fn hash_of_opaque(token: &str) -> Option<TokenHash> {
    is_random(token).then(|| hash(token))
}

/// The hash of an API token; `None` when the text is none of ours by its shape.
pub(super) fn hash_of_api_token(token: &str) -> Option<TokenHash> {
    token.strip_prefix(API_TOKEN_MARK).is_some_and(is_random).then(|| hash(token))
}

fn is_random(text: &str) -> bool {
    text.len() == RANDOM_CHARS
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn hash(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn every_token_is_another_and_is_found_by_its_hash() {
        let (one, other) = (opaque_token().unwrap(), opaque_token().unwrap());
        assert_ne!(one.hash, other.hash);
        assert_eq!(hash_of_opaque(one.token.expose_secret()), Some(one.hash));
        assert_eq!(hash_of_api_token(one.token.expose_secret()), None);
    }

    #[test]
    fn an_api_token_is_told_by_its_mark_and_six_characters() {
        let (fresh, prefix) = api_token().unwrap();
        let token = fresh.token.expose_secret();
        assert!(token.starts_with(&prefix) && prefix.starts_with("tw_") && prefix.len() == 9);
        assert_eq!(hash_of_api_token(token), Some(fresh.hash));
        assert_eq!(hash_of_opaque(token), None);
    }

    #[test]
    fn what_cannot_be_a_token_is_not_looked_up() {
        let good = "a".repeat(43);
        assert!(hash_of_opaque(&good).is_some());
        for wrong in ["", "a", &"a".repeat(44), &format!("{}\0", "a".repeat(42)), &"ä".repeat(21)]
        {
            assert_eq!(hash_of_opaque(wrong), None, "{wrong:?}");
            assert_eq!(hash_of_api_token(&format!("tw_{wrong}")), None, "{wrong:?}");
        }
        assert_eq!(hash_of_api_token(&format!("TW_{good}")), None);
    }
}
