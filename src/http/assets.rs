//! The files of the front end, built by Vite into `frontend/dist` and embedded. Each lies in the
//! executable once, compressed with gzip; a client that does not take gzip gets it inflated.
//!
//! The folder may be missing: then there are no assets, and [`pages`](super::pages) are plain.

use std::borrow::Cow;
use std::io::Read;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::pages;

#[derive(RustEmbed)]
#[folder = "frontend/dist"]
#[include = "*.gz"]
#[allow_missing = true]
struct Built;

/// How long a client may keep a file. The names of assets hold a hash of their content; those of
/// pages do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lifetime {
    Forever,
    AskEveryTime,
}

impl Lifetime {
    fn cache_control(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Lifetime::Forever => "public, max-age=31536000, immutable",
            Lifetime::AskEveryTime => "no-cache",
        })
    }
}

/// `/assets/{*path}`: scripts, styles and fonts of the pages.
pub async fn asset(Path(path): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    match file(&format!("assets/{path}"), Lifetime::Forever, &headers) {
        Some(response) => response,
        None => pages::not_found(uri).await.into_response(),
    }
}

/// A page that Vite built; `None` when the front end was not built.
pub(super) fn page(name: &str, headers: &HeaderMap) -> Option<Response> {
    file(name, Lifetime::AskEveryTime, headers)
}

/// The answer to a request for a built file, by its name before compression.
fn file(name: &str, lifetime: Lifetime, request: &HeaderMap) -> Option<Response> {
    let file = Built::get(&format!("{name}.gz"))?;
    let gzip = accepts_gzip(request);
    let tag = entity_tag(&file, gzip)?;
    let mut response = if names(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if gzip {
        let mut response = Response::new(body(file.data));
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        Response::new(Body::from(inflated(&file.data)?))
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(header::CACHE_CONTROL, lifetime.cache_control());
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, tag);
    Some(response)
}

fn body(data: Cow<'static, [u8]>) -> Body {
    Body::from(match data {
        Cow::Borrowed(embedded) => Bytes::from_static(embedded),
        Cow::Owned(read) => Bytes::from(read),
    })
}

/// What was compressed. `None` only when the build wrote something else than gzip.
fn inflated(compressed: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// Names the content; the two encodings of it are two entities (RFC 9110, 8.8.3.3).
fn entity_tag(file: &EmbeddedFile, gzip: bool) -> Option<HeaderValue> {
    let hash: String =
        file.metadata.sha256_hash()[..12].iter().map(|b| format!("{b:02x}")).collect();
    let suffix = if gzip { "-gz" } else { "" };
    HeaderValue::from_str(&format!("\"{hash}{suffix}\"")).ok()
}

/// Whether a request has this entity already (`If-None-Match`, RFC 9110, 13.1.2).
fn names(request: &HeaderMap, tag: &HeaderValue) -> bool {
    list(request, &header::IF_NONE_MATCH)
        .map(|candidate| candidate.strip_prefix("W/").unwrap_or(candidate))
        .any(|candidate| candidate == "*" || candidate.as_bytes() == tag.as_bytes())
}

/// Whether a client takes gzip (RFC 9110, 12.5.3): it names it, or everything, without refusing it
/// by a weight of zero.
fn accepts_gzip(request: &HeaderMap) -> bool {
    let weight = |coding: &str| {
        list(request, &header::ACCEPT_ENCODING).find_map(|item| {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
            name.trim().eq_ignore_ascii_case(coding).then(|| weight.unwrap_or(0.0))
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// The items of a header that is a list.
fn list<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// The media type of a file, by its extension.
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
