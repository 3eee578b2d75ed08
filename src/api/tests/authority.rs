//! Every field of the schema's roots is walked: who may ask it is in one table, which the schema's
//! own words must agree with.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::code;
use crate::api::Asker;
use crate::api::fixture::{Fixture, asker, nobody, peer};
use crate::user::Role;

/// Who may ask the fields of the roots. What is not in here fails the test.
const WHO_MAY: &[(&str, &str, Option<Role>)] = &[
    ("query", "logs", Some(Role::Viewer)),
    ("query", "log", Some(Role::Viewer)),
    ("query", "histogram", Some(Role::Viewer)),
    ("query", "top", Some(Role::Viewer)),
    ("query", "sources", Some(Role::Viewer)),
    ("query", "pipeline", Some(Role::Viewer)),
    ("query", "export", Some(Role::Viewer)),
    ("query", "me", Some(Role::Viewer)),
    ("query", "users", Some(Role::Admin)),
    ("query", "user", Some(Role::Admin)),
    ("query", "sessions", Some(Role::Viewer)),
    ("query", "tokens", Some(Role::Member)),
    ("query", "savedSearches", Some(Role::Viewer)),
    ("query", "audit", Some(Role::Admin)),
    ("mutation", "login", None),
    ("mutation", "refresh", None),
    ("mutation", "setUp", None),
    ("mutation", "logout", Some(Role::Viewer)),
    ("mutation", "changePassword", Some(Role::Viewer)),
    ("mutation", "changeProfile", Some(Role::Viewer)),
    ("mutation", "endSession", Some(Role::Viewer)),
    ("mutation", "endSessions", Some(Role::Viewer)),
    ("mutation", "endSessionsOf", Some(Role::Admin)),
    ("mutation", "createUser", Some(Role::Admin)),
    ("mutation", "changeUser", Some(Role::Admin)),
    ("mutation", "setPassword", Some(Role::Admin)),
    ("mutation", "removeUser", Some(Role::Admin)),
    ("mutation", "createToken", Some(Role::Member)),
    ("mutation", "revokeToken", Some(Role::Member)),
    ("mutation", "saveSearch", Some(Role::Member)),
    ("mutation", "changeSearch", Some(Role::Member)),
    ("mutation", "removeSearch", Some(Role::Member)),
    ("mutation", "createExport", Some(Role::Viewer)),
    ("mutation", "cancelExport", Some(Role::Viewer)),
    ("mutation", "rotateSigningKey", Some(Role::Admin)),
    ("subscription", "tail", Some(Role::Viewer)),
];

/// A field of a root, and the smallest operation that asks it.
pub struct RootField {
    pub root: &'static str,
    pub name: String,
    pub description: String,
    pub operation: String,
}

/// Every field of the schema's roots.
pub async fn root_fields(fixture: &Fixture) -> Vec<RootField> {
    let schema = fixture.data(INTROSPECTION).await["__schema"].take();
    let types: BTreeMap<&str, &Value> =
        list(&schema["types"]).map(|kind| (text(&kind["name"]), kind)).collect();
    let mut found = Vec::new();
    for root in ["query", "mutation", "subscription"] {
        let root_type = types[text(&schema[format!("{root}Type")]["name"])];
        for field in list(&root_type["fields"]) {
            let name = text(&field["name"]);
            let arguments: Vec<String> = required(&types, &field["args"]).collect();
            let arguments = match arguments.is_empty() {
                true => String::new(),
                false => format!("({})", arguments.join(", ")),
            };
            let selection = if is_object(&field["type"]) { "{ __typename }" } else { "" };
            found.push(RootField {
                root,
                name: name.to_owned(),
                description: text(&field["description"]).to_owned(),
                operation: format!("{root} {{ {name}{arguments} {selection} }}"),
            });
        }
    }
    found
}

const INTROSPECTION: &str = "{ __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { name enumValues { name }
            inputFields { name defaultValue type { kind name ofType { kind name } } }
            fields { name description
                     args { name defaultValue type { kind name ofType { kind name } } }
                     type { kind ofType { kind ofType { kind ofType { kind } } } } } } } }";

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_object(kind: &Value) -> bool {
    text(&kind["kind"]) == "OBJECT" || (!kind["ofType"].is_null() && is_object(&kind["ofType"]))
}

/// The required ones of these arguments or input fields, with values that are of their types.
fn required<'a>(
    types: &'a BTreeMap<&str, &Value>,
    inputs: &'a Value,
) -> impl Iterator<Item = String> + 'a {
    let needed = |input: &&Value| text(&input["type"]["kind"]) == "NON_NULL";
    list(inputs).filter(needed).map(|input| {
        let (name, of) = (text(&input["name"]), &input["type"]["ofType"]);
        let kind = types[text(&of["name"])];
        let value = match (text(&of["kind"]), text(&of["name"])) {
            ("SCALAR", "ID") => "\"7\"".to_owned(),
            ("SCALAR", "String") if name == "field" => "\"host\"".to_owned(),
            ("SCALAR", "String") => "\"something\"".to_owned(),
            ("ENUM", _) => text(&kind["enumValues"][0]["name"]).to_owned(),
            ("INPUT_OBJECT", _) => {
                let fields: Vec<String> = required(types, &kind["inputFields"]).collect();
                format!("{{ {} }}", fields.join(", "))
            }
            other => panic!("no value is known for {other:?}"),
        };
        format!("{name}: {value}")
    })
}

async fn first_answer(fixture: &Fixture, asker: &Asker, operation: &str) -> Value {
    fixture.follow(asker, operation).next().await.expect("an answer")
}

fn role_of(root: &str, name: &str) -> Option<Role> {
    let entry = WHO_MAY.iter().find(|(r, n, _)| (*r, *n) == (root, name));
    entry.unwrap_or_else(|| panic!("who may ask {root}.{name}?")).2
}

#[tokio::test]
async fn the_schema_says_in_words_who_may_ask_what() {
    let fixture = Fixture::with_records(0).await;
    let fields = root_fields(&fixture).await;
    assert_eq!(fields.len(), WHO_MAY.len(), "the table names what there is");
    for field in fields {
        let needed = match role_of(field.root, &field.name) {
            None => "no session".to_owned(),
            Some(role) => role.name().to_uppercase(),
        };
        let RootField { root, name, description, .. } = field;
        assert!(description.ends_with(&format!("Needs {needed}.")), "{root}.{name}: {description}");
    }
}

#[tokio::test]
async fn without_a_session_every_field_but_a_few_is_unauthenticated() {
    let fixture = Fixture::with_records(3).await;
    for field in root_fields(&fixture).await {
        let answer = first_answer(&fixture, &nobody(), &field.operation).await;
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        let turned_away =
            code(&answer) == "UNAUTHENTICATED" && message == "sign in first: there is no session";
        let needs_session = role_of(field.root, &field.name).is_some();
        assert_eq!(turned_away, needs_session, "{}: {answer}", field.operation);
        if needs_session {
            assert_eq!(
                answer["data"],
                json!({ (field.name.clone()): null }),
                "{}",
                field.operation
            );
        }
    }
    let answer = fixture.ask_as(&nobody(), "{ __typename }", json!({})).await;
    assert_eq!(answer, json!({ "data": { "__typename": "Query" } }));
}

#[tokio::test]
async fn below_its_role_every_field_is_forbidden() {
    let fixture = Fixture::with_records(3).await;
    let viewer = fixture.user("viewer", Role::Viewer, Value::Null).await;
    let member = fixture.user("member", Role::Member, Value::Null).await;
    for field in root_fields(&fixture).await {
        let Some(needed) = role_of(field.root, &field.name) else { continue };
        for (role, who) in [(Role::Viewer, &viewer), (Role::Member, &member)] {
            if role < needed {
                let answer = first_answer(&fixture, who, &field.operation).await;
                assert_eq!(code(&answer), "FORBIDDEN", "{role}: {}: {answer}", field.operation);
                assert_eq!(answer["data"], json!({ (field.name.clone()): null }));
            }
        }
    }
}

#[tokio::test]
async fn with_its_role_no_field_is_refused() {
    let fixture = Fixture::with_records(3).await;
    let readers = [
        fixture.user("viewer", Role::Viewer, Value::Null).await,
        fixture.user("member", Role::Member, Value::Null).await,
        fixture.user("chief", Role::Admin, Value::Null).await,
    ];
    for field in root_fields(&fixture).await {
        let Some(needed) = role_of(field.root, &field.name) else { continue };
        // What a mutation ends, it ends for its own user.
        let who = match field.root {
            "mutation" => fixture.user(&field.name, needed, Value::Null).await,
            _ => readers[needed as usize].clone(),
        };
        let answer = first_answer(&fixture, &who, &field.operation).await;
        let refused = code(&answer) == "FORBIDDEN"
            // A wrong password has the same code, and is another matter.
            || (code(&answer) == "UNAUTHENTICATED" && field.name != "changePassword");
        assert!(!refused, "{needed}: {}: {answer}", field.operation);
    }
}

#[tokio::test]
async fn others_and_all_are_for_admins() {
    let fixture = Fixture::with_records(0).await;
    let member = fixture.user("member", Role::Member, Value::Null).await;
    let admin = fixture.data("{ me { id } }").await["me"]["id"].take();
    let others = format!("{{ sessions(user: {admin}) {{ id }} }}");
    for query in [others.as_str(), "{ tokens(all: true) { id } }"] {
        assert_eq!(code(&fixture.ask_as(&member, query, json!({})).await), "FORBIDDEN");
        fixture.data(query).await;
    }
}

#[tokio::test]
async fn an_api_token_speaks_for_its_owner_but_does_not_change_the_account() {
    let fixture = Fixture::with_records(3).await;
    let ada = fixture.user("ada", Role::Admin, Value::Null).await;
    let token = async |scope: &str| {
        let make =
            format!("mutation {{ createToken(name: \"{scope}\", scope: {scope}) {{ token }} }}");
        let made = fixture.data_as(&ada, &make).await;
        let bearer = made["createToken"]["token"].as_str().unwrap().to_owned();
        asker(fixture.schema.auth().authenticate(&bearer, peer()).await.unwrap())
    };
    let (read, all) = (token("READ").await, token("ADMIN").await);
    fixture.data_as(&read, "{ log(id: 1) { id } }").await;
    assert_eq!(
        code(&fixture.ask_as(&read, "{ users { edges { cursor } } }", json!({})).await),
        "FORBIDDEN"
    );
    fixture.data_as(&all, "{ users { edges { cursor } } }").await;
    for operation in [
        "mutation { changeProfile(displayName: \"Eve\") { id } }",
        "mutation { changePassword(current: \"correct horse battery staple\", new: \"something\") }",
        "mutation { endSessions }",
        "mutation { endSession(id: \"7\") }",
    ] {
        for who in [&read, &all] {
            let answer = fixture.ask_as(who, operation, json!({})).await;
            assert_eq!(code(&answer), "FORBIDDEN", "{operation}: {answer}");
        }
    }
}
