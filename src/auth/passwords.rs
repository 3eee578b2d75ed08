//! Passwords: what they may be, and the work of hashing them.
//!
//! Argon2id with the parameters that OWASP asks for, off the async threads, few at once, and a
//! bounded number waiting: sign-ins cannot take the machine.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::AuthError;
use super::secrets::random_bytes;
use crate::store::PasswordHash;

/// The fewest characters of a password (NIST SP 800-63B).
pub(super) const SHORTEST: usize = 8;
/// The most characters of a password. More are refused, never cut.
pub(super) const LONGEST: usize = 256;

/// Memory in KiB, passes and lanes, by the OWASP Password Storage Cheat Sheet.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const VERSION: Version = Version::V0x13;
/// Bytes of a hash.
const LENGTH: usize = 32;

/// Hashes computed at once, at most; fewer on a machine with fewer cores.
const AT_ONCE: usize = 2;
/// Hashes that wait for their turn, at most: about a second's work.
const WAITING: usize = 64;

/// Whether a password may be one.
///
/// # Errors
/// [`AuthError::BadInput`] about `argument`.
pub(super) fn check(argument: &'static str, password: &SecretString) -> Result<(), AuthError> {
    let password = password.expose_secret();
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        let why = format!("a password has {SHORTEST} to {LONGEST} characters, not {length}");
        return Err(AuthError::BadInput(argument, why));
    }
    if password.contains('\0') {
        return Err(AuthError::BadInput(argument, "a password holds no NUL".to_owned()));
    }
    Ok(())
}

/// Whether a password could be anybody's: what is longer than any is not worth hashing.
pub(super) fn is_possible(password: &SecretString) -> bool {
    password.expose_secret().chars().nth(LONGEST).is_none()
}

/// What a password turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Wrong,
    Right,
    /// Right, but its hash was made with other parameters than today's.
    Outdated,
}

/// Does the work of hashing.
#[derive(Debug)]
pub(super) struct Hasher {
    /// Turns to compute.
    turns: Arc<Semaphore>,
    /// Room to compute or to wait for a turn.
    room: Arc<Semaphore>,
    /// Nobody's hash: what the password of an unknown user is checked against.
    nobody: PasswordHash,
    #[cfg(test)]
    verified: std::sync::atomic::AtomicUsize,
}

impl Hasher {
    /// # Errors
    /// The system has no random bytes to give.
    pub fn new() -> Result<Hasher, AuthError> {
        let turns = AT_ONCE.min(available_parallelism().map_or(1, usize::from));
        Ok(Hasher {
            turns: Arc::new(Semaphore::new(turns)),
            room: Arc::new(Semaphore::new(turns + WAITING)),
            nobody: nobodys_hash()?,
            #[cfg(test)]
            verified: Default::default(),
        })
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// [`AuthError::TooManyAttempts`] when too many wait.
    pub async fn hash(&self, password: SecretString) -> Result<PasswordHash, AuthError> {
        self.work(move || hash(&password)).await?
    }

    /// Checks a password against a hash; `None`, for an unknown user, is the same work and always
    /// wrong.
    ///
    /// # Errors
    /// [`AuthError::TooManyAttempts`] when too many wait.
    pub async fn verify(
        &self,
        password: SecretString,
        hash: Option<PasswordHash>,
    ) -> Result<Verdict, AuthError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        #[cfg(test)]
        self.verified.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let verdict = self.work(move || verify(&password, &hash)).await?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    /// Runs a computation off the async threads when its turn has come. It keeps its turn to its
    /// end, even when whoever wanted it has gone.
    async fn work<T: Send + 'static>(
        &self,
        compute: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let busy = AuthError::TooManyAttempts { retry_after: Duration::from_secs(1) };
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else { return Err(busy) };
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else { return Err(busy) };
        let held: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (room, turn);
        let computed = tokio::task::spawn_blocking(move || {
            let result = compute();
            drop(held);
            result
        });
        computed.await.map_err(|error| AuthError::Internal(format!("hashing failed: {error}")))
    }

    /// How many passwords were checked.
    #[cfg(test)]
    pub fn verified(&self) -> usize {
        self.verified.load(std::sync::atomic::Ordering::Relaxed)
    }
}

fn params() -> Result<Params, AuthError> {
    // The length stands in no PHC string; it is that of the hash, and compared as such.
    Params::new(MEMORY, PASSES, LANES, Some(LENGTH)).map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> AuthError {
    AuthError::Internal(format!("Argon2: {error}"))
}

fn hash(password: &SecretString) -> Result<PasswordHash, AuthError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, VERSION, params()?);
    let hash = argon2.hash_password(password.expose_secret().as_bytes()).map_err(internal)?;
    Ok(hash.to_string().into())
}

fn verify(password: &SecretString, hash: &PasswordHash) -> Verdict {
    let Ok(hash) = Phc::new(hash.expose_secret()) else {
        tracing::error!("a stored password hash cannot be read; its user cannot sign in");
        return Verdict::Wrong;
    };
    // The parameters are those of the hash; the comparison takes the same time wherever it differs.
    match Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash) {
        Err(_) => Verdict::Wrong,
        Ok(()) if is_current(&hash) => Verdict::Right,
        Ok(()) => Verdict::Outdated,
    }
}

/// Whether a hash was made as we would make it today.
fn is_current(hash: &Phc) -> bool {
    let ours = params().is_ok_and(|params| Params::try_from(hash).is_ok_and(|its| its == params));
    ours && hash.algorithm == ARGON2ID_IDENT && hash.version == Some(VERSION.into())
}

/// A hash as we make it, of no password at all.
fn nobodys_hash() -> Result<PasswordHash, AuthError> {
    let hash = Phc {
        algorithm: ARGON2ID_IDENT,
        version: Some(VERSION.into()),
        params: ParamsString::try_from(&params()?).map_err(internal)?,
        salt: Some(Salt::new(&random_bytes::<16>()?).map_err(internal)?),
        hash: Some(Output::new(&random_bytes::<LENGTH>()?).map_err(internal)?),
    };
    Ok(hash.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        text.into()
    }

    #[test]
    fn passwords_have_eight_to_two_hundred_and_fifty_six_characters_and_no_nul() {
        for good in ["8 chars.", &"ä".repeat(8), &"🦀".repeat(256)] {
            assert!(check("password", &secret(good)).is_ok(), "{good}");
        }
        for wrong in ["", "7 chars", &"x".repeat(257), "has a \0 in it"] {
            let error = check("password", &secret(wrong)).unwrap_err();
            assert!(matches!(error, AuthError::BadInput("password", _)), "{wrong:?}: {error}");
            assert!(wrong.is_empty() || !error.to_string().contains(wrong), "{error}");
        }
    }

    #[tokio::test]
    async fn a_hash_is_a_phc_string_with_the_parameters_of_owasp() {
        let hasher = Hasher::new().unwrap();
        let hash = hasher.hash(secret("correct horse")).await.unwrap();
        let begin = "$argon2id$v=19$m=19456,t=2,p=1$";
        assert!(hash.expose_secret().starts_with(begin), "{}", hash.expose_secret());
        assert!(hasher.nobody.expose_secret().starts_with(begin));
        let verdict = |text: &str| hasher.verify(secret(text), Some(hash.clone()));
        assert_eq!(verdict("correct horse").await.unwrap(), Verdict::Right);
        assert_eq!(verdict("correct horse ").await.unwrap(), Verdict::Wrong);
        assert_eq!(verdict("").await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn the_end_of_the_longest_password_counts() {
        let hasher = Hasher::new().unwrap();
        let longest = "🦀".repeat(255) + "a";
        let other = "🦀".repeat(255) + "b";
        let hash = hasher.hash(secret(&longest)).await.unwrap();
        assert_eq!(hasher.verify(secret(&other), Some(hash)).await.unwrap(), Verdict::Wrong);
    }

    #[test]
    fn a_hash_of_other_parameters_is_right_and_outdated() {
        let weak = Params::new(64, 1, 1, None).unwrap();
        for (algorithm, version, params) in [
            (Algorithm::Argon2id, Version::V0x13, weak),
            (Algorithm::Argon2i, Version::V0x13, params().unwrap()),
            (Algorithm::Argon2id, Version::V0x10, params().unwrap()),
        ] {
            let hash = Argon2::new(algorithm, version, params).hash_password(b"password").unwrap();
            let hash = secret(&hash.to_string());
            assert_eq!(verify(&secret("password"), &hash), Verdict::Outdated);
            assert_eq!(verify(&secret("Password"), &hash), Verdict::Wrong);
        }
    }

    #[test]
    fn what_is_no_hash_fits_no_password() {
        for broken in [
            "",
            "password",
            "$argon2id$v=19$m=19456,t=2,p=1",
            "$argon2id$v=19$m=0,t=0,p=0$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
        ] {
            assert_eq!(verify(&secret("password"), &secret(broken)), Verdict::Wrong, "{broken}");
        }
    }

    #[tokio::test]
    async fn an_unknown_user_costs_one_verification_too() {
        let hasher = Hasher::new().unwrap();
        assert_eq!(hasher.verify(secret("password"), None).await.unwrap(), Verdict::Wrong);
        assert_eq!(hasher.verified(), 1);
    }

    #[tokio::test]
    async fn more_than_can_wait_are_refused_at_once() {
        let hasher = Hasher::new().unwrap();
        let all = hasher.room.available_permits() as u32;
        let taken = Arc::clone(&hasher.room).acquire_many_owned(all).await.unwrap();
        let refused = hasher.verify(secret("password"), None).await;
        assert!(matches!(refused, Err(AuthError::TooManyAttempts { .. })), "{refused:?}");
        drop(taken);
        assert_eq!(hasher.verify(secret("password"), None).await.unwrap(), Verdict::Wrong);
    }
}
