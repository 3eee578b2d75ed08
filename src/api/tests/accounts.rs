//! Users managed and accounts kept.

use serde_json::{Value, json};

use super::code;
use crate::api::fixture::{Fixture, PASSWORD, asker, peer};
use crate::user::Role;

const ALL: &str = "id username displayName email role disabled scope lastSignIn createdAt";

#[tokio::test]
async fn a_user_is_made_changed_and_removed() {
    let fixture = Fixture::with_records(0).await;
    let make = format!("mutation($input: NewUser!) {{ createUser(input: $input) {{ {ALL} }} }}");
    let input = json!({
        "username": "Ada", "password": PASSWORD, "role": "MEMBER", "displayName": "Ada L.",
        "email": "ada@example.org",
        "scope": { "hosts": ["web1"], "query": "-debug", "minSeverity": "ERROR" },
    });
    let mut made = fixture.ask_with(&make, json!({ "input": input })).await;
    assert_eq!(made["errors"], Value::Null);
    let mut made = made["data"]["createUser"].take();
    let (id, created) = (made["id"].take(), made["createdAt"].take());
    assert!(created.is_string());
    let expected = json!({
        "id": null, "username": "ada", "displayName": "Ada L.", "email": "ada@example.org",
        "role": "MEMBER", "disabled": false, "lastSignIn": null, "createdAt": null,
        "scope": { "hosts": ["web1"], "query": "-debug", "minSeverity": "ERROR" },
    });
    assert_eq!(made, expected);

    let again = fixture.ask_with(&make, json!({ "input": input })).await;
    assert_eq!(code(&again), "CONFLICT");

    let change = "mutation($id: ID!, $input: UserChange!) { changeUser(id: $id, input: $input) {
        displayName email role disabled scope } }";
    let changed = |input: Value| fixture.ask_with(change, json!({ "id": id, "input": input }));
    let nothing = changed(json!({})).await["data"]["changeUser"].take();
    assert_eq!(nothing["email"], json!("ada@example.org"));
    assert_eq!(nothing["scope"], expected["scope"]);
    let taken = json!({ "email": null, "scope": null, "role": "VIEWER", "displayName": "A" });
    let taken = changed(taken).await["data"]["changeUser"].take();
    let expected = json!({
        "displayName": "A", "email": null, "role": "VIEWER", "disabled": false, "scope": null
    });
    assert_eq!(taken, expected);

    let removed = format!("mutation {{ removeUser(id: {id}) {{ username }} }}");
    assert_eq!(fixture.data(&removed).await["removeUser"], json!({ "username": "ada" }));
    assert_eq!(code(&fixture.ask(&removed).await), "NOT_FOUND");
    let gone = format!("{{ user(id: {id}) {{ id }} }}");
    assert_eq!(fixture.data(&gone).await, json!({ "user": null }));
}

#[tokio::test]
async fn what_cannot_be_a_user_is_refused_by_argument() {
    let fixture = Fixture::with_records(0).await;
    let make = "mutation($input: NewUser!) { createUser(input: $input) { id } }";
    for (field, value, argument) in [
        ("username", json!("a b"), "input.username"),
        ("username", json!("a\u{0}"), "input.username"),
        ("displayName", json!("a\u{0}"), "input.displayName"),
        ("displayName", json!("x".repeat(101)), "input.displayName"),
        ("email", json!("nobody"), "input.email"),
        ("scope", json!({ "query": "(" }), "input.scope.query"),
        ("scope", json!({ "hosts": ["a\u{0}"] }), "input.scope"),
        ("scope", json!({ "savedSearch": "7" }), "input.scope.savedSearch"),
    ] {
        let mut input = json!({ "username": "ada", "password": PASSWORD, "role": "VIEWER" });
        input[field] = value;
        let answer = fixture.ask_with(make, json!({ "input": input })).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(extensions["code"], json!("BAD_USER_INPUT"), "{answer}");
        assert_eq!(extensions["argument"], json!(argument), "{answer}");
    }
    for password in ["", "short", &"x".repeat(257)] {
        let input = json!({ "username": "ada", "password": password, "role": "VIEWER" });
        let answer = fixture.ask_with(make, json!({ "input": input })).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer}");
    }
    assert_eq!(code(&fixture.ask("{ user(id: \"seven\") { id } }").await), "BAD_USER_INPUT");
}

#[tokio::test]
async fn the_last_active_admin_stays() {
    let fixture = Fixture::with_records(0).await;
    let id = fixture.data("{ me { id } }").await["me"]["id"].take();
    for operation in [
        format!("mutation {{ removeUser(id: {id}) {{ id }} }}"),
        format!("mutation {{ changeUser(id: {id}, input: {{ role: MEMBER }}) {{ id }} }}"),
        format!("mutation {{ changeUser(id: {id}, input: {{ disabled: true }}) {{ id }} }}"),
    ] {
        assert_eq!(code(&fixture.ask(&operation).await), "CONFLICT", "{operation}");
    }
}

#[tokio::test]
async fn users_are_walked_page_by_page_by_name() {
    let fixture = Fixture::with_records(0).await;
    for name in ["dora", "bob", "carl"] {
        fixture.user(name, Role::Viewer, Value::Null).await;
    }
    let mut names = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let query = "query($after: String) { users(first: 3, after: $after) {
            edges { node { username } } pageInfo { hasNextPage hasPreviousPage endCursor } } }";
        let page =
            fixture.ask_with(query, json!({ "after": cursor })).await["data"]["users"].take();
        assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(!cursor.is_null()));
        let edges = page["edges"].as_array().unwrap().iter();
        names.extend(edges.map(|edge| edge["node"]["username"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
        cursor = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(names, ["admin", "bob", "carl", "dora"]);
    let logs = fixture.ask_with(
        "query($after: String) { audit(after: $after) { edges { cursor } } }",
        json!({ "after": cursor }),
    );
    assert_eq!(code(&logs.await), "BAD_USER_INPUT", "a cursor of one list is none of another");
}

#[tokio::test]
async fn an_account_is_its_users_own() {
    let fixture = Fixture::with_records(0).await;
    let ada = fixture.user("ada", Role::Viewer, Value::Null).await;
    let change =
        "mutation { changeProfile(displayName: \"Ada\", email: \"a@b\") { displayName email } }";
    let changed = fixture.data_as(&ada, change).await["changeProfile"].take();
    assert_eq!(changed, json!({ "displayName": "Ada", "email": "a@b" }));
    let kept =
        fixture.data_as(&ada, "mutation { changeProfile(displayName: \"A\") { email } }").await;
    assert_eq!(kept["changeProfile"], json!({ "email": "a@b" }));
    let taken = fixture.data_as(&ada, "mutation { changeProfile(email: null) { email } }").await;
    assert_eq!(taken["changeProfile"], json!({ "email": null }));

    let password = "mutation($current: String!, $new: String!) {
        changePassword(current: $current, new: $new) }";
    let wrong = json!({ "current": "not the password", "new": "another password" });
    let answer = fixture.ask_as(&ada, password, wrong).await;
    assert_eq!(code(&answer), "UNAUTHENTICATED");
    let right = json!({ "current": PASSWORD, "new": "another password" });
    let answer = fixture.ask_as(&ada, password, right).await;
    assert_eq!(answer, json!({ "data": { "changePassword": true } }));
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let fixture = Fixture::with_records(0).await;
    let here = fixture.user("ada", Role::Viewer, Value::Null).await;
    let auth = fixture.schema.auth();
    let there = auth.sign_in("ada", PASSWORD.into(), &peer()).await.unwrap();
    drop(there);
    let list = "{ sessions { id current } }";
    let sessions = fixture.data_as(&here, list).await["sessions"].take();
    let sessions = sessions.as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == json!(false)).unwrap();
    let end = format!("mutation {{ endSession(id: {}) }}", other["id"]);
    assert_eq!(fixture.data_as(&here, &end).await, json!({ "endSession": true }));
    assert_eq!(code(&fixture.ask_as(&here, &end, json!({})).await), "NOT_FOUND");
    let kept = fixture.data_as(&here, "mutation { endSessions(keepThis: true) }").await;
    assert_eq!(kept, json!({ "endSessions": 0 }));
    assert_eq!(
        fixture.data_as(&here, "mutation { endSessions }").await,
        json!({ "endSessions": 1 })
    );
}

#[tokio::test]
async fn a_token_is_shown_once_and_taken_back() {
    let fixture = Fixture::with_records(0).await;
    let ada = fixture.user("ada", Role::Member, Value::Null).await;
    let make = "mutation { createToken(name: \"ci\", scope: READ, expiresAt: \"2099-01-01T00:00:00Z\") {
        token apiToken { id name prefix scope expiresAt lastUsedAt owner { username displayName } } } }";
    let made = fixture.data_as(&ada, make).await["createToken"].take();
    let token = made["token"].as_str().unwrap();
    let known = &made["apiToken"];
    assert!(token.starts_with(known["prefix"].as_str().unwrap()), "{known}");
    assert_eq!(known["scope"], json!("READ"));
    assert_eq!(known["expiresAt"], json!("2099-01-01T00:00:00Z"));
    assert_eq!(known["owner"], json!({ "username": "ada", "displayName": "ada" }));
    assert_eq!(code(&fixture.ask_as(&ada, make, json!({})).await), "CONFLICT");

    let list = fixture.data("{ tokens(all: true) { name } }").await;
    assert_eq!(list, json!({ "tokens": [{ "name": "ci" }] }));
    assert_eq!(fixture.data("{ tokens { name } }").await, json!({ "tokens": [] }));

    let auth = fixture.schema.auth();
    let program = asker(auth.authenticate(token, peer()).await.unwrap());
    assert_eq!(fixture.data_as(&program, "{ me { username } }").await["me"]["username"], "ada");
    let revoke = format!("mutation {{ revokeToken(id: {}) {{ name }} }}", known["id"]);
    let carl = fixture.user("carl", Role::Member, Value::Null).await;
    assert_eq!(code(&fixture.ask_as(&carl, &revoke, json!({})).await), "NOT_FOUND");
    assert_eq!(fixture.data(&revoke).await["revokeToken"], json!({ "name": "ci" }));
    assert!(auth.authenticate(token, peer()).await.is_err());
}
