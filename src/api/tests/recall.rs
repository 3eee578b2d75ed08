//! Answers that are told again: when, and to whom.

use std::time::Duration;

use async_graphql::{Request, Variables};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::api::fixture::Fixture;
use crate::api::{Answer, Asker};
use crate::user::Role;

const PAGE: &str = "query($f: LogFilter) { logs(filter: $f, first: 3) { edges { node { id } } } }";

async fn ask(fixture: &Fixture, who: &Asker, query: &str, variables: Value) -> Answer {
    let request = Request::new(query).variables(Variables::from_json(variables));
    fixture.schema.answer(request, who.clone()).await
}

/// Whether one is the other, told again.
fn is_told_again(one: &Answer, other: &Answer) -> bool {
    std::ptr::eq(one.text(), other.text())
}

/// Whether the same question of two gets one answer.
async fn share(fixture: &Fixture, query: &str, [one, other]: [&Asker; 2]) -> bool {
    let first = ask(fixture, one, query, json!({})).await;
    assert!(first.response().errors.is_empty(), "{}", first.text());
    is_told_again(&first, &ask(fixture, other, query, json!({})).await)
}

#[tokio::test]
async fn an_answer_is_told_again_until_the_log_goes_on() {
    let fixture = Fixture::with_records(5).await;
    let admin = &fixture.admin;
    let first = ask(&fixture, admin, PAGE, json!({})).await;
    assert!(is_told_again(&first, &ask(&fixture, admin, PAGE, json!({})).await));
    fixture.store_one().await;
    let second = ask(&fixture, admin, PAGE, json!({})).await;
    assert!(second.text().contains("\"id\":\"6\""), "{}", second.text());
}

#[tokio::test]
async fn it_is_told_to_those_who_ask_and_see_the_same() {
    let fixture = Fixture::with_records(5).await;
    let ada = fixture.user("ada", Role::Viewer, Value::Null).await;
    let ben = fixture.user("ben", Role::Viewer, Value::Null).await;
    let cleo = fixture.user("cleo", Role::Viewer, json!({ "hosts": ["web1"] })).await;
    assert!(share(&fixture, PAGE, [&ada, &ben]).await);
    assert!(!share(&fixture, PAGE, [&ada, &cleo]).await, "another scope");
    let first = ask(&fixture, &ada, PAGE, json!({ "f": { "text": "record" } })).await;
    let other = ask(&fixture, &ada, PAGE, json!({ "f": { "text": "number" } })).await;
    assert!(!is_told_again(&first, &other), "another filter");
}

#[tokio::test]
async fn what_depends_on_more_than_the_log_is_asked_anew() {
    let fixture = Fixture::with_records(5).await;
    let save = "mutation { saveSearch(name: \"mine\", filter: { text: \"record\" }) { id } }";
    let saved = fixture.data(save).await;
    let id = &saved["saveSearch"]["id"];
    for query in [
        &format!("{{ logs(filter: {{ savedSearch: {id} }}) {{ edges {{ cursor }} }} }}"),
        "{ logs { edges { node { source { count } } } } }",
        "{ sources { edges { cursor } } }",
    ] {
        let admin = &fixture.admin;
        assert!(!share(&fixture, query, [admin, admin]).await, "{query}");
    }
}

#[tokio::test]
async fn an_answer_with_errors_is_not_kept() {
    let fixture = Fixture::with_records(5).await;
    let wrong = "{ logs(first: -1) { edges { cursor } } }";
    let first = ask(&fixture, &fixture.admin, wrong, json!({})).await;
    let second = ask(&fixture, &fixture.admin, wrong, json!({})).await;
    assert_eq!(first.text(), second.text());
    assert!(!is_told_again(&first, &second));
}

#[tokio::test]
async fn an_asker_who_does_not_read_on_holds_up_nobody() {
    let fixture = Fixture::with_records(5).await;
    let request = || Request::new("{ logs { edges { node { id } } } }");
    let mut stalled = fixture.schema.answers(request(), fixture.admin.clone());
    assert!(stalled.next().now_or_never().is_none(), "it has begun, and nobody polls for it");
    let answer = fixture.schema.answer(request(), fixture.admin.clone());
    let answer = timeout(Duration::from_secs(10), answer).await.expect("an answer");
    assert!(answer.text().contains("\"id\":\"5\""), "{}", answer.text());
}
