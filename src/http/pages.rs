//! The pages for people: `/`, `/graphiql`, `/setup`, and the one for paths that are not there.
//! Those that Vite builds come from [`assets`]; without them, plain pages say how to build them.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};

use super::assets;

const HOME: &str = include_str!("home.html");
const GRAPHIQL_NOT_BUILT: &str = include_str!("graphiql_not_built.html");
const SETUP_NOT_BUILT: &str = include_str!("setup_not_built.html");

/// What our pages may load and do: files of ours, and GraphQL at the same origin (`'self'` covers
/// its WebSocket). No script but ours runs, none that is written in a page, none made of text.
/// Styles in the page are allowed, for Monaco sets sizes and colours that way, and so are the
/// pictures that its style sheets hold.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
     worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// `/`: what this is and where to go on.
pub async fn home() -> Html<&'static str> {
    Html(HOME)
}

/// `/graphiql`: the schema to explore, in a browser.
pub async fn graphiql(headers: HeaderMap) -> Response {
    built("graphiql.html", GRAPHIQL_NOT_BUILT, &headers)
}

/// `/setup?token=…`: where the first user is made. The token is the page's affair.
pub async fn setup(headers: HeaderMap) -> Response {
    built("setup.html", SETUP_NOT_BUILT, &headers)
}

/// Every other path.
pub async fn not_found(uri: Uri) -> impl IntoResponse {
    (StatusCode::NOT_FOUND, format!("there is nothing at {}\n", uri.path()))
}

fn built(name: &str, plain: &'static str, request: &HeaderMap) -> Response {
    let page = assets::page(name, request);
    within_policy(page.unwrap_or_else(|| Html(plain).into_response()))
}

/// Holds what is answered to [`CONTENT_SECURITY_POLICY`].
pub(super) fn within_policy(mut response: Response) -> Response {
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
