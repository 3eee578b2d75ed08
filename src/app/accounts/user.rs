//! `tailwater user`: who may sign in.

use clap::{ArgMatches, Args, Command, Subcommand};
use serde_json::json;

use super::table::{instant, table};
use super::{Accounts, Failure};
use crate::auth::{AuthError, NewAccount};
use crate::client::password;
use crate::filter;
use crate::store::UserChange;
use crate::user::{Role, User, Username};

const HELP: &str = "\
These commands work on the database itself, whether or not a server runs on it; a server heeds them
within a second. Passwords come from a prompt, or as one line of stdin, never as an argument.

Examples:
  tailwater user add ada --role admin                      asks for the password
  pwgen 20 1 | tee ada.txt | tailwater user add ada --role member
  tailwater user add shop-team --role viewer --scope 'app:shop'
  tailwater user list --database-url postgres://log@db/log
  tailwater user set-role ada viewer
  tailwater user disable ada                               and ends every session of hers

Roles: a viewer reads and follows the log; a member also keeps saved searches and API tokens; an
admin also manages users and everybody's tokens, and sees the audit log. The last active
admin cannot be removed, demoted or disabled.

Exit codes: 0 done, 1 it failed and says why, 2 the command line is wrong.";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add a user, with a password from a prompt or stdin
    Add(AddArgs),
    /// List the users
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Give a user another role
    SetRole {
        username: Username,
        /// viewer, member or admin
        role: Role,
    },
    /// Let a user in no more, and end every session and token of theirs
    Disable { username: Username },
    /// Let a disabled user in again
    Enable { username: Username },
    /// Set a user's password, from a prompt or stdin, and end their sessions
    Passwd { username: Username },
    /// Remove a user with their tokens and saved searches
    Remove { username: Username },
}

#[derive(Args, Debug)]
struct AddArgs {
    /// What the user signs in with: 1 to 64 letters, digits and . _ - @ +
    username: Username,

    /// viewer, member or admin
    #[arg(long)]
    role: Role,

    /// How the user wants to be called [default: the username]
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,

    #[arg(long)]
    email: Option<String>,

    /// All that the user sees of the log, in the search language: 'app:shop severity>=info'
    /// [default: everything]
    #[arg(long, value_name = "QUERY", value_parser = scope)]
    scope: Option<String>,
}

/// The JSON of a `LogFilter` with this query.
fn scope(query: &str) -> Result<String, String> {
    filter::parse(query).map_err(|error| error.to_string())?;
    Ok(json!({ "query": query }).to_string())
}

/// The command, to be mounted.
pub fn command() -> Command {
    super::command::<Verb>("user", "Manage the users, on the database", HELP)
}

/// Runs the command; what it has to say.
///
/// # Errors
/// See [`Failure`].
pub async fn run(matches: &ArgMatches) -> Result<String, Failure> {
    super::run(matches, async |accounts, verb| accounts.manage_users(verb).await).await
}

impl Accounts {
    async fn manage_users(&self, verb: Verb) -> Result<String, Failure> {
        let (action, username) = match &verb {
            Verb::List { json } => return Ok(list(self.users().await?, *json)),
            Verb::Add(args) => ("user add", args.username.clone()),
            Verb::SetRole { username, .. } => ("user set-role", username.clone()),
            Verb::Disable { username } => ("user disable", username.clone()),
            Verb::Enable { username } => ("user enable", username.clone()),
            Verb::Passwd { username } => ("user passwd", username.clone()),
            Verb::Remove { username } => ("user remove", username.clone()),
        };
        let said = self.change(verb).await;
        self.note(action, username.as_str(), &said).await;
        said
    }

    async fn change(&self, verb: Verb) -> Result<String, Failure> {
        match verb {
            Verb::List { .. } => Ok(String::new()),
            Verb::Add(args) => self.add(args).await,
            Verb::SetRole { username, role } => {
                let change = UserChange { role: Some(role), ..UserChange::default() };
                self.change_user(&username, change).await?;
                Ok(format!("{username} is {role} now\n"))
            }
            Verb::Disable { username } => {
                let change = UserChange { disabled: Some(true), ..UserChange::default() };
                self.change_user(&username, change).await?;
                Ok(format!("{username} is let in no more\n"))
            }
            Verb::Enable { username } => {
                let change = UserChange { disabled: Some(false), ..UserChange::default() };
                self.change_user(&username, change).await?;
                Ok(format!("{username} may sign in again\n"))
            }
            Verb::Passwd { username } => {
                let user = self.named(&username).await?;
                let password = password::ask("New password", true).await?;
                self.auth.set_password(&self.admin, user.id, password).await?;
                Ok(format!("{username} has a new password, and no session any more\n"))
            }
            Verb::Remove { username } => {
                let user = self.named(&username).await?;
                self.auth.remove_user(&self.admin, user.id).await?;
                Ok(format!("{username} is removed\n"))
            }
        }
    }

    async fn add(&self, args: AddArgs) -> Result<String, Failure> {
        // Before somebody types a password in vain.
        if self.find(&args.username).await?.is_some() {
            return Err(AuthError::NameTaken.into());
        }
        let new = NewAccount {
            username: args.username,
            display_name: args.display_name,
            email: args.email,
            role: args.role,
            scope: args.scope,
            password: password::ask("Password", true).await?,
        };
        let user = self.auth.create_user(&self.admin, new).await?;
        Ok(format!("{} may sign in, as {}\n", user.username, user.role))
    }

    async fn change_user(&self, name: &Username, change: UserChange) -> Result<User, Failure> {
        let user = self.named(name).await?;
        Ok(self.auth.change_user(&self.admin, user.id, change).await?)
    }
}

fn list(users: Vec<User>, json: bool) -> String {
    if json {
        return users.iter().map(|user| format!("{}\n", to_json(user))).collect();
    }
    let row = |user: User| {
        [
            user.username.to_string(),
            user.role.to_string(),
            if user.disabled { "disabled" } else { "active" }.to_owned(),
            instant(user.last_sign_in),
            user.display_name,
            user.email.unwrap_or_else(|| "-".to_owned()),
            user.scope.unwrap_or_else(|| "-".to_owned()),
        ]
    };
    let headings = ["USERNAME", "ROLE", "STATE", "LAST SIGN-IN", "NAME", "E-MAIL", "SCOPE"];
    table(headings, users.into_iter().map(row).collect())
}

fn to_json(user: &User) -> serde_json::Value {
    let scope = user.scope.as_deref().map(serde_json::from_str::<serde_json::Value>);
    json!({
        "id": user.id,
        "username": user.username.as_str(),
        "displayName": user.display_name,
        "email": user.email,
        "role": user.role.name(),
        "disabled": user.disabled,
        "scope": scope.and_then(Result::ok),
        "createdAt": user.created_at,
        "lastSignIn": user.last_sign_in,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn a_scope_is_checked_and_kept_as_a_filter() {
        assert_eq!(scope("app:shop \"a b\""), Ok(r#"{"query":"app:shop \"a b\""}"#.to_owned()));
        assert!(scope("severity>=loud").is_err());
    }

    #[test]
    fn a_password_is_no_argument() {
        let line = ["user", "add", "ada", "--role", "viewer", "--password", "secret"];
        assert!(command().try_get_matches_from(line).is_err());
    }
}
