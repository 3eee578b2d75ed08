//! Keeps up with the database: what ended elsewhere ends here.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::authority::{Ended, Grant};
use super::keys::RELOAD_EVERY;
use super::standing::{ANSWER, Age};
use super::watchers::may_as_before;
use super::{Auth, Inner};
use crate::log::now;
use crate::store::StoreError;
use crate::user::User;

/// How often open sockets and streams are held against the database.
const WATCH_EVERY: Duration = Duration::from_millis(500);
/// How often what has expired is removed.
const REMOVE_EVERY: Duration = Duration::from_secs(3_600);

impl Auth {
    /// Keeps up with what ends sessions and tokens, on this node and others (within a second), and
    /// with new signing keys, and removes what has expired; until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        let inner = &self.inner;
        let work = async {
            tokio::join!(inner.watch(), inner.keep_keys(), inner.remove_expired());
        };
        stop.run_until_cancelled(work).await;
    }
}

impl Inner {
    async fn watch(&self) {
        let mut ticks = tokio::time::interval(WATCH_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            ticks.tick().await;
            let asked = Instant::now();
            match tokio::time::timeout(ANSWER, self.end_what_is_over()).await {
                Ok(Ok(())) => heard = asked,
                _ if Age::of(heard, Instant::now()) == Age::Lost => {
                    tracing::warn!("the database is silent: open sockets have to come back");
                    self.watchers.tell(Ended::Expired, |_| true);
                }
                _ => {}
            }
        }
    }

    /// Tells the watchers whose authority the database no longer knows.
    async fn end_what_is_over(&self) -> Result<(), StoreError> {
        let grants = self.watchers.grants();
        if grants.is_empty() {
            return Ok(());
        }
        let good = self.users_of(&grants).await?;
        // One that came in meanwhile was not asked about.
        self.ended(|user, grant| {
            let now = good.get(&grant.id());
            grants.contains(&grant) && !now.is_some_and(|now| may_as_before(user, now))
        });
        Ok(())
    }

    /// The users that these sessions and tokens still speak for, by the id of those.
    async fn users_of(&self, grants: &HashSet<Grant>) -> Result<HashMap<Uuid, User>, StoreError> {
        let (mut sessions, mut tokens) = (Vec::new(), Vec::new());
        for grant in grants {
            match grant {
                Grant::Session(id) => sessions.push(*id),
                Grant::Token(id, _) => tokens.push(*id),
            }
        }
        let mut users = HashMap::new();
        if !sessions.is_empty() {
            let standings = self.store.session_standings(&sessions, now()).await?;
            users.extend(standings.into_iter().map(|it| (it.session.id, it.user)));
        }
        if !tokens.is_empty() {
            let standings = self.store.api_token_standings(&tokens, now()).await?;
            users.extend(standings.into_iter().map(|it| (it.token.id, it.user)));
        }
        Ok(users)
    }

    async fn keep_keys(&self) {
        let mut ticks = tokio::time::interval(RELOAD_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // The next one tries again; health says that the database is away.
            if let Err(error) = self.keys.reload(&self.store, Duration::ZERO).await {
                tracing::debug!(%error, "the signing keys could not be read again");
            }
        }
    }

    async fn remove_expired(&self) {
        let mut ticks = tokio::time::interval(REMOVE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.store.remove_expired_sessions(now()).await {
                tracing::debug!(%error, "expired sessions could not be removed");
            }
            if let Err(error) = self.remove_old_exports().await {
                tracing::debug!(%error, "old exports could not be removed");
            }
            if let Some(kept) = self.options.audit_retention
                && let Err(error) = self.store.remove_acts_before(now() - kept).await
            {
                tracing::debug!(%error, "old entries of the audit log could not be removed");
            }
        }
    }
}
