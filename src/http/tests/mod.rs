//! Tests of the routes, over real sockets.

mod cors;
mod events;
mod exports;
mod graphql;
mod limits;
mod pages;
mod tls;
mod websocket;

use std::net::SocketAddr;

use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::options::Patience;
use super::{HttpContext, Options, SchemaSlot, serve};
use crate::api::fixture::{Fixture, PASSWORD, peer};
use crate::telemetry::Figures;

/// A server on a port of its own.
struct Server {
    address: SocketAddr,
    client: Client,
    figures: Figures,
    context: HttpContext,
    stop: CancellationToken,
    handle: JoinHandle<std::io::Result<()>>,
    /// A token of `admin`, where there is one.
    token: String,
}

impl Server {
    /// One that has no schema yet.
    async fn without_schema(options: Options) -> Server {
        Server::start(SchemaSlot::default(), options, Patience::default()).await
    }

    /// One that answers from the fixture, with a body limit of 10,000 bytes.
    async fn over(fixture: &Fixture) -> Server {
        let options = Options { body_limit: 10_000, ..Options::default() };
        Server::with(fixture, options, Patience::default()).await
    }

    async fn with(fixture: &Fixture, options: Options, patience: Patience) -> Server {
        let slot = SchemaSlot::default();
        slot.fill(fixture.schema.clone());
        let mut server = Server::start(slot, options, patience).await;
        server.token = token(fixture).await;
        server
    }

    async fn start(schema: SchemaSlot, options: Options, patience: Patience) -> Server {
        // The client wants one even for plain HTTP; another test may have brought it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let figures = Figures::new();
        let context =
            HttpContext { patience, ..HttpContext::new(schema, figures.clone(), options) };
        let stop = CancellationToken::new();
        let handle = tokio::spawn(serve(listener, context.clone(), stop.clone().cancelled_owned()));
        let client = Client::new();
        Server { address, client, figures, context, stop, handle, token: String::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    /// A POST of JSON by `admin`, to be completed and sent.
    fn post(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        let request = self.client.post(self.url("/graphql")).bearer_auth(&self.token);
        request.header("content-type", "application/json").body(body)
    }

    /// A query by `admin`, to be completed and sent.
    fn ask(&self, query: &str) -> RequestBuilder {
        self.post(json!({ "query": query }).to_string())
    }
}

/// A token of `admin`.
async fn token(fixture: &Fixture) -> String {
    let auth = fixture.schema.auth();
    let signed_in = auth.sign_in("admin", PASSWORD.into(), &peer()).await.unwrap();
    signed_in.access_token.expose_secret().to_owned()
}

/// The status, and the code of the first error.
async fn refusal(response: reqwest::Response) -> (StatusCode, Value) {
    let status = response.status();
    let mut body: Value = response.json().await.unwrap();
    assert!(body.get("data").is_none(), "{body}");
    (status, body["errors"][0]["extensions"]["code"].take())
}

/// A header of an answer as text; empty when it is not there.
fn header(response: &reqwest::Response, name: &str) -> String {
    let value = response.headers().get(name).map(|value| value.to_str().unwrap());
    value.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn health_is_answered_before_there_is_a_schema() {
    let server = Server::without_schema(Options::default()).await;
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK);
    let unavailable = (StatusCode::SERVICE_UNAVAILABLE, json!("UNAVAILABLE"));
    let posted = server.ask("{ __typename }").send().await.unwrap();
    assert_eq!(refusal(posted).await, unavailable);
    assert_eq!(refusal(server.get("/graphql?query={__typename}").await).await, unavailable);
}

#[tokio::test]
async fn a_stopped_server_finishes_and_returns() {
    let server = Server::without_schema(Options::default()).await;
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK);
    server.stop.cancel();
    server.handle.await.unwrap().unwrap();
}
