//! `/graphql`: chooses the transport by what the request asks for. One path serves JSON over
//! POST, queries over GET, WebSocket, and server-sent events over both.

use async_graphql::{Executor, Request as Operation};
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, RequestExt};

use super::{HttpContext, sse, websocket};
use crate::api::{Code, TailwaterSchema};

/// GET: a WebSocket upgrade, or an operation in the query string.
pub async fn get(State(context): State<HttpContext>, request: Request) -> Response {
    respond_to_get(&context, request).await.unwrap_or_else(Refusal::into_response)
}

/// POST: an operation as JSON.
pub async fn post(State(context): State<HttpContext>, request: Request) -> Response {
    respond_to_post(&context, request).await.unwrap_or_else(Refusal::into_response)
}

async fn respond_to_get(context: &HttpContext, request: Request) -> Result<Response, Refusal> {
    let schema = schema(context)?;
    if websocket::is_upgrade(request.headers()) {
        let (limit, sockets) = (context.body_limit, context.sockets.clone());
        return Ok(websocket::upgrade(schema.clone(), limit, sockets, request).await);
    }
    let operation = read_query(request.uri())?;
    Ok(answer(schema, request.headers(), operation).await)
}

async fn respond_to_post(context: &HttpContext, request: Request) -> Result<Response, Refusal> {
    let schema = schema(context)?;
    let headers = request.headers().clone();
    let operation = read_body(request).await?;
    Ok(answer(schema, &headers, operation).await)
}

fn schema(context: &HttpContext) -> Result<&TailwaterSchema, Refusal> {
    context.schema.get().ok_or_else(|| Refusal {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: Code::Unavailable,
        message: "nobody answers here at the moment; see /readyz".to_owned(),
    })
}

async fn answer(schema: &TailwaterSchema, headers: &HeaderMap, operation: Operation) -> Response {
    if accepts_events(headers) {
        return sse::stream(schema, operation);
    }
    Json(schema.execute(operation).await).into_response()
}

/// Why a request never became an operation.
struct Refusal {
    status: StatusCode,
    code: Code,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Refusal { status, code: Code::BadUserInput, message: message.into() }
    }

    fn bad_request(message: impl Into<String>) -> Self {
        Refusal::new(StatusCode::BAD_REQUEST, message)
    }
}

impl IntoResponse for Refusal {
    /// Errors in the form that GraphQL clients read.
    fn into_response(self) -> Response {
        let error = serde_json::json!({
            "message": self.message,
            "extensions": { "code": self.code.as_str() },
        });
        (self.status, Json(serde_json::json!({ "errors": [error] }))).into_response()
    }
}

fn read_query(uri: &Uri) -> Result<Operation, Refusal> {
    let query = uri.query().unwrap_or_default();
    let operation = async_graphql::http::parse_query_string(query)
        .map_err(|_| Refusal::bad_request("the query string is not a GraphQL request"))?;
    with_query(operation)
}

async fn read_body(request: Request) -> Result<Operation, Refusal> {
    // Only JSON: a page of another site cannot send that without asking first.
    if !is_json(request.headers()) {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body must be `Content-Type: application/json`",
        ));
    }
    let body = limited(request).await?;
    // serde would read an array as the fields of a request in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Refusal::bad_request("the body is not a JSON object"));
    }
    let operation = serde_json::from_slice(&body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Refusal::bad_request(format!(
            "the body is not a GraphQL request in JSON (line {line}, column {column})"
        ))
    })?;
    with_query(operation)
}

fn with_query(operation: Operation) -> Result<Operation, Refusal> {
    if operation.query.trim().is_empty() {
        return Err(Refusal::bad_request("no `query`; in a browser, open /graphiql"));
    }
    Ok(operation)
}

async fn limited(request: Request<Body>) -> Result<Bytes, Refusal> {
    Bytes::from_request(request.with_limited_body(), &()).await.map_err(|rejection| {
        let message = match &rejection {
            BytesRejection::FailedToBufferBody(_)
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE =>
            {
                "the body is too long"
            }
            _ => "the body could not be read",
        };
        Refusal::new(rejection.status(), message)
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return false };
    let Ok(value) = value.to_str() else { return false };
    media_type(value).eq_ignore_ascii_case("application/json")
}

fn accepts_events(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|range| media_type(range).eq_ignore_ascii_case("text/event-stream"))
}

/// The media type without its parameters.
fn media_type(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}
