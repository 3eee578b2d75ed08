//! GraphQL over HTTP.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Server, header, refusal};
use crate::api::fixture::Fixture;

const QUERY: &str =
    r#"{"query": "query($id: ID!) { log(id: $id) { message } }", "variables": {"id": 1}}"#;

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

#[tokio::test]
async fn a_query_is_answered_over_post_and_get() {
    let fixture = Fixture::with_records(1).await;
    let server = Server::over(&fixture).await;
    let answer = json!({ "data": { "log": { "message": "record number 1" } } });
    let response = server.post(QUERY).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-type"), "application/json; charset=utf-8");
    assert_eq!(response.json::<Value>().await.unwrap(), answer);
    let url = server.url("/graphql?query=%7Blog(id:1)%7Bmessage%7D%7D");
    let response = server.client.get(url).bearer_auth(&server.token).send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap(), answer);
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_graphql_clients_expect() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    let long = format!(r#"{{"query": "{}"}}"#, "x".repeat(10_000));
    let bad = StatusCode::BAD_REQUEST;
    let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    for (content_type, body, status) in [
        ("text/plain", QUERY, unsupported),
        ("multipart/form-data; boundary=x", QUERY, unsupported),
        ("application/x-www-form-urlencoded", "query={__typename}", unsupported),
        ("application/graphql", "{__typename}", unsupported),
        ("application/json; charset=utf-16", QUERY, unsupported),
        ("", QUERY, unsupported),
        (JSON, "", bad),
        (JSON, "{", bad),
        (JSON, "null", bad),
        (JSON, "\"{__typename}\"", bad),
        (JSON, "[]", bad),
        (JSON, " [{\"query\": \"{__typename}\"}]", bad),
        (JSON, "{}", bad),
        (JSON, "{\"query\": 1}", bad),
        (JSON, "{\"query\": \"\u{0}\"}", bad),
        (JSON, &"[".repeat(9_000), bad),
        (JSON, &format!("{{\"query\":{}", "{\"a\":".repeat(1_000)), bad),
        (JSON, &long, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let request = server.client.post(server.url("/graphql")).body(body.to_owned());
        let request = request.header("content-type", content_type).header("accept", GRAPHQL);
        let response = request.send().await.unwrap();
        assert!(header(&response, "content-type").starts_with(GRAPHQL));
        let refused = refusal(response).await;
        assert_eq!(refused, (status, json!("BAD_USER_INPUT")), "{content_type} {body:.50}");
    }
    for path in ["/graphql", "/graphql?query=", "/graphql?query={a}&variables=[]"] {
        let refused = refusal(server.get(path).await).await;
        assert_eq!(refused, (bad, json!("BAD_USER_INPUT")), "{path}");
    }
}

#[tokio::test]
async fn the_status_and_the_form_are_what_the_client_accepts() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    let (ok, bad) = (StatusCode::OK, StatusCode::BAD_REQUEST);
    for (accept, query, status, form) in [
        (GRAPHQL, "{ __typename }", ok, GRAPHQL),
        (JSON, "{ __typename }", ok, JSON),
        ("*/*", "{ __typename }", ok, JSON),
        (GRAPHQL, "{", bad, GRAPHQL),
        (GRAPHQL, "{ nothingOfTheKind }", bad, GRAPHQL),
        (GRAPHQL, "query($id: ID!) { __typename }", bad, GRAPHQL),
        (JSON, "{", ok, JSON),
        (JSON, "{ nothingOfTheKind }", ok, JSON),
        // A field that fails is no failed request.
        (GRAPHQL, "{ log(id: \"x\") { id } }", ok, GRAPHQL),
        ("text/html", "{ __typename }", StatusCode::NOT_ACCEPTABLE, JSON),
        (JSON, "subscription { tail { cursor } }", StatusCode::NOT_ACCEPTABLE, JSON),
    ] {
        let response = server.ask(query).header("accept", accept).send().await.unwrap();
        assert_eq!(response.status(), status, "{accept} {query}");
        let found = header(&response, "content-type");
        assert_eq!(found, format!("{form}; charset=utf-8"), "{accept} {query}");
        assert_eq!(header(&response, "vary"), "accept, origin");
        let body: Value = response.json().await.unwrap();
        assert_ne!(body.get("data"), Some(&Value::Null), "{accept} {query}");
    }
}

#[tokio::test]
async fn a_mutation_does_not_come_by_get() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    for query in
        ["mutation{__typename}", "query+A{__typename}mutation+B{__typename}&operationName=B"]
    {
        let response = server.get(&format!("/graphql?query={query}")).await;
        assert_eq!(header(&response, "allow"), "POST", "{query}");
        let refused = refusal(response).await;
        assert_eq!(refused, (StatusCode::METHOD_NOT_ALLOWED, json!("BAD_USER_INPUT")));
    }
}

#[tokio::test]
async fn other_methods_and_the_single_connection_mode_of_events_are_refused() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = server.client.request(method.clone(), server.url("/graphql"));
        let response = request.send().await.unwrap();
        assert_eq!(header(&response, "allow"), "GET, POST", "{method}");
        assert_eq!(refusal(response).await.0, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    let reserved = server.ask("{ __typename }").header("x-graphql-event-stream-token", "x");
    assert_eq!(refusal(reserved.send().await.unwrap()).await.0, StatusCode::BAD_REQUEST);
    let by_query = server.get("/graphql?token=x").await;
    assert_eq!(refusal(by_query).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_token_must_be_good_and_without_one_nobody_asks() {
    let fixture = Fixture::with_records(1).await;
    let server = Server::over(&fixture).await;
    let ask = |authorization: Option<&str>| {
        let request = server.client.post(server.url("/graphql"));
        let request = request.json(&json!({ "query": "{ log(id: 1) { id } }" }));
        match authorization {
            Some(value) => request.header("authorization", value),
            None => request,
        }
    };
    for wrong in ["Bearer nonsense", "Bearer ", "Basic YTpi", &server.token] {
        let response = ask(Some(wrong)).send().await.unwrap();
        assert_eq!(header(&response, "www-authenticate"), "Bearer");
        let refused = refusal(response).await;
        assert_eq!(refused, (StatusCode::UNAUTHORIZED, json!("UNAUTHENTICATED")), "{wrong}");
    }
    let nobody: Value = ask(None).send().await.unwrap().json().await.unwrap();
    assert_eq!(nobody["data"], json!({ "log": null }));
    assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_browser_keeps_its_refresh_token_in_a_cookie() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    let login = format!(
        "mutation {{ login(username: \"admin\", password: \"{}\") {{ refreshToken }} }}",
        super::PASSWORD
    );
    let own = format!("http://{}", server.address);
    let signed_in = server.ask(&login).header("origin", &own).send().await.unwrap();
    let cookie = header(&signed_in, "set-cookie");
    for part in ["tailwater_refresh=", "HttpOnly", "SameSite=Strict", "Path=/graphql", "Max-Age="] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "this is plain HTTP: {cookie}");
    let answer: Value = signed_in.json().await.unwrap();
    assert_eq!(answer["data"]["login"]["refreshToken"], Value::Null);

    let pair = cookie.split(';').next().unwrap().to_owned();
    let refresh = server.ask("mutation { refresh { accessToken } }").header("cookie", pair);
    let refreshed: Value = refresh.send().await.unwrap().json().await.unwrap();
    assert!(refreshed["data"]["refresh"]["accessToken"].is_string(), "{refreshed}");
}
