//! Subscriptions: where they start, and how they end.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;

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
