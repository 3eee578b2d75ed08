//! `tailwater login` and `logout`: the sign-in that `tail` and `search` go by.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::graphql::to_client_error;
use super::logins::{Locked, Login, Logins};
use super::post::{self, Unanswered};
use super::render::{make_harmless, notice};
use super::server::{default_url, endpoint, parse_server, same, shown};
use super::{ClientError, Outcome, password, sign_in};

const LOGIN_HELP: &str = "\
The password comes from a prompt, or as one line of stdin, never as an argument. It is not kept:
what is kept, in a file that only you can read, is a refresh token, which `tailwater logout` ends.

Examples:
  tailwater login                                   to http://127.0.0.1:8000
  tailwater login --url https://logs.example.com --username ada
  pass show logs | tailwater login --username ada

Exit codes: 0 signed in; 1 the server refused or could not be reached; 2 the command line is wrong.";

/// Sign in, for `tail` and `search`
#[derive(Args, Clone, Debug)]
#[command(after_help = LOGIN_HELP)]
pub struct LoginArgs {
    /// Address of the server; also the variable TAILWATER_URL [default: http://127.0.0.1:8000]
    #[arg(
        long,
        value_name = "URL",
        env = "TAILWATER_URL",
        hide_env = true,
        value_parser = parse_server
    )]
    pub url: Option<Url>,

    /// Who signs in [default: asks]
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
}

/// End a sign-in, here and at the server
#[derive(Args, Clone, Debug)]
pub struct LogoutArgs {
    /// Address of the server [default: that of the last `tailwater login`]
    #[arg(long, value_name = "URL", value_parser = parse_server)]
    pub url: Option<Url>,
}

/// Signs in, and keeps that.
///
/// # Errors
/// [`ClientError::Usage`] where nobody can be asked for the name, [`ClientError::Failed`] when the
/// server refuses or cannot be reached, or the sign-in cannot be kept.
pub async fn log_in(args: LoginArgs) -> Result<Outcome, ClientError> {
    let logins = of_this_user()?;
    let url = args.url.unwrap_or_else(default_url);
    let place = shown(&url);
    if url.scheme() == "http" && !is_loopback(&url) {
        notice(format_args!("the password travels to {place} in the clear; better over https://"));
    }
    let username = match args.username {
        Some(username) => username,
        None => ask_username()?,
    };
    let password = password::ask("Password", false).await?;
    let client = post::client()?;
    let session = sign_in::log_in(&client, &endpoint(&url), &username, &password)
        .await
        .map_err(|error| refused(error, "wrong username or password"))?;
    let unwritable = unwritable(&logins);
    let locked = logins.lock().await.map_err(&unwritable)?;
    let mut kept = locked.read().map_err(&unwritable)?;
    let replaced = take(&mut kept, &url);
    let login = Login {
        url: url.clone(),
        username: session.user.username,
        refresh_token: session.refresh_token.expose_secret().to_owned(),
    };
    let mut who = String::new();
    make_harmless(&format!("{} ({})", login.username, session.user.role), &mut who);
    kept.insert(0, login);
    locked.write(&kept).map_err(&unwritable)?;
    if let Some(replaced) = replaced {
        // It is of no use to anybody any more; nothing is lost if this fails.
        let _ = end_session(&client, &replaced).await;
    }
    writeln!(io::stdout(), "signed in to {place} as {who}").map_err(ClientError::output)?;
    Ok(Outcome::Done)
}

/// Forgets a sign-in, and ends it at the server.
///
/// # Errors
/// [`ClientError::Failed`] when there is none, or the server could not be told.
pub async fn log_out(args: LogoutArgs) -> Result<Outcome, ClientError> {
    let logins = of_this_user()?;
    let unwritable = unwritable(&logins);
    let locked = logins.lock().await.map_err(&unwritable)?;
    let login = forget(&locked, args.url.as_ref()).map_err(&unwritable)?;
    let Some(login) = login else {
        return Err(ClientError::Failed("nobody is signed in there".into()));
    };
    drop(locked);
    let place = shown(&login.url);
    match end_session(&post::client()?, &login).await {
        // Over already is as good.
        Ok(()) | Err(Unanswered::Unauthenticated) => {
            writeln!(io::stdout(), "signed out of {place}").map_err(ClientError::output)?;
            Ok(Outcome::Done)
        }
        Err(error) => Err(ClientError::Failed(format!(
            "the sign-in is forgotten here, but {place} could not be told to end it: {error}"
        ))),
    }
}

/// Takes a sign-in out of what is kept: of this server, or the newest.
fn forget(locked: &Locked, url: Option<&Url>) -> io::Result<Option<Login>> {
    let mut kept = locked.read()?;
    let Some(url) = url.cloned().or_else(|| kept.first().map(|login| login.url.clone())) else {
        return Ok(None);
    };
    let taken = take(&mut kept, &url);
    locked.write(&kept)?;
    Ok(taken)
}

fn take(kept: &mut Vec<Login>, url: &Url) -> Option<Login> {
    let place = kept.iter().position(|login| same(&login.url, url))?;
    Some(kept.remove(place))
}

async fn end_session(client: &reqwest::Client, login: &Login) -> Result<(), Unanswered> {
    let endpoint = endpoint(&login.url);
    let session = sign_in::refresh(client, &endpoint, &login.refresh_token).await?;
    let access: SecretString = session.access_token;
    sign_in::log_out(client, &endpoint, &access).await
}

fn of_this_user() -> Result<Logins, ClientError> {
    Logins::of_this_user().ok_or_else(|| {
        ClientError::Failed("there is no place to keep it: neither HOME nor XDG_CONFIG_HOME".into())
    })
}

fn unwritable(logins: &Logins) -> impl Fn(io::Error) -> ClientError + use<> {
    let file = logins.file();
    move |error| ClientError::Failed(format!("{}: {error}", file.display()))
}

fn refused(error: Unanswered, unauthenticated: &str) -> ClientError {
    match error {
        Unanswered::Unauthenticated => ClientError::Failed(unauthenticated.to_owned()),
        Unanswered::Errors(errors) => {
            ClientError::Failed(to_client_error(&errors, None).to_string())
        }
        other => ClientError::Failed(other.to_string()),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn ask_username() -> Result<String, ClientError> {
    if !io::stdin().is_terminal() {
        return Err(ClientError::Usage("name who signs in, with --username".into()));
    }
    eprint!("Username: ");
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| ClientError::Failed(format!("no username: {error}")))?;
    Ok(line.trim().to_owned())
}
