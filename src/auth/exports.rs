//! Exports: a secret link that is good once, for a minute, and then speaks for whoever asked for
//! it, as far as they are let in when it is followed.

use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::SecretString;
use uuid::Uuid;

use super::authority::{Grant, Identity};
use super::{Auth, AuthError, Caller, Inner, Peer, Viewer, check, secrets};
use crate::log::now;
use crate::store::{
    AccountError, ExportEnd, ExportRoom, ExportTicket, GrantedBy, NewExport, OwnedBy, StoreError,
};
use crate::user::{Export, ExportFormat, ExportState, ExportTally, Role};

/// How long a link is good.
const LIFETIME: TimeDelta = TimeDelta::seconds(60);
/// Exports that wait or run at a time, at most.
const ROOM: ExportRoom = ExportRoom { of_a_user: 4, in_all: 16 };
/// How long an export is remembered.
const REMEMBERED: TimeDelta = TimeDelta::days(7);

/// Why a link leads to nothing.
#[derive(Debug, thiserror::Error)]
pub enum NoExport {
    #[error("there is no such export")]
    Unknown,
    /// The link was good once; why it is no longer.
    #[error("{0}")]
    Gone(&'static str),
    #[error(transparent)]
    Auth(#[from] AuthError),
}

impl From<StoreError> for NoExport {
    fn from(error: StoreError) -> Self {
        NoExport::Auth(error.into())
    }
}

impl Auth {
    /// Makes an export: what it is, and the secret of its link, which is shown this once. `filter`
    /// is the JSON of a `LogFilter`, which the caller has checked.
    ///
    /// # Errors
    /// [`AuthError::NoRoom`] when 4 of one's own, or 16 in all, wait or run already;
    /// [`AuthError::BadInput`].
    pub async fn create_export(
        &self,
        viewer: &Viewer,
        filter: String,
        format: ExportFormat,
        skip_damaged: bool,
    ) -> Result<(Export, SecretString), AuthError> {
        check::filter("filter", &filter)?;
        let fresh = secrets::opaque_token()?;
        let at = now();
        let new = NewExport {
            owner: viewer.user().id,
            by: match viewer.identity.grant {
                Grant::Session(id) => GrantedBy::Session(id),
                Grant::Token(id, _) => GrantedBy::ApiToken(id),
            },
            filter,
            format,
            skip_damaged,
            hash: fresh.hash,
            expires_at: at + LIFETIME,
        };
        match self.inner.store.add_export(new, ROOM, at).await {
            Ok(export) => Ok((export, fresh.token)),
            Err(AccountError::NotFound) => Err(AuthError::Unauthenticated("the session is over")),
            Err(AccountError::NoRoom) => Err(AuthError::NoRoom(
                "too many exports wait or run: 4 of a user and 16 in all may; \
                 wait for one to end, or cancel one",
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// One of one's own exports; for an admin anybody's.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn export(&self, viewer: &Viewer, id: Uuid) -> Result<Option<Export>, AuthError> {
        Ok(self.inner.store.export_of(id, whose(viewer), now()).await?)
    }

    /// Calls off one of one's own exports; an admin anybody's. One that has ended stays as it is.
    ///
    /// # Errors
    /// [`AuthError::NotFound`].
    pub async fn cancel_export(&self, viewer: &Viewer, id: Uuid) -> Result<Export, AuthError> {
        Ok(self.inner.store.cancel_export(id, whose(viewer), now()).await?)
    }

    /// The export that a link leads to, which stays good.
    ///
    /// # Errors
    /// See [`NoExport`].
    pub async fn look_at_export(&self, secret: &str) -> Result<Export, NoExport> {
        Ok(self.inner.ticket(secret).await?.export)
    }

    /// Takes the export that a link leads to, for whoever asked for it: the link is good no more.
    ///
    /// # Errors
    /// See [`NoExport`]; nobody is let in by it whose session or token is over.
    pub async fn take_export(
        &self,
        secret: &str,
        peer: Peer,
    ) -> Result<(Export, Caller), NoExport> {
        let ExportTicket { export, by } = self.inner.ticket(secret).await?;
        let identity = self.inner.standing_of(by).await?;
        let identity = identity.ok_or(NoExport::Gone("whoever asked for it is signed out"))?;
        if !self.inner.store.take_export(export.id, now()).await? {
            return Err(NoExport::Gone(USED));
        }
        Ok((export, Caller { peer, identity: Some(Arc::new(identity)) }))
    }

    /// Says how far an export is. Whether it is to go on.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn note_export(&self, id: Uuid, tally: ExportTally) -> Result<bool, AuthError> {
        Ok(self.inner.store.note_export(id, tally, now()).await?)
    }

    /// Writes down how an export has ended.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn end_export(
        &self,
        id: Uuid,
        end: ExportEnd,
        tally: ExportTally,
    ) -> Result<(), AuthError> {
        Ok(self.inner.store.end_export(id, end, tally, now()).await?)
    }
}

const USED: &str = "this link has been followed already; each is good once";

impl Inner {
    /// The ticket of a link that is still good.
    async fn ticket(&self, secret: &str) -> Result<ExportTicket, NoExport> {
        let hash = secrets::hash_of_opaque(secret).ok_or(NoExport::Unknown)?;
        let ticket = self.store.export_ticket(hash, now()).await?.ok_or(NoExport::Unknown)?;
        match ticket.export.state {
            ExportState::Waiting => Ok(ticket),
            ExportState::Expired => {
                Err(NoExport::Gone("this link has expired; each is good for a minute"))
            }
            ExportState::Cancelled if ticket.export.started_at.is_none() => {
                Err(NoExport::Gone("this export was cancelled"))
            }
            _ => Err(NoExport::Gone(USED)),
        }
    }

    /// What a session or an API token is worth at this moment, by the database itself.
    async fn standing_of(&self, by: GrantedBy) -> Result<Option<Identity>, StoreError> {
        let at = now();
        let (user, grant, expires_at) = match by {
            GrantedBy::Session(id) => {
                let Some(it) = self.store.session_standings(&[id], at).await?.pop() else {
                    return Ok(None);
                };
                (it.user, Grant::Session(id), None)
            }
            GrantedBy::ApiToken(id) => {
                let Some(it) = self.store.api_token_standings(&[id], at).await?.pop() else {
                    return Ok(None);
                };
                (it.user, Grant::Token(id, it.token.scope), it.token.expires_at)
            }
        };
        Ok(Some(Identity { user, grant, expires_at, watchers: self.watchers.clone() }))
    }

    /// Removes exports that are long over.
    pub(super) async fn remove_old_exports(&self) -> Result<(), StoreError> {
        let at = now();
        self.store.remove_old_exports(at - REMEMBERED, at).await
    }
}

/// Whose exports one sees.
fn whose(viewer: &Viewer) -> OwnedBy {
    let anybodys = viewer.identity.role() == Role::Admin;
    (!anybodys).then_some(viewer.user().id)
}
