//! Row scopes: on every way to the log, somebody with a scope sees exactly what an admin finds who
//! gives the scope as a filter, and hidden records show in no figure.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::code;
use crate::api::Asker;
use crate::api::fixture::Fixture;
use crate::live::Piece;
use crate::log::Log;
use crate::user::Role;

/// A scope that speaks of sources alone.
fn of_sources() -> Value {
    json!({ "hosts": ["WEB1", "web3"], "query": "-app:other" })
}

/// A scope that cuts through sources.
fn of_records() -> Value {
    json!({ "hosts": ["web1", "web2"], "severities": ["EMERGENCY", "ERROR"], "text": "record" })
}

/// A user for each kind of scope.
async fn scoped(fixture: &Fixture) -> [(Asker, Value); 2] {
    [
        (fixture.user("ada", Role::Member, of_sources()).await, of_sources()),
        (fixture.user("bob", Role::Viewer, of_records()).await, of_records()),
    ]
}

#[tokio::test]
async fn what_is_asked_with_a_scope_is_what_the_scope_finds_as_a_filter() {
    let fixture = Fixture::with_records(100).await;
    for (who, scope) in scoped(&fixture).await {
        for (asked, more) in [
            (json!({}), json!({})),
            (json!({ "query": "host:web1 OR host:web2 OR NOT x" }), json!({})),
            (json!({ "query": "1" }), json!({ "query": "1" })),
            (json!({ "hosts": ["web2"] }), json!({ "query": "host:web2" })),
            (
                json!({ "severities": ["ERROR", "INFO"] }),
                json!({ "query": "severity:error OR severity:info" }),
            ),
            (json!({ "to": "2026-01-02T03:00:50Z" }), json!({ "to": "2026-01-02T03:00:50Z" })),
        ] {
            let query = "query($filter: LogFilter) {
                logs(filter: $filter, first: 50) { edges { node { id host } cursor } pageInfo { hasNextPage } }
                oldest: logs(filter: $filter, last: 3, orderBy: ARRIVAL) { edges { node { id } } }
                histogram(filter: $filter, buckets: 7) { start count }
                byHost: histogram(filter: $filter, buckets: 7, by: HOST) { start key count }
                hosts: top(filter: $filter, field: \"host\") { value count }
                severities: top(filter: $filter, field: \"severity\") { value count }
                users: top(filter: $filter, field: \"attributes.user.id\") { value count } }";
            let seen = fixture.ask_as(&who, query, json!({ "filter": asked })).await;
            let saved = save(&fixture, &scope).await;
            let mut as_filter = more.clone();
            as_filter["savedSearch"] = saved;
            let found = fixture.ask_with(query, json!({ "filter": as_filter })).await;
            assert_eq!(found["errors"], Value::Null);
            assert_eq!(seen, found, "{scope} and {asked}");
        }
    }
}

/// Saves a filter for the admin; its id.
async fn save(fixture: &Fixture, filter: &Value) -> Value {
    let count =
        fixture.data("{ savedSearches { id } }").await["savedSearches"].as_array().unwrap().len();
    let save = "mutation($name: String!, $filter: LogFilter!) { saveSearch(name: $name, filter: $filter) { id } }";
    let variables = json!({ "name": format!("search {count}"), "filter": filter });
    fixture.ask_with(save, variables).await["data"]["saveSearch"]["id"].take()
}

/// The ids that somebody sees.
async fn visible(fixture: &Fixture, who: &Asker) -> Vec<i64> {
    let data = fixture
        .data_as(who, "{ logs(first: 1000, orderBy: ARRIVAL) { edges { node { id } } } }")
        .await;
    let mut ids = ids(data["logs"]["edges"].as_array().unwrap().iter().map(|edge| &edge["node"]));
    ids.reverse();
    ids
}

fn ids<'a>(logs: impl Iterator<Item = &'a Value>) -> Vec<i64> {
    logs.map(|log| log["id"].as_str().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn one_record_by_its_id_is_seen_or_is_not_there() {
    let fixture = Fixture::with_records(60).await;
    for (who, scope) in scoped(&fixture).await {
        let visible = visible(&fixture, &who).await;
        assert!(!visible.is_empty() && visible.len() < 60, "{scope}");
        for id in 1..=61 {
            let query = format!("{{ log(id: {id}) {{ id }} }}");
            let found = fixture.data_as(&who, &query).await["log"].is_object();
            assert_eq!(found, visible.contains(&id), "{scope}: {id}");
        }
    }
}

#[tokio::test]
async fn hidden_records_are_not_among_those_around_a_record() {
    let fixture = Fixture::with_records(100).await;
    for (who, scope) in scoped(&fixture).await {
        let visible = visible(&fixture, &who).await;
        let place = visible.len() / 2;
        let id = visible[place];
        let query = format!(
            "{{ log(id: {id}) {{ host
                 all: context(before: 3, after: 2, of: ALL) {{ id }}
                 same: context(before: 2, after: 2) {{ id host }}
                 none: context(before: 0, after: 0) {{ id }} }} }}"
        );
        let log = fixture.data_as(&who, &query).await["log"].take();
        let around = |name: &str| ids(log[name].as_array().unwrap().iter());
        assert_eq!(around("all"), visible[place - 3..=place + 2], "{scope}");
        assert_eq!(around("none"), [id]);
        let same = around("same");
        assert_eq!(same.len(), 5, "{scope}: {same:?}");
        assert!(same.iter().all(|id| visible.contains(id)), "{scope}: {same:?}");
        let hosts = log["same"].as_array().unwrap().iter().map(|log| &log["host"]);
        assert!(hosts.into_iter().all(|host| *host == log["host"]), "{scope}: {log}");
    }
}

#[tokio::test]
async fn figures_of_sources_tell_of_visible_records_or_of_nothing() {
    let fixture = Fixture::with_records(100).await;
    let [(ada, _), (bob, _)] = scoped(&fixture).await;
    let all = "{ sources(orderBy: ID) { edges { node { host count rate firstSeen lastSeen } } } }";
    let nested = "{ logs(first: 1, filter: { hosts: [\"web1\"] }) { edges { node {
        source { host address count rate firstSeen lastSeen } } } } }";
    let whole = fixture.data(all).await["sources"]["edges"].take();
    let [web1, _, web3] = whole.as_array().unwrap().as_slice() else { panic!("three sources") };

    let seen = fixture.data_as(&ada, all).await["sources"]["edges"].take();
    assert_eq!(seen, json!([web1, web3]), "whole sources are seen as they are");
    let seen = fixture.data_as(&ada, nested).await["logs"]["edges"][0]["node"]["source"].take();
    assert_eq!(seen["count"], web1["node"]["count"]);
    assert!(seen["rate"].is_number());

    let seen = fixture.data_as(&bob, all).await["sources"]["edges"].take();
    let visible = visible(&fixture, &bob).await;
    let of = |host: &str| seen.as_array().unwrap().iter().find(|edge| edge["node"]["host"] == host);
    assert!(of("web3").is_none(), "{seen}");
    let counts: i64 = ["web1", "web2"]
        .map(|host| of(host).unwrap()["node"]["count"].as_i64().unwrap())
        .iter()
        .sum();
    assert_eq!(counts, visible.len() as i64);
    let newest =
        fixture.data_as(&bob, "{ logs(first: 1) { edges { node { host receivedAt } } } }").await;
    let newest = &newest["logs"]["edges"][0]["node"];
    let source = of(newest["host"].as_str().unwrap()).unwrap();
    assert_eq!(source["node"]["lastSeen"], newest["receivedAt"]);
    assert_eq!(source["node"]["rate"], Value::Null);
    let seen = fixture.data_as(&bob, nested).await["logs"]["edges"][0]["node"]["source"].take();
    let names_alone = json!({
        "host": "web1", "address": "10.0.0.1", "count": null, "rate": null, "firstSeen": null, "lastSeen": null
    });
    assert_eq!(seen, names_alone);
}

#[tokio::test]
async fn sources_are_walked_and_searched_within_the_scope() {
    let fixture = Fixture::with_records(100).await;
    for (who, scope) in scoped(&fixture).await {
        for order in ["ID", "LAST_SEEN", "COUNT"] {
            let all =
                format!("{{ sources(orderBy: {order}) {{ edges {{ node {{ id }} cursor }} }} }}");
            let all = fixture.data_as(&who, &all).await["sources"]["edges"].take();
            assert_eq!(all.as_array().unwrap().len(), 2, "{scope}");
            let page = "query($after: String) { sources(first: 1, after: $after, orderBy: ORDER) {
                edges { node { id } cursor } pageInfo { hasNextPage } } }"
                .replace("ORDER", order);
            for (n, after) in [(0, Value::Null), (1, all[0]["cursor"].clone())] {
                let page =
                    fixture.ask_as(&who, &page, json!({ "after": after })).await["data"]["sources"]
                        .take();
                assert_eq!(page["edges"], json!([all[n]]), "{scope} {order}");
                assert_eq!(page["pageInfo"]["hasNextPage"], json!(n == 0));
            }
        }
        for (filter, count) in [
            ("text: \"10.0.0.1\"", 1),
            ("host: \"web1\"", 1),
            ("app: \"none\"", 0),
            ("text: \"WEB\"", 2),
        ] {
            let query =
                format!("{{ sources(filter: {{ {filter} }}) {{ edges {{ node {{ host }} }} }} }}");
            let found = fixture.data_as(&who, &query).await["sources"]["edges"].take();
            assert_eq!(found.as_array().unwrap().len(), count, "{scope} {filter}");
        }
    }
}

#[tokio::test]
async fn the_totals_are_not_for_those_who_see_a_part() {
    let fixture = Fixture::with_records(3).await;
    let carla = fixture.user("carla", Role::Admin, of_sources()).await;
    let answer = fixture.ask_as(&carla, "{ pipeline { stored } }", json!({})).await;
    assert_eq!(code(&answer), "FORBIDDEN");
    assert_eq!(answer["data"], json!({ "pipeline": null }));
}

/// The ids of the records of a tail's batches until it has handed over so many.
async fn follow(answers: &mut BoxStream<'static, Value>, count: usize) -> Vec<i64> {
    let mut found = Vec::new();
    while found.len() < count {
        let answer = timeout(Duration::from_secs(10), answers.next()).await.unwrap().unwrap();
        assert_eq!(answer["errors"], Value::Null);
        found.extend(ids(answer["data"]["tail"]["logs"].as_array().unwrap().iter()));
    }
    found
}

#[tokio::test]
async fn a_tail_follows_what_is_seen_and_nothing_else() {
    let fixture = Fixture::with_records(60).await;
    let log = |id: i64, host_of: Log| Arc::new(Log { id, ..host_of });
    for (who, scope) in scoped(&fixture).await {
        let visible = visible(&fixture, &who).await;
        let mut resumed =
            fixture.follow(&who, "subscription { tail(last: 5) { logs { id } cursor } }");
        assert_eq!(follow(&mut resumed, 5).await, visible[visible.len() - 5..], "{scope}");

        let mut from_the_start = fixture.follow(
            &who,
            &format!(
                "subscription {{ tail(after: \"tw1-{}-0\") {{ logs {{ id source {{ count }} }} }} }}",
                fixture.hub.database().simple()
            ),
        );
        assert_eq!(follow(&mut from_the_start, visible.len()).await, visible, "{scope}");

        // What comes live: the first records again, as if they were new.
        let head = fixture.hub.head();
        let mut news = Vec::new();
        for id in 1..=24 {
            news.push(log(head + id, fixture.store.log(id).await.unwrap().unwrap()));
        }
        fixture.hub.publish(Arc::new(Piece::new(news).unwrap()));
        let expected: Vec<i64> =
            visible.iter().filter(|id| **id <= 24).map(|id| id + head).collect();
        assert_eq!(follow(&mut resumed, expected.len()).await, expected, "{scope}");
    }
}

#[tokio::test]
async fn a_cursor_of_somebody_else_shows_nothing_more() {
    let fixture = Fixture::with_records(60).await;
    let cursors =
        fixture.data("{ logs(first: 60) { edges { cursor } } }").await["logs"]["edges"].take();
    for (who, _) in scoped(&fixture).await {
        let visible = visible(&fixture, &who).await;
        for edge in cursors.as_array().unwrap().iter().step_by(7) {
            let query = "query($c: String) {
                a: logs(after: $c) { edges { node { id } } } b: logs(before: $c, last: 60) { edges { node { id } } } }";
            let answer = fixture.ask_as(&who, query, json!({ "c": edge["cursor"] })).await;
            for side in ["a", "b"] {
                let edges = answer["data"][side]["edges"].as_array().unwrap().iter();
                assert!(ids(edges.map(|edge| &edge["node"])).iter().all(|id| visible.contains(id)));
            }
        }
    }
}

#[tokio::test]
async fn a_scope_that_cannot_be_read_shows_nothing() {
    for scope in
        ["", "[]", "null", "{\"host\":\"web1\"}", "{\"query\":\"(\"}", "{\"savedSearch\":\"7\"}"]
    {
        let fixture = Fixture::with_records(3).await;
        let ada = fixture.user("ada", Role::Viewer, of_sources()).await;
        let id = ada.caller.user().unwrap().id;
        let change =
            crate::store::UserChange { scope: Some(Some(scope.to_owned())), ..Default::default() };
        fixture.store.change_user(id, change).await.unwrap();
        let ada = fixture.sign_in("ada").await;
        for operation in [
            "{ logs { edges { cursor } } }",
            "{ log(id: 1) { id } }",
            "{ histogram { count } }",
            "{ top(field: \"host\") { count } }",
            "{ sources { edges { cursor } } }",
            "{ pipeline { stored } }",
            "subscription { tail(last: 3) { cursor } }",
        ] {
            let answer = fixture.follow(&ada, operation).next().await.unwrap();
            assert_eq!(code(&answer), "FORBIDDEN", "{scope} {operation} {answer}");
        }
    }
}
