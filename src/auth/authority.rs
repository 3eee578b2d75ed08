//! Authority as a value: who holds a [`Viewer`] may read, who holds an [`Admin`] may manage. Their
//! fields are private to this folder, so nobody else can make one.

use std::sync::Arc;

use uuid::Uuid;

use super::watchers::Watchers;
use super::{AuthError, Peer};
use crate::log::Timestamp;
use crate::user::{Role, TokenScope, User};

/// Somebody who asks, signed in or not. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(super) peer: Peer,
    pub(super) identity: Option<Arc<Identity>>,
}

/// Who a good token speaks for.
#[derive(Debug)]
pub(super) struct Identity {
    pub user: User,
    /// The session, or the API token.
    pub grant: Grant,
    /// When the access token, or the API token, is over; `None`: never.
    pub expires_at: Option<Timestamp>,
    /// Where to wait for the end of it.
    pub watchers: Watchers,
}

impl Identity {
    /// What it may: the role of the user, but no more than the token is good for.
    pub fn role(&self) -> Role {
        match self.grant {
            Grant::Session(_) | Grant::Token(_, TokenScope::Admin) => self.user.role,
            Grant::Token(_, TokenScope::Read) => Role::Viewer,
        }
    }
}

/// What somebody is let in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Grant {
    Session(Uuid),
    Token(Uuid, TokenScope),
}

impl Grant {
    /// The id of the session, or of the token.
    pub fn id(self) -> Uuid {
        match self {
            Grant::Session(id) | Grant::Token(id, _) => id,
        }
    }

    /// The session, if it is one.
    pub fn session(self) -> Option<Uuid> {
        match self {
            Grant::Session(id) => Some(id),
            Grant::Token(..) => None,
        }
    }

    /// Whether it is this session.
    pub fn is_session(self, id: Uuid) -> bool {
        self == Grant::Session(id)
    }

    /// Whether it is this API token.
    pub fn is_token(self, id: Uuid) -> bool {
        matches!(self, Grant::Token(token, _) if token == id)
    }
}

/// Why somebody may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Not signed in.
    Unauthenticated,
    /// The role is below this one.
    Forbidden(Role),
}

/// Why a caller's authority is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The token has expired, or the database was silent for so long that nobody knows whether it
    /// is still good: come back with a fresh one.
    Expired,
    /// The session or token was ended, the user changed or disabled.
    Revoked,
}

/// The right to read and follow the log, as far as this user sees it.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub(super) identity: Arc<Identity>,
    pub(super) peer: Peer,
}

/// The right to keep saved searches and API tokens.
#[derive(Clone, Debug)]
pub struct Member(pub(super) Viewer);

/// The right to manage users and everybody's tokens, and to see the audit log.
#[derive(Clone, Debug)]
pub struct Admin(pub(super) Member);

impl Caller {
    /// Nobody in particular.
    pub fn anonymous(peer: Peer) -> Caller {
        Caller { peer, identity: None }
    }

    /// Where it asks from.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The user, if signed in.
    pub fn user(&self) -> Option<&User> {
        self.identity.as_ref().map(|identity| &identity.user)
    }

    /// The right to read, for everybody who is signed in.
    ///
    /// # Errors
    /// Not signed in.
    pub fn viewer(&self) -> Result<Viewer, Denied> {
        let identity = self.identity.clone().ok_or(Denied::Unauthenticated)?;
        Ok(Viewer { identity, peer: self.peer.clone() })
    }

    /// The rights of a member.
    ///
    /// # Errors
    /// Not signed in, or less than a member; a token for reading.
    pub fn member(&self) -> Result<Member, Denied> {
        Ok(Member(self.of_role(Role::Member)?))
    }

    /// The rights of an admin.
    ///
    /// # Errors
    /// Not signed in, or no admin; a token for reading.
    pub fn admin(&self) -> Result<Admin, Denied> {
        Ok(Admin(Member(self.of_role(Role::Admin)?)))
    }

    fn of_role(&self, least: Role) -> Result<Viewer, Denied> {
        let viewer = self.viewer()?;
        if viewer.identity.role() < least {
            return Err(Denied::Forbidden(least));
        }
        Ok(viewer)
    }

    /// Resolves when the caller's authority is over, within a second of its end while
    /// [`Auth::run`](super::Auth::run) runs. Never for one who has none. It watches from this call
    /// on until it is dropped.
    pub fn ended(&self) -> impl Future<Output = Ended> + Send + 'static + use<> {
        let watch = self.identity.clone().map(|identity| {
            let watchers = identity.watchers.clone();
            watchers.watch(identity)
        });
        async move {
            match watch {
                Some(watch) => watch.await,
                None => std::future::pending().await,
            }
        }
    }
}

impl Viewer {
    /// Who.
    pub fn user(&self) -> &User {
        &self.identity.user
    }

    /// The records this viewer sees, as the JSON of a `LogFilter`; `None`: all.
    pub fn scope(&self) -> Option<&str> {
        self.identity.user.scope.as_deref()
    }

    /// The session it goes by; `None` for an API token.
    pub fn session(&self) -> Option<Uuid> {
        self.identity.grant.session()
    }

    /// The session, for what a token must not do: a stolen one neither changes a password nor
    /// makes more tokens.
    pub(super) fn own_session(&self) -> Result<Uuid, AuthError> {
        self.session().ok_or(AuthError::Forbidden("a session: an API token is not enough"))
    }

    /// From where.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }
}

impl Member {
    /// Who may do less, too.
    pub fn viewer(&self) -> &Viewer {
        &self.0
    }
}

impl Admin {
    /// Who may do less, too.
    pub fn member(&self) -> &Member {
        &self.0
    }

    /// Who may do less, too.
    pub fn viewer(&self) -> &Viewer {
        self.0.viewer()
    }
}

impl From<Denied> for AuthError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated => AuthError::Unauthenticated("there is no session"),
            Denied::Forbidden(Role::Viewer) => AuthError::Forbidden("the role viewer"),
            Denied::Forbidden(Role::Member) => AuthError::Forbidden("the role member"),
            Denied::Forbidden(Role::Admin) => AuthError::Forbidden("the role admin"),
        }
    }
}
