//! The server that a command asks, and who asks: an API token, or the sign-in that
//! `tailwater login` has kept.

use clap::Args;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::ClientError;
use super::logins::{Login, Logins};
use super::post::{self, Unanswered};
use super::sign_in::{self, Session};
use crate::log::{self, Timestamp};

/// The server of `tailwater serve`.
const DEFAULT_URL: &str = "http://127.0.0.1:8000";
/// An access token with less time left is not used any more.
const TOO_SHORT: chrono::Duration = chrono::Duration::seconds(15);

/// Where the API is, and who asks.
#[derive(Args, Clone)]
pub struct ServerArgs {
    /// Address of the server; also the variable TAILWATER_URL [default: that of the last
    /// `tailwater login`, or http://127.0.0.1:8000]
    #[arg(
        long,
        value_name = "URL",
        env = "TAILWATER_URL",
        hide_env = true,
        value_parser = parse_server
    )]
    pub url: Option<Url>,

    /// API token; better in the variable TAILWATER_TOKEN, where no process list shows it
    #[arg(long, env = "TAILWATER_TOKEN", hide_env = true)]
    pub token: Option<String>,
}

/// Never shows the token.
impl std::fmt::Debug for ServerArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.url.as_ref().map(Url::as_str);
        f.debug_struct("ServerArgs").field("url", &url).finish_non_exhaustive()
    }
}

/// Reads the address of a server.
///
/// # Errors
/// What it should look like.
pub fn parse_server(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "write it as http://HOST:PORT".to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("write it as http://HOST:PORT or https://HOST".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("leave the credentials out: --token and TAILWATER_TOKEN carry them".to_owned());
    }
    Ok(url)
}

/// The address that is meant when none is given.
pub fn default_url() -> Url {
    Url::parse(DEFAULT_URL).expect("it is a URL")
}

/// An address, as people write it.
pub fn shown(server: &Url) -> &str {
    server.as_str().trim_end_matches('/')
}

/// The address of `/graphql` at a server.
pub fn endpoint(server: &Url) -> Url {
    let mut url = server.clone();
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with("/graphql") {
        url.set_path(&format!("{path}/graphql"));
    }
    url
}

/// A server, and who asks it.
pub struct Server {
    url: Url,
    asker: Asker,
}

enum Asker {
    Nobody,
    Token(SecretString),
    Login { logins: Logins, username: String, access: Option<Access> },
}

struct Access {
    token: SecretString,
    expires_at: Timestamp,
    /// The server has taken it.
    proven: bool,
}

/// Why there is nothing to show to the server.
#[derive(Debug, thiserror::Error)]
pub enum NoBearer {
    /// The server cannot be asked at the moment.
    #[error("{0}")]
    Passing(String),
    #[error("{0}")]
    Final(String),
}

impl From<NoBearer> for ClientError {
    fn from(error: NoBearer) -> Self {
        ClientError::Failed(error.to_string())
    }
}

impl ServerArgs {
    /// The server that is meant, and who asks it.
    ///
    /// # Errors
    /// What is kept of sign-ins cannot be read.
    pub fn server(&self) -> Result<Server, ClientError> {
        if let (Some(url), Some(token)) = (&self.url, &self.token) {
            return Ok(Server { url: url.clone(), asker: Asker::Token(token.as_str().into()) });
        }
        let logins = Logins::of_this_user();
        let kept = match &logins {
            Some(logins) => logins.read().map_err(|error| {
                ClientError::Failed(format!("{}: {error}", logins.file().display()))
            })?,
            None => Vec::new(),
        };
        let login = match &self.url {
            Some(url) => kept.into_iter().find(|login| same(&login.url, url)),
            None => kept.into_iter().next(),
        };
        let url = match (&self.url, &login) {
            (Some(url), _) => url.clone(),
            (None, Some(login)) => login.url.clone(),
            (None, None) => default_url(),
        };
        let asker = match (&self.token, logins, login) {
            (Some(token), ..) => Asker::Token(token.as_str().into()),
            (None, Some(logins), Some(Login { username, .. })) => {
                Asker::Login { logins, username, access: None }
            }
            (None, ..) => Asker::Nobody,
        };
        Ok(Server { url, asker })
    }
}

/// Whether two addresses are of one server.
pub fn same(one: &Url, other: &Url) -> bool {
    endpoint(one) == endpoint(other)
}

impl Server {
    /// A server that is asked by a kept sign-in.
    #[cfg(test)]
    pub fn signed_in(url: Url, logins: Logins) -> Server {
        Server { url, asker: Asker::Login { logins, username: "ada".to_owned(), access: None } }
    }

    /// Its address, for people.
    pub fn name(&self) -> &str {
        shown(&self.url)
    }

    /// The address of `/graphql`.
    pub fn endpoint(&self) -> Url {
        endpoint(&self.url)
    }

    /// The address of a file of an export, by the link that the server gave: at the address that we
    /// know it by, whatever it calls itself. `None`: it is no such link.
    pub fn file(&self, link: &str) -> Option<Url> {
        let (_, secret) = link.rsplit_once("/export/")?;
        let mut url = self.endpoint();
        let path = url.path().strip_suffix("/graphql")?.to_owned();
        url.set_path(&format!("{path}/export/{secret}"));
        Some(url)
    }

    /// That it answers as no server of ours does.
    pub fn not_an_answer(&self) -> ClientError {
        let name = self.name();
        ClientError::Failed(format!("what {name} answers is not an answer of Tailwater's API"))
    }

    /// The same as a WebSocket.
    pub fn web_socket(&self) -> Url {
        let mut url = self.endpoint();
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        // From one special scheme to another: this cannot fail.
        let _ = url.set_scheme(scheme);
        url
    }

    /// What to show to the server: an API token, or an access token with time left, which may have
    /// to be fetched. `None`: nobody is signed in.
    ///
    /// # Errors
    /// The sign-in is over, or cannot be taken up at the moment.
    pub async fn bearer(&mut self) -> Result<Option<SecretString>, NoBearer> {
        let Asker::Login { logins, access, .. } = &mut self.asker else {
            return Ok(match &self.asker {
                Asker::Token(token) => Some(token.clone()),
                _ => None,
            });
        };
        if let Some(access) = access
            && access.expires_at - log::now() > TOO_SHORT
        {
            return Ok(Some(access.token.clone()));
        }
        let fresh = refresh(logins, &self.url).await;
        let session = match fresh {
            Ok(session) => session,
            Err(Unanswered::Unauthenticated) => return Err(NoBearer::Final(self.how_to_sign_in())),
            Err(error @ Unanswered::Passing(_)) => {
                return Err(NoBearer::Passing(error.to_string()));
            }
            Err(error) => return Err(NoBearer::Final(error.to_string())),
        };
        let token = session.access_token;
        *access =
            Some(Access { token: token.clone(), expires_at: session.expires_at, proven: false });
        Ok(Some(token))
    }

    /// The server has taken what was shown to it.
    pub fn taken(&mut self) {
        if let Asker::Login { access: Some(access), .. } = &mut self.asker {
            access.proven = true;
        }
    }

    /// The server has refused what was shown to it. Whether there is something else to show: an
    /// access token that was good once has a successor.
    pub fn refused(&mut self) -> bool {
        let Asker::Login { access, .. } = &mut self.asker else { return false };
        access.take().is_some_and(|access| access.proven)
    }

    /// What a person can do about being refused.
    pub fn how_to_sign_in(&self) -> String {
        let url = self.name();
        match &self.asker {
            Asker::Nobody => format!(
                "sign in first, with `tailwater login --url {url}`, or give an API token with \
                 --token or TAILWATER_TOKEN"
            ),
            Asker::Token(_) => format!(
                "{url} does not take this token, or no longer: give another one with --token or \
                 TAILWATER_TOKEN, or sign in with `tailwater login --url {url}`"
            ),
            Asker::Login { username, .. } => format!(
                "the sign-in of {username} is over: sign in again with \
                 `tailwater login --url {url}`, or give an API token with --token or TAILWATER_TOKEN"
            ),
        }
    }
}

/// Uses the kept refresh token of a server, and keeps its successor.
async fn refresh(logins: &Logins, server: &Url) -> Result<Session, Unanswered> {
    let unwritable = |error| Unanswered::Other(format!("{}: {error}", logins.file().display()));
    let locked = logins.lock().await.map_err(unwritable)?;
    let mut kept = locked.read().map_err(unwritable)?;
    let Some(login) = kept.iter_mut().find(|login| same(&login.url, server)) else {
        return Err(Unanswered::Unauthenticated);
    };
    let client = post::client()?;
    let session = sign_in::refresh(&client, &endpoint(server), &login.refresh_token).await?;
    login.refresh_token = session.refresh_token.expose_secret().to_owned();
    locked.write(&kept).map_err(unwritable)?;
    Ok(session)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> ServerArgs {
        ServerArgs { url: Some(parse_server(url).unwrap()), token: Some("secret".into()) }
    }

    #[test]
    fn the_endpoint_is_found_from_the_address_of_the_server() {
        let at = |url| server(url).server().unwrap();
        assert_eq!(at("http://a:8000").endpoint().as_str(), "http://a:8000/graphql");
        assert_eq!(at("http://a:8000/graphql").web_socket().as_str(), "ws://a:8000/graphql");
        assert_eq!(at("https://a/logs/?x").web_socket().as_str(), "wss://a/logs/graphql");
        assert!(parse_server("ftp://a").is_err());
        assert!(parse_server("http://user:word@a").is_err());
    }

    #[test]
    fn a_file_is_fetched_where_the_server_is_known_to_be() {
        let file = |url, link| {
            let file = server(url).server().unwrap().file(link);
            file.map(|url| url.to_string())
        };
        let at = |url: &str| Some(url.to_owned());
        assert_eq!(file("http://a:8000", "/export/x"), at("http://a:8000/export/x"));
        let absolute = "https://b.example/sub/export/x";
        assert_eq!(file("https://a/logs", absolute), at("https://a/logs/export/x"));
        assert_eq!(file("http://a", "https://b/elsewhere"), None);
    }

    #[test]
    fn the_token_is_not_shown() {
        assert!(!format!("{:?}", server("http://a")).contains("secret"));
    }
}
