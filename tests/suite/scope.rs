//! A user with a scope sees the records in it, and nothing that tells of the others; asked of
//! every pair of queue and store.

use serde_json::{Value, json};

use crate::support::pair::{Pair, on_every_pair};
use crate::support::send_tcp;
use crate::support::server::Server;
use crate::support::visitor::Visitor;

on_every_pair!(
    a_scoped_user_finds_only_what_is_in_scope,
    figures_are_those_of_what_is_in_scope,
    a_tail_brings_only_what_is_in_scope,
    nothing_that_belongs_to_a_scoped_user_sees_more,
    a_user_without_a_scope_sees_everything,
    a_changed_scope_holds_from_then_on,
);

/// Lines of three kinds in turn, so that every page, bucket and batch holds all of them.
const ROUNDS: usize = 20;

/// What must never be in an answer to the scoped user: a host, a program, an attribute, a word.
const HIDDEN: [&str; 4] = ["vault", "keeper", "cipher", "classified"];

/// One line in scope, one of the same source that is not, one of a source that is not.
fn round(n: usize) -> [String; 3] {
    let at = |second: usize| format!("2026-01-02T03:{n:02}:{second:02}Z");
    [
        format!("<14>1 {} shop till 1 sale [x level=\"low\"] open {n}", at(1)),
        format!("<11>1 {} shop till 2 cipher [x level=\"cipher\"] classified {n}", at(2)),
        format!("<10>1 {} vault keeper 3 sale [x level=\"high\"] open {n}", at(3)),
    ]
}

/// The ids of what is in scope, `rounds` of it.
fn in_scope(rounds: std::ops::Range<usize>) -> Vec<i64> {
    rounds.map(|n| 3 * n as i64 + 1).collect()
}

fn scope() -> Value {
    json!({ "hosts": ["shop", "nowhere"], "query": "-classified" })
}

/// A server with the lines stored, half of them in blocks, and a member who sees a third of them.
async fn prepared(pair: &Pair) -> (Server, Visitor) {
    let server = pair.role("serve").start().await;
    for half in [0..ROUNDS / 2, ROUNDS / 2..ROUNDS] {
        let stored = 3 * half.end as u64;
        send_tcp(server.tcp.unwrap(), half.clone().flat_map(round));
        server.wait_balanced(stored).await;
        if half.start == 0 {
            // One of a single record that is hidden, one of records of each kind.
            pair.seal([1..=1, 2..=2, 3..=stored as i64]).await;
        }
    }
    let scoped = server.admin().await.add_user("sam", "MEMBER", scope()).await;
    (server, scoped)
}

/// Asks, and checks that the answer names nothing hidden.
async fn look(visitor: &Visitor, query: &str, variables: Value) -> Value {
    let data = visitor.query(query, variables).await;
    let text = data.to_string();
    for word in HIDDEN {
        assert!(!text.contains(word), "`{word}` shows: {query}\n{text}");
    }
    data
}

const RECORD: &str = "id host app procId msgId message severity attributes \
                      source { host app count firstSeen lastSeen rate }";

fn ids(edges: &Value) -> Vec<i64> {
    let id = |edge: &Value| edge["node"]["id"].as_str().expect("an id").parse().expect("a number");
    edges.as_array().expect("edges").iter().map(id).collect()
}

async fn a_scoped_user_finds_only_what_is_in_scope(pair: Pair) {
    let (_server, scoped) = prepared(&pair).await;
    let newest_first: Vec<i64> = in_scope(0..ROUNDS).into_iter().rev().collect();

    for order in ["TIMESTAMP", "ARRIVAL"] {
        // Page by page, forwards and back.
        let mut read = Vec::new();
        let mut after = Value::Null;
        let page = format!(
            "query ($after: String) {{ logs(first: 7, after: $after, orderBy: {order}) {{
                pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {RECORD} }} }} }} }}"
        );
        loop {
            let page = look(&scoped, &page, json!({ "after": after })).await["logs"].clone();
            read.extend(ids(&page["edges"]));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(read, newest_first, "{order}");
        let oldest = format!(
            "{{ logs(last: 3, orderBy: {order}) {{
                pageInfo {{ hasPreviousPage }} edges {{ node {{ {RECORD} }} }} }} }}"
        );
        let page = look(&scoped, &oldest, json!({})).await["logs"].clone();
        assert_eq!(ids(&page["edges"]), newest_first[ROUNDS - 3..]);
    }

    // Whatever is asked for, the scope stands beside it.
    let ask = "query ($filter: LogFilter) { logs(filter: $filter, first: 1000) {
        edges { node { id message host } } } }";
    for (filter, found) in [
        (json!({ "hosts": ["vault"] }), 0),
        (json!({ "apps": ["keeper", "till"] }), ROUNDS),
        (json!({ "text": "classified" }), 0),
        (json!({ "query": "classified OR host:vault" }), 0),
        (json!({ "query": "NOT (host:shop)" }), 0),
        (json!({ "query": "/class|open/" }), ROUNDS),
        (json!({ "query": "id:2 OR id:3 OR id:4" }), 1),
        (json!({ "query": "severity>=error" }), 0),
        (json!({ "query": "attributes.x.level:cipher OR msgid:cipher" }), 0),
        (json!({ "severities": ["CRITICAL", "ERROR"] }), 0),
        (json!({ "query": ") OR (host:vault" }), 0),
    ] {
        let answer = scoped.ask(ask, json!({ "filter": filter })).await.unwrap();
        let found_here = answer["data"]["logs"]["edges"].as_array().map_or(0, Vec::len);
        assert_eq!(found_here, found, "{filter}: {answer}");
    }

    let one = format!(
        "query ($id: ID!) {{ log(id: $id) {{ {RECORD}
            all: context(before: 100, after: 100, of: ALL) {{ {RECORD} }}
            same: context(before: 100, after: 100, of: SOURCE) {{ {RECORD} }} }} }}"
    );
    for id in 1..=3 * ROUNDS as i64 {
        let log = look(&scoped, &one, json!({ "id": id.to_string() })).await["log"].clone();
        if !in_scope(0..ROUNDS).contains(&id) {
            assert_eq!(log, Value::Null, "{id} is hidden");
            continue;
        }
        for context in [&log["all"], &log["same"]] {
            assert_eq!(context.as_array().unwrap().len(), ROUNDS, "{context}");
        }
    }
    let code = scoped.code("{ pipeline { stored } }", json!({})).await;
    assert_eq!(code, "FORBIDDEN", "the accounting counts what is hidden");
}

async fn figures_are_those_of_what_is_in_scope(pair: Pair) {
    let (_server, scoped) = prepared(&pair).await;
    let seen = ROUNDS as u64;
    for by in ["", "by: SEVERITY, ", "by: HOST, ", "by: APP, "] {
        let histogram = format!("{{ histogram({by}buckets: 10) {{ start key count }} }}");
        let buckets = look(&scoped, &histogram, json!({})).await["histogram"].clone();
        let buckets = buckets.as_array().unwrap();
        let sum: u64 = buckets.iter().map(|bucket| bucket["count"].as_u64().unwrap()).sum();
        assert_eq!(sum, seen, "{by}{buckets:?}");
    }
    for (field, value) in [
        ("host", "shop"),
        ("app", "till"),
        ("severity", "info"),
        ("procid", "1"),
        ("msgid", "sale"),
        ("attributes.x.level", "low"),
    ] {
        let top = "query ($field: String!) { top(field: $field, first: 100) { value count } }";
        let top = look(&scoped, top, json!({ "field": field })).await["top"].clone();
        let values = top.as_array().unwrap();
        assert_eq!(values.len(), 1, "{field}: {top}");
        let found = values[0]["value"].as_str().unwrap();
        assert!(found.eq_ignore_ascii_case(value), "{field}: {top}");
        assert_eq!(values[0]["count"], seen, "{field}: {top}");
    }

    let fields = "host app address count firstSeen lastSeen rate";
    let sources =
        format!("{{ sources {{ pageInfo {{ hasNextPage }} edges {{ node {{ {fields} }} }} }} }}");
    let page = look(&scoped, &sources, json!({})).await["sources"].clone();
    assert_eq!(page["edges"].as_array().unwrap().len(), 1, "{page}");
    assert_eq!(page["pageInfo"]["hasNextPage"], false);
    let nested = format!("{{ logs(first: 1) {{ edges {{ node {{ source {{ {fields} }} }} }} }} }}");
    let newest = look(&scoped, &nested, json!({})).await["logs"]["edges"][0]["node"].clone();
    for source in [&page["edges"][0]["node"], &newest["source"]] {
        assert_eq!((&source["host"], &source["app"]), (&json!("shop"), &json!("till")));
        // Null, or what may be counted: the source has twice as many.
        let count = &source["count"];
        assert!(count.is_null() || *count == seen, "{source}");
    }
    for (filter, found) in [("host: \"vault\"", 0), ("app: \"keep\"", 0), ("text: \"shop\"", 1)] {
        let query =
            format!("{{ sources(filter: {{ {filter} }}) {{ edges {{ node {{ host }} }} }} }}");
        let page = scoped.query(&query, json!({})).await["sources"].clone();
        assert_eq!(page["edges"].as_array().unwrap().len(), found, "{filter}: {page}");
    }
}

async fn a_tail_brings_only_what_is_in_scope(pair: Pair) {
    let (server, scoped) = prepared(&pair).await;
    let ids = |logs: Vec<(i64, String)>| logs.into_iter().map(|(id, _)| id).collect::<Vec<_>>();

    let mut live = scoped.tail("").await;
    live.batch().await;
    let start = live.cursor.clone();
    let mut stream = scoped.events("(last: 2)").await;
    assert_eq!(ids(stream.read(2).await), in_scope(ROUNDS - 2..ROUNDS));
    let mut from_last = scoped.tail("(last: 1000)").await;
    assert_eq!(ids(from_last.read(ROUNDS).await), in_scope(0..ROUNDS));

    send_tcp(server.tcp.unwrap(), (ROUNDS..ROUNDS + 5).flat_map(round));
    let new = in_scope(ROUNDS..ROUNDS + 5);
    assert_eq!(ids(live.read(5).await), new, "from memory");
    assert_eq!(ids(stream.read(5).await), new, "over server-sent events");
    assert_eq!(ids(from_last.read(5).await), new, "after what was there");
    let mut resumed = scoped.tail(&format!("(after: \"{start}\")")).await;
    assert_eq!(ids(resumed.read(5).await), new, "from the store");

    let mut nothing = scoped.tail("(last: 1000, filter: { hosts: [\"vault\"] })").await;
    assert_eq!(nothing.batch().await["logs"], json!([]));
    send_tcp(server.tcp.unwrap(), (ROUNDS + 5..ROUNDS + 6).flat_map(round));
    server.wait_balanced(3 * (ROUNDS as u64 + 6)).await;
    // Its cursor moves on past what it may not see, in a batch without records.
    assert_eq!(nothing.batch().await["logs"], json!([]));
    assert_eq!(ids(live.read(1).await), in_scope(ROUNDS + 5..ROUNDS + 6));
}

async fn nothing_that_belongs_to_a_scoped_user_sees_more(pair: Pair) {
    let (server, scoped) = prepared(&pair).await;
    let admin = server.admin().await;
    let found = "query ($filter: LogFilter) { logs(filter: $filter, first: 1000) {
        edges { node { id } } } }";

    // A saved search of somebody who sees everything is read with the reader's own eyes.
    let save = "mutation ($filter: LogFilter!) {
        saveSearch(name: \"hidden\", filter: $filter, shared: true) { id } }";
    for (filter, seen) in [(json!({ "text": "open" }), ROUNDS), (json!({ "hosts": ["vault"] }), 0)]
    {
        let saved = admin.query(save, json!({ "filter": filter })).await;
        let saved = saved["saveSearch"]["id"].as_str().unwrap().to_owned();
        let filter = json!({ "filter": { "savedSearch": saved } });
        let page = scoped.query(found, filter).await["logs"].clone();
        assert_eq!(ids(&page["edges"]).len(), seen);
        let arguments = format!("(last: 1000, filter: {{ savedSearch: \"{saved}\" }})");
        let batch = scoped.tail(&arguments).await.batch().await;
        assert_eq!(batch["logs"].as_array().unwrap().len(), seen);
        admin
            .query("mutation ($id: ID!) { removeSearch(id: $id) { id } }", json!({ "id": saved }))
            .await;
    }

    // An API token sees what its owner sees.
    let create = "mutation { createToken(name: \"ci\", scope: READ) { token } }";
    let token = scoped.query(create, json!({})).await["createToken"]["token"].clone();
    let program = scoped.with_token(token.as_str().unwrap());
    let page = look(&program, found, json!({})).await["logs"].clone();
    assert_eq!(ids(&page["edges"]).len(), ROUNDS);
    assert_eq!(program.code("{ pipeline { stored } }", json!({})).await, "FORBIDDEN");

    // Nobody widens their own scope, and a scope stands on its own.
    let change = "mutation ($id: ID!, $scope: LogFilter) {
        changeUser(id: $id, input: { scope: $scope }) { scope } }";
    let id = scoped.id().await;
    let widened = json!({ "id": id, "scope": null });
    assert_eq!(scoped.code(change, widened).await, "FORBIDDEN");
    let saved = admin.query(save, json!({ "filter": {} })).await["saveSearch"]["id"].clone();
    let borrowed = json!({ "id": id, "scope": { "savedSearch": saved } });
    assert_eq!(admin.code(change, borrowed).await, "BAD_USER_INPUT");
}

async fn a_user_without_a_scope_sees_everything(pair: Pair) {
    let (server, _) = prepared(&pair).await;
    let all = 3 * ROUNDS as u64;
    let reader = server.admin().await.add_user("vera", "VIEWER", Value::Null).await;
    let data = reader
        .query(
            "{ logs(first: 1000) { edges { node { id source { count } } } }
               log(id: 3) { message context(of: ALL, before: 2, after: 2) { id } }
               histogram { count } top(field: \"host\") { value count }
               sources { edges { node { host count } } } pipeline { stored } }",
            json!({}),
        )
        .await;
    assert_eq!(ids(&data["logs"]["edges"]).len(), 3 * ROUNDS);
    assert_eq!(data["log"]["message"], "open 0");
    assert_eq!(data["log"]["context"].as_array().unwrap().len(), 5);
    let histogram = data["histogram"].as_array().unwrap();
    let counted: u64 = histogram.iter().map(|bucket| bucket["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, all);
    assert_eq!(
        data["top"],
        json!([
            { "value": "shop", "count": 2 * ROUNDS }, { "value": "vault", "count": ROUNDS },
        ])
    );
    assert_eq!(data["sources"]["edges"].as_array().unwrap().len(), 2);
    assert_eq!(data["pipeline"]["stored"], all);
    let logs = reader.tail("(last: 1000)").await.read(3 * ROUNDS).await;
    assert_eq!(logs.len(), 3 * ROUNDS);
}

async fn a_changed_scope_holds_from_then_on(pair: Pair) {
    let (server, scoped) = prepared(&pair).await;
    let mut tail = scoped.tail("(last: 1)").await;
    tail.batch().await;
    let cursor = tail.cursor.clone();
    let change = "mutation ($id: ID!) {
        changeUser(id: $id, input: { scope: { hosts: [\"vault\"] } }) { scope } }";
    let changed = server.query(change, json!({ "id": scoped.id().await })).await;
    assert_eq!(changed["changeUser"]["scope"], json!({ "hosts": ["vault"] }));
    // Who follows with the old eyes is sent back to the door.
    assert_eq!(tail.closed().await, 4403);
    send_tcp(server.tcp.unwrap(), (ROUNDS..ROUNDS + 1).flat_map(round));
    let refresh =
        "mutation ($token: String) { refresh(token: $token) { accessToken refreshToken } }";
    let answer = scoped.visitor().query(refresh, json!({ "token": scoped.refresh_token })).await;
    let scoped = scoped.with_session(&answer["refresh"]).unwrap();
    let resumed = scoped.tail(&format!("(after: \"{cursor}\")")).await.read(1).await;
    assert_eq!(resumed, [(3 * ROUNDS as i64 + 3, format!("open {ROUNDS}"))]);
    let all = "{ logs(first: 1000) { edges { node { id host } } } }";
    let page = scoped.query(all, json!({})).await["logs"].clone();
    assert_eq!(ids(&page["edges"]).len(), ROUNDS + 1);
    assert!(!page.to_string().contains("shop"), "{page}");
}
