//! Those who want to know when somebody's authority is over: open sockets and streams.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::authority::{Ended, Grant, Identity};
use crate::log::{Timestamp, now};
use crate::user::User;

/// One who watches, and what it goes by.
#[derive(Debug)]
struct Watcher {
    identity: Arc<Identity>,
    tell: oneshot::Sender<Ended>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    watchers: HashMap<u64, Watcher>,
}

/// The watchers of this node. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Watchers {
    open: Arc<Mutex<Open>>,
}

/// Takes its watcher away when it goes.
struct Registration {
    id: u64,
    watchers: Watchers,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.watchers.open().watchers.remove(&self.id);
    }
}

impl Watchers {
    /// Resolves when this authority is over, or its token has expired. It counts as watching from
    /// now on, polled or not.
    pub fn watch(&self, identity: Arc<Identity>) -> impl Future<Output = Ended> + Send + use<> {
        let (tell, told) = oneshot::channel();
        let expires_at = identity.expires_at;
        let registration = self.register(Watcher { identity, tell });
        async move {
            let _registration = registration;
            tokio::select! {
                ended = told => match ended {
                    Ok(Ended::Expired) => Ended::Expired,
                    // The database may be the first to say that a token has expired.
                    _ if expires_at.is_some_and(|instant| instant <= now()) => Ended::Expired,
                    _ => Ended::Revoked,
                },
                () = passed(expires_at) => Ended::Expired,
            }
        }
    }

    fn register(&self, watcher: Watcher) -> Registration {
        let mut open = self.open();
        let id = open.next;
        open.next += 1;
        open.watchers.insert(id, watcher);
        Registration { id, watchers: self.clone() }
    }

    /// Tells those whose authority `over` says is over.
    pub fn tell(&self, why: Ended, over: impl Fn(&Identity) -> bool) {
        let told: Vec<Watcher> = {
            let mut open = self.open();
            let over = open.watchers.extract_if(|_, watcher| over(&watcher.identity));
            over.map(|(_, watcher)| watcher).collect()
        };
        for watcher in told {
            // Whoever is no longer there need not be told.
            let _ = watcher.tell.send(why);
        }
    }

    /// What is watched.
    pub fn grants(&self) -> HashSet<Grant> {
        self.open().watchers.values().map(|watcher| watcher.identity.grant).collect()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether one who came in as the user was before may go on: names and passwords may change (a
/// new password ends the sessions that it must), rights may not.
pub(super) fn may_as_before(before: &User, now: &User) -> bool {
    before.role == now.role && before.scope == now.scope && !now.disabled
}

/// Resolves at this instant; never without one.
async fn passed(instant: Option<Timestamp>) {
    let Some(instant) = instant else { return std::future::pending().await };
    let left = (instant - now()).to_std().unwrap_or_default();
    tokio::time::sleep(left).await;
}
