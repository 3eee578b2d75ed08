//! Following the links of exports.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use super::{Options, Patience, Server, header, refusal};
use crate::api::fixture::Fixture;

/// Records whose file no buffers on its way can hold: some 15 MB of it.
const MANY: usize = 60_000;

/// Prepares an export of everything, and gives its id and the path of its link.
async fn prepare(fixture: &Fixture, arguments: &str) -> (String, String) {
    let create = format!("mutation {{ createExport({arguments}) {{ id url state expiresAt }} }}");
    let made = fixture.data(&create).await["createExport"].take();
    assert_eq!(made["state"], "WAITING");
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    (text("id"), text("url"))
}

async fn state(fixture: &Fixture, id: &str) -> Value {
    let query = format!(
        "{{ export(id: \"{id}\") {{ state problem url records bytes progress startedAt endedAt }} }}"
    );
    fixture.data(&query).await["export"].take()
}

/// Asks until it is in this state.
async fn until(fixture: &Fixture, id: &str, wanted: &str) -> Value {
    loop {
        let now = state(fixture, id).await;
        if now["state"] == wanted {
            return now;
        }
        assert!(matches!(now["state"].as_str(), Some("WAITING" | "RUNNING")), "{now}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn follow(server: &Server, url: &str) -> Response {
    server.get(url).await
}

#[tokio::test]
async fn a_link_is_good_once_and_says_what_comes() {
    let fixture = Fixture::with_records(100).await;
    let server = Server::over(&fixture).await;
    let (id, url) = prepare(&fixture, "format: NDJSON, filter: { hosts: [\"web1\"] }").await;
    assert!(url.starts_with("/export/") && !url.contains(&id), "{url}");

    let looked = server.client.head(server.url(&url)).send().await.unwrap();
    assert_eq!(looked.status(), StatusCode::OK);
    assert_eq!(header(&looked, "content-type"), "application/x-ndjson");
    assert_eq!(state(&fixture, &id).await["state"], "WAITING", "looking takes nothing");

    let file = follow(&server, &url).await;
    assert_eq!(file.status(), StatusCode::OK);
    assert_eq!(header(&file, "content-type"), "application/x-ndjson");
    assert_eq!(header(&file, "cache-control"), "no-store, no-transform");
    assert_eq!(header(&file, "x-content-type-options"), "nosniff");
    let disposition = header(&file, "content-disposition");
    assert!(disposition.starts_with("attachment; filename=\"tailwater-2"), "{disposition}");
    assert!(disposition.ends_with("Z.ndjson\""), "{disposition}");
    let text = file.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 34);
    assert_eq!(lines[1]["id"], "4");
    assert!(lines.iter().all(|line| line["host"] == "web1"));

    let done = until(&fixture, &id, "DONE").await;
    assert_eq!((&done["records"], &done["progress"]), (&json!(34), &json!(1.0)));
    assert_eq!(done["bytes"], json!(text.len()));
    assert_eq!(done["url"], Value::Null, "the link is shown once");
    assert_eq!(refusal(follow(&server, &url).await).await, (StatusCode::GONE, json!("NOT_FOUND")));
    let looked = server.client.head(server.url(&url)).send().await.unwrap();
    assert_eq!(looked.status(), StatusCode::GONE);
}

#[tokio::test]
async fn what_is_no_link_leads_to_nothing() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    let unknown = (StatusCode::NOT_FOUND, json!("NOT_FOUND"));
    for path in ["/export/x", "/export/%ff", "/export/%00", &format!("/export/{}", "a".repeat(43))]
    {
        assert_eq!(refusal(server.get(path).await).await, unknown, "{path}");
    }
    let (_, url) = prepare(&fixture, "format: CSV").await;
    let posted = server.client.post(server.url(&url)).send().await.unwrap();
    assert_eq!(header(&posted, "allow"), "GET, HEAD");
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    let starting = Server::without_schema(Options::default()).await;
    let away = (StatusCode::SERVICE_UNAVAILABLE, json!("UNAVAILABLE"));
    assert_eq!(refusal(starting.get(&url).await).await, away);
}

#[tokio::test]
async fn an_empty_log_is_an_empty_file() {
    let fixture = Fixture::with_records(0).await;
    let server = Server::over(&fixture).await;
    for (format, text) in [
        ("NDJSON", ""),
        (
            "CSV",
            "id,timestamp,receivedAt,severity,facility,host,app,address,procId,msgId,message,attributes\n",
        ),
    ] {
        let (id, url) = prepare(&fixture, &format!("format: {format}")).await;
        assert_eq!(follow(&server, &url).await.text().await.unwrap(), text);
        until(&fixture, &id, "DONE").await;
    }
}

#[tokio::test]
async fn a_reader_that_stalls_calls_it_off() {
    let fixture = Fixture::with_records(MANY).await;
    let patience = Patience { stall: Duration::from_millis(300), ..Patience::default() };
    let server = Server::with(&fixture, Options::default(), patience).await;
    let (id, url) = prepare(&fixture, "format: NDJSON").await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let request = format!("GET {url} HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_u8().await.unwrap();
    let ended = until(&fixture, &id, "CANCELLED").await;
    assert!(ended["records"].as_u64().unwrap() < MANY as u64, "{ended}");
}

#[tokio::test]
async fn a_stop_cuts_it_and_the_reader_sees_that() {
    let fixture = Fixture::with_records(MANY).await;
    let server = Server::over(&fixture).await;
    let (id, url) = prepare(&fixture, "format: NDJSON").await;
    let mut file = follow(&server, &url).await;
    file.chunk().await.unwrap().expect("it has begun");
    fixture.hub.close();
    let failed = until(&fixture, &id, "FAILED").await;
    assert_eq!(failed["problem"], "the server was stopped");
    loop {
        match file.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a file that broke off is not taken for whole"),
            Err(_) => break,
        }
    }
}

#[tokio::test]
async fn a_damaged_block_ends_it_unless_it_is_left_out() {
    let fixture = Fixture::with_records(600).await;
    let database = sea_orm::Database::connect(&fixture.url).await.unwrap();
    let harm = "UPDATE block_part SET checksum = checksum + 1 WHERE part = 1";
    sea_orm::ConnectionTrait::execute_unprepared(&database, harm).await.unwrap();
    let server = Server::over(&fixture).await;
    for format in ["NDJSON", "CSV", "PARQUET"] {
        let (id, url) = prepare(&fixture, &format!("format: {format}")).await;
        let file = follow(&server, &url).await;
        assert_eq!(file.status(), StatusCode::OK, "it has begun by then");
        assert!(file.bytes().await.is_err(), "a file that broke off is not taken for whole");
        let failed = until(&fixture, &id, "FAILED").await;
        let problem = failed["problem"].as_str().unwrap();
        assert!(problem.starts_with("the block of records 1 to 600 is damaged"), "{problem}");

        let arguments = format!("format: {format}, skipDamaged: true");
        let (id, url) = prepare(&fixture, &arguments).await;
        follow(&server, &url).await.bytes().await.expect("a whole file");
        until(&fixture, &id, "DONE").await;
        let query = format!("{{ export(id: \"{id}\") {{ records skipped }} }}");
        let told = fixture.data(&query).await["export"].take();
        assert_eq!(told, json!({ "records": 0, "skipped": 600 }), "{format}");
    }
}
