//! JSON loggers and GELF.

use serde_json::json;

use super::*;

struct Expected {
    time: &'static str,
    severity: &'static str,
    host: &'static str,
    app: &'static str,
    message: &'static str,
    attributes: Value,
}

fn check(line: &str, expected: Expected) {
    let record = parse(line);
    assert_eq!(record.time(), expected.time, "{line}");
    assert_eq!(record.severity(), expected.severity, "{line}");
    assert_eq!((record.host(), record.app()), (expected.host, expected.app), "{line}");
    assert_eq!(record.entry.message, expected.message, "{line}");
    assert_eq!(record.attributes(), expected.attributes, "{line}");
}

#[test]
fn pino_and_bunyan() {
    check(
        r#"{"level":30,"time":1531171074631,"msg":"hello world","pid":657,"hostname":"mbp"}"#,
        Expected {
            time: "2018-07-09T21:17:54.631Z",
            severity: "info",
            host: "mbp",
            app: "-",
            message: "hello world",
            attributes: json!({"pid": 657}),
        },
    );
    check(
        r#"{"name":"myapp","hostname":"banana.local","pid":40161,"level":60,"msg":"hi","time":"2013-01-04T18:46:23.851Z","v":0}"#,
        Expected {
            time: "2013-01-04T18:46:23.851Z",
            severity: "critical",
            host: "banana.local",
            app: "myapp",
            message: "hi",
            attributes: json!({"pid": 40161, "level": 60, "v": 0}),
        },
    );
}

#[test]
fn zap_zerolog_logrus_and_slog() {
    check(
        r#"{"level":"info","ts":1574155032.8547902,"caller":"a.go:12","msg":"failed","url":"http://x"}"#,
        Expected {
            time: "2019-11-19T09:17:12.854790Z",
            severity: "info",
            host: "-",
            app: "-",
            message: "failed",
            attributes: json!({"caller": "a.go:12", "url": "http://x"}),
        },
    );
    check(
        r#"{"level":"debug","time":1516134303,"message":"hello world"}"#,
        Expected {
            time: "2018-01-16T20:25:03Z",
            severity: "debug",
            host: "-",
            app: "-",
            message: "hello world",
            attributes: json!({}),
        },
    );
    check(
        r#"{"animal":"walrus","level":"warning","msg":"many","number":122,"time":"2014-03-10 19:57:38.562264131 -0400 EDT"}"#,
        Expected {
            time: "2014-03-10T23:57:38.562264Z",
            severity: "warning",
            host: "-",
            app: "-",
            message: "many",
            attributes: json!({"animal": "walrus", "number": 122}),
        },
    );
    check(
        r#"{"time":"2022-11-08T15:28:26.000000001-05:00","level":"INFO+2","msg":"hello","count":3}"#,
        Expected {
            time: "2022-11-08T20:28:26Z",
            severity: "info",
            host: "-",
            app: "-",
            message: "hello",
            attributes: json!({"count": 3, "level": "INFO+2"}),
        },
    );
}

#[test]
fn winston_structlog_and_python_json() {
    check(
        r#"{"level":"silly","message":"hi","service":"user-service","timestamp":"2024-06-01T22:14:15.000Z"}"#,
        Expected {
            time: "2024-06-01T22:14:15Z",
            severity: "debug",
            host: "-",
            app: "user-service",
            message: "hi",
            attributes: json!({"level": "silly"}),
        },
    );
    check(
        r#"{"event":"user logged in","user":"eva","level":"info","timestamp":"2024-06-01T22:14:15Z","logger":"auth"}"#,
        Expected {
            time: "2024-06-01T22:14:15Z",
            severity: "info",
            host: "-",
            app: "-",
            message: "user logged in",
            attributes: json!({"user": "eva", "logger": "auth"}),
        },
    );
    check(
        r#"{"asctime":"2024-06-01 22:14:15,123","levelname":"WARNING","name":"app.db","message":"slow"}"#,
        Expected {
            time: "2024-06-01T22:14:15.123Z",
            severity: "warning",
            host: "-",
            app: "-",
            message: "slow",
            attributes: json!({"name": "app.db"}),
        },
    );
}

#[test]
fn serilog_and_log4j2() {
    check(
        r#"{"@t":"2024-06-01T22:14:15.1234567Z","@mt":"Hello, {User}","User":"nb"}"#,
        Expected {
            time: "2024-06-01T22:14:15.123456Z",
            severity: "info",
            host: "-",
            app: "-",
            message: "Hello, {User}",
            attributes: json!({"User": "nb"}),
        },
    );
    check(
        r#"{"@t":"2024-06-01T22:14:15Z","@m":"Hello, nb","@mt":"Hello, {User}","@l":"Fatal","@x":"E","Application":"shop"}"#,
        Expected {
            time: "2024-06-01T22:14:15Z",
            severity: "critical",
            host: "-",
            app: "shop",
            message: "Hello, nb",
            attributes: json!({"@mt": "Hello, {User}", "@l": "Fatal", "@x": "E"}),
        },
    );
    check(
        r#"{"instant":{"epochSecond":1493121664,"nanoOfSecond":118123456},"thread":"main","level":"INFO","loggerName":"HelloWorld","message":"Hello","endOfBatch":false}"#,
        Expected {
            time: "2017-04-25T12:01:04.118123Z",
            severity: "info",
            host: "-",
            app: "-",
            message: "Hello",
            attributes: json!({"thread": "main", "loggerName": "HelloWorld", "endOfBatch": false}),
        },
    );
}

#[test]
fn ecs_dotted_and_nested() {
    check(
        r#"{"@timestamp":"2024-06-01T22:14:15Z","log.level":"ERROR","message":"no","service.name":"shop","host.name":"web","process.pid":7}"#,
        Expected {
            time: "2024-06-01T22:14:15Z",
            severity: "error",
            host: "web",
            app: "shop",
            message: "no",
            attributes: json!({"process.pid": 7}),
        },
    );
    let line = r#"{"@timestamp":"2024-06-01T22:14:15Z","log":{"level":"error"},"message":"no","service":{"name":"shop"},"host":{"name":"web"},"process":{"pid":7}}"#;
    check(
        line,
        Expected {
            time: "2024-06-01T22:14:15Z",
            severity: "error",
            host: "web",
            app: "shop",
            message: "no",
            attributes: json!({"log": {"level": "error"}, "service": {"name": "shop"}, "host": {"name": "web"}, "process": {"pid": 7}}),
        },
    );
    assert_eq!(parse(line).pid(), "7");
}

#[test]
fn docker_journald_and_nginx() {
    check(
        r#"{"log":"hello\n","stream":"stdout","time":"2024-06-01T22:14:15.123456789Z"}"#,
        Expected {
            time: "2024-06-01T22:14:15.123456Z",
            severity: "-",
            host: "-",
            app: "-",
            message: "hello",
            attributes: json!({"stream": "stdout"}),
        },
    );
    let line = r#"{"__REALTIME_TIMESTAMP":"1717280055123456","PRIORITY":"4","_HOSTNAME":"web","SYSLOG_IDENTIFIER":"sshd","_COMM":"sshd","SYSLOG_FACILITY":"10","_PID":"12","MESSAGE":[104,105,27]}"#;
    check(
        line,
        Expected {
            time: "2024-06-01T22:14:15.123456Z",
            severity: "warning",
            host: "web",
            app: "sshd",
            message: "hi\u{1b}",
            attributes: json!({"_COMM": "sshd", "_PID": "12"}),
        },
    );
    assert_eq!((parse(line).facility(), parse(line).pid()), ("authpriv", "12"));
    let line =
        r#"{"time_iso8601":"2024-06-01T22:14:15+00:00","request":"GET / HTTP/1.1","status":200}"#;
    check(
        line,
        Expected {
            time: "2024-06-01T22:14:15Z",
            severity: "-",
            host: "-",
            app: "-",
            message: line,
            attributes: json!({"request": "GET / HTTP/1.1", "status": 200}),
        },
    );
}

#[test]
fn a_value_that_makes_no_sense_stays_an_attribute() {
    check(
        r#"{"msg":"x","level":"loud","time":0.035,"ts":"noon","hostname":"","app":7}"#,
        Expected {
            time: "-",
            severity: "-",
            host: "-",
            app: "-",
            message: "x",
            attributes: json!({"level": "loud", "time": 0.035, "ts": "noon", "hostname": "", "app": 7}),
        },
    );
    let line = r#"{"msg":{"a":1},"k":2}"#;
    assert_eq!(parse(line).entry.message, line);
    assert_eq!(parse(line).attributes(), json!({"msg": {"a": 1}, "k": 2}));
    let two = parse(r#"{"message":"one","msg":"two","message":"three"}"#);
    assert_eq!(two.entry.message, "one");
    assert_eq!(two.attributes(), json!({"msg": "two", "message": "three"}));
}

#[test]
fn gelf_takes_its_fields_and_keeps_the_others() {
    check(
        r#"{"version":"1.1","host":"example.org","short_message":"short","full_message":"Backtrace here\n\nmore","timestamp":1385053862.3072,"level":1,"_user_id":9001,"_app":"shop","line":3}"#,
        Expected {
            time: "2013-11-21T17:11:02.307200Z",
            severity: "alert",
            host: "example.org",
            app: "shop",
            message: "short",
            attributes: json!({"full_message": "Backtrace here\n\nmore", "user_id": 9001, "line": 3}),
        },
    );
    check(
        r#"{"version":"1.1","host":"dock","short_message":"hi","_container_name":"web_1","_tag":"abc","level":30,"facility":"com.example","_facility":"mail"}"#,
        Expected {
            time: "-",
            severity: "-",
            host: "dock",
            app: "web_1",
            message: "hi",
            attributes: json!({"tag": "abc", "level": 30, "facility": "com.example"}),
        },
    );
    let record = parse(r#"{"host":"h","short_message":"x","line":1,"_line":2}"#);
    assert_eq!(record.attributes(), json!({"line": [1, 2]}));
}
