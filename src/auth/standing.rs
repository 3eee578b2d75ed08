//! What sessions and API tokens are worth at the moment: asked of the database, remembered for
//! half a second.
//!
//! So whoever is no longer let in is refused within a second on every node, and a busy client
//! costs two small queries a second. While the database does not answer, what was last known
//! counts for [`KEPT`], and then nobody is let in.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use quick_cache::sync::Cache;
use uuid::Uuid;

use super::authority::Grant;
use crate::log::{Timestamp, now};
use crate::store::{Store, StoreError, TokenHash};
use crate::user::{ApiToken, User};

/// What was known so long ago is asked for again.
const FRESH: Duration = Duration::from_millis(500);
/// How long what was last known counts while the database does not answer.
pub(super) const KEPT: Duration = Duration::from_secs(30);
/// How long an answer may take before what was last known counts.
pub(super) const ANSWER: Duration = Duration::from_secs(2);
/// How often the use of an API token is written down, at most.
const NOTED_EVERY: TimeDelta = TimeDelta::seconds(60);
/// Sessions and tokens that are remembered, at most; those not used go first.
const REMEMBERED: usize = 10_000;

/// How far knowledge of this age can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// As it is.
    Fresh,
    /// When asking again brings no answer.
    Kept,
    /// Not at all.
    Lost,
}

impl Age {
    pub fn of(asked: Instant, now: Instant) -> Age {
        match now.saturating_duration_since(asked) {
            age if age < FRESH => Age::Fresh,
            age if age < KEPT => Age::Kept,
            _ => Age::Lost,
        }
    }
}

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Question {
    Session(Uuid),
    Token(TokenHash),
}

/// Who is let in, and by what.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub user: User,
    pub grant: Grant,
    /// The token, when it is one.
    pub token: Option<ApiToken>,
}

/// A standing, and when the database was asked for it.
#[derive(Clone, Debug)]
struct Known {
    standing: Arc<Standing>,
    asked: Instant,
}

/// The place of one session or token in the memory.
#[derive(Debug)]
struct Place {
    known: Mutex<Known>,
    /// Held by the one who asks the database again; the others wait for that answer.
    asking: tokio::sync::Mutex<()>,
    /// When this node last noted that the token was used.
    noted: Mutex<Option<Timestamp>>,
}

impl Place {
    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The standings that are remembered.
#[derive(Debug)]
pub(super) struct Standings {
    places: Cache<Question, Arc<Place>>,
}

impl Standings {
    pub fn new() -> Standings {
        Standings { places: Cache::new(REMEMBERED) }
    }

    /// What a session or token is worth; `None`: nothing (any more).
    ///
    /// # Errors
    /// Those of the store, when nothing is known that still counts.
    pub async fn of(
        &self,
        question: Question,
        store: &Store,
    ) -> Result<Option<Arc<Standing>>, StoreError> {
        let Some(place) = self.places.get(&question) else {
            return self.ask(question, store).await;
        };
        let known = place.known();
        if Age::of(known.asked, Instant::now()) == Age::Fresh {
            return Ok(Some(known.standing));
        }
        let _asking = place.asking.lock().await;
        let known = place.known();
        if Age::of(known.asked, Instant::now()) == Age::Fresh {
            return Ok(Some(known.standing));
        }
        match self.ask(question, store).await {
            Err(_) if Age::of(known.asked, Instant::now()) == Age::Kept => Ok(Some(known.standing)),
            answer => answer,
        }
    }

    /// Asks the database, and remembers what it says.
    async fn ask(
        &self,
        question: Question,
        store: &Store,
    ) -> Result<Option<Arc<Standing>>, StoreError> {
        // What the answer tells is at least as new as this.
        let asked = Instant::now();
        let standing = tokio::time::timeout(ANSWER, answer(question, store, now()))
            .await
            .unwrap_or(Err(StoreError::TimedOut(ANSWER)))?
            .map(Arc::new);
        match &standing {
            Some(standing) => self.remember(question, Known { standing: standing.clone(), asked }),
            None => drop(self.places.remove(&question)),
        }
        Ok(standing)
    }

    fn remember(&self, question: Question, known: Known) {
        if let Some(place) = self.places.get(&question) {
            *place.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
            return;
        }
        let place = Place {
            noted: Mutex::new(known.standing.token.as_ref().and_then(|token| token.last_used_at)),
            known: Mutex::new(known),
            asking: tokio::sync::Mutex::new(()),
        };
        self.places.insert(question, Arc::new(place));
    }

    /// Notes that an API token was used, at most once a minute. A failure to do so is no failure
    /// of the use.
    pub async fn note_use(&self, question: Question, standing: &Standing, store: &Store) {
        let (Some(token), Some(place)) = (&standing.token, self.places.get(&question)) else {
            return;
        };
        let now = now();
        {
            let mut noted = place.noted.lock().unwrap_or_else(PoisonError::into_inner);
            if noted.max(token.last_used_at).is_some_and(|last| now - last < NOTED_EVERY) {
                return;
            }
            *noted = Some(now);
        }
        let written = tokio::time::timeout(ANSWER, store.api_token_used(token.id, now)).await;
        if !matches!(written, Ok(Ok(()))) {
            tracing::debug!(token = %token.prefix, "the use of an API token was not noted");
        }
    }

    /// Forgets what is known of these, so that they are asked for at their next use.
    pub fn forget(&self, which: impl Fn(&Standing) -> bool) {
        self.places.retain(|_, place| !which(&place.known().standing));
    }
}

async fn answer(
    question: Question,
    store: &Store,
    at: Timestamp,
) -> Result<Option<Standing>, StoreError> {
    Ok(match question {
        Question::Session(id) => store
            .session_standings(&[id], at)
            .await?
            .pop()
            .map(|it| Standing { user: it.user, grant: Grant::Session(id), token: None }),
        Question::Token(hash) => store.api_token(hash, at).await?.map(|it| Standing {
            user: it.user,
            grant: Grant::Token(it.token.id, it.token.scope),
            token: Some(it.token),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knowledge_is_fresh_then_kept_then_lost() {
        let asked = Instant::now();
        for (millis, age) in [
            (0, Age::Fresh),
            (499, Age::Fresh),
            (500, Age::Kept),
            (29_999, Age::Kept),
            (30_000, Age::Lost),
        ] {
            assert_eq!(Age::of(asked, asked + Duration::from_millis(millis)), age, "{millis} ms");
        }
    }
}
