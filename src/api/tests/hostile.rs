//! Values from people who wish us ill, or who mistyped.

use serde_json::{Value, json};

use super::authority::root_fields;
use super::code;
use crate::api::fixture::Fixture;

/// What is nobody's business: names of our types, our files, our SQL.
const OURS: &[&str] = &[
    "::",
    "Option<",
    "Some(",
    "None",
    "Err(",
    "src/",
    ".rs",
    "panick",
    "serde",
    "async_graphql",
    "ConstValue",
    "i32",
    "i64",
    "u64",
    "usize",
    "Vec<",
    "select ",
    "SELECT ",
    "sqlite",
    "sqlx",
    "Fallible",
    "LogQuery",
    "AccountQuery",
    "OrderBy\"",
    "invalid type",
];

fn assert_plain(answer: &Value, of: &str) {
    for error in answer["errors"].as_array().into_iter().flatten() {
        let message = error["message"].as_str().unwrap();
        for ours in OURS {
            assert!(!message.contains(ours), "{of}: {message} tells of {ours}");
        }
    }
}

#[tokio::test]
async fn values_of_wrong_types_are_refused_in_words_for_clients() {
    let fixture = Fixture::with_records(3).await;
    for (query, variables) in [
        ("{ logs(first: \"many\") { edges { cursor } } }", json!({})),
        ("{ logs(first: 99999999999) { edges { cursor } } }", json!({})),
        ("{ logs(first: 1.5) { edges { cursor } } }", json!({})),
        ("{ logs(orderBy: BACKWARDS) { edges { cursor } } }", json!({})),
        ("{ logs(orderBy: \"BACKWARDS\") { edges { cursor } } }", json!({})),
        ("{ logs(orderBy: 7) { edges { cursor } } }", json!({})),
        ("{ logs(filter: 7) { edges { cursor } } }", json!({})),
        ("{ logs(filter: [7]) { edges { cursor } } }", json!({})),
        ("{ logs(filter: { host: \"web1\" }) { edges { cursor } } }", json!({})),
        ("{ logs(filter: { hosts: [1] }) { edges { cursor } } }", json!({})),
        ("{ logs(filter: { hosts: [null] }) { edges { cursor } } }", json!({})),
        ("{ logs(filter: { from: \"soon\" }) { edges { cursor } } }", json!({})),
        ("{ logs(filter: { severities: [LOUD] }) { edges { cursor } } }", json!({})),
        ("{ log { id } }", json!({})),
        ("{ log(id: null) { id } }", json!({})),
        ("{ log(id: 1.5) { id } }", json!({})),
        ("{ log(id: {}) { id } }", json!({})),
        ("{ log(id: 1) { id(x: 1) } }", json!({})),
        ("{ log(id: 1) { no } }", json!({})),
        ("{ log(id: 1) }", json!({})),
        ("{ me { id { x } } }", json!({})),
        ("{ ...F }", json!({})),
        ("{ me { ... on Nothing { id } } }", json!({})),
        ("query($n: Nothing) { logs(first: $n) { edges { cursor } } }", json!({})),
        ("query($n: Int) { logs(first: $n) { edges { cursor } } }", json!({ "n": "x" })),
        ("query($n: Int) { logs(first: $n) { edges { cursor } } }", json!({ "n": 1e300 })),
        (
            "query($n: Int) { logs(first: $n) { edges { cursor } } }",
            json!({ "n": 99999999999_i64 }),
        ),
        ("query($n: Int!) { logs(first: $n) { edges { cursor } } }", json!({})),
        ("query($n: Int!) { logs(first: $n) { edges { cursor } } }", json!({ "n": null })),
        ("query($f: LogFilter) { logs(filter: $f) { edges { cursor } } }", json!({ "f": 7 })),
        (
            "query($f: LogFilter) { logs(filter: $f) { edges { cursor } } }",
            json!({ "f": { "x": 1 } }),
        ),
        ("query($f: LogFilter) { logs(filter: $f) { edges { cursor } } }", json!({ "f": [] })),
        ("query($o: LogOrder) { logs(orderBy: $o) { edges { cursor } } }", json!({ "o": "UP" })),
        (
            "query($o: LogOrder) { logs(orderBy: $o) { edges { cursor } } }",
            json!({ "o": { "a": 1 } }),
        ),
        ("query($i: ID!) { log(id: $i) { id } }", json!({ "i": [1] })),
        ("query($i: ID!) { log(id: $i) { id } }", json!({ "i": true })),
        ("query($i: ID!) { log(id: $x) { id } }", json!({ "i": 1 })),
        ("mutation($i: NewUser!) { createUser(input: $i) { id } }", json!({ "i": {} })),
        ("mutation($i: NewUser!) { createUser(input: $i) { id } }", json!({ "i": "x" })),
        ("query A { me { id } } query B { me { id } }", json!({})),
        ("query A { me { id } } query A { me { id } }", json!({})),
        ("subscription { tail(last: -1) { cursor } }", json!({})),
        ("{ me { id @nothing } }", json!({})),
        ("{ me { id @skip } }", json!({})),
        ("{ me { id @skip(if: 7) } }", json!({})),
        ("type X { y: Int }", json!({})),
        ("{ a(", json!({})),
        ("\u{0}", json!({})),
    ] {
        let answer = fixture.ask_with(query, variables.clone()).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{query} {variables}: {answer}");
        assert_plain(&answer, query);
    }
}

#[tokio::test]
async fn no_text_in_any_argument_gets_anything_but_an_answer() {
    let fixture = Fixture::with_records(3).await;
    let odd = [
        "%",
        "_",
        "\\",
        "'",
        "\"",
        "';--",
        "\u{0}",
        "\n",
        "é\u{301}",
        "\u{202e}",
        "\u{feff}",
        "💥",
        "{\"a\":1}",
        "../../etc/passwd",
        "${x}",
        "-1",
        "1e9",
        "null",
        "*",
        "(",
        "/(/",
        "a:b",
        "\u{10ffff}",
    ];
    for field in root_fields(&fixture).await {
        // Signing out would end the test.
        if field.root == "subscription" || matches!(field.name.as_str(), "logout" | "endSessions") {
            continue;
        }
        for text in odd {
            let text = json!(text).to_string();
            let escaped = text.trim_matches('"').replace("\u{7f}", "");
            let operation = field
                .operation
                .replace("something", &escaped)
                .replace("\"7\"", &format!("\"{escaped}\""));
            let answer = fixture.ask(&operation).await;
            assert_ne!(code(&answer), "INTERNAL", "{operation}: {answer}");
            assert_plain(&answer, &operation);
        }
    }
    for text in odd {
        let query = "query($t: String!, $ts: [String!]) {
            logs(filter: { text: $t }) { edges { cursor } }
            q: logs(filter: { query: $t }) { edges { cursor } }
            hosts: histogram(filter: { hosts: $ts, apps: $ts }) { count }
            top(field: $t) { count }
            attribute: top(field: \"host\", filter: { apps: $ts }) { count }
            sources(filter: { text: $t }) { edges { cursor } }
            host: sources(filter: { host: $t, app: $t }) { edges { cursor } }
            after: logs(after: $t) { edges { cursor } }
            users(after: $t) { edges { cursor } }
            audit(after: $t) { edges { cursor } } }";
        let answer = fixture.ask_with(query, json!({ "t": text, "ts": [text] })).await;
        for error in answer["errors"].as_array().into_iter().flatten() {
            assert_eq!(error["extensions"]["code"], json!("BAD_USER_INPUT"), "{text:?}: {error}");
        }
        assert_plain(&answer, text);
    }
}
