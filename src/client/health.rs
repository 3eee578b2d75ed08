//! `tailwater health`: whether a server has all that it needs. Made for whoever keeps it running:
//! a health check of a container, a probe, a script.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, StatusCode, Url};
use serde::Deserialize;

use super::graphql::prepare_tls;
use super::post::innermost;
use super::render::make_harmless;
use super::{ClientError, Outcome};

/// How long the whole of it may take: somebody waits who asks every few seconds.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longest answer that is read.
const LONGEST_ANSWER: usize = 64 << 10;

/// What `/readyz` answers.
#[derive(Deserialize)]
struct Readiness {
    parts: BTreeMap<String, Part>,
}

#[derive(Deserialize)]
struct Part {
    up: bool,
    reason: Option<String>,
}

/// Asks the server at this URL.
///
/// # Errors
/// Nobody answers there, or somebody else.
pub async fn of(url: &str) -> Result<Outcome, ClientError> {
    ask(url, reqwest::Client::builder()).await
}

/// Asks the server of this machine at its own address. Its certificate is for the name that others
/// know it by, and is not looked at: nothing secret is said, and what is heard is no secret.
///
/// # Errors
/// Nobody answers there, or somebody else.
pub async fn of_own(url: &str) -> Result<Outcome, ClientError> {
    ask(url, reqwest::Client::builder().tls_danger_accept_invalid_certs(true)).await
}

async fn ask(url: &str, client: ClientBuilder) -> Result<Outcome, ClientError> {
    let not_a_url = || ClientError::Usage(format!("`{url}` is not the URL of a server"));
    let readyz = Url::parse(url).and_then(|url| url.join("/readyz")).map_err(|_| not_a_url())?;
    if !matches!(readyz.scheme(), "http" | "https") {
        return Err(not_a_url());
    }
    prepare_tls();
    // A proxy of the environment would answer for itself.
    let client = client.timeout(PATIENCE).redirect(Policy::none()).no_proxy().build();
    let client = client.map_err(|error| failed(&readyz, &error))?;
    let answer = client.get(readyz.clone()).send().await;
    let mut answer = answer.map_err(|error| failed(&readyz, &error))?;
    let status = answer.status();
    if status == StatusCode::OK {
        println!("ready");
        return Ok(Outcome::Done);
    }
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| failed(&readyz, &error))?
        && body.len() + piece.len() <= LONGEST_ANSWER
    {
        body.extend_from_slice(&piece);
    }
    let Ok(readiness) = serde_json::from_slice::<Readiness>(&body) else {
        return Err(ClientError::Failed(format!("{readyz} answers with {status}")));
    };
    for (name, part) in readiness.parts.iter().filter(|(_, part)| !part.up) {
        let said = format!("not ready: {name}: {}", part.reason.as_deref().unwrap_or("down"));
        let mut line = String::new();
        make_harmless(&said, &mut line);
        eprintln!("tailwater: {line}");
    }
    Ok(Outcome::Incomplete)
}

fn failed(url: &Url, error: &reqwest::Error) -> ClientError {
    let cause = if error.is_timeout() {
        format!("no answer within {PATIENCE:?}")
    } else {
        innermost(error)
    };
    ClientError::Failed(format!("cannot ask {url}: {cause}"))
}
