//! Which pages may talk to us: our own, and those of the origins that the operator allowed.
//!
//! Browsers let any page send a simple request or open a WebSocket to anywhere. They name the page
//! in `Origin`, and no page can forge that; a program has no origin.

use axum::http::{HeaderMap, HeaderValue, Uri, header};

/// The host that a proxy was asked for.
const FORWARDED_HOST: &str = "x-forwarded-host";
/// Whether a browser asks on behalf of another site's page.
const FETCH_SITE: &str = "sec-fetch-site";

/// A scheme, a host and a port (RFC 6454).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin that a URL is of; `None` when that is not of the web (`null`, `file://`).
    fn parse(text: &str) -> Option<Origin> {
        let uri: Uri = text.parse().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let default = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let host = uri.host()?.to_ascii_lowercase();
        Some(Origin { scheme, host, port: uri.port_u16().unwrap_or(default) })
    }

    /// Whether a `Host` header names this origin's host and port.
    fn is_at(&self, host: &HeaderValue) -> bool {
        let Ok(host) = host.to_str() else { return false };
        Origin::parse(&format!("{}://{host}", self.scheme)).is_some_and(|there| there == *self)
    }
}

/// What a page is to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// Ours, or none at all: a program.
    Own,
    /// Of an origin that may read answers; the origin as it calls itself.
    Allowed(HeaderValue),
    /// Any other.
    Foreign,
}

/// The origins that may talk to us.
#[derive(Clone, Debug, Default)]
pub(super) struct Origins {
    /// By the public URL.
    public: Option<Origin>,
    allowed: Vec<Origin>,
    /// Whether we are reached over TLS only, without a proxy that ends it.
    tls: bool,
}

impl Origins {
    /// What cannot be an origin counts for nothing, and the log says so.
    pub fn new(public_url: Option<&str>, allowed: &[String], tls: bool) -> Origins {
        let parse = |text: &str| {
            let origin = Origin::parse(text);
            if origin.is_none() {
                tracing::warn!(origin = text, "not an origin, such as https://logs.example");
            }
            origin
        };
        Origins {
            public: public_url.and_then(parse),
            allowed: allowed.iter().filter_map(|text| parse(text)).collect(),
            tls,
        }
    }

    /// What the page is that the request comes from. `behind_proxy`: a trusted proxy sent it on.
    pub fn page(&self, headers: &HeaderMap, behind_proxy: bool) -> Page {
        let Some(named) = headers.get(header::ORIGIN) else {
            // Without an origin, only a browser says this.
            let cross_site = headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site");
            return if cross_site { Page::Foreign } else { Page::Own };
        };
        let Some(origin) = named.to_str().ok().and_then(Origin::parse) else {
            return Page::Foreign;
        };
        if self.is_ours(&origin, headers, behind_proxy) {
            return Page::Own;
        }
        if self.allowed.contains(&origin) {
            return Page::Allowed(named.clone());
        }
        Page::Foreign
    }

    fn is_ours(&self, origin: &Origin, headers: &HeaderMap, behind_proxy: bool) -> bool {
        if self.public.as_ref() == Some(origin) {
            return true;
        }
        // A page that came in the clear may be anybody's.
        if self.tls && origin.scheme != "https" {
            return false;
        }
        let asked = headers.get(header::HOST);
        let forwarded = headers.get(FORWARDED_HOST).filter(|_| behind_proxy);
        [asked, forwarded].into_iter().flatten().any(|host| origin.is_at(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Page = Page::Own;
    const FOREIGN: Page = Page::Foreign;

    fn page(origins: &Origins, headers: &[(&'static str, &'static str)], proxied: bool) -> Page {
        let headers =
            headers.iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v)));
        origins.page(&headers.collect(), proxied)
    }

    #[test]
    fn a_page_is_ours_by_the_host_that_it_asked() {
        let origins = Origins::default();
        for (host, origin, expected) in [
            ("127.0.0.1:8000", "http://127.0.0.1:8000", OWN),
            ("logs.example", "http://logs.example", OWN),
            // A proxy may have ended the TLS.
            ("logs.example", "https://logs.example", OWN),
            ("logs.example:443", "https://logs.example", OWN),
            ("Logs.Example", "https://logs.example:443", OWN),
            ("[::1]:8000", "http://[::1]:8000", OWN),
            ("127.0.0.1:8000", "http://127.0.0.1:9000", FOREIGN),
            ("127.0.0.1:8000", "http://127.0.0.1", FOREIGN),
            ("127.0.0.1:8000", "http://localhost:8000", FOREIGN),
            ("logs.example", "http://logs.example.evil.example", FOREIGN),
            ("logs.example", "http://evil.example", FOREIGN),
            ("logs.example", "file://logs.example", FOREIGN),
            ("logs.example", "null", FOREIGN),
            ("logs.example", "", FOREIGN),
        ] {
            let headers = [("host", host), ("origin", origin)];
            assert_eq!(page(&origins, &headers, false), expected, "{host} {origin}");
        }
    }

    #[test]
    fn programs_have_no_origin_and_browsers_tell_of_other_sites() {
        let origins = Origins::default();
        for (headers, expected) in [
            (&[("host", "logs.example")][..], OWN),
            (&[("host", "logs.example"), ("sec-fetch-site", "same-origin")], OWN),
            (&[("host", "logs.example"), ("sec-fetch-site", "none")], OWN),
            (&[("host", "logs.example"), ("sec-fetch-site", "cross-site")], FOREIGN),
        ] {
            assert_eq!(page(&origins, headers, false), expected, "{headers:?}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_which_host_was_asked() {
        let origins = Origins::default();
        let headers = [
            ("host", "127.0.0.1:8000"),
            ("x-forwarded-host", "logs.example"),
            ("origin", "https://logs.example"),
        ];
        assert_eq!(page(&origins, &headers, true), OWN);
        assert_eq!(page(&origins, &headers, false), FOREIGN);
    }

    #[test]
    fn the_public_url_is_ours_and_allowed_origins_are_not() {
        let allowed = ["https://team.example".to_owned(), "nonsense".to_owned()];
        let origins = Origins::new(Some("https://logs.example/"), &allowed, false);
        for (origin, expected) in [
            ("https://logs.example", OWN),
            ("http://logs.example", FOREIGN),
            (
                "https://team.example",
                Page::Allowed(HeaderValue::from_static("https://team.example")),
            ),
            ("https://team.example:8443", FOREIGN),
            ("http://team.example", FOREIGN),
            ("https://sub.team.example", FOREIGN),
        ] {
            let headers = [("host", "127.0.0.1:8000"), ("origin", origin)];
            assert_eq!(page(&origins, &headers, false), expected, "{origin}");
        }
    }

    #[test]
    fn with_a_certificate_of_our_own_a_page_in_the_clear_is_not_ours() {
        let origins = Origins::new(None, &[], true);
        let of = |origin| page(&origins, &[("host", "logs.example"), ("origin", origin)], false);
        assert_eq!(of("https://logs.example"), OWN);
        assert_eq!(of("http://logs.example"), FOREIGN);
    }
}
