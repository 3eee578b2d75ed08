//! The operations of signing in and out.

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::post::{Unanswered, post};
use crate::log::Timestamp;

const FIELDS: &str = "accessToken expiresAt refreshToken user { username role }";

/// What a sign-in gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub access_token: SecretString,
    /// When the access token is over.
    pub expires_at: Timestamp,
    pub refresh_token: SecretString,
    pub user: SessionUser,
}

/// Whose it is.
#[derive(Deserialize)]
pub struct SessionUser {
    pub username: String,
    pub role: String,
}

#[derive(Serialize)]
struct Request {
    query: String,
    variables: Value,
}

/// Signs in.
///
/// # Errors
/// See [`Unanswered`]; wrong credentials are [`Unanswered::Unauthenticated`].
pub async fn log_in(
    client: &reqwest::Client,
    endpoint: &Url,
    username: &str,
    password: &SecretString,
) -> Result<Session, Unanswered> {
    let query = format!(
        "mutation LogIn($username: String!, $password: String!) {{ session: \
         login(username: $username, password: $password, refreshToken: true) {{ {FIELDS} }} }}"
    );
    let variables = json!({ "username": username, "password": password.expose_secret() });
    session(client, endpoint, query, variables).await
}

/// Takes up a session again.
///
/// # Errors
/// See [`Unanswered`].
pub async fn refresh(
    client: &reqwest::Client,
    endpoint: &Url,
    refresh_token: &str,
) -> Result<Session, Unanswered> {
    let query = format!(
        "mutation Refresh($token: String!) {{ session: refresh(token: $token) {{ {FIELDS} }} }}"
    );
    session(client, endpoint, query, json!({ "token": refresh_token })).await
}

/// Ends the session of an access token.
///
/// # Errors
/// See [`Unanswered`].
pub async fn log_out(
    client: &reqwest::Client,
    endpoint: &Url,
    access_token: &SecretString,
) -> Result<(), Unanswered> {
    let request = Request { query: "mutation LogOut { logout }".to_owned(), variables: json!({}) };
    post::<Value>(client, endpoint, Some(access_token), &request).await.map(|_| ())
}

async fn session(
    client: &reqwest::Client,
    endpoint: &Url,
    query: String,
    variables: Value,
) -> Result<Session, Unanswered> {
    #[derive(Deserialize)]
    struct Data {
        session: Option<Session>,
    }
    let data: Data = post(client, endpoint, None, &Request { query, variables }).await?;
    data.session.ok_or_else(|| Unanswered::Other(format!("{endpoint} gives no session")))
}
