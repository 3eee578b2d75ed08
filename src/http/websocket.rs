//! GraphQL over WebSocket (`graphql-transport-ws`).

use async_graphql::http::ALL_WEBSOCKET_PROTOCOLS;
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use futures_util::{SinkExt, StreamExt};

use super::sockets::Sockets;
use crate::api::TailwaterSchema;

/// Whether the request wants a WebSocket.
pub fn is_upgrade(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Makes the connection a WebSocket that executes operations; its messages have at most
/// `limit` bytes.
pub async fn upgrade(
    schema: TailwaterSchema,
    limit: usize,
    sockets: Sockets,
    request: Request,
) -> Response {
    if !same_origin(request.headers()) {
        let message = "a page of another origin cannot open a WebSocket here\n";
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    let (mut parts, _) = request.into_parts();
    let Ok(protocol) = GraphQLProtocol::from_request_parts(&mut parts, &()).await else {
        let message = "the WebSocket subprotocol is `graphql-transport-ws`\n";
        return (StatusCode::BAD_REQUEST, message).into_response();
    };
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).max_message_size(limit).on_upgrade(
        move |socket| async move {
            sockets.track(serve(socket, schema, protocol, sockets.closing())).await;
        },
    )
}

/// Executes operations until the client goes, or until `closing`, which the client is told.
async fn serve(
    socket: WebSocket,
    schema: TailwaterSchema,
    protocol: GraphQLProtocol,
    closing: impl Future<Output = ()> + Send,
) {
    let (mut sink, stream) = socket.split();
    let stream = std::pin::pin!(stream.take_until(closing));
    GraphQLWebSocket::new_with_pair(&mut sink, stream, schema, protocol).serve().await;
    let goodbye = CloseFrame { code: close_code::AWAY, reason: "the server is stopping".into() };
    // A client that has gone already needs no goodbye.
    let _ = sink.send(Message::Close(Some(goodbye))).await;
}

/// Whether the request comes from a page of ours, or from no page at all. Browsers let any page
/// open a WebSocket to anywhere, and name the page in `Origin`; they set `Host` by the address
/// and let no page set `X-Forwarded-Host`, which a proxy in front of us may.
fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    let Some(origin) = origin.as_ref().and_then(Uri::authority) else { return false };
    [header::HOST.as_str(), "x-forwarded-host"]
        .into_iter()
        .filter_map(|name| headers.get(name))
        .any(|host| host.as_bytes().eq_ignore_ascii_case(origin.as_str().as_bytes()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn programs_and_our_own_pages_may_connect() {
        assert!(same_origin(&headers(&[("host", "127.0.0.1:8000")])));
        let own = [("host", "logs.example"), ("origin", "http://logs.example")];
        assert!(same_origin(&headers(&own)));
        let behind_a_proxy = [
            ("host", "127.0.0.1:8000"),
            ("x-forwarded-host", "logs.example"),
            ("origin", "https://logs.example"),
        ];
        assert!(same_origin(&headers(&behind_a_proxy)));
    }

    #[test]
    fn pages_of_others_may_not() {
        for origin in ["http://evil.example", "http://127.0.0.1:9000", "null", ""] {
            let foreign = [("host", "127.0.0.1:8000"), ("origin", origin)];
            assert!(!same_origin(&headers(&foreign)), "{origin:?}");
        }
    }
}
