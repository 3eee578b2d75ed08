//! The one place where internal errors become public ones.
//!
//! A client gets a message it can act on and a stable `extensions.code`. What went wrong inside
//! goes to the log under an `errorId` that the client gets too.

use std::borrow::Cow;
use std::time::Duration;

use async_graphql::{
    Context, Error, ErrorExtensionValues, PathSegment, QueryPathNode, QueryPathSegment, ServerError,
};
use uuid::Uuid;

use crate::auth::{AuthError, Denied, Ended};
use crate::live::{NotACursor, TailError};
use crate::store::{Damaged, ExportError, StoreError};

/// The stable codes in `extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request asks for something that cannot be; it will fail again as it is.
    BadUserInput,
    /// Not signed in, or no longer; or the username or the password is wrong.
    Unauthenticated,
    /// Signed in, and not allowed.
    Forbidden,
    /// Too many failures; worth trying again after `retryAfter` seconds.
    TooManyAttempts,
    /// What it names is not there (any more).
    NotFound,
    /// It cannot be as things stand: a name is taken, or the last admin would go.
    Conflict,
    /// It took too long; a narrower question may not.
    Timeout,
    /// Something we need is away at the moment; worth trying again.
    Unavailable,
    /// A stretch of the log cannot be read; everything else can.
    Damaged,
    /// Our own failure.
    Internal,
}

impl Code {
    /// The code as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::BadUserInput => "BAD_USER_INPUT",
            Code::Unauthenticated => "UNAUTHENTICATED",
            Code::Forbidden => "FORBIDDEN",
            Code::TooManyAttempts => "TOO_MANY_ATTEMPTS",
            Code::NotFound => "NOT_FOUND",
            Code::Conflict => "CONFLICT",
            Code::Timeout => "TIMEOUT",
            Code::Unavailable => "UNAVAILABLE",
            Code::Damaged => "DAMAGED",
            Code::Internal => "INTERNAL",
        }
    }
}

/// An error that a client may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub code: Code,
    /// What is wrong, for a person to read.
    pub message: String,
    /// The argument that is wrong, as a path: `filter.query`.
    pub argument: Option<Cow<'static, str>>,
    /// Where in the argument's text, in characters from 1.
    pub column: Option<usize>,
    /// When it may be tried again, in seconds.
    pub retry_after: Option<u32>,
    /// Why a subscription has ended: `EXPIRED` or `REVOKED`.
    pub reason: Option<&'static str>,
    /// The records that cannot be read: the first and the last of them.
    pub records: Option<Box<(i64, i64)>>,
    /// The name of this error in our log.
    pub error_id: Option<Uuid>,
}

/// What a field that can fail resolves to: null beside an error when it does. (A resolver of type
/// `Result` would leave its field out of the answer instead.)
pub type Fallible<T> = Option<Result<T, ApiError>>;

impl ApiError {
    /// An argument that cannot be.
    pub fn bad_input(argument: &'static str, message: impl Into<String>) -> Self {
        let argument = Some(Cow::Borrowed(argument));
        ApiError { argument, ..Self::new(Code::BadUserInput, message) }
    }

    /// Not allowed, though signed in.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    /// The operation ran for so long and was given up.
    pub fn timed_out(limit: Duration) -> Self {
        let message = format!("the operation took longer than {limit:?}; ask for less at once");
        Self::new(Code::Timeout, message)
    }

    /// A block that cannot be read. What is wrong with it is for our log alone.
    pub fn damaged(block: &Damaged) -> Self {
        let records = Some(Box::new((block.first_id, block.last_id)));
        ApiError { records, ..Self::new(Code::Damaged, block.to_string()) }
    }

    /// Our own failure, whose cause is for our log alone.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        Self::logged(Code::Internal, "internal error", cause)
    }

    /// The same of an argument that stands at `place`: of `filter.query`, `input.scope.query`.
    pub fn inside(self, place: &str) -> Self {
        let argument = self.argument.map(|argument| {
            let rest = argument.strip_prefix("filter").unwrap_or_default();
            Cow::Owned(format!("{place}{rest}"))
        });
        ApiError { argument, ..self }
    }

    /// Where in the argument's text it goes wrong, in characters from 1.
    pub fn at_column(self, column: usize) -> Self {
        ApiError { column: Some(column), ..self }
    }

    /// An error of this code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        ApiError {
            code,
            message: message.into(),
            argument: None,
            column: None,
            retry_after: None,
            reason: None,
            records: None,
            error_id: None,
        }
    }

    /// The error of a request that does not run, as async-graphql has it.
    pub fn into_server_error(self) -> ServerError {
        let Error { message, extensions, .. } = self.into();
        ServerError { extensions, ..ServerError::new(message, None) }
    }

    /// Stands beside the data of the field that is being resolved.
    pub fn beside_data(self, ctx: &Context<'_>) {
        let path = ctx.path_node.iter().flat_map(path_of).collect();
        ctx.add_error(self.into_server_error().with_path(path));
    }

    /// An error whose cause is for us alone: it goes to the log under a fresh name.
    fn logged(code: Code, message: &str, cause: &dyn std::fmt::Display) -> Self {
        let error_id = Uuid::new_v4();
        match code {
            // Health says once that a part is away; there is no use in saying it a request.
            Code::Unavailable => tracing::debug!(%error_id, %cause, "a request failed"),
            _ => tracing::error!(%error_id, %cause, "a request failed"),
        }
        ApiError { error_id: Some(error_id), ..Self::new(code, message) }
    }
}

/// The path of a field in the answer.
fn path_of(node: &QueryPathNode<'_>) -> Vec<PathSegment> {
    let mut path: Vec<_> = std::iter::once(node)
        .chain(node.parents())
        .map(|node| match node.segment {
            QueryPathSegment::Index(index) => PathSegment::Index(index),
            QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
        })
        .collect();
    path.reverse();
    path
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        let message = error.to_string();
        match error {
            AuthError::Unauthenticated(_) | AuthError::WrongCredentials => {
                Self::new(Code::Unauthenticated, message)
            }
            AuthError::Forbidden(_) => Self::new(Code::Forbidden, message),
            AuthError::TooManyAttempts { retry_after } => ApiError {
                retry_after: Some(retry_after.as_secs_f64().ceil().max(1.0) as u32),
                ..Self::new(Code::TooManyAttempts, message)
            },
            AuthError::BadInput(argument, _) => Self::bad_input(argument, message),
            AuthError::NotFound => Self::new(Code::NotFound, message),
            AuthError::NameTaken | AuthError::LastAdmin => Self::new(Code::Conflict, message),
            AuthError::NoRoom(_) => Self::new(Code::Unavailable, message),
            AuthError::Store(error) => error.into(),
            AuthError::Internal(_) => Self::internal(&message),
        }
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        AuthError::from(denied).into()
    }
}

impl From<Ended> for ApiError {
    fn from(ended: Ended) -> Self {
        let (reason, message) = match ended {
            Ended::Expired => ("EXPIRED", "the access token has expired; come back with a new one"),
            Ended::Revoked => ("REVOKED", "the session was ended; sign in again"),
        };
        ApiError { reason: Some(reason), ..Self::new(Code::Unauthenticated, message) }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::TimedOut(limit) => Self::new(
                Code::Timeout,
                format!("the query took longer than {limit:?}; ask for less at once"),
            ),
            StoreError::TooManyValues(_) => Self::new(Code::BadUserInput, error.to_string()),
            StoreError::Away(_) => Self::logged(
                Code::Unavailable,
                "the database cannot be reached at the moment",
                &error,
            ),
            StoreError::Full(_) => {
                Self::logged(Code::Unavailable, "the database has no room at the moment", &error)
            }
            StoreError::Damaged(damaged) => Self::damaged(damaged),
            StoreError::Fenced | StoreError::Internal(_) | StoreError::Unusable(_) => {
                Self::internal(&error)
            }
        }
    }
}

impl From<ExportError> for ApiError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::TooLong => Self::new(Code::BadUserInput, error.to_string()),
            ExportError::Internal(_) => Self::internal(&error),
        }
    }
}

impl From<TailError> for ApiError {
    fn from(error: TailError) -> Self {
        match error {
            TailError::Store(error) => error.into(),
            TailError::OtherDatabase | TailError::BeyondHead => {
                Self::bad_input("after", error.to_string())
            }
        }
    }
}

impl From<NotACursor> for ApiError {
    fn from(error: NotACursor) -> Self {
        Self::bad_input("after", error.to_string())
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", error.code.as_str());
        if let Some(argument) = error.argument {
            extensions.set("argument", argument.into_owned());
        }
        if let Some(column) = error.column {
            extensions.set("column", column as u64);
        }
        if let Some(seconds) = error.retry_after {
            extensions.set("retryAfter", seconds);
        }
        if let Some(reason) = error.reason {
            extensions.set("reason", reason);
        }
        if let Some((first, last)) = error.records.as_deref() {
            extensions.set("firstId", first.to_string());
            extensions.set("lastId", last.to_string());
        }
        if let Some(id) = error.error_id {
            extensions.set("errorId", id.to_string());
        }
        Error { message: error.message, source: None, extensions: Some(extensions) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn internal_detail_stays_inside() {
        for (error, code) in [
            (StoreError::Internal("secret table".into()), Code::Internal),
            (StoreError::Unusable("secret table".into()), Code::Internal),
            (StoreError::Away("secret table".into()), Code::Unavailable),
        ] {
            let public = ApiError::from(error);
            assert_eq!(public.code, code);
            assert!(!public.message.contains("secret"), "{}", public.message);
            assert!(public.error_id.is_some(), "it can be found in the log");
        }
    }

    #[test]
    fn a_time_out_says_how_long_it_tried() {
        let public = ApiError::from(StoreError::TimedOut(Duration::from_secs(10)));
        assert_eq!(public.code, Code::Timeout);
        assert!(public.message.contains("10s"), "{}", public.message);
    }

    #[test]
    fn a_question_with_too_many_answers_says_what_to_do() {
        let public = ApiError::from(StoreError::TooManyValues(7));
        assert_eq!(public.code, Code::BadUserInput);
        assert!(public.message.contains("narrow the filter"), "{}", public.message);
    }

    #[test]
    fn a_wrong_cursor_is_the_users_error() {
        for error in [TailError::OtherDatabase, TailError::BeyondHead] {
            let public = ApiError::from(error);
            assert_eq!(public.code, Code::BadUserInput);
            assert_eq!(public.argument.as_deref(), Some("after"));
        }
        assert_eq!(ApiError::from(NotACursor).code, Code::BadUserInput);
    }

    #[test]
    fn what_auth_refuses_has_a_code_of_its_own() {
        let wait = AuthError::TooManyAttempts { retry_after: Duration::from_millis(2_500) };
        for (error, code) in [
            (AuthError::Unauthenticated("why"), Code::Unauthenticated),
            (AuthError::WrongCredentials, Code::Unauthenticated),
            (AuthError::Forbidden("admin"), Code::Forbidden),
            (wait, Code::TooManyAttempts),
            (AuthError::BadInput("username", "no".into()), Code::BadUserInput),
            (AuthError::NameTaken, Code::Conflict),
            (AuthError::LastAdmin, Code::Conflict),
            (AuthError::NotFound, Code::NotFound),
            (AuthError::Internal("secret key".into()), Code::Internal),
        ] {
            let public = ApiError::from(error);
            assert_eq!(public.code, code);
            assert!(!public.message.contains("secret"), "{}", public.message);
            let waits = code == Code::TooManyAttempts;
            assert_eq!(public.retry_after, waits.then_some(3));
        }
    }

    #[test]
    fn an_ended_subscription_says_why() {
        for (ended, reason) in [(Ended::Expired, "EXPIRED"), (Ended::Revoked, "REVOKED")] {
            let public = ApiError::from(ended);
            assert_eq!((public.code, public.reason), (Code::Unauthenticated, Some(reason)));
        }
    }

    #[test]
    fn an_argument_can_be_renamed_to_where_it_stands() {
        let error = ApiError::bad_input("filter.query", "no").inside("input.scope");
        assert_eq!(error.argument.as_deref(), Some("input.scope.query"));
    }

    #[test]
    fn extensions_carry_code_argument_and_column() {
        let error = Error::from(ApiError::bad_input("filter.query", "unclosed quote").at_column(7));
        let extensions = serde_json::to_value(error.extensions).unwrap();
        let expected = serde_json::json!({
            "code": "BAD_USER_INPUT", "argument": "filter.query", "column": 7
        });
        assert_eq!(extensions, expected);
    }
}
