//! Real lines, as material for the properties.

pub(super) const LINES: &[&str] = &[
    "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"][examplePriority@32473 class=\"high\"] \u{FEFF}An application event log entry",
    "<13>1 2024-06-01T22:14:15.123456+00:00 web root - - [timeQuality tzKnown=\"1\" isSynced=\"1\" syncAccuracy=\"238000\"] hello",
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    "<22>Jun  1 22:14:15 mail postfix/smtpd[12345]: connect from unknown[192.0.2.7]",
    "<189>000045: router1: .Jun  1 22:14:15.123 UTC: %SYS-5-CONFIG_I: Configured from console by vty0",
    "<166>Oct 10 2018 12:34:56 localhost : %ASA-6-305011: Built dynamic TCP translation",
    "<14>myapp: a record of Python's handler",
    "<30>2024-06-01T22:14:15.123456+02:00 web systemd[1]: Started session",
    "<13>Jun  1 22:14:15 web app[1]: @cee: {\"msg\":\"inside\",\"level\":\"error\",\"nested\":{\"words\":[\"alpha\",\"beta\"]}}",
    r#"{"level":30,"time":1531171074631,"msg":"hello world","pid":657,"hostname":"Davids"}"#,
    r#"{"name":"myapp","hostname":"banana.local","pid":40161,"level":30,"msg":"hi","time":"2013-01-04T18:46:23.851Z","v":0}"#,
    r#"{"@t":"2016-06-07T03:44:57.8532799Z","@mt":"Hello, {User}","User":"nblumhardt"}"#,
    r#"{"instant":{"epochSecond":1493121664,"nanoOfSecond":118000000},"thread":"main","level":"INFO","loggerName":"HelloWorld","message":"Hello, World"}"#,
    r#"{"@timestamp":"2024-06-01T22:14:15Z","log":{"level":"error","logger":"checkout"},"message":"refused","service":{"name":"payments"}}"#,
    r#"{"log":"container says\n","stream":"stdout","time":"2024-06-01T22:14:15.123456789Z"}"#,
    r#"{"__REALTIME_TIMESTAMP":"1717280055123456","PRIORITY":"4","_HOSTNAME":"webserver","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"Accepted publickey"}"#,
    r#"{"version":"1.1","host":"example.org","short_message":"A short message","full_message":"Backtrace here","timestamp":1385053862.3072,"level":1,"_user_id":9001,"_some_info":"foobar"}"#,
    "a plain line of words, nothing else",
];
