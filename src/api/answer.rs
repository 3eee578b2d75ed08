//! An answer of an operation as it goes out on any transport. Many may share it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use async_graphql::{Response, ServerError, Value};
use serde::Serialize;

/// For an answer that cannot be written.
const FAILURE: &str =
    r#"{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"}}]}"#;

/// What an operation answered, and how it is written once somebody wrote it. Clones share both.
#[derive(Clone, Debug)]
pub struct Answer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    response: Response,
    is_refusal: bool,
    text: OnceLock<String>,
}

/// An answer as GraphQL writes it: one to a request that could not be run has no `data`.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

impl Answer {
    /// Whether the request could not be run.
    pub fn is_refusal(&self) -> bool {
        self.0.is_refusal
    }

    /// What was answered, without its data where only their text is kept.
    pub fn response(&self) -> &Response {
        &self.0.response
    }

    /// The answer as JSON, in one line: written by whoever asks first.
    pub fn text(&self) -> &str {
        self.0.text.get_or_init(|| self.0.write())
    }

    /// The answer for keeping, as text alone: what that was written from takes several times as
    /// much.
    pub fn written(response: Response) -> Answer {
        let mut inner = Inner::from(response);
        inner.text = OnceLock::from(inner.write());
        inner.response.data = Value::Null;
        Answer(Arc::new(inner))
    }
}

impl Inner {
    fn write(&self) -> String {
        let Response { data, errors, extensions, .. } = &self.response;
        json(&Written { data: (!self.is_refusal).then_some(data), errors, extensions })
    }
}

impl From<Response> for Inner {
    fn from(response: Response) -> Self {
        let is_refusal = response.data == Value::Null && !response.errors.is_empty();
        Inner { response, is_refusal, text: OnceLock::new() }
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Answer(Arc::new(response.into()))
    }
}

/// Any part of an answer as JSON.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        FAILURE.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn failed(data: Value) -> Response {
        let mut response = Response::new(data);
        response.errors = vec![ServerError::new("no", None)];
        response
    }

    #[test]
    fn a_request_that_could_not_be_run_has_no_data() {
        let refusal = Answer::from(failed(Value::Null));
        assert_eq!(refusal.text(), r#"{"errors":[{"message":"no"}]}"#);
        let partly = Answer::from(failed(value!({ "a": null })));
        assert_eq!(partly.text(), r#"{"data":{"a":null},"errors":[{"message":"no"}]}"#);
        assert!(refusal.is_refusal() && !partly.is_refusal());
    }

    #[test]
    fn an_answer_that_is_kept_as_text_says_the_same() {
        let all = || [failed(Value::Null), failed(value!({ "a": null })), Response::new(value!(1))];
        for (kept, whole) in all().into_iter().zip(all()) {
            let (kept, whole) = (Answer::written(kept), Answer::from(whole));
            assert_eq!(kept.text(), whole.text());
            assert_eq!(kept.is_refusal(), whole.is_refusal());
        }
    }
}
