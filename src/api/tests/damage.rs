//! A block that cannot be read: answers come without its records, and say so beside their data.

use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use crate::api::Asker;
use crate::api::fixture::Fixture;
use crate::user::Role;

/// Records written together, and so as one block.
const RECORDS: usize = 600;

/// A log of one block, whose messages cannot be read.
async fn damaged() -> Fixture {
    let fixture = Fixture::with_records(RECORDS).await;
    let database = Database::connect(&fixture.url).await.unwrap();
    let harm = "UPDATE block_part SET checksum = checksum + 1 WHERE part = 1";
    assert_eq!(database.execute_unprepared(harm).await.unwrap().rows_affected(), 1);
    fixture
}

fn named(path: Value) -> Value {
    json!([{
        "message": "the block of records 1 to 600 is damaged",
        "locations": [],
        "path": path,
        "extensions": { "code": "DAMAGED", "firstId": "1", "lastId": "600" },
    }])
}

async fn ask(fixture: &Fixture, who: &Asker, query: &str) -> Value {
    let mut answer = fixture.ask_as(who, query, json!({})).await;
    for error in answer["errors"].as_array_mut().into_iter().flatten() {
        error["locations"] = json!([]);
    }
    answer
}

#[tokio::test]
async fn answers_come_with_their_data_and_an_error_a_block() {
    let fixture = damaged().await;
    let scope = json!({ "query": "-record OR number" });
    let scoped = fixture.user("sam", Role::Viewer, scope).await;
    for (who, query, data) in [
        (&fixture.admin, "{ logs { edges { cursor } } }", json!({ "logs": { "edges": [] } })),
        (&scoped, "{ logs { edges { cursor } } }", json!({ "logs": { "edges": [] } })),
        (&fixture.admin, "{ top(field: \"message\") { count } }", json!({ "top": [] })),
        (
            &fixture.admin,
            "{ histogram(filter: { text: \"record\" }) { count } }",
            json!({ "histogram": [] }),
        ),
        (&scoped, "{ sources { edges { cursor } } }", json!({ "sources": { "edges": [] } })),
    ] {
        let answer = ask(&fixture, who, query).await;
        assert_eq!(answer["data"], data, "{query}");
        let field = data.as_object().unwrap().keys().next().unwrap().clone();
        assert_eq!(answer["errors"], named(json!([field])), "{query}");
    }
}

#[tokio::test]
async fn one_record_that_is_asked_for_is_the_error_itself() {
    let fixture = damaged().await;
    let answer = ask(&fixture, &fixture.admin, "{ one: log(id: 5) { message } }").await;
    assert_eq!(answer["data"], json!({ "one": null }));
    assert_eq!(answer["errors"], named(json!(["one"])));
}

#[tokio::test]
async fn what_the_catalogue_says_is_not_damaged() {
    let fixture = damaged().await;
    let count = "{ histogram(by: SEVERITY, buckets: 1) { count } sources { edges { cursor } } }";
    let answer = fixture.data(count).await;
    let counts = answer["histogram"].as_array().unwrap().iter();
    assert_eq!(counts.map(|bucket| bucket["count"].as_u64().unwrap()).sum::<u64>(), 600);
    assert_eq!(answer["sources"]["edges"].as_array().unwrap().len(), 3);
}
