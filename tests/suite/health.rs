//! `tailwater health`: whether a server has what it needs, by the exit code.

use crate::support::client::run;
use crate::support::pair::Pair;
use crate::support::postgres::Postgres;
use crate::support::server::Setup;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_ready_is_found_by_its_url_and_by_its_settings() {
    let pair = Pair::memory_sqlite().await;
    let server = pair.role("serve").start().await;
    let (url, port) = (format!("http://{}", server.http), server.http.port());
    let everywhere = format!("0.0.0.0:{port}");
    for arguments in [vec!["health", &url], vec!["health", "--http", &everywhere]] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.stdout), (Some(0), vec!["ready".to_owned()]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_its_database_is_not_ready_and_it_says_so() {
    let mut postgres = Postgres::start();
    let database_url = postgres.database().await;
    postgres.kill();
    let server = Setup::new("serve").with("DATABASE_URL", database_url).start_unready();
    server.wait_for_log("not available").await;
    let ended = run(["health", &format!("http://{}", server.http)]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("not ready: database: "), "{}", ended.stderr);
}

#[test]
fn nobody_at_all_is_not_ready() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ended = run(["health", "--http", &free.to_string()]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("Connection refused"), "{}", ended.stderr);
}

#[test]
fn somebody_else_is_not_ready() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", other.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = other.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let ended = run(["health", &url]);
    answering.join().unwrap();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("answers with 404"), "{}", ended.stderr);
}

#[test]
fn a_wrong_command_line_is_told_from_a_server_that_is_not_ready() {
    for arguments in [["health", "--http", "off"], ["health", "--http", "here"]] {
        assert_eq!(run(arguments).code, Some(2));
    }
    for url in ["localhost:8000", "ftp://localhost", "no url"] {
        let ended = run(["health", url]);
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains("is not the URL of a server"), "{}", ended.stderr);
    }
}
