//! `tailwater token`: API tokens, for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::{ArgMatches, Args, Command, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use super::table::{instant, table};
use super::{Accounts, Failure};
use crate::log;
use crate::user::{ApiToken, TokenScope, Username};

const HELP: &str = "\
A token belongs to a user, who is a member or an admin, and is worth nothing once that user is
disabled or removed. It is shown once, when it is made: only a hash of it is kept.

Examples:
  tailwater token create grafana --user ada                reads only
  tailwater token create provisioning --user ada --scope admin --expires-in 90d
  TAILWATER_TOKEN=$(tailwater token create shell --user ada) tailwater tail
  tailwater token list --json
  tailwater token revoke tw_AbC123

Exit codes: 0 done, 1 it failed and says why, 2 the command line is wrong.";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a token, and print it this once
    Create(CreateArgs),
    /// List everybody's tokens
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Take a token back
    Revoke {
        /// How the token begins, as `list` shows it, or its id
        token: String,
    },
}

#[derive(Args, Debug)]
struct CreateArgs {
    /// What it is for
    name: String,

    /// Whose it is
    #[arg(long, value_name = "USERNAME")]
    user: Username,

    /// read: what a viewer may; admin: what its owner may
    #[arg(long, default_value = "read")]
    scope: TokenScope,

    /// How long it is good, for example 90d [default: until it is taken back]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    expires_in: Option<Duration>,
}

/// The command, to be mounted.
pub fn command() -> Command {
    super::command::<Verb>("token", "Manage API tokens, on the database", HELP)
}

/// Runs the command; what it has to say.
///
/// # Errors
/// See [`Failure`].
pub async fn run(matches: &ArgMatches) -> Result<String, Failure> {
    super::run(matches, async |accounts, verb| accounts.manage_tokens(verb).await).await
}

impl Accounts {
    async fn manage_tokens(&self, verb: Verb) -> Result<String, Failure> {
        match verb {
            Verb::List { json } => self.list(json).await,
            Verb::Create(args) => {
                let name = args.name.clone();
                let said = self.create(args).await;
                self.note("token create", &name, &said).await;
                said
            }
            Verb::Revoke { token } => {
                let said = self.revoke(&token).await;
                self.note("token revoke", &token, &said).await;
                said
            }
        }
    }

    /// The token alone, so that a script can take it.
    async fn create(&self, args: CreateArgs) -> Result<String, Failure> {
        let owner = self.named(&args.user).await?;
        let owner = self.auth.in_place_of(&self.admin, owner).map_err(|_| {
            Failure::Other(format!("{} is a viewer: tokens are for members and admins", args.user))
        })?;
        let expires_at = args
            .expires_in
            .map(|time| {
                let time = chrono::Duration::from_std(time).ok();
                let at = time.and_then(|time| log::now().checked_add_signed(time));
                at.ok_or_else(|| Failure::Usage("--expires-in is too long".to_owned()))
            })
            .transpose()?;
        let made = self.auth.create_token(&owner, args.name, args.scope, expires_at).await?;
        Ok(format!("{}\n", made.1.expose_secret()))
    }

    async fn list(&self, json: bool) -> Result<String, Failure> {
        let owners: BTreeMap<Uuid, String> = self
            .users()
            .await?
            .into_iter()
            .map(|user| (user.id, user.username.to_string()))
            .collect();
        let owner = |token: &ApiToken| owners.get(&token.owner).cloned().unwrap_or_default();
        let tokens = self.auth.all_tokens(&self.admin).await?;
        if json {
            let line = |token: &ApiToken| format!("{}\n", to_json(token, &owner(token)));
            return Ok(tokens.iter().map(line).collect());
        }
        let row = |token: ApiToken| {
            [
                token.prefix.clone(),
                owner(&token),
                token.scope.name().to_owned(),
                instant(token.expires_at),
                instant(token.last_used_at),
                token.name,
            ]
        };
        let headings = ["TOKEN", "OWNER", "SCOPE", "EXPIRES", "LAST USED", "NAME"];
        Ok(table(headings, tokens.into_iter().map(row).collect()))
    }

    async fn revoke(&self, wanted: &str) -> Result<String, Failure> {
        let tokens = self.auth.all_tokens(&self.admin).await?;
        let id = wanted.parse::<Uuid>().ok();
        let mut found =
            tokens.into_iter().filter(|token| token.prefix == wanted || Some(token.id) == id);
        let Some(token) = found.next() else {
            return Err(Failure::NoSuchToken(wanted.to_owned()));
        };
        if found.next().is_some() {
            let problem = format!("several tokens begin with {wanted}: name one by its id");
            return Err(Failure::Other(problem));
        }
        let token = self.auth.revoke_token(self.admin.member(), token.id).await?;
        Ok(format!("{} is worth nothing any more\n", token.prefix))
    }
}

fn to_json(token: &ApiToken, owner: &str) -> serde_json::Value {
    json!({
        "id": token.id,
        "name": token.name,
        "prefix": token.prefix,
        "scope": token.scope.name(),
        "owner": owner,
        "createdAt": token.created_at,
        "expiresAt": token.expires_at,
        "lastUsedAt": token.last_used_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_well_formed() {
        command().debug_assert();
    }
}
