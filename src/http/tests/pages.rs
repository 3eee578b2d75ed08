//! Health, metrics, pages, and what every answer carries.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Options, Server, header};
use crate::http::pages::DASHBOARD;

#[tokio::test]
async fn readiness_names_the_part_that_is_not_there() {
    let server = Server::without_schema(Options::default()).await;
    server.figures.health.up("database");
    server.figures.health.down("queue", "connection refused");
    let response = server.get("/readyz").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let expected = json!({ "ready": false, "parts": {
        "database": { "up": true }, "queue": { "up": false, "reason": "connection refused" },
    } });
    assert_eq!(response.json::<Value>().await.unwrap(), expected);
    server.figures.health.up("queue");
    assert_eq!(server.get("/readyz").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn metrics_are_open_metrics() {
    let server = Server::without_schema(Options::default()).await;
    server.figures.stored.inc_by(7);
    let response = server.get("/metrics").await;
    let content_type = header(&response, "content-type");
    assert!(content_type.starts_with("application/openmetrics-text"), "{content_type}");
    let page = response.text().await.unwrap();
    assert!(page.contains("tailwater_stored_total 7"), "{page}");
    assert!(page.ends_with("# EOF\n"), "{page}");
}

#[tokio::test]
async fn metrics_with_a_token_are_for_those_who_have_it() {
    let options = Options { metrics_token: Some("s3cret".into()), ..Options::default() };
    let server = Server::without_schema(options).await;
    let refused = server.get("/metrics").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(header(&refused, "www-authenticate"), "Bearer");
    assert!(!refused.text().await.unwrap().contains("tailwater_"));
    for (token, status) in [
        ("s3cret", StatusCode::OK),
        ("s3cre", StatusCode::UNAUTHORIZED),
        ("s3cret2", StatusCode::UNAUTHORIZED),
        ("", StatusCode::UNAUTHORIZED),
    ] {
        let request = server.client.get(server.url("/metrics")).bearer_auth(token);
        assert_eq!(request.send().await.unwrap().status(), status, "{token:?}");
    }
}

#[tokio::test]
async fn pages_are_where_they_should_be_and_nowhere_else() {
    let server = Server::without_schema(Options::default()).await;
    for path in DASHBOARD.iter().chain(&["/graphiql", "/setup"]) {
        let page = server.get(path).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        assert!(header(&page, "content-type").starts_with("text/html"), "{path}");
    }
    for path in ["/nowhere", "/graphql/", "/.env", "/sources/", "/users/1", "/index.html"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.text().await.unwrap(), format!("there is nothing at {path}\n"));
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_what_they_may() {
    let server = Server::without_schema(Options::default()).await;
    let (page, answer) = ("default-src 'none'; script-src 'self';", "default-src 'none'; base-uri");
    for (path, policy) in [
        ("/", page),
        ("/sources", page),
        ("/graphiql", page),
        ("/setup", page),
        ("/graphql?query={__typename}", answer),
        ("/healthz", answer),
        ("/readyz", answer),
        ("/metrics", answer),
        ("/assets/nowhere.js", page),
        ("/nowhere", answer),
    ] {
        let answer = server.get(path).await;
        let of = |name| header(&answer, name);
        assert!(of("content-security-policy").starts_with(policy), "{path}");
        assert!(of("content-security-policy").ends_with("frame-ancestors 'none'"), "{path}");
        assert_eq!(of("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(of("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(of("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(of("cross-origin-resource-policy"), "same-origin", "{path}");
        assert_eq!(of("strict-transport-security"), "", "only TLS says so: {path}");
    }
    assert_eq!(header(&server.get("/graphql").await, "cache-control"), "no-store");
}

#[tokio::test]
async fn every_answer_has_a_name_of_its_own() {
    let server = Server::without_schema(Options::default()).await;
    let mut names = BTreeSet::new();
    for path in ["/", "/healthz", "/healthz", "/nowhere"] {
        let request = server.client.get(server.url(path)).header("x-request-id", "made-up");
        let name = header(&request.send().await.unwrap(), "x-request-id");
        assert!(uuid::Uuid::parse_str(&name).is_ok(), "{path}: {name:?}");
        names.insert(name);
    }
    assert_eq!(names.len(), 4);
}
