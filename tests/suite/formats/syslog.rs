//! Syslog as `logger` and Python's `logging` send it.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;

use super::{House, assert_says};

/// Runs a sender of this machine with this input. Where it is not installed, the test says so and
/// proves nothing: `false`.
fn runs(program: &str, arguments: &[&str], input: &str) -> bool {
    let started = Command::new(program).args(arguments).stdin(Stdio::piped()).spawn();
    let Ok(mut child) = started else {
        eprintln!("skipped: {program} is not installed");
        return false;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "{program} {arguments:?}");
    true
}

impl House {
    /// Runs `logger` towards this house with more arguments.
    fn logger(&self, arguments: &[&str], input: &str) -> bool {
        let port = self.server.udp.unwrap().port().to_string();
        let port = if arguments.contains(&"--tcp") {
            self.server.tcp.unwrap().port().to_string()
        } else {
            port
        };
        let common = ["--server", "127.0.0.1", "--port", &port, "--tag", "shop", "--id=42"];
        runs("logger", &[&common, arguments].concat(), input)
    }
}

#[tokio::test]
async fn logger_is_understood_in_every_mode() {
    let house = House::open().await;
    let forms = ["--rfc5424", "--rfc3164"];
    let ways: [&[&str]; 3] = [&["--udp"], &["--tcp"], &["--tcp", "--octet-count"]];
    let mut sent = 0;
    for way in ways {
        for form in forms {
            let arguments = [way, &[form, "--priority", "local0.warning", "card refused"]].concat();
            if !house.logger(&arguments, "") {
                return;
            }
            sent += 1;
        }
    }
    for record in house.stored(sent).await {
        assert_says(
            &record,
            json!({ "severity": "WARNING", "facility": "LOCAL0", "app": "shop", "procId": "42",
                "message": "card refused" }),
        );
        assert!(record["host"].is_string(), "{record}");
    }
}

#[tokio::test]
async fn loggers_structured_data_becomes_attributes() {
    let house = House::open().await;
    let arguments = ["--udp", "--rfc5424=notq", "--msgid", "PAY", "--sd-id", "shop@32473"];
    if !house.logger(&[&arguments[..], &["--sd-param", "user=\"eva\"", "paid"]].concat(), "") {
        return;
    }
    assert_says(
        &house.stored(1).await[0],
        json!({ "msgId": "PAY", "message": "paid",
            "attributes": { "shop@32473": { "user": "eva" } } }),
    );
}

#[tokio::test]
async fn logger_sends_many_lines_in_order() {
    for framing in [&["--tcp"][..], &["--tcp", "--octet-count"]] {
        let house = House::open().await;
        let lines: Vec<_> = (0..500).map(|n| format!("line {n}")).collect();
        if !house.logger(framing, &lines.join("\n")) {
            return;
        }
        assert_eq!(house.messages(500).await, lines);
    }
}

#[tokio::test]
async fn pythons_handler_is_understood_over_udp_and_tcp() {
    const SCRIPT: &str = "
import logging, logging.handlers, socket, sys
for kind, port in (socket.SOCK_DGRAM, sys.argv[1]), (socket.SOCK_STREAM, sys.argv[2]):
    handler = logging.handlers.SysLogHandler(('127.0.0.1', int(port)), 'local3', kind)
    handler.setFormatter(logging.Formatter('shop[42]: %(message)s'))
    logger = logging.Logger('shop')
    logger.addHandler(handler)
    logger.warning('card refused')
    logger.error('gone')
    handler.close()
";
    let house = House::open().await;
    let (udp, tcp) = (house.server.udp.unwrap(), house.server.tcp.unwrap());
    let ports = [udp.port().to_string(), tcp.port().to_string()];
    if !runs("python3", &["-c", SCRIPT, &ports[0], &ports[1]], "") {
        return;
    }
    let records = house.stored(4).await;
    for (severity, message) in [("WARNING", "card refused"), ("ERROR", "gone")] {
        let said = records.iter().filter(|record| record["message"] == message);
        assert_eq!(said.clone().count(), 2, "{message} over UDP and TCP");
        for record in said {
            assert_says(
                record,
                json!({ "severity": severity, "facility": "LOCAL3", "app": "shop",
                    "procId": "42", "host": null }),
            );
        }
    }
}
