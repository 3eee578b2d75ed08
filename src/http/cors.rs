//! Guards `/graphql` against pages of other sites, and lets those of the allowed origins read its
//! answers (the CORS protocol of the Fetch standard). No page is ever let in with our cookies but
//! our own.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::HttpContext;
use super::negotiate::Accepts;
use super::origin::Page;
use super::outcome::Refusal;
use super::peer::OtherEnd;
use crate::api::{ApiError, Code};

/// How long a browser may keep the answer to a preflight, in seconds.
const PREFLIGHT_LIFETIME: HeaderValue = HeaderValue::from_static("600");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type");
const EXPOSED: HeaderValue = HeaderValue::from_static("x-request-id");
/// What the answer depends on.
const VARY: HeaderValue = HeaderValue::from_static("accept, origin");

/// Lets a request through, with the [`Page`] that it comes from as an extension, or refuses it.
pub(super) async fn guard(
    State(context): State<HttpContext>,
    mut request: Request,
    next: Next,
) -> Response {
    let other_end = OtherEnd::of(request.extensions());
    let behind_proxy = other_end.is_trusted(&context.options.trusted_proxies);
    let page = context.origins.page(request.headers(), behind_proxy);
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = match &page {
        Page::Foreign => refuse(request.headers()),
        Page::Allowed(_) if is_preflight => StatusCode::NO_CONTENT.into_response(),
        Page::Own | Page::Allowed(_) => {
            request.extensions_mut().insert(page.clone());
            next.run(request).await
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, VARY);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Page::Allowed(origin) = page {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        if is_preflight {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_LIFETIME);
        }
    }
    response
}

fn refuse(headers: &HeaderMap) -> Response {
    let message = "pages of this origin may not ask here; see the setting cors-origin";
    let error = ApiError::new(Code::Forbidden, message);
    Refusal::because(StatusCode::FORBIDDEN, error).respond(Accepts::of(headers).refusal())
}
