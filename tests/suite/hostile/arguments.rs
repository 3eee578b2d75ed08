//! Texts that mean something to a database, a pattern or a terminal, in every place where the
//! schema takes a text. Whatever is asked is answered, or refused as the client's own mistake.

use serde_json::{Map, Value, json};

use super::is_well;
use crate::support::pair::Pair;
use crate::support::send_tcp;
use crate::support::server::Server;

const TEXTS: [&str; 12] = [
    "%",
    "_",
    "\\",
    "%\\",
    "\0",
    "'",
    "\"",
    "'; DROP TABLE log; --",
    "\u{10ffff}",
    "İK",
    "attributes.\0%",
    "",
];

/// Texts of the search language.
const QUERIES: [&str; 9] = [
    r#"host:"\0""#,
    "procid:*\0*",
    "-msgid:\\\\",
    "id>9223372036854775807",
    "attr.a>1e999",
    "/(a*)*b/",
    "/((a{0,1000}){0,1000}){0,1000}/",
    "((((((((((((((((((((((((((((((((((((((((",
    "host:% OR host:_ OR app:'",
];

/// The codes of mistakes that are the client's own.
const CIVIL: [&str; 7] = [
    "OK",
    "BAD_USER_INPUT",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",
    "CONFLICT",
    "TOO_MANY_ATTEMPTS",
];

/// What no client may see: how it is built inside.
const INSIDE: [&str; 8] =
    ["sqlx", "sea_orm", "SQLITE", "sqlite", "SELECT ", "INSERT ", "panicked", ".rs:"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_is_asked_nothing_that_is_our_own_error() {
    no_question_is_our_own_error(Pair::memory_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_asked_nothing_that_is_our_own_error() {
    no_question_is_our_own_error(Pair::memory_postgres().await).await;
}

async fn no_question_is_our_own_error(pair: Pair) {
    let server = pair.role("serve").start().await;
    send_tcp(server.tcp.unwrap(), [r#"<13>1 - h a p m [x a="1"] 100%_\ "#.to_owned()]);
    server.wait_balanced(1).await;
    let schema = Schema::of(&server).await;
    let fields = schema.fields_that_take_text();
    for known in ["logs", "sources", "top", "log", "login", "setUp", "createUser", "tail"] {
        assert!(fields.iter().any(|field| field.name == known), "the walk passes `{known}`");
    }
    for field in &fields {
        for text in TEXTS {
            expect_civil(&server, field, text).await;
        }
    }
    let document = "query ($t: String) { logs(filter: { query: $t }) { edges { cursor } } }";
    for text in QUERIES {
        let answer = server.ask(document, json!({ "t": text })).await.unwrap();
        assert_civil(&answer, &format!("{text:?}"));
    }
    is_well(&server).await;
}

async fn expect_civil(server: &Server, field: &Field, text: &str) {
    let what = format!("{} {:?}", field.name, field.variables(text));
    let (document, variables) = (field.document(), field.variables(text));
    if field.operation == "subscription" {
        let mut socket = server.admin().await.socket().await;
        assert_eq!(socket.message().await["type"], "connection_ack");
        let payload = json!({ "query": document, "variables": variables });
        socket.send(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
        let answer = socket.message().await;
        match answer["type"].as_str() {
            Some("next") => assert_civil(&answer["payload"], &what),
            Some("error") => assert_civil(&json!({ "errors": answer["payload"] }), &what),
            _ => panic!("{what}: {answer}"),
        }
        return;
    }
    let answer = server.ask(&document, variables).await;
    assert_civil(&answer.unwrap_or_else(|error| panic!("{what}: {error}")), &what);
}

fn assert_civil(answer: &Value, what: &str) {
    for error in answer["errors"].as_array().into_iter().flatten() {
        let code = error["extensions"]["code"].as_str().unwrap_or("none");
        assert!(CIVIL.contains(&code), "{what}: {answer}");
        let message = error["message"].as_str().expect("a message");
        for word in INSIDE {
            assert!(!message.contains(word), "{what}: {message}");
        }
    }
}

/// What the server says of its schema.
struct Schema(Value);

/// A field of a root that takes a text somewhere in its arguments.
struct Field {
    operation: &'static str,
    name: String,
    /// Of its arguments: their names, their types as they are written, and examples in which
    /// [`HERE`] stands where a text goes.
    arguments: Vec<(String, String, Value)>,
    /// Whether its answer has fields of its own.
    is_object: bool,
}

/// Stands in an example where a text goes.
const HERE: &str = "HERE";

impl Schema {
    async fn of(server: &Server) -> Schema {
        let kind = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
        let query = format!(
            "{{ __schema {{ types {{ kind name enumValues {{ name }}
                inputFields {{ name type {{ {kind} }} }}
                fields {{ name type {{ {kind} }} args {{ name type {{ {kind} }} }} }} }} }} }}"
        );
        Schema(server.query(&query, json!({})).await["__schema"].clone())
    }

    fn of_type(&self, name: &Value) -> &Value {
        let types = self.0["types"].as_array().expect("types");
        types.iter().find(|kind| kind["name"] == *name).expect("the schema has its types")
    }

    fn fields_that_take_text(&self) -> Vec<Field> {
        let roots =
            [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")];
        let fields = roots.into_iter().flat_map(|(operation, root)| {
            let fields = self.of_type(&json!(root))["fields"].as_array().expect("fields");
            fields.iter().map(move |field| self.field(operation, field))
        });
        fields.filter(|field| json!(field.variables(HERE)).to_string().contains(HERE)).collect()
    }

    fn field(&self, operation: &'static str, field: &Value) -> Field {
        let arguments = field["args"].as_array().expect("arguments").iter().map(|argument| {
            let name = argument["name"].as_str().expect("a name").to_owned();
            (name, written(&argument["type"]), self.example(&argument["type"]))
        });
        Field {
            operation,
            name: field["name"].as_str().expect("a name").to_owned(),
            arguments: arguments.filter(|(_, _, example)| !example.is_null()).collect(),
            is_object: matches!(innermost(&field["type"])["kind"].as_str(), Some("OBJECT")),
        }
    }

    /// A value of this type with texts wherever there can be some; null for what says nothing.
    fn example(&self, kind: &Value) -> Value {
        match (kind["kind"].as_str(), kind["name"].as_str()) {
            (Some("NON_NULL"), _) => match self.example(&kind["ofType"]) {
                Value::Null => self.plain(&kind["ofType"]),
                example => example,
            },
            (Some("LIST"), _) => match self.example(&kind["ofType"]) {
                Value::Null => Value::Null,
                example => json!([example]),
            },
            (Some("SCALAR"), Some("String" | "ID")) => json!(HERE),
            (Some("INPUT_OBJECT"), _) => {
                let fields = self.of_type(&kind["name"])["inputFields"].as_array();
                let examples = fields.expect("fields").iter().map(|field| {
                    let name = field["name"].as_str().expect("a name").to_owned();
                    (name, self.example(&field["type"]))
                });
                examples.filter(|(_, example)| !example.is_null()).collect::<Map<_, _>>().into()
            }
            _ => Value::Null,
        }
    }

    /// A value for what must be given and is no text.
    fn plain(&self, kind: &Value) -> Value {
        match kind["name"].as_str() {
            Some("Boolean") => json!(false),
            Some("DateTime") => json!("2026-01-02T03:04:05Z"),
            Some("Int" | "Count") => json!(1),
            _ => self.of_type(&kind["name"])["enumValues"][0]["name"].clone(),
        }
    }
}

impl Field {
    fn document(&self) -> String {
        let list = |each: fn(&(String, String, Value)) -> String| {
            self.arguments.iter().map(each).collect::<Vec<_>>().join(", ")
        };
        let declared = list(|(name, kind, _)| format!("${name}: {kind}"));
        let passed = list(|(name, _, _)| format!("{name}: ${name}"));
        let selection = if self.is_object { " { __typename }" } else { "" };
        let Field { operation, name, .. } = self;
        format!("{operation} ({declared}) {{ {name}({passed}){selection} }}")
    }

    fn variables(&self, text: &str) -> Value {
        let mut variables = Map::new();
        for (name, _, example) in &self.arguments {
            variables.insert(name.clone(), filled(example, text));
        }
        variables.into()
    }
}

fn filled(example: &Value, text: &str) -> Value {
    match example {
        Value::String(here) if here == HERE => json!(text),
        Value::Array(items) => items.iter().map(|item| filled(item, text)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), filled(value, text)));
            fields.collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// A type as a document writes it.
fn written(kind: &Value) -> String {
    match kind["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&kind["ofType"])),
        Some("LIST") => format!("[{}]", written(&kind["ofType"])),
        _ => kind["name"].as_str().expect("a name").to_owned(),
    }
}

fn innermost(kind: &Value) -> &Value {
    if kind["ofType"].is_null() { kind } else { innermost(&kind["ofType"]) }
}
