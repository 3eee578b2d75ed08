//! How much one operation may ask for, and what whoever asks for more is told.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::code;
use crate::api::fixture::{Fixture, PASSWORD, nobody};
use crate::api::{Introspection, Limits};

/// The query that GraphiQL sends.
const GRAPHIQL: &str = include_str!("introspection.graphql");

#[tokio::test]
async fn introspection_passes_the_limits() {
    let fixture = Fixture::with_records(0).await;
    let schema = fixture.data(GRAPHIQL).await;
    assert!(schema["__schema"]["types"].as_array().unwrap().len() > 30);
    let shallow = Limits { depth: 3, ..Limits::default() };
    let fixture = Fixture::with_limits(0, shallow).await;
    assert!(fixture.data(GRAPHIQL).await["__schema"].is_object(), "it has a depth of its own");
}

/// Asks for something that no document may, and says what the answer was.
async fn refused(fixture: &Fixture, document: &str) -> String {
    let begin = Instant::now();
    let answer = fixture.ask(document).await;
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?} for {document:.60}");
    assert_eq!(code(&answer), "BAD_USER_INPUT", "{document:.60}: {answer}");
    assert_eq!(answer["data"], Value::Null, "{document:.60}");
    let message = answer["errors"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.len() < 300, "{message}");
    message
}

#[tokio::test]
async fn what_asks_for_too_much_is_told_of_what() {
    let fixture = Fixture::with_records(0).await;
    let nested = |depth: usize| {
        let (open, close) = ("context { ".repeat(depth), "} ".repeat(depth));
        format!("{{ log(id: 1) {{ {open} id {close} }} }}")
    };
    let aliases =
        |count: usize| (0..count).map(|n| format!("a{n}: __typename ")).collect::<String>();
    for (document, what) in [
        (nested(19), "20 levels"),
        (nested(498), "64 brackets"),
        (format!("{{ me {{ {} }} }}", aliases(31)), "30 aliases"),
        (format!("{{ {} }}", aliases(10_000)), "5000 tokens"),
        (format!("{{ {} }}", "__typename ".repeat(21)), "20 fields at its root"),
        (format!("{{ me {{ username {} }} }}", "@skip(if: false) ".repeat(51)), "50 directives"),
        (format!("{{ me {{ {} }} }}", "id ".repeat(5_000)), "5000 tokens"),
        (format!("{{ log(id: {}1{}) {{ id }} }}", "[".repeat(900), "]".repeat(900)), "64 brackets"),
        (format!("query({}$a: Int) {{ me {{ id }} }}", "$b: Int ".repeat(1_500)), "5000 tokens"),
        (
            "{ logs(first: 1000) { edges { node { context(before: 100) { id } } } } }".into(),
            "costs more than 100000",
        ),
        ("{".into(), "cannot be read at line 1, column 2"),
        (String::new(), "cannot be read"),
    ] {
        let message = refused(&fixture, &document).await;
        assert!(message.contains(what), "{message}");
    }
}

#[tokio::test]
async fn fragments_hide_nothing() {
    let fixture = Fixture::with_records(0).await;
    let doubling = |count: usize| {
        let step = |n| format!("fragment F{n} on Query {{ ...F{m} ...F{m} }} ", m = n + 1);
        let steps: String = (0..count).map(step).collect();
        format!("{{ ...F0 }} {steps} fragment F{count} on Query {{ __typename }}")
    };
    let message = refused(&fixture, &doubling(30)).await;
    assert!(message.contains("selections"), "{message}");
    let message = refused(&fixture, &doubling(5)).await;
    assert!(message.contains("20 fields at its root"), "{message}");
    let circle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
    refused(&fixture, circle).await;
    let chain: String =
        (0..600).map(|n| format!("fragment F{n} on Query {{ ...F{} }} ", n + 1)).collect();
    refused(&fixture, &format!("{{ ...F0 }} {chain}")).await;
    let aliased = "{ ...A ... { ...A } } fragment A on Query { me { a: id b: id c: id d: id e: id
        f: id g: id h: id i: id j: id k: id } }";
    let message = refused(&fixture, aliased).await;
    assert!(message.contains("30 aliases"), "{message}");
}

#[tokio::test]
async fn introspection_cannot_ask_for_everything_times_everything() {
    let fixture = Fixture::with_records(0).await;
    let wide = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    let message = refused(&fixture, wide).await;
    assert!(message.contains("introspection"), "{message}");
}

#[tokio::test]
async fn a_whole_page_with_every_field_passes_the_limits() {
    let fixture = Fixture::with_records(1).await;
    let query = "{ logs(first: 1000) { edges { cursor node {
        id timestamp receivedAt severity facility host app procId msgId message attributes
        source { id host app address firstSeen lastSeen count rate } } } } }";
    assert_eq!(fixture.ask(query).await["errors"], Value::Null);
}

#[tokio::test]
async fn the_schema_describes_itself_to_whom_it_may() {
    for (introspection, to_nobody, to_admin) in [
        (Introspection::On, "", ""),
        (Introspection::SignedIn, "UNAUTHENTICATED", ""),
        (Introspection::Off, "FORBIDDEN", "FORBIDDEN"),
    ] {
        let fixture = Fixture::with_limits(0, Limits { introspection, ..Limits::default() }).await;
        for question in [
            GRAPHIQL,
            "{ __type(name: \"Query\") { name } }",
            "{ ...A } fragment A on Query { ... { x: __schema { description } } }",
        ] {
            for (who, expected) in [(&nobody(), to_nobody), (&fixture.admin, to_admin)] {
                let answer = fixture.ask_as(who, question, json!({})).await;
                assert_eq!(code(&answer), expected, "{introspection:?}: {answer}");
            }
        }
        for (who, told) in
            [(&nobody(), to_nobody.is_empty()), (&fixture.admin, to_admin.is_empty())]
        {
            for misspelt in
                ["{ lags { edges { cursor } } }", "{ logs(fist: 1) { edges { cursor } } }"]
            {
                let answer = fixture.ask_as(who, misspelt, json!({})).await;
                let message = answer["errors"][0]["message"].as_str().unwrap();
                assert_eq!(message.contains("Did you mean"), told, "{introspection:?}: {message}");
            }
        }
    }
}

#[tokio::test]
async fn a_mutation_that_is_given_up_is_finished_and_written_down() {
    let hasty = Limits { operation_timeout: Duration::ZERO, ..Limits::default() };
    let fixture = Fixture::with_limits(3, hasty).await;
    let login = format!(
        "mutation {{ login(username: \"admin\", password: \"{PASSWORD}\") {{ expiresAt }} }}"
    );
    let answer = fixture.ask_as(&nobody(), &login, json!({})).await;
    assert_eq!(code(&answer), "TIMEOUT");
    assert_eq!(answer["data"], Value::Null);
    let admin = fixture.admin.caller.admin().unwrap();
    let auth = fixture.schema.auth();
    let written = async {
        loop {
            let acts = auth.acts(&admin, None, 10).await.unwrap();
            if let Some(entry) = acts.into_iter().find(|entry| entry.act.action == "login") {
                return entry;
            }
            tokio::task::yield_now().await;
        }
    };
    let entry = tokio::time::timeout(Duration::from_secs(20), written).await.unwrap();
    assert_eq!(entry.act.outcome, "OK");
}
