//! What the audit log tells.

use serde_json::{Value, json};

use super::authority::root_fields;
use super::code;
use crate::api::fixture::{Fixture, PASSWORD, nobody};
use crate::user::Role;

/// The newest entries, as `actor action target outcome`.
async fn newest(fixture: &Fixture, count: usize) -> Vec<String> {
    let query = format!(
        "{{ audit(first: {count}) {{ edges {{ node {{ actor action target outcome address }} }} }} }}"
    );
    let data = fixture.data(&query).await;
    let entries = data["audit"]["edges"].as_array().unwrap().iter();
    entries
        .map(|edge| {
            let node = &edge["node"];
            assert_eq!(node["address"], json!("192.0.2.7"));
            let field = |name: &str| node[name].as_str().unwrap_or("-").to_owned();
            [field("actor"), field("action"), field("target"), field("outcome")].join(" ")
        })
        .collect()
}

#[tokio::test]
async fn every_mutation_but_refresh_leaves_an_entry() {
    let fixture = Fixture::with_records(0).await;
    for field in root_fields(&fixture).await {
        if field.root != "mutation" || field.name == "refresh" {
            continue;
        }
        let name = format!("by-{}", field.name).to_lowercase();
        let who = fixture.user(&name, Role::Admin, Value::Null).await;
        let answer = fixture.ask_as(&who, &field.operation, json!({})).await;
        let outcome = if answer["errors"].is_null() { "OK" } else { code(&answer) };
        let entry = newest(&fixture, 1).await.remove(0);
        let (begin, end) = (format!("{name} {} ", field.name), format!(" {outcome}"));
        assert!(entry.starts_with(&begin) && entry.ends_with(&end), "{entry}: {answer}");
    }
}

#[tokio::test]
async fn what_nobody_may_is_written_down_too() {
    let fixture = Fixture::with_records(0).await;
    let viewer = fixture.user("vera", Role::Viewer, Value::Null).await;
    fixture.ask_as(&viewer, "mutation { rotateSigningKey }", json!({})).await;
    assert_eq!(newest(&fixture, 1).await, ["vera rotateSigningKey - FORBIDDEN"]);
}

#[tokio::test]
async fn nobody_fills_the_audit_log_with_refusals() {
    let fixture = Fixture::with_records(0).await;
    let before = newest(&fixture, 100).await;
    fixture.ask_as(&nobody(), "mutation { removeUser(id: \"7\") { id } }", json!({})).await;
    assert_eq!(newest(&fixture, 100).await, before);
}

#[tokio::test]
async fn sign_ins_are_told_by_name_and_never_by_password() {
    let fixture = Fixture::with_records(0).await;
    let login = "mutation($p: String!) { login(username: \"Admin\", password: $p) { expiresAt } }";
    fixture.ask_as(&nobody(), login, json!({ "p": PASSWORD })).await;
    fixture.ask_as(&nobody(), login, json!({ "p": "not the password" })).await;
    let expected = ["Admin login Admin UNAUTHENTICATED", "admin login Admin OK"];
    assert_eq!(newest(&fixture, 2).await, expected);
    let odd = format!("x\u{0}\n{}", "y".repeat(1_000));
    let tried =
        "mutation($u: String!) { login(username: $u, password: \"something\") { expiresAt } }";
    fixture.ask_as(&nobody(), tried, json!({ "u": odd })).await;
    let entry = newest(&fixture, 1).await.remove(0);
    assert_eq!(entry, "(not a username) login (not a username) UNAUTHENTICATED");
}

#[tokio::test]
async fn users_and_what_is_theirs_are_called_by_name() {
    let fixture = Fixture::with_records(0).await;
    fixture.user("ada", Role::Member, Value::Null).await;
    let users = fixture.data("{ users { edges { node { id username } } } }").await;
    let ada = users["users"]["edges"][0]["node"].clone();
    let id = users["users"]["edges"][1]["node"]["id"].clone();
    assert_eq!((&ada["username"], &id), (&json!("ada"), &id));
    let ada = &ada["id"];
    fixture.data(&format!("mutation {{ endSessionsOf(user: {ada}) }}")).await;
    fixture.data(&format!("mutation {{ setPassword(id: {ada}, password: \"{PASSWORD}\") }}")).await;
    fixture.data(&format!("mutation {{ changeUser(id: {ada}, input: {{}}) {{ id }} }}")).await;
    fixture.data(&format!("mutation {{ removeUser(id: {ada}) {{ id }} }}")).await;
    let expected = ["removeUser", "changeUser", "setPassword", "endSessionsOf"];
    assert_eq!(newest(&fixture, 4).await, expected.map(|act| format!("admin {act} ada OK")));
}

#[tokio::test]
async fn the_audit_log_is_walked_page_by_page_newest_first() {
    let fixture = Fixture::with_records(0).await;
    for name in ["a", "b", "c", "d", "e"] {
        let save = "mutation($n: String!) { saveSearch(name: $n, filter: {}) { id } }";
        fixture.ask_with(save, json!({ "n": name })).await;
    }
    let mut targets = String::new();
    let mut cursor = Value::Null;
    loop {
        let query = "query($after: String) { audit(first: 2, after: $after) {
            edges { node { target } } pageInfo { hasNextPage hasPreviousPage endCursor } } }";
        let page =
            fixture.ask_with(query, json!({ "after": cursor })).await["data"]["audit"].take();
        let info = &page["pageInfo"];
        assert_eq!(info["hasPreviousPage"], json!(!cursor.is_null()));
        for edge in page["edges"].as_array().unwrap() {
            targets.push_str(edge["node"]["target"].as_str().unwrap_or("-"));
        }
        if info["hasNextPage"] == json!(false) {
            break;
        }
        cursor = info["endCursor"].clone();
        assert!(targets.len() < 1_000, "the walk comes to an end");
    }
    assert!(targets.starts_with("edcba"), "{targets}");
}
