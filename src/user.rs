//! The words of who may: users, roles, sessions, tokens, saved searches, exports, the audit log.

mod export;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use uuid::Uuid;

use crate::log::Timestamp;

pub use export::{Export, ExportFormat, ExportState, ExportTally};

/// What a user may do. Each role may what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads and follows the log.
    Viewer,
    /// Also keeps saved searches and API tokens.
    Member,
    /// Also manages users and everybody's tokens, and sees the audit log.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Role; 3] = [Role::Viewer, Role::Member, Role::Admin];

    /// The name, as it is stored and typed: `viewer`, `member`, `admin`.
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Member => "member",
            Role::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is none of the roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is viewer, member or admin")]
pub struct NotARole;

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        Role::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(text)).ok_or(NotARole)
    }
}

/// The name that a user signs in with: 1 to 64 letters, digits and `.`, `_`, `-`, `@`, `+` of
/// ASCII, in lower case, for `Ada` and `ada` are one person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

/// The text cannot be a user's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a username has 1 to 64 letters, digits and . _ - @ +")]
pub struct NotAUsername;

impl Username {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Username {
    type Err = NotAUsername;

    fn from_str(text: &str) -> Result<Self, NotAUsername> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-@+".contains(c);
        if !(1..=64).contains(&text.len()) || !text.chars().all(allowed) {
            return Err(NotAUsername);
        }
        Ok(Username(text.to_ascii_lowercase()))
    }
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: Uuid,
    pub username: Username,
    /// How the user wants to be called; the username until told otherwise.
    pub display_name: String,
    pub email: Option<String>,
    pub role: Role,
    /// Signs in no more, and is let in nowhere.
    pub disabled: bool,
    /// The records this user sees, as the JSON of a `LogFilter`; `None`: all.
    pub scope: Option<String>,
    pub created_at: Timestamp,
    pub last_sign_in: Option<Timestamp>,
    /// Counts the changes of role, scope, password and `disabled`: an access token names the one
    /// it was made at, and is worth nothing after the next.
    pub version: i32,
}

/// A sign-in that lasts: what its refresh tokens belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: Uuid,
    pub user: Uuid,
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
    /// Where it was opened from.
    pub address: Option<IpAddr>,
    /// What it was opened with, as the client calls itself.
    pub user_agent: Option<String>,
}

/// What an API token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenScope {
    /// What a viewer may, whatever its owner's role.
    Read,
    /// What its owner may.
    Admin,
}

impl TokenScope {
    /// The name, as it is stored and typed: `read`, `admin`.
    pub fn name(self) -> &'static str {
        match self {
            TokenScope::Read => "read",
            TokenScope::Admin => "admin",
        }
    }
}

impl FromStr for TokenScope {
    type Err = NotATokenScope;

    fn from_str(text: &str) -> Result<Self, NotATokenScope> {
        let scopes = [TokenScope::Read, TokenScope::Admin];
        scopes.into_iter().find(|s| s.name().eq_ignore_ascii_case(text)).ok_or(NotATokenScope)
    }
}

/// The text is no scope of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the scope of a token is read or admin")]
pub struct NotATokenScope;

/// A token for programs. The token itself is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub id: Uuid,
    pub owner: Uuid,
    pub name: String,
    /// How the token begins (`tw_` and 6 characters), to tell it by.
    pub prefix: String,
    pub scope: TokenScope,
    pub created_at: Timestamp,
    /// `None`: never.
    pub expires_at: Option<Timestamp>,
    /// Up to a minute behind.
    pub last_used_at: Option<Timestamp>,
}

/// A filter with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSearch {
    pub id: Uuid,
    pub owner: Uuid,
    pub name: String,
    /// The JSON of a `LogFilter`.
    pub filter: String,
    /// Whether every user may use it; only its owner changes it.
    pub shared: bool,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// What somebody did, or tried to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the audit log, from 1, in the order of writing.
    pub id: i64,
    pub at: Timestamp,
    pub act: Act,
}

/// What the audit log tells of one act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Who: none when nobody was signed in.
    pub user: Option<Uuid>,
    /// Who by name, also when there is no such user (any more): at most 256 characters.
    pub actor: String,
    /// What: the name of the mutation, or of the command (`user add`).
    pub action: String,
    /// To whom or what: a username, the name of a token or search.
    pub target: Option<String>,
    /// From where; `None` for a command on the database.
    pub address: Option<IpAddr>,
    /// `OK`, or the code of the error.
    pub outcome: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_by_what_they_may() {
        assert!(Role::Viewer < Role::Member && Role::Member < Role::Admin);
        for role in Role::ALL {
            assert_eq!(role.name().to_uppercase().parse(), Ok(role));
        }
        assert_eq!("root".parse::<Role>(), Err(NotARole));
    }

    #[test]
    fn usernames_are_folded_and_checked() {
        assert_eq!("Ada.L@x".parse::<Username>().map(|n| n.to_string()), Ok("ada.l@x".into()));
        for wrong in ["", "a b", "ä", "a\0", "a/b", &"x".repeat(65)] {
            assert_eq!(wrong.parse::<Username>(), Err(NotAUsername), "{wrong:?}");
        }
    }
}
