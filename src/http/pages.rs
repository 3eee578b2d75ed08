//! The pages for people: the dashboard, `/graphiql`, `/setup`, and the one for paths that are not
//! there.
//! Those that Vite builds come from [`assets`]; without them, plain pages say how to build them.

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};

use super::assets;

/// The paths of the dashboard. It is one document, which finds out by itself what is to be shown;
/// a test of the front end holds this list to its own.
pub const DASHBOARD: [&str; 8] =
    ["/", "/sources", "/pipeline", "/users", "/audit", "/account", "/sessions", "/tokens"];

const DASHBOARD_NOT_BUILT: &str = include_str!("dashboard_not_built.html");
const GRAPHIQL_NOT_BUILT: &str = include_str!("graphiql_not_built.html");
const SETUP_NOT_BUILT: &str = include_str!("setup_not_built.html");

/// `/` and what is below it: the log, and who and what sends, reads and keeps it.
pub async fn dashboard(headers: HeaderMap) -> Response {
    built("index.html", DASHBOARD_NOT_BUILT, &headers)
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
    assets::page(name, request).unwrap_or_else(|| Html(plain).into_response())
}
