//! Which form an answer takes, by what the client accepts (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, HeaderValue, header};

/// A form of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells of a request that could not be run.
    GraphqlResponse,
    /// `application/json`: the status of a well-formed request is 200, whatever became of it.
    Json,
    /// `text/event-stream`: one answer or many, as events.
    Events,
}

impl Media {
    fn name(self) -> &'static str {
        match self {
            Media::GraphqlResponse => "application/graphql-response+json",
            Media::Json => "application/json",
            Media::Events => "text/event-stream",
        }
    }

    /// The `Content-Type` of an answer.
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Media::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Media::Json => "application/json; charset=utf-8",
            Media::Events => "text/event-stream",
        })
    }
}

/// What a client accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Accepts {
    /// The form for one answer.
    pub one: Option<Media>,
    /// Whether many answers can be sent, as events. Nothing but their name asks for them.
    pub many: bool,
}

/// How well a form fits what a client accepts: by weight, then by how exactly it was named.
type Fit = (Weight, Exactness);
/// In thousandths.
type Weight = u16;
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exactness {
    Anything,
    Kind,
    Name,
}

/// One of the media ranges of an `Accept` header.
struct Range<'a> {
    name: &'a str,
    weight: Weight,
}

impl Accepts {
    /// What the `Accept` headers say. Without any, JSON is wanted.
    pub fn of(headers: &HeaderMap) -> Accepts {
        let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
        let ranges: Vec<Range> = lines.flat_map(|line| line.split(',')).filter_map(range).collect();
        if !headers.contains_key(header::ACCEPT) {
            return Accepts { one: Some(Media::Json), many: false };
        }
        let events =
            fit(&ranges, Media::Events).filter(|(_, exactness)| *exactness == Exactness::Name);
        let mut best: Option<(Fit, Media)> = None;
        for (media, fit) in [
            (Media::GraphqlResponse, fit(&ranges, Media::GraphqlResponse)),
            (Media::Json, fit(&ranges, Media::Json)),
            (Media::Events, events),
        ] {
            let Some(fit) = fit else { continue };
            // Of forms that fit alike the first stands, but who accepts anything gets plain JSON.
            let is_better = best.is_none_or(|(best, _)| {
                fit > best || (fit == best && media == Media::Json && fit.1 != Exactness::Name)
            });
            if is_better {
                best = Some((fit, media));
            }
        }
        Accepts { one: best.map(|(_, media)| media), many: events.is_some() }
    }

    /// Whether there is a form that fits.
    pub fn anything(&self) -> bool {
        self.one.is_some() || self.many
    }

    /// The form of an answer about a request that is no operation: JSON of some kind in any case.
    pub fn refusal(&self) -> Media {
        self.one.filter(|media| *media != Media::Events).unwrap_or(Media::Json)
    }
}

/// How well a form fits, by the range that names it most exactly; `None` when it is not wanted.
fn fit(ranges: &[Range], media: Media) -> Option<Fit> {
    let exactness = |range: &Range| {
        let (kind, _) = media.name().split_once('/')?;
        if range.name.eq_ignore_ascii_case(media.name()) {
            return Some(Exactness::Name);
        }
        if range.name == "*/*" {
            return Some(Exactness::Anything);
        }
        let of_kind = range.name.strip_suffix("/*")?.eq_ignore_ascii_case(kind);
        of_kind.then_some(Exactness::Kind)
    };
    let fits = ranges.iter().filter_map(|range| Some((exactness(range)?, range.weight)));
    let (exactness, weight) = fits.max()?;
    (weight > 0).then_some((weight, exactness))
}

/// Reads a media range with its weight; other parameters are passed over.
fn range(text: &str) -> Option<Range<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| name.contains('/'))?;
    let weight = parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let weight = match weight {
        None => 1_000,
        Some(text) => {
            let weight = text.parse::<f32>().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
            (weight * 1_000.0) as Weight
        }
    };
    Some(Range { name, weight })
}

/// The media type of a body, without its parameters, and the character set if one is named.
pub(super) fn content_type(headers: &HeaderMap) -> Option<(&str, Option<&str>)> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let mut parts = value.split(';').map(str::trim);
    let name = parts.next()?;
    let charset = parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    Some((name, charset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(lines: &[&'static str]) -> Accepts {
        let lines = lines.iter().map(|line| (header::ACCEPT, HeaderValue::from_static(line)));
        Accepts::of(&lines.collect())
    }

    #[test]
    fn one_answer_takes_the_form_that_fits_best() {
        const GRAPHQL: Option<Media> = Some(Media::GraphqlResponse);
        const JSON: Option<Media> = Some(Media::Json);
        const EVENTS: Option<Media> = Some(Media::Events);
        for (lines, one) in [
            (&[][..], JSON),
            (&["*/*"], JSON),
            (&["application/*"], JSON),
            (&["application/json"], JSON),
            (&["APPLICATION/JSON"], JSON),
            (&["application/json; charset=utf-8"], JSON),
            (&["application/graphql-response+json"], GRAPHQL),
            (&["application/graphql-response+json; charset=utf-8, application/json"], GRAPHQL),
            (&["application/json, application/graphql-response+json"], GRAPHQL),
            (&["application/graphql-response+json, application/json;q=0.9"], GRAPHQL),
            (&["application/graphql-response+json;q=0.8, application/json;q=0.9"], JSON),
            (&["application/graphql-response+json ; Q=0.8", "application/json; q=0.81"], JSON),
            (&["application/graphql-response+json, */*"], GRAPHQL),
            (&["application/json, text/plain, */*"], JSON),
            (&["text/html, application/xhtml+xml, */*;q=0.8"], JSON),
            (&["application/json;q=0, */*"], GRAPHQL),
            (&["application/json;q=0, application/*;q=0.5"], GRAPHQL),
            (&["text/event-stream"], EVENTS),
            (&["text/event-stream, application/json;q=0.9"], EVENTS),
            (&["text/event-stream, application/json"], JSON),
            (&["application/json, text/event-stream, multipart/mixed"], JSON),
            (&["text/*, application/json;q=0.5"], JSON),
            (&["text/*"], None),
            (&["text/plain"], None),
            (&["application/json;q=0"], None),
            (&["*/*;q=0"], None),
            (&["application/json;q=2"], None),
            (&["application/json;q=NaN"], None),
            (&[""], None),
            (&["nonsense"], None),
        ] {
            assert_eq!(accepts(lines).one, one, "{lines:?}");
        }
    }

    #[test]
    fn many_answers_must_be_asked_for_by_name() {
        for (line, many) in [
            ("text/event-stream", true),
            ("application/json, Text/Event-Stream;q=0.1", true),
            ("text/event-stream;q=0", false),
            ("text/*", false),
            ("*/*", false),
        ] {
            assert_eq!(accepts(&[line]).many, many, "{line}");
        }
    }

    #[test]
    fn a_body_says_what_it_is() {
        let of = |value| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, value)]);
            content_type(&headers).map(|(name, set)| (name.to_owned(), set.map(str::to_owned)))
        };
        let read = |text| of(HeaderValue::from_static(text));
        assert_eq!(read("application/json"), Some(("application/json".into(), None)));
        let quoted = read("application/json;charset=\"UTF-8\"");
        assert_eq!(quoted, Some(("application/json".into(), Some("UTF-8".into()))));
        assert_eq!(of(HeaderValue::from_bytes(b"\xff").unwrap()), None);
        assert_eq!(content_type(&HeaderMap::new()), None);
    }
}
