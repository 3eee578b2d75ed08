//! A GraphQL operation over HTTP.

use reqwest::header::ACCEPT;
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ClientError;
use super::graphql::{GraphqlError, LONGEST_ANSWER, Response, prepare_tls, to_client_error};
use super::render::{make_harmless, notice};
use super::server::Server;

/// Why an operation got no answer of its own.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The server could not be reached, or is busy: it may answer later.
    #[error("{0}")]
    Passing(String),
    /// It does not know who asks.
    #[error("the server does not know who asks")]
    Unauthenticated,
    /// It answers with errors.
    #[error("the server answers with errors")]
    Errors(Vec<GraphqlError>),
    #[error("{0}")]
    Other(String),
}

impl From<ClientError> for Unanswered {
    fn from(error: ClientError) -> Self {
        Unanswered::Other(error.to_string())
    }
}

/// What speaks HTTP. It goes where it is told and nowhere else: what it carries is secret.
///
/// # Errors
/// The system has no TLS.
pub fn client() -> Result<reqwest::Client, ClientError> {
    prepare_tls();
    reqwest::Client::builder()
        .user_agent(concat!("tailwater/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .build()
        .map_err(|error| ClientError::Failed(format!("cannot speak HTTP: {error}")))
}

/// Asks for an operation, and gives its data. What is damaged at the server, and so is not among
/// them, is said.
///
/// # Errors
/// See [`Unanswered`].
pub async fn post<T: DeserializeOwned>(
    client: &reqwest::Client,
    endpoint: &Url,
    bearer: Option<&SecretString>,
    request: &impl Serialize,
) -> Result<T, Unanswered> {
    let unreachable = |error: reqwest::Error| {
        Unanswered::Passing(format!("cannot ask {endpoint}: {}", innermost(&error)))
    };
    let mut http = client
        .post(endpoint.clone())
        .header(ACCEPT, "application/graphql-response+json, application/json")
        .json(request);
    if let Some(token) = bearer {
        http = http.bearer_auth(token.expose_secret());
    }
    let mut answer = http.send().await.map_err(unreachable)?;
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + piece.len() > LONGEST_ANSWER {
            return Err(Unanswered::Other(format!(
                "the answer of {endpoint} is longer than {} MiB: ask for less",
                LONGEST_ANSWER >> 20
            )));
        }
        body.extend_from_slice(&piece);
    }
    match serde_json::from_slice::<Response<T>>(&body) {
        Ok(response) if response.errors.iter().any(GraphqlError::is_unauthenticated) => {
            Err(Unanswered::Unauthenticated)
        }
        Ok(Response { data: Some(data), errors }) if errors.iter().all(GraphqlError::is_damage) => {
            for error in errors {
                let mut text = String::new();
                make_harmless(&error.message, &mut text);
                notice(text);
            }
            Ok(data)
        }
        Ok(response) if !response.errors.is_empty() => Err(Unanswered::Errors(response.errors)),
        _ if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            Err(Unanswered::Unauthenticated)
        }
        _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(Unanswered::Passing(format!("{endpoint} answers {status}")))
        }
        _ if !status.is_success() => Err(Unanswered::Other(format!("{endpoint} answers {status}"))),
        _ => Err(Unanswered::Other(format!(
            "what {endpoint} answers is not an answer of Tailwater's API"
        ))),
    }
}

/// The same, as whoever asks the server; an access token that ends meanwhile is replaced. An error
/// that speaks of a place in `query` points at it.
///
/// # Errors
/// [`ClientError::Usage`] when what was asked is wrong, [`ClientError::Failed`] when the server
/// cannot be reached or refuses.
pub async fn ask<T: DeserializeOwned>(
    client: &reqwest::Client,
    server: &mut Server,
    request: &impl Serialize,
    query: Option<&str>,
) -> Result<T, ClientError> {
    loop {
        let bearer = server.bearer().await?;
        match post(client, &server.endpoint(), bearer.as_ref(), request).await {
            Ok(data) => {
                server.taken();
                return Ok(data);
            }
            Err(Unanswered::Unauthenticated) if server.refused() => {}
            Err(Unanswered::Unauthenticated) => {
                return Err(ClientError::Failed(server.how_to_sign_in()));
            }
            Err(Unanswered::Errors(errors)) => return Err(to_client_error(&errors, query)),
            Err(error) => return Err(ClientError::Failed(error.to_string())),
        }
    }
}

/// The cause at the bottom of an error, which says most: `Connection refused`.
pub fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
