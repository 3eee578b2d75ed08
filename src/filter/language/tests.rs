use proptest::prelude::*;

use super::*;
use crate::filter::fuzzing;
use crate::filter::tree::{Field, Test, TextTest};

fn word(text: &str) -> Filter {
    Test::Text(Field::Message, TextTest::Contains(text.to_owned())).into()
}

fn host(text: &str) -> Filter {
    Test::Text(Field::Host, TextTest::Equals(text.to_owned())).into()
}

fn attribute(path: &str, text: &str) -> Filter {
    Test::Text(Field::Attribute(path.to_owned()), TextTest::Equals(text.to_owned())).into()
}

fn read(query: &str) -> Filter {
    parse(query).unwrap_or_else(|error| panic!("{query}: {error}"))
}

fn error(query: &str) -> String {
    match parse(query) {
        Ok(filter) => panic!("{query} is read as {filter:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_empty_query_asks_for_everything() {
    for query in ["", "  \t\n", "*", "**", "(*)", "* *", "NOT NOT *", "id:*"] {
        assert_eq!(read(query), Filter::ALL, "{query:?}");
    }
    assert_eq!(read("NOT *"), Filter::NONE);
}

#[test]
fn words_side_by_side_must_all_be_there() {
    let both = Filter::And(vec![word("disk"), word("full")]);
    for query in ["disk full", "Disk AND FULL", " disk\tfull ", "(disk) (full)", "disk* *full"] {
        assert_eq!(read(query), both, "{query:?}");
    }
}

#[test]
fn and_or_not_are_operators_only_as_whole_upper_case_words() {
    assert_eq!(read("a OR b"), Filter::Or(vec![word("a"), word("b")]));
    assert_eq!(read("a or b"), Filter::And(vec![word("a"), word("or"), word("b")]));
    assert_eq!(read("ORDER"), word("order"));
    assert_eq!(read("\"OR\""), word("or"));
    assert_eq!(read("NOT(a)"), word("a").negate());
    assert_eq!(
        read("a b OR c AND (d OR e)"),
        Filter::Or(vec![
            Filter::And(vec![word("a"), word("b")]),
            Filter::And(vec![word("c"), Filter::Or(vec![word("d"), word("e")])]),
        ])
    );
}

#[test]
fn a_dash_right_before_a_term_negates_it() {
    assert_eq!(read("-a"), word("a").negate());
    assert_eq!(read("-\"a b\""), word("a b").negate());
    assert_eq!(read("-(a)"), word("a").negate());
    assert_eq!(read("-host:a"), host("a").negate());
    assert_eq!(read("NOT -a"), word("a"));
    for text in ["a-b", "--flag", "-", "-->"] {
        assert_eq!(read(text), word(text), "{text}");
    }
}

#[test]
fn what_cannot_be_a_field_is_text() {
    for text in
        ["http://x/y?z", "std::io", "10:20:30", "key=value", "a->b", "<html>", "=>", "[x]:1", "a/b"]
    {
        assert_eq!(read(text), word(text), "{text}");
    }
    assert_eq!(read("attributes.x"), word("attributes.x"));
    assert_eq!(read("attributes"), word("attributes"));
}

#[test]
fn a_backslash_makes_special_characters_text() {
    assert_eq!(read(r#""say \"hi\" \\o/ C:\temp""#), word(r#"say "hi" \o/ c:\temp"#));
    assert_eq!(read(r"host\:a"), word("host:a"));
    assert_eq!(read(r"\(a\ b\)"), word("(a b)"));
    assert_eq!(read(r"\-a"), word("-a"));
    assert_eq!(read(r"\/a/"), word("/a/"));
    assert_eq!(read(r"host:a\*"), host("a*"));
    assert_eq!(read(r"a\"), word(r"a\"));
    assert_eq!(read(r"a\d"), word(r"a\d"));
}

#[test]
fn values_may_be_quoted_and_open_at_either_end() {
    let test = |query: &str| match read(query) {
        Filter::Test(Test::Text(Field::App, test)) => test,
        other => panic!("{query} is read as {other:?}"),
    };
    assert_eq!(test("app:A"), TextTest::Equals("a".into()));
    assert_eq!(test("app:=A"), TextTest::Equals("a".into()));
    assert_eq!(test("app:\"a b*\""), TextTest::Equals("a b*".into()));
    assert_eq!(test("app:a*"), TextTest::StartsWith("a".into()));
    assert_eq!(test("app:*\"a b\""), TextTest::EndsWith("a b".into()));
    assert_eq!(test("app:*a*"), TextTest::Contains("a".into()));
    assert_eq!(test("app:\"\""), TextTest::Equals(String::new()));
    assert_eq!(read("app:*"), Test::Exists(Field::App).into());
}

#[test]
fn addresses_times_and_paths_need_no_quotes() {
    let v6 = TextTest::Equals("fe80::1".into());
    assert_eq!(read("address:fe80::1"), Test::Text(Field::Address, v6).into());
    assert_eq!(read("host:/a\\/b/").to_string(), "host:/a\\/b/");
    assert_eq!(read("timestamp:>=2026-01-02T03:04:05Z"), read("timestamp>=2026-01-02T03:04:05Z"));
    assert_eq!(read("attr.user.id:42"), attribute("user.id", "42"));
    assert_eq!(read(r"attributes.a\:b\ c:42"), attribute("a:b c", "42"));
    assert_eq!(read("attributes.sd@32473.x-y:1"), attribute("sd@32473.x-y", "1"));
}

#[test]
fn comparisons_at_the_ends_match_nothing() {
    for query in
        ["id>9223372036854775807", "id<-9223372036854775808", "severity>emergency", "level<debug"]
    {
        assert_eq!(read(query), Filter::NONE, "{query}");
    }
}

#[test]
fn errors_say_where_and_what_to_write() {
    for (query, expected) in [
        ("error hots:a", "column 7: unknown field `hots`; did you mean `host`?"),
        ("größe a:b", "column 7: unknown field `a`; there are message"),
        ("time:1", "column 1: unknown field `time`; did you mean `timestamp`?"),
        ("attributes:1", "column 1: unknown field `attributes`; an attribute is written"),
        ("latency>100", "`attributes.latency`; to search for the text, quote it"),
        ("host:", "column 6: a value must follow `host:`"),
        ("(host: a)", "column 7: a value must follow `host:`"),
        ("host:(a OR b)", "column 6: write each value with its field: host:a OR host:b"),
        ("a (b", "column 3: this `(` is never closed"),
        ("a) b", "column 2: this `)` closes nothing"),
        ("()", "column 2: a term must stand before `)`"),
        ("a OR", "column 5: the query ends where a term must follow"),
        ("OR a", "column 1: a term must stand before `OR`"),
        ("a AND AND b", "column 7: a term must stand before `AND`"),
        ("\"a b", "column 1: this quote is never closed"),
        ("a\"b\"", "column 2: put a space before `\"`"),
        ("main()", "column 5: put a space before `(`"),
        ("\"a\"b", "column 4: a space must follow the closing quote"),
        ("a*b", "column 2: `*` stands at the beginning or the end"),
        ("/var/log", "column 6: a space must follow the regular expression"),
        ("x /var", "column 3: this regular expression has no closing `/`"),
        ("//", "column 1: this regular expression is empty"),
        ("app:/a[/", "column 5: the regular expression is not valid: unclosed character class"),
        ("/(\\w{1000}){1000}/", "column 1: the regular expression is too large"),
        ("severity:bad", "column 10: unknown severity `bad`; there are emergency, alert"),
        ("facility>kern", "column 10: facilities have no order for `>`"),
        ("facility:x", "unknown facility `x`; there are kern, user"),
        ("id:x", "column 4: `x` is not a position"),
        ("id:1*", "column 4: `*` has no meaning here"),
        ("severity:/e/", "column 10: a regular expression has no meaning here"),
        ("attr.x>fast", "column 8: `fast` is not a number"),
        ("attr.x>NaN", "column 8: the number is not finite"),
        ("timestamp>now", "column 11: `now` is not a time; write 2026-01-02T03:04:05Z"),
    ] {
        let message = error(query);
        assert!(message.contains(expected), "{query}: {message}");
    }
}

#[test]
fn every_limit_is_held() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(read(&nested(limits::NESTING)), word("a"));
    assert!(error(&nested(limits::NESTING + 1)).contains("nest at most 32"));

    assert!(parse(&"a ".repeat(limits::TERMS)).is_ok());
    assert!(error(&"a ".repeat(limits::TERMS + 1)).contains("at most 128 terms"));

    assert!(parse(&"/a/ ".repeat(limits::REGEXES)).is_ok());
    assert!(error(&"/a/ ".repeat(limits::REGEXES + 1)).contains("at most 16 regular"));

    assert!(parse(&"ü".repeat(limits::QUERY_LENGTH)).is_ok());
    let long = error(&"ü".repeat(limits::QUERY_LENGTH + 1));
    assert_eq!(long, "column 4097: a query has at most 4096 characters");

    let path = "p".repeat(limits::ATTRIBUTE_PATH);
    assert!(parse(&format!("attr.{path}:1")).is_ok());
    assert!(error(&format!("attr.{path}p:1")).contains("at most 256 bytes"));
}

#[test]
fn the_longest_row_of_negations_is_read_without_recursion() {
    assert_eq!(read(&format!("{}a", "NOT ".repeat(1_000))), word("a"));
}

/// Queries that come close to being right.
fn scraps() -> impl Strategy<Value = String> {
    let scraps = [
        "a",
        "host",
        "severity",
        "attributes.",
        "attr.b",
        "id",
        "timestamp",
        ":",
        ">=",
        "<",
        "=",
        "*",
        "\"",
        "\\",
        "/",
        "(",
        ")",
        "-",
        " ",
        " ",
        " AND ",
        " OR ",
        "NOT ",
        "warning",
        "42",
        "2026-01-02",
        "İ",
        "😀",
        "[",
        "{9}",
        ".",
    ];
    proptest::collection::vec(proptest::sample::select(scraps.to_vec()), 0..24)
        .prop_map(|scraps| scraps.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_is_read_or_refused_at_a_place_in_it(query in any::<String>()) {
        fuzzing::query(&query);
    }

    #[test]
    fn anything_like_a_query_is_read_or_refused_at_a_place_in_it(query in scraps()) {
        fuzzing::query(&query);
    }

    #[test]
    fn a_text_in_quotes_is_that_text(text in any::<String>()) {
        let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        prop_assert_eq!(read(&quoted), word(&crate::filter::fold(&text)));
    }
}
