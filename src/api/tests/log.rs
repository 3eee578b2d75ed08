//! Questions about the log, asked by an admin.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::api::fixture::Fixture;

/// The ids on the pages of `logs` from end to end, page after page.
async fn walk(fixture: &Fixture, order: &str, backward: bool) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let (size, from, more) = match backward {
            false => ("first", "after", "hasNextPage"),
            true => ("last", "before", "hasPreviousPage"),
        };
        let query = format!(
            "query($cursor: String) {{ logs({size}: 7, {from}: $cursor, orderBy: {order}) {{
               edges {{ cursor node {{ id }} }}
               pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
             }} }}"
        );
        let answer = fixture.ask_with(&query, json!({ "cursor": cursor })).await;
        assert_eq!(answer["errors"], Value::Null);
        let page = &answer["data"]["logs"];
        let ids = page["edges"].as_array().unwrap().iter();
        pages.push(ids.map(|edge| edge["node"]["id"].as_str().unwrap().to_owned()).collect());
        let behind = if backward { "hasNextPage" } else { "hasPreviousPage" };
        assert_eq!(page["pageInfo"][behind], json!(pages.len() > 1));
        if page["pageInfo"][more] == json!(false) {
            return pages;
        }
        let end = if backward { "startCursor" } else { "endCursor" };
        cursor = page["pageInfo"][end].clone();
        assert!(pages.len() < 100, "the walk comes to an end");
    }
}

#[tokio::test]
async fn pages_hold_every_record_exactly_once_in_both_directions() {
    let fixture = Fixture::with_records(40).await;
    for order in ["TIMESTAMP", "ARRIVAL"] {
        let forward: Vec<String> = walk(&fixture, order, false).await.concat();
        let backward: Vec<Vec<String>> = walk(&fixture, order, true).await;
        let backward: Vec<String> = backward.into_iter().rev().flatten().collect();
        assert_eq!(forward, backward, "{order}");
        let newest_first: Vec<String> = (1..=40).rev().map(|id| id.to_string()).collect();
        assert_eq!(forward, newest_first, "{order}");
    }
}

#[tokio::test]
async fn a_page_between_two_cursors_holds_what_lies_between() {
    let fixture = Fixture::with_records(10).await;
    let all = fixture.data("{ logs { edges { cursor } } }").await;
    let cursor = |n: usize| all["logs"]["edges"][n]["cursor"].clone();
    let query = "query($after: String, $before: String) {
        logs(first: 9, after: $after, before: $before) {
          edges { node { id } } pageInfo { hasNextPage }
        } }";
    let variables = json!({ "after": cursor(2), "before": cursor(5) });
    let answer = fixture.ask_with(query, variables).await;
    let expected = json!({
        "edges": [{ "node": { "id": "7" } }, { "node": { "id": "6" } }],
        "pageInfo": { "hasNextPage": false }
    });
    assert_eq!(answer["data"]["logs"], expected);
}

#[tokio::test]
async fn a_page_of_none_says_whether_there_is_any() {
    let query = "{ logs(first: 0) { edges { cursor } pageInfo { hasNextPage startCursor } } }";
    for (records, more) in [(0, false), (1, true)] {
        let fixture = Fixture::with_records(records).await;
        let page = &fixture.data(query).await["logs"];
        let info = json!({ "hasNextPage": more, "startCursor": null });
        assert_eq!(*page, json!({ "edges": [], "pageInfo": info }));
    }
}

#[tokio::test]
async fn a_failed_field_is_null_beside_an_error_with_a_code_and_the_others_are_answered() {
    let fixture = Fixture::with_records(3).await;
    let answer = fixture
        .ask(
            r#"{
              much: logs(first: 1001) { edges { cursor } }
              query: logs(filter: { query: "disk (full" }) { edges { cursor } }
              cursor: logs(after: "nonsense") { edges { cursor } }
              context: log(id: 1) { id context(before: -1) { id } }
              id: log(id: "one") { id }
              top(field: "colour") { count }
              buckets: histogram(buckets: 0) { count }
              fine: log(id: 1) { id }
            }"#,
        )
        .await;
    let expected = json!({
        "much": null, "query": null, "cursor": null, "context": null, "id": null, "top": null,
        "buckets": null, "fine": { "id": "1" },
    });
    assert_eq!(answer["data"], expected);
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 7);
    for error in errors {
        assert_eq!(error["extensions"]["code"], json!("BAD_USER_INPUT"), "{error}");
        assert!(error["extensions"]["argument"].is_string(), "{error}");
    }
    let query = errors.iter().find(|error| error["path"] == json!(["query"])).unwrap();
    assert_eq!(query["extensions"]["column"], json!(6));
}

#[tokio::test]
async fn a_value_that_cannot_be_is_refused_before_anything_runs() {
    let fixture = Fixture::with_records(1).await;
    let query = "query($from: DateTime) { logs(filter: { from: $from }) { edges { cursor } } }";
    let answer = fixture.ask_with(query, json!({ "from": "yesterday" })).await;
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["code"], json!("BAD_USER_INPUT"));
}

#[tokio::test]
async fn a_record_is_shown_with_all_it_says() {
    let fixture = Fixture::with_records(4).await;
    let record = fixture
        .data(
            "{ log(id: 4) { id timestamp receivedAt severity facility host app procId msgId message
               attributes source { host app address count rate firstSeen lastSeen } } }",
        )
        .await;
    let expected = json!({ "log": {
        "id": "4", "timestamp": "2026-01-02T03:00:03Z", "receivedAt": "2026-01-02T03:00:03Z",
        "severity": "ERROR", "facility": "LOCAL0", "host": "web1", "app": "nginx",
        "procId": "42", "msgId": null, "message": "record number 4",
        "attributes": { "user": { "id": 1 } },
        "source": {
            "host": "web1", "app": "nginx", "address": "10.0.0.1", "count": 2, "rate": 0.0,
            "firstSeen": "2026-01-02T03:00:00Z", "lastSeen": "2026-01-02T03:00:01Z",
        },
    } });
    assert_eq!(record, expected);
    assert_eq!(fixture.data("{ log(id: 5) { id } }").await, json!({ "log": null }));
}

#[tokio::test]
async fn a_record_stands_among_those_of_its_source_or_of_all() {
    let fixture = Fixture::with_records(12).await;
    let around = fixture
        .data(
            "{ log(id: 7) {
               source: context(before: 1, after: 1) { id }
               all: context(before: 2, after: 0, of: ALL) { id }
             } }",
        )
        .await;
    let expected = json!({ "log": {
        "source": [{ "id": "4" }, { "id": "7" }, { "id": "10" }],
        "all": [{ "id": "5" }, { "id": "6" }, { "id": "7" }],
    } });
    assert_eq!(around, expected);
}

#[tokio::test]
async fn filters_narrow_and_their_conditions_hold_together() {
    let fixture = Fixture::with_records(24).await;
    let ids = async |filter: &str| {
        let query = format!("{{ logs(filter: {{ {filter} }}) {{ edges {{ node {{ id }} }} }} }}");
        let data = fixture.data(&query).await;
        let edges = data["logs"]["edges"].as_array().unwrap().clone();
        let ids = edges.iter().map(|edge| edge["node"]["id"].as_str().unwrap().parse().unwrap());
        ids.collect::<BTreeSet<u32>>()
    };
    assert_eq!(ids("hosts: [\"WEB1\"], severities: [EMERGENCY]").await, [1].into());
    assert_eq!(ids("minSeverity: ALERT, hosts: [\"web2\", \"web3\"]").await, [2, 9, 17, 18].into());
    assert_eq!(ids("text: \"NUMBER 2\", query: \"-host:web1\"").await, [2, 20, 21, 23, 24].into());
    assert_eq!(ids("hosts: []").await, [].into());
    let minute = "from: \"2026-01-02T03:00:20Z\", to: \"2026-01-02T04:00:22+01:00\"";
    assert_eq!(ids(minute).await, [21, 22].into());
}

#[tokio::test]
async fn a_histogram_counts_every_record_once() {
    let fixture = Fixture::with_records(100).await;
    let data = fixture.data("{ histogram(buckets: 10) { start key count } }").await;
    let buckets = data["histogram"].as_array().unwrap();
    assert_eq!(buckets.len(), 10, "ten times ten seconds");
    assert_eq!(buckets[0]["start"], json!("2026-01-02T03:00:00Z"));
    assert_eq!(buckets[1]["start"], json!("2026-01-02T03:00:10Z"));
    assert_eq!(total(buckets), 100);
    assert!(buckets.iter().all(|bucket| bucket["key"].is_null()));

    let grouped = fixture.data("{ histogram(by: SEVERITY) { key count } }").await;
    let grouped = grouped["histogram"].as_array().unwrap();
    assert_eq!(total(grouped), 100);
    let keys: BTreeSet<_> = grouped.iter().filter_map(|bucket| bucket["key"].as_str()).collect();
    assert_eq!(keys.len(), 8);
    assert!(keys.contains("EMERGENCY"));

    let filter = r#"{ from: "2026-01-02T02:59:00Z", to: "2026-01-02T03:01:00Z" }"#;
    let query = format!("{{ histogram(filter: {filter}, buckets: 2) {{ start count }} }}");
    let expected = json!([
        { "start": "2026-01-02T02:59:00Z", "count": 0 },
        { "start": "2026-01-02T03:00:00Z", "count": 60 },
    ]);
    assert_eq!(fixture.data(&query).await["histogram"], expected);
}

#[tokio::test]
async fn a_histogram_of_nothing_is_empty() {
    let fixture = Fixture::with_records(0).await;
    assert_eq!(fixture.data("{ histogram { count } }").await, json!({ "histogram": [] }));
}

#[tokio::test]
async fn top_counts_every_record_once() {
    let fixture = Fixture::with_records(30).await;
    for field in ["host", "app", "severity", "facility", "procId", "msgid", "attributes.user.id"] {
        let query = format!("{{ top(field: \"{field}\") {{ value count }} }}");
        assert_eq!(total(fixture.data(&query).await["top"].as_array().unwrap()), 30, "{field}");
    }
    let apps = fixture.data("{ top(field: \"app\", first: 1) { value count } }").await;
    assert_eq!(apps["top"], json!([{ "value": "nginx", "count": 20 }]));
    let severities = fixture
        .data("{ top(filter: { severities: [ERROR] }, field: \"level\") { value count } }")
        .await;
    assert_eq!(severities["top"], json!([{ "value": "ERROR", "count": 4 }]));
}

fn total(counts: &[Value]) -> u64 {
    counts.iter().filter_map(|counted| counted["count"].as_u64()).sum()
}

#[tokio::test]
async fn sources_are_walked_page_by_page() {
    let fixture = Fixture::with_records(10).await;
    for (order, field, expected) in [
        ("ID", "id", json!(["1", "2", "3"])),
        ("LAST_SEEN", "host", json!(["web3", "web2", "web1"])),
        ("COUNT", "count", json!([4, 3, 3])),
    ] {
        let mut seen = Vec::new();
        let mut cursor = Value::Null;
        for page in 1..=3 {
            let query = format!(
                "query($after: String) {{ sources(first: 1, after: $after, orderBy: {order}) {{
                   edges {{ node {{ id host count }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
            );
            let answer = fixture.ask_with(&query, json!({ "after": cursor })).await;
            let sources = &answer["data"]["sources"];
            seen.push(sources["edges"][0]["node"].clone());
            assert_eq!(sources["pageInfo"]["hasNextPage"], json!(page < 3));
            cursor = sources["pageInfo"]["endCursor"].clone();
        }
        let values: Vec<&Value> = seen.iter().map(|source| &source[field]).collect();
        assert_eq!(json!(values), expected, "{order}");
        let hosts: BTreeSet<_> = seen.iter().map(|source| source["host"].as_str()).collect();
        assert_eq!(hosts.len(), 3, "{order}: each source once");
    }
    let found =
        fixture.data("{ sources(filter: { text: \"WEB2\" }) { edges { node { id } } } }").await;
    assert_eq!(found["sources"]["edges"], json!([{ "node": { "id": "2" } }]));
}

#[tokio::test]
async fn the_pipeline_balances() {
    let fixture = Fixture::with_records(10).await;
    let data = fixture
        .data(
            "{ pipeline { received stored inFlight unknown head lag queueDepth { frames }
               rejected { reason count } dropped { reason count }
               nodes { name roles state received stored inFlight unknown } } }",
        )
        .await;
    let expected = json!({ "pipeline": {
        "received": 15, "stored": 10, "inFlight": 5, "unknown": false, "head": 10, "lag": 0,
        "queueDepth": null, "rejected": [], "dropped": [{ "reason": "kernel_udp", "count": 3 }],
        "nodes": [{
            "name": "host:1", "roles": ["INGEST", "WORKER", "API"], "state": "UP",
            "received": 15, "stored": 10, "inFlight": 5, "unknown": false,
        }],
    } });
    assert_eq!(data, expected);
}
