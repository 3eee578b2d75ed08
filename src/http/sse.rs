//! GraphQL over server-sent events, in the distinct connections mode of the `graphql-sse`
//! protocol: one operation a connection, its answers as `next` events, then `complete`. When the
//! caller's authority is over, the last answer is an error that says so.

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::Request as Operation;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use tokio::time::timeout;
use tracing::{Instrument, Span};

use super::HttpContext;
use super::authorize::asker_without_cookies;
use super::negotiate::Media;
use super::outcome::Refusal;
use super::sockets::{Place, UserPlace};
use crate::api::{Answer, ApiError, Code, TailwaterSchema};
use crate::auth::Caller;

/// So that nobody between takes a silent connection for dead.
const COMMENT: &[u8] = b":\n\n";
/// With data, though it is empty: clients ignore an event without.
const COMPLETE: &[u8] = b"event: complete\ndata: \n\n";

/// Streams the answers of an operation.
///
/// # Errors
/// No room for another stream, in all or of this user.
pub(super) fn stream(
    context: &HttpContext,
    schema: &TailwaterSchema,
    operation: Operation,
    caller: Caller,
) -> Result<Response, Refusal> {
    let places = enter(context, &caller)?;
    let headers = [
        (header::CONTENT_TYPE, Media::Events.content_type()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform")),
        // nginx holds a response back to fill its buffer unless told not to.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    let answers = schema.answers(operation, asker_without_cookies(caller));
    let events = events(answers, context.patience.heartbeat).map(move |event| {
        let _open = &places;
        Ok::<_, Infallible>(event)
    });
    Ok((headers, Body::from_stream(events)).into_response())
}

fn enter(context: &HttpContext, caller: &Caller) -> Result<(Place, Option<UserPlace>), Refusal> {
    let place = context
        .sockets
        .enter()
        .ok_or_else(|| Refusal::unavailable("too many sockets and streams are open; try later"))?;
    let Some(user) = caller.user() else { return Ok((place, None)) };
    let Some(of_user) = context.sockets.enter_as(user.id) else {
        let message = "too many of your sockets and streams are open; close one first";
        let error = ApiError::new(Code::Unavailable, message);
        return Err(Refusal::because(StatusCode::TOO_MANY_REQUESTS, error));
    };
    Ok((place, Some(of_user)))
}

/// The events of these answers. What is logged on the way belongs to the request.
fn events(
    answers: BoxStream<'static, Answer>,
    heartbeat: Duration,
) -> impl Stream<Item = Bytes> + Send + 'static {
    let request = Span::current();
    stream::unfold(Some(answers), move |answers| {
        let step = async move {
            let mut answers = answers?;
            Some(match timeout(heartbeat, answers.next()).await {
                Ok(Some(answer)) => (next(&answer), Some(answers)),
                Ok(None) => (Bytes::from_static(COMPLETE), None),
                Err(_silent) => (Bytes::from_static(COMMENT), Some(answers)),
            })
        };
        step.instrument(request.clone())
    })
}

/// JSON has no line break of its own, so one `data` line holds it.
fn next(answer: &Answer) -> Bytes {
    format!("event: next\ndata: {}\n\n", answer.text()).into()
}

#[cfg(test)]
mod tests {
    use async_graphql::{Response, value};

    use super::*;

    #[tokio::test]
    async fn answers_are_events_and_the_end_is_one_too() {
        let answer = stream::iter([Response::new(value!({ "text": "two\nlines" })).into()]);
        let events: Vec<Bytes> = events(answer.boxed(), Duration::from_secs(9)).collect().await;
        let expected = [
            "event: next\ndata: {\"data\":{\"text\":\"two\\nlines\"}}\n\n",
            "event: complete\ndata: \n\n",
        ];
        assert_eq!(events, expected);
    }

    #[tokio::test]
    async fn a_silent_stream_carries_comments() {
        let events = events(stream::pending().boxed(), Duration::from_millis(1));
        let events: Vec<Bytes> = events.take(2).collect().await;
        assert_eq!(events, [":\n\n", ":\n\n"]);
    }
}
