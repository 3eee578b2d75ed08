//! Whether the process lives, whether it can work, and its figures.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use subtle::ConstantTimeEq;

use super::HttpContext;
use super::authorize::bearer;

/// `/healthz`: 200 while the process lives.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// What `/readyz` answers.
#[derive(Serialize)]
struct Readiness {
    ready: bool,
    parts: BTreeMap<&'static str, Part>,
}

/// A part the process needs.
#[derive(Serialize)]
struct Part {
    up: bool,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// `/readyz`: 200 when every part the process needs is there, 503 when not, and which.
pub async fn readyz(State(context): State<HttpContext>) -> Response {
    let parts = context.figures.health.read().into_iter();
    let parts: BTreeMap<_, _> = parts
        .map(|(name, state)| {
            let reason = state.as_ref().err().map(|reason| in_short(reason).to_owned());
            (name, Part { up: state.is_ok(), reason })
        })
        .collect();
    let ready = parts.values().all(|part| part.up);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, parts })).into_response()
}

/// What is wrong, without what the database or NATS said of it: anybody may ask, and the rest
/// stands in our log.
fn in_short(reason: &str) -> &str {
    reason.split_once(": ").map_or(reason, |(what, _detail)| what)
}

/// `/metrics`: OpenMetrics text, as Prometheus reads it; with a token, for those who have it.
pub async fn metrics(State(context): State<HttpContext>, headers: HeaderMap) -> Response {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    if let Some(token) = &context.options.metrics_token
        && !carries(&headers, token)
    {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
        let message = "the metrics are for those who have the token\n";
        return (StatusCode::UNAUTHORIZED, challenge, message).into_response();
    }
    ([(header::CONTENT_TYPE, OPEN_METRICS)], context.figures.metrics()).into_response()
}

/// Whether the request carries this bearer token. How long it takes tells nothing of the token but
/// its length.
fn carries(headers: &HeaderMap, token: &SecretString) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let found = value.and_then(bearer).unwrap_or_default();
    found.as_bytes().ct_eq(token.expose_secret().as_bytes()).into()
}
