//! Saved searches: kept, shared, and used wherever a filter goes.

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::code;
use crate::api::Asker;
use crate::api::fixture::Fixture;
use crate::user::Role;

async fn save(fixture: &Fixture, who: &Asker, name: &str, filter: Value, shared: bool) -> Value {
    let save = "mutation($name: String!, $filter: LogFilter!, $shared: Boolean) {
        saveSearch(name: $name, filter: $filter, shared: $shared) { id } }";
    let variables = json!({ "name": name, "filter": filter, "shared": shared });
    let mut answer = fixture.ask_as(who, save, variables).await;
    assert_eq!(answer["errors"], Value::Null);
    answer["data"]["saveSearch"]["id"].take()
}

#[tokio::test]
async fn a_saved_search_goes_wherever_a_filter_goes() {
    let fixture = Fixture::with_records(30).await;
    let ada = fixture.user("ada", Role::Member, Value::Null).await;
    let filter = json!({ "hosts": ["web1"], "from": "2026-01-02T03:00:10Z" });
    let id = save(&fixture, &ada, "web1, later", filter, false).await;
    let query = format!(
        "{{ logs(filter: {{ savedSearch: {id}, severities: [EMERGENCY, NOTICE] }}) {{ edges {{ node {{ id }} }} }}
            histogram(filter: {{ savedSearch: {id}, to: \"2026-01-02T03:00:20Z\" }}, buckets: 1) {{ start count }}
            top(filter: {{ savedSearch: {id} }}, field: \"host\") {{ value count }} }}"
    );
    let data = fixture.data_as(&ada, &query).await;
    let edges = json!([{ "node": { "id": "25" } }, { "node": { "id": "22" } }]);
    assert_eq!(data["logs"]["edges"], edges);
    let bucket = json!([{ "start": "2026-01-02T03:00:10Z", "count": 3 }]);
    assert_eq!(data["histogram"], bucket, "the range of the search counts, too");
    assert_eq!(data["top"], json!([{ "value": "web1", "count": 6 }]));

    let tail = format!(
        "subscription {{ tail(last: 2, filter: {{ savedSearch: {id} }}) {{ logs {{ id }} }} }}"
    );
    let first = fixture.follow(&ada, &tail).next().await.unwrap();
    assert_eq!(first["data"]["tail"]["logs"], json!([{ "id": "25" }, { "id": "28" }]));
}

#[tokio::test]
async fn a_saved_search_is_its_owners_until_it_is_shared() {
    let fixture = Fixture::with_records(3).await;
    let ada = fixture.user("ada", Role::Member, Value::Null).await;
    let vera = fixture.user("vera", Role::Viewer, Value::Null).await;
    let id = save(&fixture, &ada, "mine", json!({ "hosts": ["web1"] }), false).await;
    let used =
        format!("{{ logs(filter: {{ savedSearch: {id} }}) {{ edges {{ node {{ host }} }} }} }}");
    assert_eq!(code(&fixture.ask_as(&vera, &used, json!({})).await), "NOT_FOUND");
    assert_eq!(
        fixture.data_as(&vera, "{ savedSearches { id } }").await["savedSearches"],
        json!([])
    );

    let share =
        format!("mutation {{ changeSearch(id: {id}, shared: true) {{ name shared filter }} }}");
    let shared = json!({ "name": "mine", "shared": true, "filter": { "hosts": ["web1"] } });
    assert_eq!(fixture.data_as(&ada, &share).await["changeSearch"], shared);
    let edges = json!([{ "node": { "host": "web1" } }]);
    assert_eq!(fixture.data_as(&vera, &used).await["logs"]["edges"], edges);
    let list = fixture.data_as(&vera, "{ savedSearches { name owner { username } } }").await;
    assert_eq!(list["savedSearches"], json!([{ "name": "mine", "owner": { "username": "ada" } }]));

    let carl = fixture.user("carl", Role::Member, Value::Null).await;
    for operation in [
        format!("mutation {{ changeSearch(id: {id}, name: \"his\") {{ id }} }}"),
        format!("mutation {{ removeSearch(id: {id}) {{ id }} }}"),
    ] {
        assert_eq!(code(&fixture.ask_as(&carl, &operation, json!({})).await), "NOT_FOUND");
    }
    let remove = format!("mutation {{ removeSearch(id: {id}) {{ name }} }}");
    assert_eq!(fixture.data_as(&ada, &remove).await["removeSearch"], json!({ "name": "mine" }));
    assert_eq!(code(&fixture.ask_as(&ada, &used, json!({})).await), "NOT_FOUND");
}

#[tokio::test]
async fn what_cannot_be_searched_is_not_saved() {
    let fixture = Fixture::with_records(0).await;
    for (name, filter, argument) in [
        ("x", "{ query: \"(\" }", "filter.query"),
        ("x", "{ savedSearch: \"7\" }", "filter.savedSearch"),
        ("", "{}", "name"),
    ] {
        let save =
            format!("mutation {{ saveSearch(name: \"{name}\", filter: {filter}) {{ id }} }}");
        let answer = fixture.ask(&save).await;
        assert_eq!(answer["errors"][0]["extensions"]["argument"], json!(argument), "{answer}");
    }
    let unknown = "{ logs(filter: { savedSearch: \"no id\" }) { edges { cursor } } }";
    assert_eq!(code(&fixture.ask(unknown).await), "BAD_USER_INPUT");
}

#[tokio::test]
async fn names_are_a_users_own() {
    let fixture = Fixture::with_records(0).await;
    let ada = fixture.user("ada", Role::Member, Value::Null).await;
    save(&fixture, &ada, "errors", json!({}), false).await;
    save(&fixture, &fixture.admin, "errors", json!({}), true).await;
    let again = "mutation { saveSearch(name: \"errors\", filter: {}) { id } }";
    assert_eq!(code(&fixture.ask_as(&ada, again, json!({})).await), "CONFLICT");
}
