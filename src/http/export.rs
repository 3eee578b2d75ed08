//! `/export/<secret>`: the file that the link of an export leads to. The link itself is the
//! authority, so it is good once, and stands in no log.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::HttpContext;
use super::negotiate::Media;
use super::outcome::Refusal;
use super::peer::{OtherEnd, peer};
use crate::api::{ApiError, Code, Exports, FileHead, NoDownload};

/// Where the secret stands in the path; one that cannot be read is nobody's.
type Secret = Result<Path<String>, PathRejection>;

/// GET: follows the link. What comes is as long as it turns out to be; one that breaks off in the
/// middle ends the connection, so that nobody takes it for whole.
pub(super) async fn get(
    State(context): State<HttpContext>,
    secret: Secret,
    request: Request,
) -> Response {
    let other_end = OtherEnd::of(request.extensions());
    let peer = peer(other_end, request.headers(), &context.options.trusted_proxies);
    let download = async {
        let (exports, Path(secret)) = (exports(&context)?, secret.map_err(|_| unknown())?);
        exports.follow(&secret, peer).await.map_err(refusal)
    };
    match download.await {
        Ok(download) => described(&download.head, Body::from_stream(download.body)),
        Err(refusal) => refused(refusal),
    }
}

/// HEAD: what would come. The link stays good.
pub(super) async fn head(State(context): State<HttpContext>, secret: Secret) -> Response {
    let found = async {
        let (exports, Path(secret)) = (exports(&context)?, secret.map_err(|_| unknown())?);
        exports.look(&secret).await.map_err(refusal)
    };
    match found.await {
        Ok(file) => described(&file, Body::empty()),
        Err(refusal) => refused(refusal),
    }
}

/// Any other method.
pub(super) async fn not_allowed() -> Response {
    refused(Refusal::not_allowed("GET, HEAD", "an export is fetched with GET"))
}

fn exports(context: &HttpContext) -> Result<&Exports, Refusal> {
    let schema = context.schema.get();
    schema
        .map(|schema| schema.exports())
        .ok_or_else(|| Refusal::unavailable("nobody answers here at the moment; see /readyz"))
}

fn described(file: &FileHead, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform")),
        (
            header::CONTENT_DISPOSITION,
            // The name is made of a time and a format.
            HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static("attachment")),
        ),
        // nginx keeps a response in files of its own unless told not to.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}

fn refused(refusal: Refusal) -> Response {
    let mut response = refusal.respond(Media::Json);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refusal(why: NoDownload) -> Refusal {
    let not_found =
        |status, message| Refusal::because(status, ApiError::new(Code::NotFound, message));
    match why {
        NoDownload::Unknown(message) => not_found(StatusCode::NOT_FOUND, message),
        NoDownload::Gone(message) => not_found(StatusCode::GONE, message),
        NoDownload::Failed(error) => Refusal::of(error),
    }
}

fn unknown() -> Refusal {
    refusal(NoDownload::Unknown("there is no such export".to_owned()))
}
