//! Names every request, so that what the log says of it can be found.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

/// Where the answer says the request's name. What a client sends under it is not read.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request a name: everything logged while it is answered carries it, and so does the
/// answer.
pub(super) async fn name(request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().to_string();
    let span = tracing::error_span!("request", id = %id);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
