//! Runs operations, and makes of what async-graphql answers what the specification asks for.
//!
//! async-graphql leaves a non-null field that fails out of its object. The specification wants
//! null in the closest place that may be null. In this schema only root fields, and fields that
//! answer for their own failure, may be null; so that place is the root field.

use async_graphql::parser::types::OperationType;
use async_graphql::{Name, PathSegment, Request, Response, Schema, Value};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::answer::Answer;
use super::asker::Asker;
use super::document::{self, Nature};
use super::errors::{ApiError, Code};
use super::export::Exports;
use super::following::{self, SharedAnswers};
use super::limits::{Introspection, Limits};
use super::mutation::Mutation;
use super::operation::{Fingerprint, Operation};
use super::query::Query;
use super::reader::LockedLog;
use super::recall::{self, Recall};
use super::subscription::Subscription;
use crate::auth::{Auth, Caller, Denied, Ended};

/// Errors about a document that does not run, at most: it may have one in every field.
const MAX_ERRORS: usize = 50;
/// Characters of a message that repeats what the client sent, at most.
const MAX_MESSAGE: usize = 250;

type Roots = Schema<Query, Mutation, Subscription>;

/// The schema, ready to execute operations on any transport. Clones are cheap.
#[derive(Clone)]
pub struct TailwaterSchema {
    /// For those whom the schema describes itself to.
    open: Roots,
    /// For the others: its errors suggest no names.
    silent: Roots,
    auth: Auth,
    log: LockedLog,
    exports: Exports,
    limits: Limits,
    shared: SharedAnswers,
    recall: Recall,
}

impl std::fmt::Debug for TailwaterSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TailwaterSchema")
    }
}

impl TailwaterSchema {
    pub(super) fn new(
        open: Roots,
        silent: Roots,
        auth: Auth,
        log: LockedLog,
        exports: Exports,
        limits: Limits,
    ) -> Self {
        let (shared, recall) = (SharedAnswers::default(), Recall::default());
        TailwaterSchema { open, silent, auth, log, exports, limits, shared, recall }
    }

    /// Who may, for transports to ask who asks.
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    /// Where the links of exports are followed.
    pub fn exports(&self) -> &Exports {
        &self.exports
    }

    /// What an operation is, without running it; none when its document cannot be read or names
    /// no such operation.
    pub fn kind(&self, request: &mut Request) -> Option<OperationType> {
        let name = request.operation_name.clone();
        let document = document::read(request, &self.limits).ok()?;
        document::operation(document, name.as_deref()).map(|operation| operation.ty)
    }

    /// Answers a query or a mutation. A request that could not be run has no data.
    pub async fn answer(&self, mut request: Request, asker: Asker) -> Answer {
        match self.prepare(&mut request, &asker.caller) {
            Ok(nature) => self.answer_once(nature, request, asker).await,
            Err(error) => refusal(error).into(),
        }
    }

    /// Answers any operation; a subscription many times, until the asker's authority is over.
    pub fn answers(&self, mut request: Request, asker: Asker) -> BoxStream<'static, Answer> {
        match self.prepare(&mut request, &asker.caller) {
            Ok(Nature { kind: Some(OperationType::Subscription), .. }) => {
                let schema = self.roots(&asker.caller).clone();
                let ended = asker.caller.ended();
                let limits = self.limits;
                let execute = move |request: Request| {
                    let answers = schema.execute_stream(request);
                    answers.map(move |answer| finish(answer, &limits)).boxed()
                };
                let operation = Operation::new(request, asker);
                let answers = following::answers(operation, execute, self.shared.clone());
                until(answers.boxed(), ended)
            }
            Ok(nature) => {
                let this = self.clone();
                stream::once(async move { this.answer_once(nature, request, asker).await }).boxed()
            }
            Err(error) => stream::iter([refusal(error).into()]).boxed(),
        }
    }

    /// Answers what has one answer, for as long as it may take. Whoever reads answers slowly must
    /// hold up nobody: not those who want the connections of the store, nor those who wait for the
    /// same. So what runs here goes on and ends though nobody polls for it. A mutation goes on even
    /// when nobody waits for it any more: what it began is finished, and stands in the audit log.
    async fn answer_once(&self, nature: Nature, request: Request, asker: Asker) -> Answer {
        let limit = self.limits.operation_timeout;
        let deadline = Instant::now() + limit;
        let work = self.clone().execute(nature, request, asker).in_current_span();
        let done = if nature.kind == Some(OperationType::Mutation) {
            timeout_at(deadline, tokio::spawn(work)).await
        } else {
            let work = async move { timeout_at(deadline, work).await };
            AbortOnDropHandle::new(tokio::spawn(work))
                .await
                .map_or_else(|error| Ok(Err(error)), |in_time| in_time.map(Ok))
        };
        match done {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => refusal(ApiError::internal(&error)).into(),
            Err(_) => refusal(ApiError::timed_out(limit)).into(),
        }
    }

    /// Answers a query or a mutation: what was answered before is told again, while it is true.
    async fn execute(self, nature: Nature, request: Request, asker: Asker) -> Answer {
        let question = match nature.of_the_log {
            true => self.question(&request, &asker).await,
            false => None,
        };
        let schema = self.roots(&asker.caller);
        let run = async { finish(schema.execute(request.data(asker)).await, &self.limits) };
        match question {
            Some(question) => self.recall.answer(&question, run).await,
            None => run.await.into(),
        }
    }

    async fn question(&self, request: &Request, asker: &Asker) -> Option<Fingerprint> {
        // Who may not ask is told so by the field.
        let reader = self.log.open(asker.caller.viewer().ok()?).ok()?;
        recall::question(request, &reader).await
    }

    /// What the operation is, if it may run.
    fn prepare(&self, request: &mut Request, caller: &Caller) -> Result<Nature, ApiError> {
        let nature = document::check(request, &self.limits)?;
        if nature.introspects && !self.describes_itself_to(caller) {
            return Err(match self.limits.introspection {
                Introspection::Off => ApiError::forbidden("introspection is off on this server"),
                _ => Denied::Unauthenticated.into(),
            });
        }
        Ok(nature)
    }

    fn describes_itself_to(&self, caller: &Caller) -> bool {
        match self.limits.introspection {
            Introspection::On => true,
            Introspection::SignedIn => caller.user().is_some(),
            Introspection::Off => false,
        }
    }

    fn roots(&self, caller: &Caller) -> &Roots {
        if self.describes_itself_to(caller) { &self.open } else { &self.silent }
    }
}

/// These answers until the asker's authority is over, which the last one says.
fn until(
    answers: BoxStream<'static, Answer>,
    ended: impl Future<Output = Ended> + Send + 'static,
) -> BoxStream<'static, Answer> {
    let open = Some((answers, Box::pin(ended)));
    stream::unfold(open, |open| async move {
        let (mut answers, mut ended) = open?;
        tokio::select! {
            biased;
            why = &mut ended => Some((refusal(why.into()).into(), None)),
            answer = answers.next() => Some((answer?, Some((answers, ended)))),
        }
    })
    .boxed()
}

/// The answer to a request that does not run.
fn refusal(error: ApiError) -> Response {
    Response::from_errors(vec![error.into_server_error()])
}

/// Gives every error a code and every failed field its null.
fn finish(mut response: Response, limits: &Limits) -> Response {
    if response.data == Value::Null {
        response.errors.truncate(MAX_ERRORS);
    }
    for error in &mut response.errors {
        // Ours carry a code already. The rest is async-graphql's, about the document or its
        // values.
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", Code::BadUserInput.as_str());
            error.message = reworded(&error.message, limits);
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

/// A message of async-graphql, told the way we tell it. It may repeat what the client sent, at any
/// length.
fn reworded(message: &str, limits: &Limits) -> String {
    if message == "Query is too complex." {
        let most = limits.complexity;
        return format!("the operation costs more than {most}; ask for fewer records at once");
    }
    message.chars().take(MAX_MESSAGE).collect()
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
    use async_graphql::{ServerError, value};

    use super::*;

    fn failed(data: Value, path: Vec<PathSegment>) -> Response {
        let mut response = Response::new(data);
        response.errors = vec![ServerError::new("no", None).with_path(path)];
        finish(response, &Limits::default())
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
