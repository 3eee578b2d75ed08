//! Subscriptions: where they start, and how they end.

use std::time::Duration;

use async_graphql::{Request, Variables};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::api::Asker;
use crate::api::fixture::Fixture;
use crate::user::Role;

#[tokio::test]
async fn a_tail_hands_over_the_last_records_at_once_and_ends_with_the_hub() {
    let fixture = Fixture::with_records(10).await;
    let query = "subscription { tail(last: 3) { logs { id } caughtUp lostBefore } }";
    let mut answers = fixture.follow(&fixture.admin, query);
    let first = answers.next().await.unwrap();
    let logs = json!([{ "id": "8" }, { "id": "9" }, { "id": "10" }]);
    let batch = json!({ "logs": logs, "caughtUp": true, "lostBefore": null });
    assert_eq!(first, json!({ "data": { "tail": batch } }));
    fixture.hub.close();
    assert!(answers.next().await.is_none());
}

#[tokio::test]
async fn a_tail_that_cannot_start_says_why_and_ends() {
    let fixture = Fixture::with_records(1).await;
    for argument in [
        "after: \"nonsense\"",
        "after: \"tw1-00000000000000000000000000000001-1\"",
        "last: 1001",
        "filter: { query: \"(\" }",
    ] {
        let query = format!("subscription {{ tail({argument}) {{ cursor }} }}");
        let answers: Vec<Value> = fixture.follow(&fixture.admin, &query).collect().await;
        assert_eq!(answers.len(), 1, "{argument}");
        let answer = &answers[0];
        assert_eq!(answer["data"], json!({ "tail": null }), "{argument}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], json!("BAD_USER_INPUT"));
    }
}

#[tokio::test]
async fn a_tail_ends_with_an_error_that_says_why_when_the_session_does() {
    let fixture = Fixture::with_records(1).await;
    let ada = fixture.user("ada", Role::Viewer, Value::Null).await;
    let mut answers = fixture.follow(&ada, "subscription { tail { cursor } }");
    assert_eq!(answers.next().await.unwrap()["errors"], Value::Null);

    let ended = fixture.ask_as(&ada, "mutation { logout }", json!({})).await;
    assert_eq!(ended, json!({ "data": { "logout": true } }));
    let rest = timeout(Duration::from_secs(5), answers.collect::<Vec<Value>>()).await.unwrap();
    let last = rest.last().unwrap();
    assert_eq!(last["data"], Value::Null);
    let extensions = &last["errors"][0]["extensions"];
    assert_eq!(*extensions, json!({ "code": "UNAUTHENTICATED", "reason": "REVOKED" }));
}

#[tokio::test]
async fn a_subscription_has_one_field_at_its_root() {
    let fixture = Fixture::with_records(1).await;
    let two = "subscription { a: tail { cursor } b: tail { cursor } }";
    let answers: Vec<Value> = fixture.follow(&fixture.admin, two).collect().await;
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0]["errors"][0]["extensions"]["code"], json!("BAD_USER_INPUT"));
}

#[tokio::test]
async fn queries_and_mutations_are_answered_once_where_subscriptions_are() {
    let fixture = Fixture::with_records(1).await;
    let answers: Vec<Value> =
        fixture.follow(&fixture.admin, "{ log(id: 1) { id } }").collect().await;
    assert_eq!(answers, [json!({ "data": { "log": { "id": "1" } } })]);
}

/// Whether two subscribers get one answer, written once, when a record comes.
async fn share(fixture: &Fixture, [one, other]: [(&Asker, Request); 2]) -> bool {
    let mut tails =
        [one, other].map(|(asker, request)| fixture.schema.answers(request, asker.clone()));
    for tail in &mut tails {
        assert!(tail.next().await.unwrap().response().errors.is_empty());
    }
    fixture.publish(1);
    let mut answers = Vec::new();
    for tail in &mut tails {
        let answer = timeout(Duration::from_secs(5), tail.next()).await.unwrap().unwrap();
        assert!(answer.text().contains(&fixture.hub.head().to_string()));
        answers.push(answer);
    }
    std::ptr::eq(answers[0].text(), answers[1].text())
}

#[tokio::test]
async fn subscribers_that_ask_and_see_the_same_share_an_answer() {
    let fixture = Fixture::with_records(5).await;
    let same = || Request::new("subscription { tail { logs { id } cursor } }");
    let (ada, ben) = (
        fixture.user("ada", Role::Viewer, Value::Null).await,
        fixture.user("ben", Role::Viewer, Value::Null).await,
    );
    assert!(share(&fixture, [(&ada, same()), (&ben, same())]).await);
    let other = Request::new("subscription { tail { logs { id message } cursor } }");
    assert!(!share(&fixture, [(&ada, same()), (&ada, other)]).await);
    assert!(!share(&fixture, [(&ada, same()), (&fixture.admin, same())]).await, "another role");
    let scope = json!({ "query": "*" });
    let cleo = fixture.user("cleo", Role::Viewer, scope).await;
    assert!(!share(&fixture, [(&ada, same()), (&cleo, same())]).await, "another scope");
}

#[tokio::test]
async fn where_a_tail_begins_does_not_matter_to_who_shares_it() {
    let fixture = Fixture::with_records(5).await;
    let from = |query: &str, variables: Value| {
        Request::new(query).variables(Variables::from_json(variables))
    };
    let query = "subscription($last: Int) { tail(last: $last) { logs { id } cursor } }";
    let [one, other] = [1, 3].map(|last| (&fixture.admin, from(query, json!({ "last": last }))));
    assert!(share(&fixture, [one, other]).await);

    let query = "subscription($f: LogFilter) { tail(filter: $f) { logs { id } cursor } }";
    let [one, other] = ["record", "number"]
        .map(|text| (&fixture.admin, from(query, json!({ "f": { "text": text } }))));
    assert!(!share(&fixture, [one, other]).await, "another filter");
}

#[tokio::test]
async fn the_same_words_are_not_shared_where_they_came_to_mean_something_else() {
    let fixture = Fixture::with_records(5).await;
    let save = "mutation { saveSearch(name: \"mine\", filter: { text: \"record\" }) { id } }";
    let made = fixture.data(save).await;
    let id = made["saveSearch"]["id"].as_str().unwrap().to_owned();
    let query = format!(
        "subscription {{ tail(filter: {{ savedSearch: \"{id}\" }}) {{ logs {{ id }} cursor }} }}"
    );
    let mut old = fixture.schema.answers(Request::new(&query), fixture.admin.clone());
    old.next().await.unwrap();
    let change = format!(
        "mutation {{ changeSearch(id: \"{id}\", filter: {{ text: \"number\" }}) {{ id }} }}"
    );
    fixture.data(&change).await;
    let mut new = fixture.schema.answers(Request::new(&query), fixture.admin.clone());
    new.next().await.unwrap();
    fixture.publish(1);
    let first = old.next().await.unwrap();
    let second = new.next().await.unwrap();
    assert!(!std::ptr::eq(first.text(), second.text()));
}
