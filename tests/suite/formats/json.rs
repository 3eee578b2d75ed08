//! One JSON object a line, under the keys of many loggers.

use serde_json::json;

use super::{House, assert_says};

#[tokio::test]
async fn lines_of_many_loggers_are_understood() {
    let lines = [
        // pino
        (
            r#"{"level":50,"time":1767323045123,"pid":657,"hostname":"web-1","msg":"card refused"}"#,
            json!({ "severity": "ERROR", "host": "web-1", "message": "card refused",
                "timestamp": "2026-01-02T03:04:05.123Z" }),
        ),
        // zap
        (
            r#"{"level":"warn","ts":1767323045.123,"caller":"a.go:12","msg":"slow","ms":812}"#,
            json!({ "severity": "WARNING", "message": "slow",
                "timestamp": "2026-01-02T03:04:05.123Z",
                "attributes": { "caller": "a.go:12", "ms": 812 } }),
        ),
        // structlog
        (
            r#"{"event":"user logged in","user":"eva","level":"info","timestamp":"2026-01-02T03:04:05Z"}"#,
            json!({ "severity": "INFO", "message": "user logged in",
                "timestamp": "2026-01-02T03:04:05Z", "attributes": { "user": "eva" } }),
        ),
        // serilog (CLEF)
        (
            r#"{"@t":"2026-01-02T03:04:05Z","@m":"hello","@l":"Error","user":"eva"}"#,
            json!({ "severity": "ERROR", "message": "hello", "timestamp": "2026-01-02T03:04:05Z" }),
        ),
        // Elastic Common Schema
        (
            r#"{"@timestamp":"2026-01-02T03:04:05Z","log.level":"error","message":"hello","service":{"name":"shop"},"host":{"name":"web-1"}}"#,
            json!({ "severity": "ERROR", "app": "shop", "host": "web-1", "message": "hello" }),
        ),
        // Docker's json-file
        (
            r#"{"log":"hello\n","stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}"#,
            json!({ "message": "hello", "timestamp": "2026-01-02T03:04:05.123456Z",
                "attributes": { "stream": "stdout" } }),
        ),
        // journalctl -o json
        (
            r#"{"__REALTIME_TIMESTAMP":"1767323045123456","PRIORITY":"3","_HOSTNAME":"web-1","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"hello"}"#,
            json!({ "severity": "ERROR", "host": "web-1", "app": "sshd", "message": "hello",
                "timestamp": "2026-01-02T03:04:05.123456Z" }),
        ),
    ];
    let house = House::open().await;
    house.stream(lines.iter().map(|(line, _)| format!("{line}\n")).collect::<String>());
    let records = house.stored(lines.len() as u64).await;
    for (record, (_, expected)) in records.iter().zip(lines) {
        assert_says(record, expected);
    }
}
