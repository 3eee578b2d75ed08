//! What browsers are told about everything we serve: who may frame it, load it, keep it.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::set_header::SetResponseHeaderLayer;

use super::HttpContext;

/// What an answer that is no page may load: nothing.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'");

/// What our pages may load and do: files of ours, and GraphQL at the same origin (`'self'` covers
/// its WebSocket). No script but ours runs, none that is written in a page, none made of text.
/// Styles in the page are allowed, for Monaco sets sizes and colours that way, and so are the
/// pictures that its style sheets hold. Assets carry it too: a worker goes by that of its script.
pub(super) const PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; \
     style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// For all.
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, NOTHING),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// A year. Browsers heed it only when it comes over TLS.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Lets a route's answers load what this policy says; it is one of those above.
pub(super) fn policy(policy: HeaderValue) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(header::CONTENT_SECURITY_POLICY, policy)
}

/// Adds what every answer carries. What is there already stays.
pub(super) async fn secure(
    State(context): State<HttpContext>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    if context.options.tls.is_some() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    response
}
