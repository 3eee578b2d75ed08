//! Runs operations, and makes of what async-graphql answers what the specification asks for.
//!
//! async-graphql leaves a non-null field that fails out of its object. The specification wants
//! null in the closest place that may be null. In this schema only root fields, and fields that
//! answer for their own failure, may be null; so that place is the root field.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{
    Data, EmptyMutation, Executor, Name, PathSegment, Request, Response, Schema, ServerError, Value,
};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use super::asker::Asker;
use super::document;
use super::errors::Code;
use super::query::Query;
use super::subscription::Subscription;
use crate::auth::Auth;

/// The schema, ready to execute operations on any transport. Clones are cheap.
#[derive(Clone)]
pub struct TailwaterSchema {
    schema: Schema<Query, EmptyMutation, Subscription>,
    auth: Auth,
    /// [`super::Limits::selections`].
    most_selections: usize,
}

impl std::fmt::Debug for TailwaterSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TailwaterSchema")
    }
}

impl TailwaterSchema {
    pub(super) fn new(
        schema: Schema<Query, EmptyMutation, Subscription>,
        auth: Auth,
        most_selections: usize,
    ) -> Self {
        TailwaterSchema { schema, auth, most_selections }
    }

    /// Who may, for transports to ask who asks.
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    /// What an operation is, without running it; none when its document cannot be read or names
    /// no such operation.
    pub fn kind(&self, request: &mut Request) -> Option<OperationType> {
        todo!()
    }

    /// Answers a query or a mutation. A request that could not be run has no data, `Value::Null`.
    pub async fn answer(&self, request: Request, asker: Asker) -> Response {
        Executor::execute(self, request.data(asker)).await
    }

    /// Answers any operation; a subscription many times, until the asker's authority is over.
    pub fn answers(&self, request: Request, asker: Asker) -> BoxStream<'static, Response> {
        Executor::execute_stream(self, request.data(asker), None)
    }

    /// Why the document does not run: it cannot be read, or it stands for too much.
    fn refusal(&self, request: &mut Request) -> Option<Response> {
        let error = match request.parsed_query() {
            Err(error) => error,
            Ok(document) if document::selections(document) > self.most_selections => {
                let most = self.most_selections;
                ServerError::new(format!("the document has more than {most} selections"), None)
            }
            Ok(_) => return None,
        };
        Some(finish(Response::from_errors(vec![error])))
    }
}

impl Executor for TailwaterSchema {
    async fn execute(&self, mut request: Request) -> Response {
        if let Some(refusal) = self.refusal(&mut request) {
            return refusal;
        }
        finish(self.schema.execute(request).await)
    }

    fn execute_stream(
        &self,
        mut request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        if let Some(refusal) = self.refusal(&mut request) {
            return stream::iter([refusal]).boxed();
        }
        Executor::execute_stream(&self.schema, request, session_data).map(finish).boxed()
    }
}

/// Gives every error a code and every failed field its null.
fn finish(mut response: Response) -> Response {
    for error in &mut response.errors {
        // Ours carry a code already. The rest is async-graphql's, about the document or its
        // values.
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", Code::BadUserInput.as_str());
        }
    }
    for error in &response.errors {
        let Some(PathSegment::Field(root)) = error.path.first() else { continue };
        if !stands(&response.data, &error.path) {
            put_null(&mut response.data, root);
        }
    }
    response
}

/// Whether there is a value, perhaps null, at the place of the error.
fn stands(data: &Value, path: &[PathSegment]) -> bool {
    let mut place = data;
    for segment in path {
        let next = match (place, segment) {
            (Value::Object(fields), PathSegment::Field(name)) => fields.get(name.as_str()),
            (Value::List(items), PathSegment::Index(index)) => items.get(*index),
            _ => None,
        };
        let Some(next) = next else { return false };
        place = next;
    }
    true
}

fn put_null(data: &mut Value, root: &str) {
    if !matches!(data, Value::Object(_)) {
        *data = Value::Object(Default::default());
    }
    if let Value::Object(fields) = data {
        fields.insert(Name::new(root), Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn failed(data: Value, path: Vec<PathSegment>) -> Response {
        let mut response = Response::new(data);
        response.errors = vec![ServerError::new("no", None).with_path(path)];
        finish(response)
    }

    fn field(name: &str) -> PathSegment {
        PathSegment::Field(name.to_owned())
    }

    #[test]
    fn a_failed_field_that_is_null_stays_as_it_is() {
        let data = value!({ "a": { "b": null } });
        assert_eq!(failed(data.clone(), vec![field("a"), field("b")]).data, data);
    }

    #[test]
    fn a_failed_field_that_is_missing_makes_its_root_field_null() {
        let data = value!({ "a": [{ "c": 1 }], "d": 2 });
        let path = vec![field("a"), PathSegment::Index(0), field("b")];
        assert_eq!(failed(data, path).data, value!({ "a": null, "d": 2 }));
    }

    #[test]
    fn data_that_lost_all_its_fields_gets_its_root_field_back() {
        assert_eq!(failed(Value::Null, vec![field("a")]).data, value!({ "a": null }));
    }

    #[test]
    fn an_error_about_the_document_gets_a_code_and_no_data() {
        let response = failed(Value::Null, vec![]);
        assert_eq!(response.data, Value::Null);
        let code = response.errors[0].extensions.as_ref().and_then(|e| e.get("code"));
        assert_eq!(code, Some(&value!("BAD_USER_INPUT")));
    }
}
