//! `/graphql`: chooses the transport by what the request asks for. One path serves JSON over
//! POST, queries over GET, WebSockets, and event streams over both (GraphQL over HTTP, draft of
//! 2025).

use async_graphql::Request as Operation;
use async_graphql::parser::types::OperationType;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;

use super::negotiate::{Accepts, Media};
use super::origin::Page;
use super::outcome::{Refusal, respond};
use super::peer::{OtherEnd, peer};
use super::{HttpContext, authorize, operation, sse, websocket};
use crate::api::TailwaterSchema;

/// What comes with the single connection mode of `graphql-sse`, which is not served.
const STREAM_TOKEN: &str = "x-graphql-event-stream-token";

/// GET: a WebSocket upgrade, or a query in the address.
pub(super) async fn get(State(context): State<HttpContext>, request: Request) -> Response {
    let media = Accepts::of(request.headers()).refusal();
    let response = if websocket::is_upgrade(request.headers()) {
        upgrade(&context, request).await
    } else {
        run(&context, request).await
    };
    response.unwrap_or_else(|refusal| refusal.respond(media))
}

/// POST: an operation as JSON.
pub(super) async fn post(State(context): State<HttpContext>, request: Request) -> Response {
    let media = Accepts::of(request.headers()).refusal();
    run(&context, request).await.unwrap_or_else(|refusal| refusal.respond(media))
}

/// Any other method. `PUT` would open the single connection mode of `graphql-sse`.
pub(super) async fn not_allowed(method: Method, headers: HeaderMap) -> Response {
    let message = match method {
        Method::PUT => "event streams are served in distinct connections mode only",
        _ => "operations come by GET or POST",
    };
    Refusal::not_allowed("GET, POST", message).respond(Accepts::of(&headers).refusal())
}

async fn upgrade(context: &HttpContext, request: Request) -> Result<Response, Refusal> {
    let schema = schema(context)?.clone();
    websocket::upgrade(context, schema, request).await
}

async fn run(context: &HttpContext, request: Request) -> Result<Response, Refusal> {
    let schema = schema(context)?;
    let accepts = accepts(request.headers())?;
    refuse_single_connection(request.headers(), request.uri())?;
    let method = request.method().clone();
    let headers = request.headers().clone();
    let own = request.extensions().get::<Page>() == Some(&Page::Own);
    let other_end = OtherEnd::of(request.extensions());
    let peer = peer(other_end, &headers, &context.options.trusted_proxies);
    let caller = authorize::caller(schema.auth(), &headers, peer).await?;
    let mut operation = read(context, request).await?;
    let kind = schema.kind(&mut operation);
    if method != Method::POST && kind == Some(OperationType::Mutation) {
        return Err(Refusal::not_allowed("POST", "a mutation comes by POST"));
    }
    match media(&accepts, kind)? {
        Media::Events => sse::stream(context, schema, operation, caller),
        media => {
            let asker = authorize::asker(caller, &headers, &context.options, own);
            Ok(respond(&schema.answer(operation, asker).await, media))
        }
    }
}

fn schema(context: &HttpContext) -> Result<&TailwaterSchema, Refusal> {
    context
        .schema
        .get()
        .ok_or_else(|| Refusal::unavailable("nobody answers here at the moment; see /readyz"))
}

fn accepts(headers: &HeaderMap) -> Result<Accepts, Refusal> {
    let accepts = Accepts::of(headers);
    if accepts.anything() {
        return Ok(accepts);
    }
    let message = "answers are application/graphql-response+json, application/json \
                   or text/event-stream";
    Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, message))
}

fn refuse_single_connection(headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
    let query = uri.query().unwrap_or_default();
    let in_query = query.split('&').any(|pair| pair.starts_with("token="));
    if headers.contains_key(STREAM_TOKEN) || in_query {
        let message = "event streams are served in distinct connections mode only, without a token";
        return Err(Refusal::bad_request(message));
    }
    Ok(())
}

async fn read(context: &HttpContext, request: Request) -> Result<Operation, Refusal> {
    if request.method() == Method::POST {
        let options = &context.options;
        operation::from_body(request, options.body_limit, options.body_timeout).await
    } else {
        operation::from_query(request.uri())
    }
}

/// The form of the answer. A subscription has many.
fn media(accepts: &Accepts, kind: Option<OperationType>) -> Result<Media, Refusal> {
    if kind == Some(OperationType::Subscription) {
        let message = "a subscription is answered as text/event-stream or over a WebSocket";
        let refusal = Refusal::new(StatusCode::NOT_ACCEPTABLE, message);
        return accepts.many.then_some(Media::Events).ok_or(refusal);
    }
    // Events that were accepted are better than nothing.
    Ok(accepts.one.unwrap_or(Media::Events))
}
