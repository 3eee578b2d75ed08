//! The open WebSockets and event streams: how many there may be, in all and of one user, and how a
//! stop says goodbye on each WebSocket.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Time for the last messages of ending subscriptions to leave before the sockets are closed.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// Time for clients to take their leave; what is still open afterwards is cut.
const GOODBYE: Duration = Duration::from_secs(2);

/// Every open WebSocket and event stream of a server. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Sockets {
    tasks: TaskTracker,
    closing: CancellationToken,
    /// A permit for each that may still be opened.
    room: Arc<Semaphore>,
    users: Arc<Users>,
}

/// A socket's place among all. Dropping it makes room.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

/// How many sockets each user has open.
#[derive(Debug)]
struct Users {
    most: usize,
    open: Mutex<HashMap<Uuid, usize>>,
}

/// A socket's place among those of its user. Dropping it makes room.
#[derive(Debug)]
pub(super) struct UserPlace {
    users: Arc<Users>,
    user: Uuid,
}

impl Sockets {
    /// Room for `most` in all, `most_per_user` of them of one user.
    pub fn new(most: usize, most_per_user: usize) -> Self {
        Sockets {
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
            room: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            users: Arc::new(Users { most: most_per_user, open: Mutex::default() }),
        }
    }

    /// Takes a place; `None` when there is no room.
    pub fn enter(&self) -> Option<Place> {
        Some(Place { _permit: self.room.clone().try_acquire_owned().ok()? })
    }

    /// Takes a place among those of a user; `None` when they have as many as they may.
    pub fn enter_as(&self, user: Uuid) -> Option<UserPlace> {
        let mut open = self.users.lock();
        let count = open.entry(user).or_default();
        if *count >= self.users.most {
            return None;
        }
        *count += 1;
        Some(UserPlace { users: self.users.clone(), user })
    }

    /// Counts a WebSocket in for as long as its future runs.
    pub async fn track<F: Future>(&self, socket: F) -> F::Output {
        self.tasks.track_future(socket).await
    }

    /// Resolves when WebSockets are to be closed by us.
    pub fn closing(&self) -> impl Future<Output = ()> + Send + use<> {
        self.closing.clone().cancelled_owned()
    }

    /// Closes every WebSocket. By now the subscriptions are ending by themselves.
    pub async fn close(&self) {
        self.tasks.close();
        if tokio::time::timeout(LAST_WORDS, self.tasks.wait()).await.is_ok() {
            return;
        }
        self.closing.cancel();
        let _ = tokio::time::timeout(GOODBYE, self.tasks.wait()).await;
    }
}

impl Users {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UserPlace {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.users.lock().entry(self.user) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_socket_is_gone() {
        let sockets = Sockets::new(1, 1);
        let place = sockets.enter();
        assert!(place.is_some() && sockets.enter().is_none());
        drop(place);
        assert!(sockets.enter().is_some());
    }

    #[test]
    fn users_have_their_places_each() {
        let sockets = Sockets::new(9, 2);
        let (ada, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let places: Vec<_> = (0..3).map(|_| sockets.enter_as(ada)).collect();
        assert_eq!(places.iter().flatten().count(), 2);
        assert!(sockets.enter_as(bob).is_some());
        drop(places);
        assert!(sockets.users.lock().is_empty(), "nobody is remembered who has none open");
    }
}
