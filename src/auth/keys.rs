//! The keys that access tokens are signed with, told apart by `kid`.
//!
//! Either they are in the configuration, and the first signs; or they are kept in the database,
//! made at the first start and rotated by an admin. A retired key is good for what it signed until
//! that has expired.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use chrono::TimeDelta;
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::secrets::random_bytes;
use super::{Admin, Auth, AuthError};
use crate::log::{Timestamp, now};
use crate::store::{SigningKey, Store, StoreError};

/// The shortest secret of a key, in bytes: as long as the hash of HS256 (RFC 7518, section 3.2).
const SHORTEST: usize = 32;
/// How often the keys of the database are read again, so that every node soon signs with the
/// newest. Those who name a key that is not known make it sooner.
pub(super) const RELOAD_EVERY: Duration = Duration::from_secs(10);
/// How soon they may be read again for an unknown key, whoever asks for it.
const RELOAD_PAUSE: Duration = Duration::from_secs(1);
/// How much longer than the life of an access token a retired key stays good: another node may
/// have signed with it until it read the keys again.
const RETIRING: Duration = Duration::from_secs(60);

/// A key, ready to sign and to verify.
struct Key {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    created_at: Timestamp,
    retired_at: Option<Timestamp>,
}

impl Key {
    fn new(secret: &[u8], created_at: Timestamp, retired_at: Option<Timestamp>) -> Key {
        Key {
            kid: kid(secret),
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            created_at,
            retired_at,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The name of a key: 64 bits of the hash of its secret.
fn kid(secret: &[u8]) -> String {
    let hash = Sha256::new().chain_update("kid:").chain_update(secret).finalize();
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The keys that are good at a time.
#[derive(Debug)]
struct Known {
    signing: Arc<Key>,
    all: HashMap<String, Arc<Key>>,
}

impl Known {
    /// `None` when none of the keys may sign.
    fn of(keys: Vec<Key>) -> Option<Known> {
        let keys: Vec<Arc<Key>> = keys.into_iter().map(Arc::new).collect();
        let active = keys.iter().filter(|key| key.retired_at.is_none());
        let signing = active.max_by_key(|key| (key.created_at, &key.kid)).map(Arc::clone)?;
        let all = keys.into_iter().map(|key| (key.kid.clone(), key)).collect();
        Some(Known { signing, all })
    }
}

/// Whether the keys may be read again.
#[derive(Debug)]
enum Reloads {
    /// They are in the configuration.
    Never,
    /// They are in the database; when that was last asked again.
    Database(Mutex<Option<Instant>>),
}

/// The keys, and where more of them come from.
#[derive(Debug)]
pub(super) struct Keyring {
    known: ArcSwap<Known>,
    /// How long a token is good that was signed just before its key retired.
    lifetime: Duration,
    reloads: Reloads,
}

impl Keyring {
    /// The keys of the configuration, or, when it has none, of the database.
    ///
    /// # Errors
    /// A secret that is too short; those of the store.
    pub async fn open(
        secrets: &[SecretString],
        lifetime: Duration,
        store: &Store,
    ) -> Result<Keyring, AuthError> {
        let (known, reloads) = match secrets {
            [] => (from_database(store).await?, Reloads::Database(Mutex::default())),
            _ => (configured(secrets)?, Reloads::Never),
        };
        Ok(Keyring { known: ArcSwap::from_pointee(known), lifetime, reloads })
    }

    /// The key to sign with: its name, and itself.
    pub fn with_signing<T>(&self, sign: impl FnOnce(&str, &EncodingKey) -> T) -> T {
        let key = Arc::clone(&self.known.load().signing);
        sign(&key.kid, &key.encoding)
    }

    /// The key of this name, if what it signed may still be good. One that is not known is looked
    /// for in the database, at most once a second.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn find(
        &self,
        kid: &str,
        store: &Store,
        now: Timestamp,
    ) -> Result<Option<DecodingKey>, StoreError> {
        if let Some(key) = self.good(kid, now) {
            return Ok(Some(key));
        }
        self.reload(store, RELOAD_PAUSE).await?;
        Ok(self.good(kid, now))
    }

    fn good(&self, kid: &str, now: Timestamp) -> Option<DecodingKey> {
        let known = self.known.load();
        let key = known.all.get(kid)?;
        let over = |retired_at| now - self.good_after_retiring() > retired_at;
        (!key.retired_at.is_some_and(over)).then(|| key.decoding.clone())
    }

    fn good_after_retiring(&self) -> TimeDelta {
        TimeDelta::from_std(self.lifetime + RETIRING).unwrap_or(TimeDelta::MAX)
    }

    /// Reads the keys of the database again, unless that was done within `pause`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn reload(&self, store: &Store, pause: Duration) -> Result<(), StoreError> {
        let Reloads::Database(last) = &self.reloads else { return Ok(()) };
        let mut last = last.lock().await;
        if last.is_some_and(|last| last.elapsed() < pause) {
            return Ok(());
        }
        // Before the answer: a database that fails is not asked more often than one that does not.
        *last = Some(Instant::now());
        if let Some(known) = Known::of(read(store).await?) {
            self.known.store(Arc::new(known));
        }
        Ok(())
    }
}

/// The keys of the configuration; the first one signs.
fn configured(secrets: &[SecretString]) -> Result<Known, AuthError> {
    let mut keys = Vec::new();
    for secret in secrets {
        let secret = secret.expose_secret().as_bytes();
        if secret.len() < SHORTEST {
            let why = format!("a JWT secret has {SHORTEST} bytes or more, not {}", secret.len());
            return Err(AuthError::BadInput("jwt-secret", why));
        }
        let retired_at = (!keys.is_empty()).then_some(Timestamp::MAX_UTC);
        keys.push(Key::new(secret, Timestamp::UNIX_EPOCH, retired_at));
    }
    Known::of(keys).ok_or_else(|| AuthError::Internal("there is no JWT secret".to_owned()))
}

/// The keys of the database, where the first one is made if need be.
async fn from_database(store: &Store) -> Result<Known, AuthError> {
    if let Some(known) = Known::of(read(store).await?) {
        return Ok(known);
    }
    store.add_first_signing_key(new_key()?).await?;
    Known::of(read(store).await?)
        .ok_or_else(|| AuthError::Internal("no key to sign access tokens with".to_owned()))
}

async fn read(store: &Store) -> Result<Vec<Key>, StoreError> {
    let keys = store.signing_keys().await?;
    Ok(keys
        .iter()
        .map(|key| Key::new(key.secret.expose_secret(), key.created_at, key.retired_at))
        .collect())
}

fn new_key() -> Result<SigningKey, AuthError> {
    let secret = random_bytes::<32>()?;
    Ok(SigningKey {
        kid: kid(&secret),
        secret: secret.to_vec().into(),
        created_at: now(),
        retired_at: None,
    })
}

impl Auth {
    /// Signs with a new key from now on, on every node within seconds. What the old one signed
    /// stays good until it expires. Only for keys that are kept in the database.
    ///
    /// # Errors
    /// [`AuthError::BadInput`] when the keys are in the configuration.
    pub async fn rotate_signing_key(&self, _: &Admin) -> Result<(), AuthError> {
        if matches!(self.inner.keys.reloads, Reloads::Never) {
            let why = "the keys are in the configuration: put a new jwt-secret before the old one";
            return Err(AuthError::BadInput("jwt-secret", why.to_owned()));
        }
        let forget = now() - self.inner.keys.good_after_retiring();
        self.inner.store.rotate_signing_key(new_key()?, forget).await?;
        self.inner.keys.reload(&self.inner.store, Duration::ZERO).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: u8, created: i64, retired: Option<i64>) -> Key {
        let at = |seconds| crate::log::timestamp_from_micros(seconds * 1_000_000);
        Key::new(&[secret; 32], at(created), retired.map(at))
    }

    #[test]
    fn the_newest_key_that_is_not_retired_signs() {
        let known = Known::of(vec![key(1, 10, Some(20)), key(2, 20, None), key(3, 15, None)]);
        assert_eq!(known.unwrap().signing.kid, kid(&[2; 32]));
        assert!(Known::of(vec![key(1, 10, Some(20))]).is_none());
    }

    #[test]
    fn a_retired_key_is_good_until_what_it_signed_has_expired() {
        let known = Known::of(vec![key(1, 10, Some(1_000)), key(2, 1_000, None)]).unwrap();
        let lifetime = Duration::from_secs(600);
        let ring =
            Keyring { known: ArcSwap::from_pointee(known), lifetime, reloads: Reloads::Never };
        for (at, good) in [(1_000, true), (1_660, true), (1_661, false), (1_000_000, false)] {
            let now = crate::log::timestamp_from_micros(at * 1_000_000);
            assert_eq!(ring.good(&kid(&[1; 32]), now).is_some(), good, "at {at}");
            assert!(ring.good(&kid(&[2; 32]), now).is_some());
            assert!(ring.good("unknown", now).is_none());
        }
    }

    #[test]
    fn the_first_secret_of_the_configuration_signs_and_every_one_verifies() {
        let secrets = ["a".repeat(32), "b".repeat(33)].map(SecretString::from);
        let known = configured(&secrets).unwrap();
        assert_eq!(known.signing.kid, kid("a".repeat(32).as_bytes()));
        assert!(known.all.contains_key(&kid("b".repeat(33).as_bytes())));
        let short = configured(&[SecretString::from("a".repeat(31))]).unwrap_err();
        assert!(matches!(&short, AuthError::BadInput("jwt-secret", _)), "{short}");
        assert!(!short.to_string().contains("aaa"), "{short}");
    }

    #[test]
    fn the_name_of_a_key_tells_no_key() {
        assert_eq!(kid(&[1; 32]).len(), 16);
        assert_ne!(kid(&[1; 32]), kid(&[2; 32]));
        assert!(!format!("{:?}", key(97, 0, None)).contains("aaaa"));
    }
}
