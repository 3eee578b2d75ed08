//! What the matcher promises, held against a second implementation that is slow and plain.

mod columns;
#[path = "../../tests/support/random.rs"]
pub(crate) mod random;

use std::net::IpAddr;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::log::{Attributes, Entry, Log, Severity, SourceKey, timestamp_from_micros};

/// The reference: what a filter means, as its documentation says it.
fn passes(filter: &Filter, log: &Log) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| passes(part, log)),
        Filter::Or(parts) => parts.iter().any(|part| passes(part, log)),
        Filter::Not(inner) => !passes(inner, log),
        Filter::Test(test) => match test {
            Test::Text(field, test) => texts(field, log).iter().any(|text| text_passes(test, text)),
            Test::Number(field, comparison, bound) => texts(field, log)
                .iter()
                .filter_map(|text| text.parse::<f64>().ok())
                .any(|number| number.is_finite() && comparison.holds(number, *bound)),
            Test::Exists(Field::Attribute(path)) => !values(path, log).is_empty(),
            Test::Exists(field) => !texts(field, log).is_empty(),
            Test::Severity(set) => log.entry.severity.is_some_and(|s| set.contains(s)),
            Test::Facility(set) => log.entry.facility.is_some_and(|f| set.contains(f)),
            Test::Timestamp(range) => range.contains(log.entry.timestamp),
            Test::ReceivedAt(range) => range.contains(log.entry.received_at),
            Test::Id(range) => range.contains(&log.id),
        },
    }
}

fn text_passes(test: &TextTest, text: &str) -> bool {
    let folded: String = text.chars().map(|c| if c == 'İ' { 'i' } else { lower(c) }).collect();
    match test {
        TextTest::Equals(wanted) => folded == *wanted,
        TextTest::StartsWith(wanted) => folded.starts_with(wanted),
        TextTest::EndsWith(wanted) => folded.ends_with(wanted),
        TextTest::Contains(wanted) => folded.contains(wanted),
        TextTest::Regex(regex) => regex.is_match(text),
    }
}

fn lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

fn texts(field: &Field, log: &Log) -> Vec<String> {
    let source = &log.source;
    match field {
        Field::Message => vec![log.entry.message.clone()],
        Field::Host => source.host.iter().cloned().collect(),
        Field::App => source.app.iter().cloned().collect(),
        Field::Address => vec![source.address.to_string()],
        Field::ProcId => log.entry.proc_id.iter().cloned().collect(),
        Field::MsgId => log.entry.msg_id.iter().cloned().collect(),
        Field::Attribute(path) => values(path, log)
            .into_iter()
            .filter_map(|value| match value {
                Value::String(text) => Some(text),
                Value::Object(_) => None,
                scalar => Some(scalar.to_string()),
            })
            .collect(),
    }
}

/// Every value that is not null and that some way of cutting the path into keys leads to.
fn values(path: &str, log: &Log) -> Vec<Value> {
    let mut found = Vec::new();
    gather(&Value::Object(log.entry.attributes.to_map()), Some(path), &mut found);
    found
}

fn gather(value: &Value, path: Option<&str>, found: &mut Vec<Value>) {
    match (value, path) {
        (Value::Array(elements), path) => elements.iter().for_each(|e| gather(e, path, found)),
        (Value::Null, _) => {}
        (value, None) => found.push(value.clone()),
        (Value::Object(members), Some(path)) => {
            let cuts = path.match_indices('.').map(|(at, _)| (&path[..at], Some(&path[at + 1..])));
            for (key, rest) in cuts.chain([(path, None)]) {
                members.get(key).into_iter().for_each(|member| gather(member, rest, found));
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_matcher_agrees_with_the_reference(filter in random::filter(), log in random::log()) {
        prop_assert_eq!(Matcher::new(&filter).matches(&log), passes(&filter, &log));
    }

    #[test]
    fn tests_cut_from_a_record_agree_with_the_reference(
        log in random::log(), from in 0usize..4, length in 0usize..4
    ) {
        let paths = random::PATHS.map(|path| Field::Attribute(path.to_owned()));
        let named = [Field::Message, Field::Host, Field::App, Field::Address, Field::ProcId];
        for field in paths.into_iter().chain(named) {
            for text in texts(&field, &log) {
                let piece: String = fold(&text).chars().skip(from).take(length).collect();
                for test in [
                    TextTest::Equals(fold(&text)),
                    TextTest::Equals(piece.clone()),
                    TextTest::StartsWith(piece.clone()),
                    TextTest::EndsWith(piece.clone()),
                    TextTest::Contains(piece),
                ] {
                    let filter = Filter::Test(Test::Text(field.clone(), test));
                    let matches = Matcher::new(&filter).matches(&log);
                    prop_assert_eq!(matches, passes(&filter, &log), "{}", filter);
                }
            }
        }
    }

    #[test]
    fn a_record_is_found_by_every_piece_of_its_message(
        log in random::log(), from in 0usize..8, length in 0usize..8
    ) {
        let piece: String = log.entry.message.chars().skip(from).take(length).collect();
        let filter = Test::Text(Field::Message, TextTest::Contains(fold(&piece))).into();
        prop_assert!(Matcher::new(&filter).matches(&log));
    }

    #[test]
    fn a_negation_is_the_exact_complement(filter in random::filter(), log in random::log()) {
        let not = Filter::Not(Box::new(filter.clone()));
        let matches = Matcher::new(&filter).matches(&log);
        prop_assert_ne!(Matcher::new(&not).matches(&log), matches);
        prop_assert_ne!(Matcher::new(&filter.negate()).matches(&log), matches);
    }

    #[test]
    fn joining_and_simplifying_change_no_outcome(
        filters in proptest::collection::vec(random::filter(), 0..4), log in random::log()
    ) {
        let matches = |filter| Matcher::new(&filter).matches(&log);
        prop_assert_eq!(matches(Filter::all(filters.clone())), matches(Filter::And(filters.clone())));
        prop_assert_eq!(matches(Filter::any(filters.clone())), matches(Filter::Or(filters)));
    }

    #[test]
    fn what_remains_on_a_source_decides_its_records_alike(
        filter in random::filter(), log in random::log()
    ) {
        let rest = filter.on_source(&log.source);
        prop_assert_eq!(Matcher::new(&rest).matches(&log), Matcher::new(&filter).matches(&log));
        prop_assert_eq!(rest.on_source(&log.source), rest);
    }

    #[test]
    fn what_passes_lies_in_the_range_of_time(filter in random::filter(), log in random::log()) {
        let matches = Matcher::new(&filter).matches(&log);
        prop_assert!(!matches || filter.time_range().contains(log.entry.timestamp));
    }

    #[test]
    fn a_filter_of_sources_asks_nothing_but_the_source(
        filter in random::source_filter(), log in random::log(), other in random::log()
    ) {
        prop_assert!(filter.is_of_sources());
        let matcher = Matcher::new(&filter);
        let same_source = matcher.matches_entry(other.id, &log.source, &other.entry);
        prop_assert_eq!(matcher.matches(&log), same_source);
    }

    #[test]
    fn an_exact_filter_asks_nothing_of_the_text_of_a_record(
        filter in random::exact_filter(), log in random::log(), other in random::entry()
    ) {
        prop_assert!(filter.is_exact());
        let other = Entry {
            timestamp: log.entry.timestamp,
            received_at: log.entry.received_at,
            severity: log.entry.severity,
            ..other
        };
        let matcher = Matcher::new(&filter);
        prop_assert_eq!(matcher.matches(&log), matcher.matches_entry(log.id, &log.source, &other));
    }

    #[test]
    fn a_filter_written_as_a_query_asks_the_same(filter in random::filter(), log in random::log()) {
        let query = filter.to_string();
        let read = parse(&query);
        prop_assert!(read.is_ok(), "{query}: {read:?}");
        let read = read.unwrap();
        prop_assert_eq!(passes(&read, &log), passes(&filter, &log), "{}", query);
        // From here on text and tree are one.
        let again = parse(&read.to_string());
        prop_assert_eq!(again, Ok(read), "{}", query);
    }
}

fn log() -> Log {
    let attributes: Map<String, Value> = serde_json::from_str(
        r#"{"user":{"id":42,"name":"Ann"},"latency":"250","tags":["a","b"],"ok":true,"gone":null}"#,
    )
    .unwrap();
    Log {
        id: 7,
        source_id: 1,
        source: Arc::new(SourceKey {
            host: Some("Web1".into()),
            app: None,
            address: IpAddr::from([10, 0, 0, 1]),
        }),
        entry: Entry {
            timestamp: timestamp_from_micros(1_767_323_045_000_000),
            received_at: timestamp_from_micros(1_767_323_046_000_000),
            severity: Some(Severity::Error),
            facility: None,
            proc_id: Some("1234".into()),
            msg_id: None,
            message: "Connection timed out: 100% of 5 tries (disk_full) \u{212a}".into(),
            attributes: Attributes::from_map(&attributes),
        },
    }
}

fn finds(query: &str) -> bool {
    let filter = parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    Matcher::new(&filter).matches(&log())
}

#[test]
fn words_and_phrases_are_found_in_any_case() {
    for query in ["", "TIMED", "timed tries", "\"timed out\"", "100%", "disk_full", "\u{212a}", "k"]
    {
        assert!(finds(query), "{query}");
    }
    for query in ["10_%", "\"out timed\"", "timed absent", "-timed", "disk?full"] {
        assert!(!finds(query), "{query}");
    }
}

#[test]
fn fields_are_compared_as_the_language_says() {
    for query in [
        "host:web1",
        "host:WEB*",
        "host:*eb1",
        "host:*E*",
        "host:/^Web\\d$/",
        "-host:web",
        "-app:*",
        "address:10.0.0.1",
        "address:10.0.*",
        "procid>1000",
        "procid:12*",
        "-msgid:*",
        "id:7",
        "id>=7 id<8",
        "severity:error",
        "severity>=warning",
        "severity>warning",
        "severity<=error",
        "level<critical",
        "-severity<error",
        "-facility:kern",
        "message:conn",
        "message:conn*",
        "-message:=conn",
        "timestamp:2026-01-02",
        "timestamp>=2026-01-02T03:04:05Z",
        "-timestamp>2026-01-02T03:04:05Z",
        "received>2026-01-02T03:04:05Z",
        "received<=2026-01-02",
        "attributes.user.id:42",
        "attr.user.id>41",
        "attributes.latency>100",
        "attributes.tags:B",
        "attributes.user:*",
        "-attributes.user:42",
        "-attributes.gone:*",
        "attributes.ok:true",
        "attributes.user.name:/^A/",
        "/[0-9]+ tries/",
        "-/TIMED/",
        "/(?i)TIMED/",
    ] {
        assert!(finds(query), "{query}");
    }
}

#[test]
fn what_a_record_does_not_have_fails_every_test() {
    for query in ["app:x", "app:*", "app:\"\"", "app:/^/", "app>0", "facility:*", "attr.none:*"] {
        assert!(!finds(query), "{query}");
        assert!(finds(&format!("NOT {query}")), "{query}");
    }
}

#[test]
fn or_binds_weaker_than_and() {
    assert!(finds("timed tries OR absent"));
    assert!(finds("absent absent OR timed"));
    assert!(!finds("(timed OR absent) absent"));
    assert!(finds("NOT (absent OR missing)"));
}

#[test]
fn only_ids_times_severities_and_sources_are_exact() {
    for query in
        ["", "id>4 severity:error host:a*", "-app:/x/ OR address:*", "timestamp>2026-01-02"]
    {
        assert!(parse(query).unwrap().is_exact(), "{query}");
    }
    for query in ["word", "id:1 OR attr.a:1", "facility:kern", "-procid:1", "message:*"] {
        assert!(!parse(query).unwrap().is_exact(), "{query}");
    }
}

#[test]
fn only_host_app_and_address_are_of_sources() {
    for query in ["", "host:web1", "-app:/x/ OR address:10.*", "NOT (host>4 -app:*)"] {
        assert!(parse(query).unwrap().is_of_sources(), "{query}");
    }
    for query in [
        "word",
        "host:web1 word",
        "host:web1 OR severity:error",
        "-facility:kern",
        "host:web1 -(app:x id:1)",
        "timestamp>2026-01-02",
        "received>2026-01-02",
        "procid:*",
        "msgid:1",
        "attributes.host:web1",
        "message:*",
    ] {
        assert!(!parse(query).unwrap().is_of_sources(), "{query}");
    }
}

#[test]
fn a_source_decides_what_it_can() {
    let source = &log().source;
    let rest = |query| parse(query).unwrap().on_source(source);
    assert_eq!(rest("host:web1"), Filter::ALL);
    assert_eq!(rest("host:web1 timeout"), parse("timeout").unwrap());
    assert_eq!(rest("host:web2 timeout"), Filter::NONE);
    assert_eq!(rest("host:web2 OR timeout"), parse("timeout").unwrap());
    assert_eq!(rest("-(host:web2 timeout)"), Filter::ALL);
    assert_eq!(rest("app:* OR (a OR -address:10.0.0.1)"), parse("a").unwrap());
}
