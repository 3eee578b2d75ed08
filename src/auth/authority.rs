//! Authority as a value: who holds a [`Viewer`] may read, who holds an [`Admin`] may manage. Their
//! fields are private to this folder, so nobody else can make one.

use std::sync::Arc;

use uuid::Uuid;

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
}

/// What somebody is let in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Grant {
    Session(Uuid),
    Token(Uuid, TokenScope),
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
    /// The token has expired: come back with a fresh one.
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

/// The right to manage users, everybody's tokens and retention, and to see the audit log.
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
        todo!()
    }

    /// The rights of a member.
    ///
    /// # Errors
    /// Not signed in, or less than a member; a token for reading.
    pub fn member(&self) -> Result<Member, Denied> {
        todo!()
    }

    /// The rights of an admin.
    ///
    /// # Errors
    /// Not signed in, or no admin; a token for reading.
    pub fn admin(&self) -> Result<Admin, Denied> {
        todo!()
    }

    /// Resolves when the caller's authority is over, within a second of its end. Never for one who
    /// has none.
    pub fn ended(&self) -> impl Future<Output = Ended> + Send + 'static + use<> {
        std::future::pending()
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
        todo!()
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
            Denied::Forbidden(role) => AuthError::Forbidden(role.name()),
        }
    }
}
