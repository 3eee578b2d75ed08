//! `tailwater user` and `tailwater token`: accounts, on the database itself, whether or not a
//! server runs on it. Who can open the database needs no other right.

mod table;
pub mod token;
pub mod user;

use clap::{ArgMatches, Command, FromArgMatches, Subcommand};

use super::access::open_auth;
use super::open::store_options;
use crate::auth::{Admin, Auth, AuthError};
use crate::client::ClientError;
use crate::config::{self, Config, ConfigErrors};
use crate::store::{Store, StoreError};
use crate::user::{User, Username};

/// Users that are read at a time.
const PAGE: usize = 500;

/// Why a command did not do what it was to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Settings(#[from] ConfigErrors),
    #[error("{0}")]
    Usage(String),
    #[error("there is no user {0}")]
    NoSuchUser(Username),
    #[error("there is no token {0}")]
    NoSuchToken(String),
    #[error("{0}")]
    Other(String),
    #[error(transparent)]
    Password(#[from] ClientError),
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure {
    /// Whether the command line or the settings are wrong.
    pub fn is_usage(&self) -> bool {
        matches!(self, Failure::Settings(_) | Failure::Usage(_))
    }

    /// How the audit log calls it; `None` for what never came to be an act.
    fn outcome(&self) -> Option<&'static str> {
        match self {
            Failure::Settings(_) | Failure::Usage(_) | Failure::Password(_) => None,
            Failure::NoSuchUser(_)
            | Failure::NoSuchToken(_)
            | Failure::Auth(AuthError::NotFound) => Some("NOT_FOUND"),
            Failure::Auth(AuthError::NameTaken | AuthError::LastAdmin) => Some("CONFLICT"),
            Failure::Auth(AuthError::Forbidden(_)) => Some("FORBIDDEN"),
            Failure::Auth(AuthError::BadInput(..)) | Failure::Other(_) => Some("BAD_USER_INPUT"),
            Failure::Auth(_) | Failure::Store(_) => Some("INTERNAL"),
        }
    }
}

/// The accounts of a database, in the hands of whoever can open it.
struct Accounts {
    auth: Auth,
    admin: Admin,
    store: Store,
}

impl Accounts {
    /// Opens the database of a command's settings, and brings its schema up to date as a server
    /// does.
    async fn open(config: &Config) -> Result<Accounts, Failure> {
        let store = Store::connect(&store_options(config)).await?;
        if config.migrate {
            store.migrate().await?;
        }
        let auth = open_auth(config, store.clone()).await?;
        let admin = auth.command_line();
        Ok(Accounts { auth, admin, store })
    }

    async fn find(&self, name: &Username) -> Result<Option<User>, Failure> {
        Ok(self.store.user_named(name).await?)
    }

    async fn named(&self, name: &Username) -> Result<User, Failure> {
        self.find(name).await?.ok_or_else(|| Failure::NoSuchUser(name.clone()))
    }

    /// Every user, by name.
    async fn users(&self) -> Result<Vec<User>, Failure> {
        let mut users: Vec<User> = Vec::new();
        loop {
            let after = users.last().map(|user| &user.username);
            let page = self.auth.users(&self.admin, after, PAGE).await?;
            let last = page.len() < PAGE;
            users.extend(page);
            if last {
                return Ok(users);
            }
        }
    }

    /// Writes an act down, with what came of it.
    async fn note<T>(&self, action: &str, target: &str, done: &Result<T, Failure>) {
        let outcome = match done {
            Ok(_) => "OK",
            Err(failure) => match failure.outcome() {
                Some(outcome) => outcome,
                None => return,
            },
        };
        self.auth.note_command(&self.admin, action, Some(target), outcome).await;
    }
}

/// A command of these verbs. Their settings are those that find the database.
fn command<Verb: Subcommand>(
    name: &'static str,
    about: &'static str,
    help: &'static str,
) -> Command {
    let settings =
        |verb: Command| verb.args(config::arguments(|setting| setting.key == "database-url"));
    Verb::augment_subcommands(Command::new(name))
        .about(about)
        .after_help(help)
        .subcommand_required(true)
        .mut_subcommands(settings)
}

/// Has a verb obeyed on the database that its settings name; what there is to say.
///
/// # Errors
/// See [`Failure`].
async fn run<Verb: FromArgMatches>(
    matches: &ArgMatches,
    obey: impl AsyncFnOnce(&Accounts, Verb) -> Result<String, Failure>,
) -> Result<String, Failure> {
    let verb = Verb::from_arg_matches(matches);
    let verb = verb.map_err(|error| Failure::Usage(error.to_string()))?;
    let Some((_, matches)) = matches.subcommand() else { return Ok(String::new()) };
    let accounts = Accounts::open(&config::load(matches)?).await?;
    let said = obey(&accounts, verb).await;
    accounts.store.close().await;
    said
}
