//! Authority at the command line. Who can open the database could as well write into it, so nothing
//! more is asked.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use uuid::Uuid;

use super::authority::{Grant, Identity};
use super::{Admin, Auth, Denied, Member, Peer, Viewer};
use crate::log;
use crate::user::{Act, Role, User};

/// How the audit log calls whoever acts at the command line.
const ACTOR: &str = "command line";

impl Auth {
    /// The authority of an admin, for whoever can open the database.
    pub fn command_line(&self) -> Admin {
        Admin(rights(User {
            id: Uuid::nil(),
            username: "command-line".parse().expect("it is a username"),
            display_name: ACTOR.to_owned(),
            email: None,
            role: Role::Admin,
            disabled: false,
            scope: None,
            created_at: log::now(),
            last_sign_in: None,
            version: 0,
        }))
    }

    /// What this user may as a member, for an admin to do it in their place.
    ///
    /// # Errors
    /// The user is less than a member.
    pub fn in_place_of(&self, _: &Admin, user: User) -> Result<Member, Denied> {
        if user.role < Role::Member {
            return Err(Denied::Forbidden(Role::Member));
        }
        Ok(rights(user))
    }

    /// Writes down what was done, or tried, at the command line. A failure to write goes to our
    /// log: what was done is done.
    pub async fn note_command(&self, _: &Admin, action: &str, target: Option<&str>, outcome: &str) {
        let act = Act {
            user: None,
            actor: ACTOR.to_owned(),
            action: action.to_owned(),
            target: target.map(str::to_owned),
            address: None,
            outcome: outcome.to_owned(),
        };
        if let Err(error) = self.inner.store.add_act(log::now(), act).await {
            tracing::error!(%error, action, "the audit log could not be written");
        }
    }
}

fn rights(user: User) -> Member {
    let identity = Identity { user, grant: Grant::Session(Uuid::nil()), expires_at: None };
    let peer = Peer { address: IpAddr::V4(Ipv4Addr::LOCALHOST), user_agent: None };
    Member(Viewer { identity: Arc::new(identity), peer })
}
