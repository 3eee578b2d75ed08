//! The pages for people: `/`, `/graphiql`, `/setup`, and the one for paths that are not there.
//! Those that Vite builds come from [`assets`]; without them, plain pages say how to build them.

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};

use super::assets;

const HOME: &str = include_str!("home.html");
const GRAPHIQL_NOT_BUILT: &str = include_str!("graphiql_not_built.html");
const SETUP_NOT_BUILT: &str = include_str!("setup_not_built.html");

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
    assets::page(name, request).unwrap_or_else(|| Html(plain).into_response())
}
