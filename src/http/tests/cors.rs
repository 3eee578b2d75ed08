//! Pages of other sites.

use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio_tungstenite::connect_async;

use super::websocket::handshake;
use super::{Options, Patience, Server, header, refusal};
use crate::api::fixture::Fixture;

const FOREIGN: &str = "http://evil.example";
const ALLOWED: &str = "https://team.example";

async fn server(fixture: &Fixture) -> Server {
    let options = Options { allowed_origins: vec![ALLOWED.to_owned()], ..Options::default() };
    Server::with(fixture, options, Patience::default()).await
}

#[tokio::test]
async fn a_foreign_page_gets_no_answer_by_any_transport() {
    let fixture = Fixture::with_records(0).await;
    let server = server(&fixture).await;
    let forbidden = (StatusCode::FORBIDDEN, json!("FORBIDDEN"));
    for (name, value) in [("origin", FOREIGN), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        let posted = server.ask("{ __typename }").header(name, value).send().await.unwrap();
        assert_eq!(header(&posted, "access-control-allow-origin"), "");
        assert_eq!(refusal(posted).await, forbidden, "{name}: {value}");
        let asked = server.client.get(server.url("/graphql?query={__typename}"));
        let asked = asked.header(name, value).header("accept", "text/event-stream");
        assert_eq!(refusal(asked.send().await.unwrap()).await, forbidden, "{name}: {value}");
    }
    let mut request = handshake(&server);
    request.headers_mut().insert("origin", FOREIGN.parse().unwrap());
    assert!(connect_async(request).await.unwrap_err().to_string().contains("403"));
}

#[tokio::test]
async fn a_preflight_is_answered_for_allowed_origins_only() {
    let fixture = Fixture::with_records(0).await;
    let server = server(&fixture).await;
    let preflight = async |path: &str, origin: &str| {
        let request = server.client.request(Method::OPTIONS, server.url(path));
        let request = request.header("access-control-request-method", "POST");
        let request = request.header("access-control-request-headers", "authorization");
        request.header("origin", origin).send().await.unwrap()
    };
    let answer = preflight("/graphql", ALLOWED).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&answer, "access-control-allow-origin"), ALLOWED);
    assert_eq!(header(&answer, "access-control-allow-methods"), "GET, POST");
    assert_eq!(header(&answer, "access-control-allow-headers"), "authorization, content-type");
    assert_eq!(header(&answer, "access-control-allow-credentials"), "");
    assert_eq!(header(&answer, "vary"), "accept, origin");
    for (path, origin) in [("/graphql", FOREIGN), ("/healthz", ALLOWED), ("/metrics", ALLOWED)] {
        let answer = preflight(path, origin).await;
        assert_eq!(header(&answer, "access-control-allow-origin"), "", "{path} {origin}");
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_reads_answers_but_gets_no_cookies() {
    let fixture = Fixture::with_records(0).await;
    let server = server(&fixture).await;
    let answer = server.ask("{ __typename }").header("origin", ALLOWED).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(header(&answer, "access-control-allow-origin"), ALLOWED);
    assert_eq!(header(&answer, "access-control-expose-headers"), "x-request-id");
    let login = format!(
        "mutation {{ login(username: \"admin\", password: \"{}\") {{ accessToken }} }}",
        super::PASSWORD
    );
    let signed_in = server.ask(&login).header("origin", ALLOWED).send().await.unwrap();
    assert_eq!(signed_in.status(), StatusCode::OK);
    assert_eq!(header(&signed_in, "set-cookie"), "");
}
