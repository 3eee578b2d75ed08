//! RFC 5424 and RFC 3164 as their senders write them.

use serde_json::json;

use super::*;

#[test]
fn rfc5424_header_and_structured_data_are_read() {
    let line = "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog 12 ID47 \
                [exampleSDID@32473 iut=\"3\" eventSource=\"App\"][other x=\"\"] \u{FEFF}An event";
    let record = parse(line);
    assert_eq!((record.facility(), record.severity()), ("local4", "notice"));
    assert_eq!(record.time(), "2003-10-11T22:14:15.003Z");
    assert_eq!((record.host(), record.app()), ("mymachine.example.com", "evntslog"));
    assert_eq!((record.pid(), record.msg_id()), ("12", "ID47"));
    assert_eq!(record.entry.message, "An event");
    let data = json!({"exampleSDID@32473": {"iut": "3", "eventSource": "App"}, "other": {"x": ""}});
    assert_eq!(record.attributes(), data);
}

#[test]
fn the_second_space_that_rsyslog_puts_before_the_text_is_dropped_and_an_indent_is_kept() {
    let message = |text: &str| parse(format!("<13>1 - h a p m - {text}")).entry.message;
    assert_eq!(message(" through rsyslog"), "through rsyslog");
    assert_eq!(message("   at Main.java:7"), "   at Main.java:7");
}

#[test]
fn rfc5424_nil_is_null() {
    for line in ["<0>1 - - - - - -", "<0>1 - - - - - - ", "<0>1 - - - - -"] {
        let record = parse(line);
        assert_eq!((record.facility(), record.severity()), ("kern", "emergency"));
        assert_eq!(
            (record.host(), record.app(), record.pid(), record.msg_id()),
            ("-", "-", "-", "-")
        );
        assert_eq!(record.source.host, None);
        assert_eq!(record.time(), NONE);
        assert_eq!(record.entry.message, "");
        assert!(record.entry.attributes.is_empty());
    }
}

#[test]
fn structured_data_keeps_every_value() {
    for (data, expected) in [
        (r#"[a]"#, json!({"a": {}})),
        (r#"[a x="1" x="2" y="3" x="4"]"#, json!({"a": {"x": ["1", "2", "4"], "y": "3"}})),
        (r#"[a x="1"][b][a x="2" z="3"]"#, json!({"a": {"x": ["1", "2"], "z": "3"}, "b": {}})),
        (r#"[a x="\"q\" \\ \] \n"]"#, json!({"a": {"x": "\"q\" \\ ] \\n"}})),
        ("[a x=\"tab\there ü\"]", json!({"a": {"x": "tab\there ü"}})),
    ] {
        let record = parse(format!("<13>1 - h a p m {data} text"));
        assert_eq!(record.attributes(), expected, "{data}");
        assert_eq!(record.entry.message, "text");
    }
}

#[test]
fn broken_structured_data_stays_in_the_message() {
    for rest in [
        "[a x=\"1\" text",
        "[a x=1] text",
        "[a x=\"1\"]text",
        "[] text",
        "[a  x=\"1\"] text",
        "[a x=\"1\\\"] text",
        "no structured data at all",
        "-text",
    ] {
        let record = parse(format!("<13>1 - host app - - {rest}"));
        assert_eq!(record.entry.message, rest);
        assert_eq!(record.app(), "app");
        assert_eq!(record.attributes(), json!({}));
    }
}

#[test]
fn structured_data_past_the_limit_stays_in_the_message() {
    let data = format!("[a{}]", " x=\"1\"".repeat(1_001));
    let record = parse(format!("<13>1 - h a p m {data} text"));
    assert_eq!(record.entry.message, format!("{data} text"));
}

#[test]
fn an_impossible_timestamp_is_kept_beside_the_receive_time() {
    for (line, claimed) in [
        ("<13>1 2003-13-11T22:14:15.003Z host app - - - text", "2003-13-11T22:14:15.003Z"),
        ("<13>1 2003-10-11 host app - - - text", "2003-10-11"),
        ("<13>Feb 30 12:00:00 host app: text", "Feb 30 12:00:00"),
    ] {
        let record = parse(line);
        assert_eq!(record.time(), NONE, "{line}");
        assert_eq!((record.host(), record.app()), ("host", "app"));
        assert_eq!(record.entry.message, "text");
        assert_eq!(record.attributes(), json!({"tailwater": {"timestamp": claimed}}));
    }
}

#[test]
fn what_looks_like_rfc5424_and_is_not_is_text_with_a_priority() {
    let long = format!("1 - {} app - - - text", "h".repeat(256));
    for text in [
        "1 yesterday host app pid mid - text",
        "1 2003-10-11T22:14:15.003Z host",
        "1 -  app - - - two spaces",
        "2 2003-10-11T22:14:15.003Z host app - - - another version",
        &long,
    ] {
        let record = parse(format!("<34>{text}"));
        assert_eq!(record.entry.message, text);
        assert_eq!((record.facility(), record.severity()), ("auth", "critical"));
        assert_eq!((record.host(), record.app()), (NONE, NONE));
    }
}

/// Line after `<38>`, then host, app, process id, time and message.
type Line = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const JUNE: &str = "2024-06-01T22:14:15Z";

const LINES: &[Line] = &[
    // The RFC's own example.
    (
        "Oct 11 22:14:15 mymachine su: 'su root' failed",
        "mymachine",
        "su",
        "-",
        "2023-10-11T22:14:15Z",
        "'su root' failed",
    ),
    (
        "Jun  1 22:14:15 mail postfix/smtpd[12]: connect from x",
        "mail",
        "postfix/smtpd",
        "12",
        JUNE,
        "connect from x",
    ),
    ("Jun  1 22:14:15 web CRON[99]: (root) CMD (x)", "web", "CRON", "99", JUNE, "(root) CMD (x)"),
    ("Jun  1 22:14:15 web sshd(pam_unix)[7]: ok", "web", "sshd(pam_unix)", "7", JUNE, "ok"),
    (
        "Jun  1 22:14:15 web kernel: [    1.0] eth0: up",
        "web",
        "kernel",
        "-",
        JUNE,
        "[    1.0] eth0: up",
    ),
    ("Jun  1 22:14:15 web snort[3] [1:2:3] text", "web", "snort", "3", JUNE, "[1:2:3] text"),
    // Perl's Sys::Syslog and glibc write no host.
    ("Jun  1 22:14:15 script.pl[42]: hello", "-", "script.pl", "42", JUNE, "hello"),
    ("Jun  1 22:14:15 My::App[42]: hello", "-", "My::App", "42", JUNE, "hello"),
    ("Jun  1 22:14:15 logger: hello", "-", "logger", "-", JUNE, "hello"),
    // Python's SysLogHandler writes neither timestamp nor host.
    ("myapp[7]: hello", "-", "myapp", "7", "-", "hello"),
    ("hello world", "-", "-", "-", "-", "hello world"),
    (
        "2024-01-05 12:00:00,123 - app - INFO - text",
        "-",
        "-",
        "-",
        "-",
        "2024-01-05 12:00:00,123 - app - INFO - text",
    ),
    ("http://example.com/ is down", "-", "-", "-", "-", "http://example.com/ is down"),
    // Without tag.
    ("Jun  1 22:14:15 web just some words", "web", "-", "-", JUNE, "just some words"),
    ("Jun  1 22:14:15 word", "-", "-", "-", JUNE, "word"),
    ("Jun  1 22:14:15", "-", "-", "-", JUNE, ""),
    // Hosts of all kinds.
    ("Jun  1 22:14:15 2001:db8::1 sshd[1]: x", "2001:db8::1", "sshd", "1", JUNE, "x"),
    ("Jun  1 22:14:15 2001:db8:: sshd[1]: x", "2001:db8::", "sshd", "1", JUNE, "x"),
    ("Jun  1 22:14:15 [fe80::1] sshd[1]: x", "[fe80::1]", "sshd", "1", JUNE, "x"),
    ("Jun  1 22:14:15 fe80::1%eth0 sshd[1]: x", "fe80::1%eth0", "sshd", "1", JUNE, "x"),
    ("Jun  1 22:14:15 src@relay sshd[1]: x", "src@relay", "sshd", "1", JUNE, "x"),
    ("Jun  1 22:14:15 - sshd[1]: x", "-", "sshd", "1", JUNE, "x"),
    // rsyslog's and syslog-ng's forwarding formats.
    (
        "2024-06-01T22:14:15.123456+02:00 web sshd[1]: x",
        "web",
        "sshd",
        "1",
        "2024-06-01T20:14:15.123456Z",
        "x",
    ),
    ("2024-06-01T22:14:15 web sshd[1]: x", "web", "sshd", "1", JUNE, "x"),
    ("Jun  1 22:14:15.5 2024 web app: x", "web", "app", "-", "2024-06-01T22:14:15.500Z", "x"),
    // Looks like a timestamp, and is not.
    ("Jun 1st 22:14:15 web app: x", "-", "-", "-", "-", "Jun 1st 22:14:15 web app: x"),
    ("Jun  1 22:14:15x web", "-", "-", "-", "-", "Jun  1 22:14:15x web"),
];

#[test]
fn rfc3164_is_read_as_its_senders_write_it() {
    for (line, host, app, pid, time, message) in LINES {
        let record = parse(format!("<38>{line}"));
        assert_eq!((record.host(), record.app(), record.pid()), (*host, *app, *pid), "{line}");
        assert_eq!((&*record.time(), &*record.entry.message), (*time, *message), "{line}");
        assert_eq!((record.facility(), record.severity()), ("auth", "info"));
        assert_eq!(record.attributes(), json!({}));
    }
}

#[test]
fn the_time_zone_is_the_configured_one_unless_the_line_names_one() {
    let berlin = |line| parse_in(Tz::Europe__Berlin, line).time();
    assert_eq!(berlin("<38>Jun  1 22:14:15 web app: x"), "2024-06-01T20:14:15Z");
    assert_eq!(berlin("<38>Jun  1 22:14:15 UTC web app: x"), JUNE);
    assert_eq!(berlin("<38>2024-06-01T22:14:15 web app: x"), "2024-06-01T20:14:15Z");
    assert_eq!(berlin("<38>1 2024-06-01T22:14:15Z web app - - - x"), JUNE);
    assert_eq!(berlin(r#"{"time":"2024-06-01 22:14:15","msg":"x"}"#), "2024-06-01T20:14:15Z");
}

#[test]
fn cisco_devices_keep_their_mnemonic_in_the_message() {
    let sys = "%SYS-5-CONFIG_I: Configured from console";
    for (line, host, sequence, text) in [
        ("<189>45: *Jun  1 22:14:15.123: ", "-", Some("45"), sys),
        ("<189>000045: router1: .Jun  1 22:14:15.123 UTC: ", "router1", Some("000045"), sys),
        ("<189>router1: *Jun  1 22:14:15.123: ", "router1", None, sys),
        ("<189>: 2024 Jun  1 22:14:15.123 UTC: ", "-", None, sys),
        ("<189>*Jun  1 22:14:15.123: ", "-", None, sys),
        ("<189>Jun  1 2024 22:14:15.123 fw01 : ", "fw01", None, sys),
        ("<189>Jun  1 2024 22:14:15.123 fw01: ", "fw01", None, sys),
        ("<189>Jun  1 2024 22:14:15.123: ", "-", None, sys),
    ] {
        let record = parse(format!("{line}{text}"));
        assert_eq!(record.entry.message, text, "{line}");
        assert_eq!((record.host(), record.app(), record.msg_id()), (host, "SYS", "SYS-5-CONFIG_I"));
        assert_eq!(record.time(), "2024-06-01T22:14:15.123Z", "{line}");
        let noted = sequence.map(|n| json!({"tailwater": {"sequence": n}}));
        assert_eq!(record.attributes(), noted.unwrap_or(json!({})));
    }
    let record = parse("<166>%ASA-6-305011: Built dynamic TCP translation");
    assert_eq!((record.app(), record.msg_id()), ("ASA", "ASA-6-305011"));
    assert_eq!(record.entry.message, "%ASA-6-305011: Built dynamic TCP translation");
    let record = parse("<189>45: 1d02h: %LINK-3-UPDOWN: up since a day");
    assert_eq!(record.entry.message, "45: 1d02h: %LINK-3-UPDOWN: up since a day");
}

#[test]
fn json_in_a_message_fills_attributes_and_the_header_stays() {
    let header = "<38>Jun  1 22:14:15 web app[1]:";
    for (line, message) in [
        (format!(r#"{header} @cee: {{"msg":"hi","level":"error","k":1}}"#), "hi"),
        (format!(r#"{header} @cee:{{"msg":"hi","level":"error","k":1}}"#), "hi"),
        (format!(r#"{header} {{"msg":"hi","level":"error","k":1}}"#), "hi"),
        (format!(r#"{header} {{"level":"error","k":1}}"#), r#"{"level":"error","k":1}"#),
    ] {
        let record = parse(&line);
        assert_eq!((record.host(), record.app(), record.severity()), ("web", "app", "info"));
        assert_eq!(record.time(), JUNE);
        assert_eq!(record.entry.message, message, "{line}");
        assert_eq!(record.attributes(), json!({"level": "error", "k": 1}));
    }
    let record = parse(r#"<38>{"msg":"hi","hostname":"web","time":"2024-06-01T22:14:15Z"}"#);
    assert_eq!((record.host(), &*record.time(), &*record.entry.message), ("web", JUNE, "hi"));
    let record = parse(r#"<38>1 - h a - - [sd x="1"] {"msg":"hi","k":1}"#);
    assert_eq!(record.attributes(), json!({"sd": {"x": "1"}, "k": 1}));
    let record = parse(r#"<38>1 - h a - - [sd x="1"] {"msg":"hi","sd":1}"#);
    assert_eq!(record.attributes(), json!({"sd": {"x": "1"}}));
    assert_eq!(record.entry.message, r#"{"msg":"hi","sd":1}"#);
}

#[test]
fn loggers_of_util_linux_busybox_and_python_reach_their_fields() {
    let record = parse(
        "<13>1 2024-06-01T22:14:15.123456+00:00 web root - - \
         [timeQuality tzKnown=\"1\" isSynced=\"1\" syncAccuracy=\"238000\"] hello",
    );
    assert_eq!((record.host(), record.app(), &*record.entry.message), ("web", "root", "hello"));
    assert_eq!(record.attributes()["timeQuality"]["syncAccuracy"], "238000");
    let record = parse("<13>Jun  1 22:14:15 web root: hello");
    assert_eq!((record.host(), record.app(), &*record.entry.message), ("web", "root", "hello"));
    let record = parse("<46>Jun  1 22:14:15 router syslog.info syslogd started: BusyBox v1.36.1");
    assert_eq!(record.host(), "router");
    assert_eq!(record.entry.message, "syslog.info syslogd started: BusyBox v1.36.1");
    let record = parse(b"<14>myapp: hello\0");
    assert_eq!((record.host(), record.app(), &*record.entry.message), ("-", "myapp", "hello"));
}
