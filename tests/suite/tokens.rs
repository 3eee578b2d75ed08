//! API tokens: for programs, shown once, good for what they were made for until they are revoked.

use serde_json::{Value, json};

use crate::support::client::{Client, run_as};
use crate::support::pair::Pair;
use crate::support::send_tcp;
use crate::support::visitor::Visitor;

const FIELDS: &str = "id name prefix scope createdAt expiresAt lastUsedAt";

/// Makes a token: the visitor that goes by it, and what is told of it.
async fn create(owner: &Visitor, name: &str, arguments: &str) -> (Visitor, Value) {
    let create = format!(
        "mutation {{ createToken(name: \"{name}\", {arguments}) {{ token apiToken {{ {FIELDS} }} }} }}"
    );
    let made = owner.query(&create, json!({})).await["createToken"].clone();
    let token = made["token"].as_str().expect("a token");
    (owner.with_token(token), made["apiToken"].clone())
}

const REVOKE: &str = "mutation ($id: ID!) { revokeToken(id: $id) { id } }";

#[tokio::test]
async fn a_token_is_shown_once_and_told_by_how_it_begins() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let ada = server.admin().await.add_user("ada", "MEMBER", Value::Null).await;
    let (program, told) = create(&ada, "ci", "scope: READ").await;
    let token = program.token.as_deref().unwrap();
    let prefix = told["prefix"].as_str().unwrap();
    assert!(token.starts_with("tw_") && token.starts_with(prefix) && prefix.len() == 9, "{told}");
    assert!(token.len() >= 25, "at least 128 random bits");
    assert_eq!((&told["name"], &told["scope"]), (&json!("ci"), &json!("READ")));
    let list = ada.query(&format!("{{ tokens {{ {FIELDS} }} }}"), json!({})).await;
    assert_eq!(list["tokens"].as_array().unwrap().len(), 1);
    assert!(!list.to_string().contains(token));
    assert!(!server.log().contains(token), "it does not stand in our log");
    // It is a word of its own: no part of it is good.
    for wrong in [&token[..token.len() - 1], prefix, "tw_", &token.to_uppercase()] {
        let wrong = program.with_token(wrong);
        assert_eq!(wrong.code("{ me { id } }", json!({})).await, "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn a_token_for_reading_reads_and_follows_and_changes_nothing() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    send_tcp(server.tcp.unwrap(), ["hello".to_owned()]);
    server.wait_balanced(1).await;
    let (program, _) = create(&admin, "ci", "scope: READ").await;
    assert_eq!(program.tail("(last: 1)").await.read(1).await, [(1, "hello".to_owned())]);
    assert_eq!(program.code("{ log(id: 1) { id } pipeline { stored } }", json!({})).await, "OK");
    for refused in [
        "mutation { createToken(name: \"more\", scope: ADMIN) { token } }",
        "mutation { createUser(input: { username: \"eve\", password: \"password\", role: ADMIN }) { id } }",
        "mutation { saveSearch(name: \"s\", filter: {}) { id } }",
        "mutation { rotateSigningKey }",
        "mutation { changePassword(current: \"only for tests\", new: \"changed it\") }",
        "mutation { changeProfile(displayName: \"Eve\") { id } }",
        "mutation { endSessions }",
        "{ users { edges { node { id } } } }",
        "{ audit { edges { node { id } } } }",
        "{ tokens(all: true) { id } }",
    ] {
        assert_eq!(program.code(refused, json!({})).await, "FORBIDDEN", "{refused}");
    }
    assert!(admin.visitor().sign_in("admin", "changed it").await.is_err());
}

#[tokio::test]
async fn a_token_of_scope_admin_manages_users_and_only_admins_make_one() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    let users = "{ users { edges { node { username } } } }";
    let (program, _) = create(&admin, "ci", "scope: ADMIN").await;
    assert_eq!(program.code(users, json!({})).await, "OK");
    let member = admin.add_user("ada", "MEMBER", Value::Null).await;
    let viewer = admin.add_user("vera", "VIEWER", Value::Null).await;
    for (user, scope, code) in
        [(&member, "ADMIN", "FORBIDDEN"), (&member, "READ", "OK"), (&viewer, "READ", "FORBIDDEN")]
    {
        let create =
            format!("mutation {{ createToken(name: \"ci\", scope: {scope}) {{ token }} }}");
        assert_eq!(user.code(&create, json!({})).await, code, "{scope}");
    }
    // Its owner is no admin any more, so it is none.
    let second = admin.add_user("second", "ADMIN", Value::Null).await;
    let demote = "mutation ($id: ID!) { changeUser(id: $id, input: { role: MEMBER }) { id } }";
    assert_eq!(second.code(demote, json!({ "id": admin.id().await })).await, "OK");
    server
        .eventually("the token manages nobody", async || {
            let code = program.code(users, json!({})).await;
            if code == "OK" { Err(code) } else { Ok(()) }
        })
        .await;
}

#[tokio::test]
async fn a_revoked_token_ends_its_tail_and_others_go_on() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let ada = server.admin().await.add_user("ada", "MEMBER", Value::Null).await;
    let bob = server.admin().await.add_user("bob", "MEMBER", Value::Null).await;
    let (revoked, told) = create(&ada, "ci", "scope: READ").await;
    let (kept, _) = create(&ada, "kept", "scope: READ").await;
    let (mut tail, mut other) = (revoked.tail("").await, kept.tail("").await);
    tail.batch().await;
    other.batch().await;
    let id = json!({ "id": told["id"] });
    assert_eq!(bob.code(REVOKE, id.clone()).await, "NOT_FOUND", "it is not his");
    ada.query(REVOKE, id.clone()).await;
    assert_eq!(tail.closed().await, 4403);
    assert_eq!(revoked.code("{ me { id } }", json!({})).await, "UNAUTHENTICATED");
    assert_eq!(ada.code(REVOKE, id).await, "NOT_FOUND");
    send_tcp(server.tcp.unwrap(), ["still here".to_owned()]);
    assert_eq!(other.read(1).await, [(1, "still here".to_owned())]);
}

#[tokio::test]
async fn a_token_is_over_at_its_time_and_with_its_owner() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    let ada = admin.add_user("ada", "MEMBER", Value::Null).await;
    let soon = chrono::Utc::now() + chrono::Duration::seconds(10);
    let soon = soon.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let (brief, told) = create(&ada, "brief", &format!("scope: READ, expiresAt: \"{soon}\"")).await;
    assert!(told["expiresAt"].is_string());
    let mut tail = brief.tail("").await;
    tail.batch().await;
    assert_eq!(tail.closed().await, 4403);
    assert_eq!(brief.code("{ me { id } }", json!({})).await, "UNAUTHENTICATED");
    let past = "mutation { createToken(name: \"past\", scope: READ,
        expiresAt: \"2020-01-01T00:00:00Z\") { token } }";
    assert_eq!(ada.code(past, json!({})).await, "BAD_USER_INPUT");

    let (program, _) = create(&ada, "ci", "scope: READ").await;
    let disable = "mutation ($id: ID!) { changeUser(id: $id, input: { disabled: true }) { id } }";
    admin.query(disable, json!({ "id": ada.id().await })).await;
    server
        .eventually("the token is over with its owner", async || {
            let code = program.code("{ me { id } }", json!({})).await;
            if code == "UNAUTHENTICATED" { Ok(()) } else { Err(code) }
        })
        .await;
}

#[tokio::test]
async fn the_commands_take_a_token() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let admin = server.admin().await;
    send_tcp(server.tcp.unwrap(), ["hello".to_owned()]);
    server.wait_balanced(1).await;
    let (program, told) = create(&admin, "ci", "scope: READ").await;
    let url = format!("http://{}", server.http);
    let found = run_as(&program, ["search", "--url", &url, "hello"]);
    assert_eq!((found.code, found.stdout.len()), (Some(0), 1), "{}", found.stderr);
    let mut tail = Client::start_as(&program, ["tail", "--url", &url, "--last", "1"]);
    assert!(tail.line().ends_with("hello"));
    admin.query(REVOKE, json!({ "id": told["id"] })).await;
    let ended = tail.ended();
    assert_ne!(ended.code, Some(0));
    assert!(ended.stderr.contains("sign in"), "{}", ended.stderr);
    let refused = run_as(&program, ["search", "--url", &url, "hello"]);
    assert!(refused.stderr.contains("sign in"), "{}", refused.stderr);
    assert!(!refused.stderr.contains(program.token.as_deref().unwrap()));
}
