//! The audit log: who did what, when, from where, and what came of it.

use super::{Admin, Auth, AuthError, Caller, Peer};
use crate::log::now;
use crate::user::{Act, AuditEntry, User};

/// Characters of a text of the audit log, at most; what is over is cut.
const LONGEST: usize = 256;

impl Auth {
    /// Writes down what a caller did or tried; for one who is not signed in, the target is the name
    /// that they tried. Texts are cut to 256 characters. A failure to write goes to our log: what
    /// was done is done.
    pub async fn note(&self, caller: &Caller, action: &str, target: Option<&str>, outcome: &str) {
        let user = caller.user();
        let actor = user.map(|user| user.username.as_str()).or(target).unwrap_or_default();
        self.write(Act {
            user: user.map(|user| user.id),
            actor: kept(actor),
            action: kept(action),
            target: target.map(kept),
            address: Some(caller.peer().address),
            outcome: kept(outcome),
        })
        .await;
    }

    /// Writes down that a refresh token was used again and its session ended for that.
    pub(super) async fn note_replay(&self, user: &User, peer: &Peer) {
        self.write(Act {
            user: Some(user.id),
            actor: user.username.to_string(),
            action: "refresh".to_owned(),
            target: None,
            address: Some(peer.address),
            outcome: "REPLAYED".to_owned(),
        })
        .await;
    }

    async fn write(&self, act: Act) {
        let (actor, action) = (act.actor.clone(), act.action.clone());
        if let Err(error) = self.inner.store.add_act(now(), act).await {
            tracing::error!(%error, actor, action, "an act is missing in the audit log");
        }
    }

    /// The audit log, newest first, before this entry.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn acts(
        &self,
        _: &Admin,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, AuthError> {
        Ok(self.inner.store.acts(before, limit).await?)
    }
}

/// A text as the audit log keeps it: short, and on one line.
fn kept(text: &str) -> String {
    let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().take(LONGEST).map(shown).collect()
}
