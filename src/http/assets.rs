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
use rust_embed::RustEmbed;

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
    answer(name, file.data, file.metadata.sha256_hash(), lifetime, request)
}

/// `None` only when the build wrote something else than gzip.
fn answer(
    name: &str,
    compressed: Cow<'static, [u8]>,
    hash: [u8; 32],
    lifetime: Lifetime,
    request: &HeaderMap,
) -> Option<Response> {
    let gzip = accepts_gzip(request);
    let tag = entity_tag(&hash, gzip)?;
    let mut response = if has_already(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if gzip {
        let encoding = [(header::CONTENT_ENCODING, "gzip")];
        (encoding, body(compressed)).into_response()
    } else {
        Body::from(inflated(&compressed)?).into_response()
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

fn inflated(compressed: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// Names the content; its two encodings are two entities (RFC 9110, 8.8.3.3).
fn entity_tag(hash: &[u8], gzip: bool) -> Option<HeaderValue> {
    let hash: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let suffix = if gzip { "-gz" } else { "" };
    HeaderValue::from_str(&format!("\"{hash}{suffix}\"")).ok()
}

/// Whether the client has this entity (`If-None-Match`, RFC 9110, 13.1.2).
fn has_already(request: &HeaderMap, tag: &HeaderValue) -> bool {
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const SCRIPT: &str = "console.log('a script');";

    fn compressed() -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(SCRIPT.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn request(headers: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        let pairs = headers.iter().cloned();
        pairs.map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
    }

    fn ask(headers: &[(header::HeaderName, &'static str)]) -> Response {
        let data = Cow::Owned(compressed());
        answer("a.js", data, [0xab; 32], Lifetime::Forever, &request(headers)).unwrap()
    }

    async fn content(response: Response) -> Vec<u8> {
        axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()
    }

    #[tokio::test]
    async fn a_client_that_takes_gzip_gets_what_was_built() {
        let response = ask(&[(header::ACCEPT_ENCODING, "br, gzip")]);
        let headers = response.headers();
        assert_eq!(headers["content-encoding"], "gzip");
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["vary"], "accept-encoding");
        assert_eq!(headers["etag"], "\"abababababababababababab-gz\"");
        assert_eq!(content(response).await, compressed());
    }

    #[tokio::test]
    async fn any_other_client_gets_it_inflated() {
        let response = ask(&[]);
        assert!(!response.headers().contains_key("content-encoding"));
        assert_eq!(response.headers()["etag"], "\"abababababababababababab\"");
        assert_eq!(content(response).await, SCRIPT.as_bytes());
    }

    #[tokio::test]
    async fn what_the_client_has_is_not_sent_again() {
        let gzip = (header::ACCEPT_ENCODING, "gzip");
        for known in
            ["\"abababababababababababab-gz\"", "\"x\", W/\"abababababababababababab-gz\"", "*"]
        {
            let response = ask(&[gzip.clone(), (header::IF_NONE_MATCH, known)]);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert!(content(response).await.is_empty());
        }
        for unknown in ["\"x\"", "abababababababababababab-gz", "\"abababababababababababab\""] {
            let response = ask(&[gzip.clone(), (header::IF_NONE_MATCH, unknown)]);
            assert_eq!(response.status(), StatusCode::OK, "{unknown}");
        }
    }

    #[test]
    fn gzip_is_taken_as_the_client_says() {
        for (value, takes) in [
            ("gzip", true),
            ("GZIP;q=0.5", true),
            ("deflate, gzip ; q=1", true),
            ("*", true),
            ("br, *;q=0.1", true),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("*;q=0", false),
            ("identity", false),
            ("gzip;q=much", false),
            ("x-gzip-not", false),
            ("", false),
        ] {
            let headers = request(&[(header::ACCEPT_ENCODING, value)]);
            assert_eq!(accepts_gzip(&headers), takes, "{value}");
        }
    }

    #[test]
    fn every_file_that_was_built_is_gzip_of_a_known_type() {
        for name in Built::iter() {
            let plain = name.strip_suffix(".gz").unwrap();
            assert!(inflated(&Built::get(&name).unwrap().data).is_some(), "{name}");
            assert_ne!(media_type(plain), "application/octet-stream", "{name}");
        }
    }

    #[test]
    fn a_path_that_leads_out_of_the_folder_leads_nowhere() {
        for path in ["../Cargo.toml", "assets/../../Cargo.toml", "/etc/passwd", "", "assets"] {
            assert!(file(path, Lifetime::Forever, &HeaderMap::new()).is_none(), "{path}");
        }
    }
}
