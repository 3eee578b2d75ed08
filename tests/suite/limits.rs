//! Every limit of the endpoint, with a small value: what is within it is answered, what is beyond
//! is refused with a clear error.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use crate::support::pair::Pair;
use crate::support::send_tcp;
use crate::support::server::Server;
use crate::support::socket::Socket;
use crate::support::visitor::{Visitor, code_of};

async fn start(variables: &[(&str, &str)]) -> (Pair, Server) {
    let pair = Pair::memory_sqlite().await;
    let setup =
        variables.iter().fold(pair.role("serve"), |setup, (name, value)| setup.with(name, value));
    let server = setup.start().await;
    (pair, server)
}

/// The operation is refused over HTTP, as no request (400), and over a socket, which stays open:
/// with these words.
async fn is_refused(visitor: &Visitor, query: &str, words: &str) {
    let body = json!({ "query": query });
    let request = visitor.post(&body).header("accept", "application/graphql-response+json");
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!((status.as_u16(), code_of(&answer).as_str()), (400, "BAD_USER_INPUT"), "{answer}");
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains(words), "`{words}` was expected: {message}");
    assert!(answer.get("data").is_none(), "{answer}");

    let mut socket = visitor.socket().await;
    socket.send(&json!({ "type": "subscribe", "id": "1", "payload": body })).await;
    socket.send(&json!({ "type": "ping" })).await;
    assert_eq!(socket.message().await["type"], "connection_ack");
    let answers = [socket.message().await, socket.message().await];
    let error = answers.iter().find(|answer| answer["type"] == "error").expect("an error");
    assert_eq!(error["payload"][0]["message"], message);
    assert!(answers.iter().any(|answer| answer["type"] == "pong"), "the socket is open");
}

async fn is_answered(visitor: &Visitor, query: &str) {
    let answer = visitor.ask(query, json!({})).await.unwrap();
    assert_eq!(code_of(&answer), "OK", "{query}: {answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_has_limits_of_depth_cost_aliases_root_fields_directives_and_tokens() {
    let (_pair, server) = start(&[
        ("MAX_DEPTH", "4"),
        ("MAX_COST", "1000"),
        ("MAX_ALIASES", "3"),
        ("MAX_ROOT_FIELDS", "4"),
        ("MAX_DIRECTIVES", "2"),
        ("MAX_DOCUMENT_TOKENS", "100"),
    ])
    .await;
    let admin = server.admin().await;
    let tokens = |n: usize| format!("{{ me {{ {} }} }}", "id ".repeat(n - 5));
    for (within, beyond, words) in [
        (
            "{ logs(first: 1) { edges { node { id } } } }",
            "{ logs(first: 1) { edges { node { source { id } } } } }",
            "levels of fields",
        ),
        (
            "{ logs(first: 100) { edges { node { id } } } }",
            "{ logs(first: 1000) { edges { node { id } } } }",
            "costs more",
        ),
        (
            "{ me { a: id b: id c: id } }",
            "{ me { a: id b: id ...F } } fragment F on User { c: id d: id }",
            "aliases",
        ),
        (
            "{ me { id } a: me { id } b: me { id } c: me { id } }",
            "{ me { id } a: me { id } b: me { id } ...F } fragment F on Query { __typename log(id: 1) { id } }",
            "fields",
        ),
        (
            "{ me @skip(if: false) { id @include(if: true) } }",
            "{ me @skip(if: false) { id @include(if: true) username @skip(if: true) } }",
            "directives",
        ),
        (&tokens(100), &tokens(101), "tokens"),
    ] {
        is_answered(&admin, within).await;
        is_refused(&admin, beyond, words).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_introspection_of_graphiql_is_within_the_defaults() {
    let (_pair, server) = start(&[]).await;
    let of_type = "kind name ".to_owned() + &"ofType { kind name ".repeat(9) + &"} ".repeat(9);
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ queryType {{ name kind }} mutationType {{ name kind }}
            subscriptionType {{ name kind }} types {{ ...FullType }}
            directives {{ name description locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }}
         fragment FullType on __Type {{ kind name description specifiedByURL
            fields(includeDeprecated: true) {{ name description
                args(includeDeprecated: true) {{ ...InputValue }} type {{ ...TypeRef }}
                isDeprecated deprecationReason }}
            inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }}
            enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }}
            possibleTypes {{ ...TypeRef }} }}
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue
            isDeprecated deprecationReason }}
         fragment TypeRef on __Type {{ {of_type} }}"
    );
    is_answered(&server.admin().await, &query).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_the_schema_describes_itself_to_is_told() {
    let schema = "{ __schema { queryType { name } } }";
    let a_type = "{ __type(name: \"Log\") { name } }";
    for (setting, anonymous, signed_in) in [
        ("on", "OK", "OK"),
        ("signed-in", "UNAUTHENTICATED", "OK"),
        ("off", "FORBIDDEN", "FORBIDDEN"),
    ] {
        let (_pair, server) = start(&[("INTROSPECTION", setting)]).await;
        for query in [schema, a_type] {
            let code = server.visitor().code(query, json!({})).await;
            assert_eq!(code, anonymous, "{setting}, not signed in");
            let code = server.admin().await.code(query, json!({})).await;
            assert_eq!(code, signed_in, "{setting}, signed in");
        }
        assert_eq!(server.visitor().code("{ __typename }", json!({})).await, "OK");
        // A suggestion tells names, too.
        let suggests = async |visitor: &Visitor| {
            let answer = visitor.ask("{ logz { edges { cursor } } }", json!({})).await.unwrap();
            assert_eq!(code_of(&answer), "BAD_USER_INPUT");
            answer.to_string().contains("Did you mean")
        };
        assert_eq!(suggests(&server.visitor()).await, anonymous == "OK", "{setting}");
        assert_eq!(suggests(&server.admin().await).await, signed_in == "OK", "{setting}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_and_messages_have_a_limit_of_bytes() {
    let (_pair, server) = start(&[("MAX_BODY_BYTES", "10KiB")]).await;
    let admin = server.admin().await;
    let query = |bytes: usize| format!("{{ me {{ id }} }}{}", " ".repeat(bytes));
    is_answered(&admin, &query(9_000)).await;
    let answer = admin.post(&json!({ "query": query(11_000) })).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(code_of(&answer), "BAD_USER_INPUT", "{answer}");

    let mut socket = admin.socket().await;
    let subscribe =
        |bytes| json!({ "type": "subscribe", "id": "1", "payload": { "query": query(bytes) } });
    socket.send(&subscribe(9_000)).await;
    assert_eq!(socket.message().await["type"], "connection_ack");
    assert_eq!(socket.message().await["type"], "next");
    socket.send(&subscribe(11_000)).await;
    let (code, reason) = socket.closed().await;
    assert!(code == 4400 && reason.contains("10240 bytes"), "{code} {reason}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_buckets_and_filters_have_limits_that_are_named() {
    let (_pair, server) = start(&[]).await;
    let admin = server.admin().await;
    let long = "x".repeat(8_193);
    for (query, argument) in [
        ("{ logs(first: 1001) { edges { cursor } } }".to_owned(), "first"),
        ("{ logs(first: -1) { edges { cursor } } }".to_owned(), "first"),
        ("{ logs(last: 1001) { edges { cursor } } }".to_owned(), "last"),
        ("{ sources(first: 1001) { edges { cursor } } }".to_owned(), "first"),
        ("{ users(first: 1001) { edges { cursor } } }".to_owned(), "first"),
        ("{ audit(first: 1001) { edges { cursor } } }".to_owned(), "first"),
        ("{ top(field: \"host\", first: 1001) { count } }".to_owned(), "first"),
        ("{ histogram(buckets: 1001) { count } }".to_owned(), "buckets"),
        (
            format!("{{ logs(filter: {{ text: \"{long}\" }}) {{ edges {{ cursor }} }} }}"),
            "filter.text",
        ),
        (
            format!("{{ logs(filter: {{ query: \"{long}\" }}) {{ edges {{ cursor }} }} }}"),
            "filter.query",
        ),
        (
            format!("{{ logs(filter: {{ hosts: [\"{long}\"] }}) {{ edges {{ cursor }} }} }}"),
            "filter.hosts",
        ),
    ] {
        let answer = admin.ask(&query, json!({})).await.unwrap();
        assert_eq!(code_of(&answer), "BAD_USER_INPUT", "{query:.100}: {answer}");
        assert_eq!(answer["errors"][0]["extensions"]["argument"], argument, "{answer}");
    }
    let mut tail = admin.tail("(last: 1001)").await;
    assert!(tail.message().await.to_string().contains("BAD_USER_INPUT"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_takes_too_long_is_ended() {
    let pair = Pair::memory_postgres().await;
    let server = pair.role("serve").with("OPERATION_TIMEOUT", "3s").start().await;
    send_tcp(server.tcp.unwrap(), ["hello".to_owned()]);
    server.wait_balanced(1).await;
    let admin = server.admin().await;
    let database = sea_orm::Database::connect(&pair.database_url).await.unwrap();
    let holder = database.begin().await.unwrap();
    holder.execute_unprepared("LOCK TABLE log IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let logs = "{ logs { edges { node { message } } } }";
    let began = Instant::now();
    assert_eq!(admin.code(logs, json!({})).await, "TIMEOUT");
    let took = began.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    // The database gave up too: nothing that reads records waits there for the lock any more. (The
    // writer's upkeep asks how many there are, again and again.)
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event_type = 'Lock' AND query LIKE '%msgid%'";
    let waiting = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, waiting);
    server
        .eventually("no statement is left behind", async || {
            let row = database.query_one_raw(waiting.clone()).await.unwrap().unwrap();
            let count: i64 = row.try_get_by_index(0).unwrap();
            if count == 0 { Ok(()) } else { Err(count.to_string()) }
        })
        .await;
    holder.rollback().await.unwrap();
    assert_eq!(admin.code(logs, json!({})).await, "OK");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_has_a_limit_of_operations() {
    let (_pair, server) = start(&[("MAX_SUBSCRIPTIONS", "2")]).await;
    let mut socket = server.admin().await.socket().await;
    assert_eq!(socket.message().await["type"], "connection_ack");
    let tail = |id: &str| {
        let payload = json!({ "query": "subscription { tail { cursor } }" });
        json!({ "type": "subscribe", "id": id, "payload": payload })
    };
    for id in ["1", "2"] {
        socket.send(&tail(id)).await;
        assert_eq!(socket.message().await["type"], "next");
    }
    socket.send(&tail("3")).await;
    let refused = async |socket: &mut Socket| loop {
        let message = socket.message().await;
        if message["id"] == "3" {
            return message;
        }
    };
    let error = refused(&mut socket).await;
    assert_eq!(error["type"], "error", "{error}");
    assert!(error["payload"][0]["message"].is_string(), "{error}");
    // One that is completed makes room.
    socket.send(&json!({ "type": "complete", "id": "1" })).await;
    socket.send(&tail("3")).await;
    assert_eq!(refused(&mut socket).await["type"], "next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_has_a_limit_of_sockets_and_streams() {
    let (_pair, server) = start(&[("MAX_SOCKETS_PER_USER", "2")]).await;
    let admin = server.admin().await;
    let ada = admin.add_user("ada", "VIEWER", Value::Null).await;
    let mut first = admin.socket().await;
    assert_eq!(first.message().await["type"], "connection_ack");
    let mut events = admin.events("").await;
    assert_eq!(events.next().await.unwrap().0, "next");
    // The third is turned away, over both transports.
    let (code, reason) = admin.socket().await.closed().await;
    assert!(code == 4403 && reason.contains("too many"), "{code} {reason}");
    assert_eq!(admin.events("").await.answer.status(), 429);
    // Somebody else has places of their own.
    assert_eq!(ada.socket().await.message().await["type"], "connection_ack");
    drop(first);
    server
        .eventually("a place is free again", async || {
            let status = admin.events("").await.answer.status();
            if status == 200 { Ok(()) } else { Err(status.to_string()) }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_has_a_limit_of_sockets_and_streams() {
    let (_pair, server) = start(&[("MAX_SOCKETS", "3")]).await;
    let admin = server.admin().await;
    let mut events = admin.events("").await;
    assert_eq!(events.next().await.unwrap().0, "next");
    // Who has not said yet who it is takes a place, too.
    let second = Socket::open(server.http, &[]).await.expect("a place");
    let _third = Socket::open(server.http, &[]).await.expect("a place");
    assert_eq!(Socket::open(server.http, &[]).await.err(), Some(503));
    assert_eq!(admin.events("").await.answer.status(), 503);
    drop(second);
    server
        .eventually("a place is free again", async || {
            Socket::open(server.http, &[]).await.map(drop).map_err(|status| status.to_string())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_beyond_the_limit_waits_until_another_closes() {
    let (_pair, server) = start(&[("MAX_HTTP_CONNECTIONS", "3")]).await;
    let connect = || {
        let stream = TcpStream::connect(server.http).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    };
    let ask = |stream: &mut TcpStream| {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).map(|()| start)
    };
    // Connections that are kept alive; those of the helpers of this test may be some of the three.
    let mut kept: Vec<TcpStream> = Vec::new();
    let mut waiting = loop {
        let mut stream = connect();
        stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
        match ask(&mut stream) {
            Ok(status) => {
                assert_eq!(&status, b"HTTP/1.1 200");
                kept.push(stream);
                assert!(kept.len() <= 3, "only three are let in");
            }
            Err(_) => break stream,
        }
    };
    assert!(!kept.is_empty());
    kept.clear();
    waiting.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut start = [0; 12];
    waiting.read_exact(&mut start).expect("it gets its turn");
    assert_eq!(&start, b"HTTP/1.1 200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_ask_for_their_token_when_there_is_one() {
    let (_pair, server) = start(&[("METRICS_TOKEN", "for the scraper")]).await;
    let url = format!("http://{}/metrics", server.http);
    let get = || crate::support::http().get(&url);
    assert_eq!(get().send().await.unwrap().status(), 401);
    assert_eq!(get().bearer_auth("for the scrapeR").send().await.unwrap().status(), 401);
    let answer = get().bearer_auth("for the scraper").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().ends_with("# EOF\n"));
}
