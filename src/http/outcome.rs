//! What goes back: the answer of an operation, or why a request never became one.

use async_graphql::{Response as Outcome, ServerError, Value};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::negotiate::Media;
use crate::api::{Answer, ApiError, Code};

/// The answer of an operation, in one of the forms of JSON.
pub(super) fn respond(answer: &Answer, media: Media) -> Response {
    let status = match media {
        Media::GraphqlResponse if answer.is_refusal() => status_of(&answer.response().errors),
        _ => StatusCode::OK,
    };
    let mut response = with_body(status, media, answer.text().to_owned());
    // Here sign-in puts its cookie.
    response.headers_mut().extend(answer.response().http_headers.clone());
    response
}

/// The status that tells of the errors of a request that could not be run, by the code of the
/// first.
fn status_of(errors: &[ServerError]) -> StatusCode {
    let code = errors.first().and_then(|error| error.extensions.as_ref()?.get("code"));
    let Some(Value::String(code)) = code else { return StatusCode::BAD_REQUEST };
    status_of_code(code)
}

/// The status that tells of an error of this code.
fn status_of_code(code: &str) -> StatusCode {
    let is = |named: Code| code == named.as_str();
    match () {
        () if is(Code::Unauthenticated) => StatusCode::UNAUTHORIZED,
        () if is(Code::Forbidden) => StatusCode::FORBIDDEN,
        () if is(Code::TooManyAttempts) => StatusCode::TOO_MANY_REQUESTS,
        () if is(Code::Timeout) || is(Code::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
        () if is(Code::Internal) => StatusCode::INTERNAL_SERVER_ERROR,
        () => StatusCode::BAD_REQUEST,
    }
}

fn with_body(status: StatusCode, media: Media, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
    response
}

/// Why a request never became an operation.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: Box<ApiError>,
    /// What would have been allowed, for the status 405.
    allow: Option<&'static str>,
}

impl Refusal {
    /// A request that will fail again as it is.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Refusal::because(status, ApiError::new(Code::BadUserInput, message))
    }

    /// A request that is no operation.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Refusal::new(StatusCode::BAD_REQUEST, message)
    }

    /// A method that is not for this.
    pub fn not_allowed(allow: &'static str, message: impl Into<String>) -> Self {
        let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message);
        Refusal { allow: Some(allow), ..refusal }
    }

    /// Nothing the client could have done better.
    pub fn unavailable(message: impl Into<String>) -> Self {
        let error = ApiError::new(Code::Unavailable, message);
        Refusal::because(StatusCode::SERVICE_UNAVAILABLE, error)
    }

    /// A request that ends in this error, which says by its code what the status is.
    pub fn of(error: ApiError) -> Self {
        Refusal::because(status_of_code(error.code.as_str()), error)
    }

    /// A request that ends in this error.
    pub fn because(status: StatusCode, error: ApiError) -> Self {
        Refusal { status, error: Box::new(error), allow: None }
    }

    /// The error in the form that GraphQL clients read.
    pub fn respond(self, media: Media) -> Response {
        let Refusal { status, error, allow } = self;
        let answer = Answer::from(Outcome::from_errors(vec![error.into_server_error()]));
        let mut response = with_body(status, media, answer.text().to_owned());
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::REQUEST_TIMEOUT {
            // The rest of the body may still come, and is not waited for.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(allow) = allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn failed(data: Value, code: Code) -> Answer {
        let mut outcome = Outcome::new(data);
        outcome.errors = vec![ApiError::new(code, "no").into_server_error()];
        outcome.into()
    }

    #[test]
    fn the_status_tells_of_it_only_in_the_form_that_says_so() {
        for (data, code, status) in [
            (Value::Null, Code::BadUserInput, StatusCode::BAD_REQUEST),
            (Value::Null, Code::Unauthenticated, StatusCode::UNAUTHORIZED),
            (Value::Null, Code::Forbidden, StatusCode::FORBIDDEN),
            (Value::Null, Code::Timeout, StatusCode::SERVICE_UNAVAILABLE),
            (Value::Null, Code::Internal, StatusCode::INTERNAL_SERVER_ERROR),
            (value!({ "a": null }), Code::Internal, StatusCode::OK),
        ] {
            let respond = |media| respond(&failed(data.clone(), code), media).status();
            assert_eq!(respond(Media::GraphqlResponse), status, "{code:?}");
            assert_eq!(respond(Media::Json), StatusCode::OK, "{code:?}");
        }
    }
}
