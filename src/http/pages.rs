//! The pages for people: `/`, `/graphiql`, and the one for paths that are not there.

use async_graphql::http::GraphiQLSource;
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse};

const HOME: &str = include_str!("home.html");

/// `/`: what this is and where to go on.
pub async fn home() -> Html<&'static str> {
    Html(HOME)
}

/// `/graphiql`: the schema to explore, in a browser.
pub async fn graphiql() -> Html<String> {
    let page = GraphiQLSource::build()
        .endpoint("/graphql")
        .subscription_endpoint("/graphql")
        .title("Tailwater: GraphiQL");
    Html(page.finish())
}

/// Every other path.
pub async fn not_found(uri: Uri) -> impl IntoResponse {
    (StatusCode::NOT_FOUND, format!("there is nothing at {}\n", uri.path()))
}
