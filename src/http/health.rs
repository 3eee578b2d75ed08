//! Whether the process lives, whether it can work, and its figures.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::HttpContext;

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
        .map(|(name, state)| (name, Part { up: state.is_ok(), reason: state.err() }))
        .collect();
    let ready = parts.values().all(|part| part.up);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, parts })).into_response()
}

/// `/metrics`: OpenMetrics text, as Prometheus reads it.
pub async fn metrics(State(context): State<HttpContext>) -> impl IntoResponse {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, OPEN_METRICS)], context.figures.metrics())
}
