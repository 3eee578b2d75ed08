//! GraphQL over server-sent events, in the distinct connections mode of the `graphql-sse`
//! protocol: one operation a connection, its answers as `next` events, then `complete`.

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::{Executor, Request as Operation, Response as Outcome};
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use tokio::time::timeout;

use crate::api::TailwaterSchema;

/// How long a connection may be silent before it carries a comment, so that nobody between takes
/// it for dead.
const HEARTBEAT: Duration = Duration::from_secs(12);
const COMMENT: &[u8] = b":\n\n";
/// With data, though it is empty: clients ignore an event without.
const COMPLETE: &[u8] = b"event: complete\ndata: \n\n";
/// For an answer that cannot be written.
const FAILURE: &str =
    r#"{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"}}]}"#;

/// Streams the answers of an operation.
pub fn stream(schema: &TailwaterSchema, operation: Operation) -> Response {
    let headers = [
        (header::CONTENT_TYPE.as_str(), "text/event-stream"),
        (header::CACHE_CONTROL.as_str(), "no-cache, no-transform"),
        // nginx holds a response back to fill its buffer unless told not to.
        ("x-accel-buffering", "no"),
    ];
    let outcomes = schema.execute_stream(operation, None);
    let events = events(outcomes, HEARTBEAT).map(Ok::<_, Infallible>);
    (headers, Body::from_stream(events)).into_response()
}

fn events(
    outcomes: BoxStream<'static, Outcome>,
    heartbeat: Duration,
) -> impl Stream<Item = Bytes> + Send + 'static {
    stream::unfold(Some(outcomes), move |outcomes| async move {
        let mut outcomes = outcomes?;
        Some(match timeout(heartbeat, outcomes.next()).await {
            Ok(Some(outcome)) => (next(&outcome), Some(outcomes)),
            Ok(None) => (Bytes::from_static(COMPLETE), None),
            Err(_silent) => (Bytes::from_static(COMMENT), Some(outcomes)),
        })
    })
}

/// JSON has no line break of its own, so one `data` line holds it.
fn next(outcome: &Outcome) -> Bytes {
    let json = serde_json::to_string(outcome).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        FAILURE.to_owned()
    });
    format!("event: next\ndata: {json}\n\n").into()
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[tokio::test]
    async fn answers_are_events_and_the_end_is_one_too() {
        let answer = stream::iter([Outcome::new(value!({ "text": "two\nlines" }))]);
        let events: Vec<Bytes> = events(answer.boxed(), HEARTBEAT).collect().await;
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
