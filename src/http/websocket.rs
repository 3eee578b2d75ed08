//! GraphQL over WebSocket: the protocol `graphql-transport-ws`, as the npm package `graphql-ws`
//! specifies it (PROTOCOL.md). Here a request becomes a socket; [`connection`] talks over it.

mod close;
mod connection;
mod message;
mod operations;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use tracing::{Instrument, Span};

use super::HttpContext;
use super::outcome::Refusal;
use super::peer::{OtherEnd, peer};
use crate::api::TailwaterSchema;
use connection::Host;

/// The one subprotocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// Reserved for each socket to read into, in bytes: what clients send is short.
const READ_BUFFER: usize = 4 << 10;

/// Whether the request wants a WebSocket.
pub(super) fn is_upgrade(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Makes the connection a WebSocket that executes operations.
///
/// # Errors
/// No handshake of our protocol; no room for another socket.
pub(super) async fn upgrade(
    context: &HttpContext,
    schema: TailwaterSchema,
    request: Request,
) -> Result<Response, Refusal> {
    let options = &context.options;
    let other_end = OtherEnd::of(request.extensions());
    let peer = peer(other_end, request.headers(), &options.trusted_proxies);
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &())
        .await
        .map_err(|rejection| Refusal::bad_request(rejection.to_string()))?
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_frame_size(options.body_limit)
        .max_message_size(options.body_limit);
    if upgrade.selected_protocol().is_none() {
        let message = format!("the WebSocket subprotocol is `{PROTOCOL}`");
        return Err(Refusal::bad_request(message));
    }
    let place = context
        .sockets
        .enter()
        .ok_or_else(|| Refusal::unavailable("too many sockets and streams are open; try later"))?;
    let sockets = context.sockets.clone();
    let host = Host {
        schema,
        peer,
        sockets: sockets.clone(),
        patience: context.patience,
        most_operations: options.max_subscriptions,
        longest_message: options.body_limit,
    };
    let request = Span::current();
    Ok(upgrade.on_upgrade(move |socket| {
        let talk = async move {
            let _open = place;
            sockets.track(connection::serve(socket, host)).await;
        };
        talk.instrument(request)
    }))
}
