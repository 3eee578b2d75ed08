//! The table of settings.

use super::settings::Setting;

/// A section of the settings.
pub const RECEIVE: &str = "Receive";
/// A section of the settings.
pub const QUEUE: &str = "Queue";
/// A section of the settings.
pub const STORE: &str = "Store";
/// A section of the settings.
pub const WRITE: &str = "Write";
/// A section of the settings.
pub const READ: &str = "Read";
/// A section of the settings.
pub const ACCESS: &str = "Access";
/// A section of the settings.
pub const PROCESS: &str = "Process";

/// Every setting, in the order of the data's way.
pub const SETTINGS: &[Setting] = &[
    setting(
        RECEIVE,
        "udp",
        "ADDR[,ADDR]",
        "127.0.0.1:5140",
        "Addresses to receive datagrams on, or `off`. IPv6 as [::1]:5140; 0.0.0.0:5140 for every interface.",
    ),
    setting(
        RECEIVE,
        "tcp",
        "ADDR[,ADDR]",
        "127.0.0.1:5140",
        "Addresses to receive streams on (octet counting, LF or NUL framing), or `off`.",
    ),
    setting(
        RECEIVE,
        "tls",
        "ADDR[,ADDR]",
        "",
        "Addresses to receive streams over TLS on (RFC 5425), or `off`. 127.0.0.1:6514 when there is a tls-cert.",
    ),
    setting(
        RECEIVE,
        "max-record-bytes",
        "SIZE",
        "256KiB",
        "Longest record; what is over is cut off and the record flagged. At most 512KiB.",
    ),
    setting(
        RECEIVE,
        "max-connections",
        "COUNT",
        "4096",
        "TCP and TLS connections of a listener at once; more are refused and counted.",
    ),
    setting(
        RECEIVE,
        "max-connections-per-address",
        "COUNT",
        "2048",
        "Those of one address (of one /64 in IPv6) among them, so that no sender takes every place.",
    ),
    setting(
        RECEIVE,
        "max-unfinished-bytes",
        "SIZE",
        "64MiB",
        "Memory for TCP lines that have not ended, of all connections of a listener together. When it is used up, those of more than 8KiB are cut and flagged.",
    ),
    setting(
        RECEIVE,
        "idle-timeout",
        "TIME",
        "24h",
        "A TCP connection that is silent for so long is closed. Long, because syslog senders lose the line they write into a connection that was closed.",
    ),
    setting(
        RECEIVE,
        "udp-receive-buffer",
        "SIZE",
        "16MiB",
        "Kernel buffer asked for each UDP socket; it holds a burst while the process is busy. The kernel's limit is the sysctl net.core.rmem_max.",
    ),
    setting(
        RECEIVE,
        "gelf-max-pending",
        "COUNT",
        "1024",
        "Chunked GELF messages that may wait for their other chunks, each at most 128; for more the oldest make way, and are counted.",
    ),
    setting(RECEIVE, "gelf-max-pending-bytes", "SIZE", "16MiB", "Bytes of chunks that may wait."),
    setting(
        RECEIVE,
        "gelf-timeout",
        "TIME",
        "5s",
        "How long a chunked GELF message waits for its other chunks.",
    ),
    setting(
        RECEIVE,
        "timezone",
        "NAME",
        "UTC",
        "Zone of RFC 3164 times that name none: an IANA name such as Europe/Berlin.",
    ),
    secret(
        QUEUE,
        "nats-url",
        "URL",
        "",
        "NATS server with JetStream, as nats://user:password@host:4222. Without it the queue is in memory and everything runs in one process.",
    ),
    setting(
        QUEUE,
        "namespace",
        "NAME",
        "tailwater",
        "Prefix of the streams and subjects on NATS; one a database.",
    ),
    setting(
        QUEUE,
        "nats-max-bytes",
        "SIZE",
        "1GiB",
        "Size of the stream of waiting frames; when it is full, receiving waits.",
    ),
    setting(
        QUEUE,
        "nats-replicas",
        "COUNT",
        "1",
        "Copies of the stream in a NATS cluster: 1, 3 or 5.",
    ),
    setting(
        QUEUE,
        "queue-max-bytes",
        "SIZE",
        "64MiB",
        "Size of the queue in memory; when it is full, receiving waits.",
    ),
    secret(
        STORE,
        "database-url",
        "URL",
        "sqlite://tailwater.db",
        "The database: sqlite://FILE or postgres://user:password@host/database. Behind a pooler the writer needs a direct connection.",
    ),
    setting(
        STORE,
        "migrate",
        "auto|off",
        "auto",
        "Whether the schema is brought up to date at start, under a lock.",
    ),
    setting(
        STORE,
        "sqlite-synchronous",
        "normal|full",
        "normal",
        "full syncs every commit to disk: slower, and a power cut loses nothing.",
    ),
    setting(STORE, "read-connections", "COUNT", "8", "Connections for reading."),
    setting(STORE, "read-timeout", "TIME", "30s", "Longest time one read may take."),
    setting(
        STORE,
        "block-cache",
        "SIZE",
        "64MiB",
        "Memory for blocks of the log that were read: what is asked again is not fetched again.",
    ),
    setting(
        STORE,
        "retention-age",
        "TIME",
        "30d",
        "How long records are kept after they came in, or `off` to keep them for ever. The oldest go first, a block at a time.",
    ),
    setting(
        STORE,
        "retention-size",
        "SIZE",
        "",
        "How much room the records may take, or `off`; the oldest go first, a block at a time. 10GiB on SQLite, off on Postgres, when nothing is said.",
    ),
    setting(
        STORE,
        "seal-after",
        "TIME",
        "10m",
        "How long records stay plain rows where too few come to fill a block; at most an eighth of the retention-age.",
    ),
    setting(WRITE, "batch-max-rows", "COUNT", "16384", "Records a transaction, at most."),
    setting(
        WRITE,
        "batch-max-delay",
        "TIME",
        "5ms",
        "Time from one transaction to the next, at least; after a quiet moment a record is committed at once. Where many come it is up to eighty times as long, or four times the recent commit time if that is longer.",
    ),
    setting(WRITE, "batch-max-bytes", "SIZE", "32MiB", "Text a transaction, at most."),
    setting(
        WRITE,
        "max-sources",
        "COUNT",
        "100000",
        "Sources (host, app and address together) that are told apart. The records of further ones share one source and keep theirs in their attributes, under the key tailwater.",
    ),
    setting(
        READ,
        "http",
        "ADDR",
        "127.0.0.1:8000",
        "Address of the dashboard, GraphQL, /healthz, /readyz and /metrics, or `off`.",
    ),
    setting(
        READ,
        "live-memory",
        "SIZE",
        "32MiB",
        "The newest records kept in memory for live subscriptions; older ones come from the database.",
    ),
    setting(
        READ,
        "max-body-bytes",
        "SIZE",
        "1MiB",
        "Longest body of an HTTP request, and longest message on a WebSocket.",
    ),
    setting(
        READ,
        "max-depth",
        "COUNT",
        "20",
        "How deep the fields of an operation may nest. Introspection has a limit of its own.",
    ),
    setting(
        READ,
        "max-cost",
        "COUNT",
        "100000",
        "What an operation may cost: each field one, times the records that a page may have.",
    ),
    setting(READ, "max-aliases", "COUNT", "30", "Aliases in an operation."),
    setting(READ, "max-root-fields", "COUNT", "20", "Root fields of an operation."),
    setting(READ, "max-directives", "COUNT", "50", "Directives in a document."),
    setting(READ, "max-document-tokens", "COUNT", "5000", "Tokens of a GraphQL document."),
    setting(
        READ,
        "operation-timeout",
        "TIME",
        "15s",
        "How long a query or mutation may take. A subscription lasts as long as its reader.",
    ),
    setting(READ, "max-subscriptions", "COUNT", "100", "Subscriptions on one WebSocket."),
    setting(
        READ,
        "max-sockets",
        "COUNT",
        "4000",
        "WebSockets and event streams at once; more are refused.",
    ),
    setting(
        READ,
        "max-sockets-per-user",
        "COUNT",
        "1000",
        "WebSockets and event streams of one user at once; more are refused.",
    ),
    setting(
        READ,
        "max-http-connections",
        "COUNT",
        "2048",
        "HTTP connections at once, WebSockets apart; more wait until one of these closes.",
    ),
    setting(
        READ,
        "max-http-connections-per-address",
        "COUNT",
        "1024",
        "Those of one address (of one /64 in IPv6) among them, those of trusted-proxies apart; more are closed and counted.",
    ),
    setting(
        READ,
        "header-timeout",
        "TIME",
        "10s",
        "How long a client may take to send the head of a request.",
    ),
    setting(
        READ,
        "body-timeout",
        "TIME",
        "30s",
        "How long a client may take to send the body of a request.",
    ),
    secret(
        ACCESS,
        "admin-password",
        "PASSWORD",
        "",
        "Makes the user admin, with this password of 8 to 256 characters, at a start without any user. Without it such a start prints a set-up link, which is good once.",
    ),
    setting(
        ACCESS,
        "admin-password-file",
        "FILE",
        "",
        "File with the admin password, in place of admin-password. A line break at its end is left out.",
    ),
    secret(
        ACCESS,
        "jwt-secret",
        "SECRET[,SECRET]",
        "",
        "Keys of access tokens, at least 32 bytes each: the first signs, all are good. The same for every api process. Without it a key is made and kept in the database.",
    ),
    setting(
        ACCESS,
        "jwt-secret-file",
        "FILE",
        "",
        "File with the keys of access tokens, in place of jwt-secret. A line break at its end is left out.",
    ),
    setting(
        ACCESS,
        "public-url",
        "URL",
        "",
        "How browsers reach this server when that is not its own address: https://logs.example.com, without a path.",
    ),
    setting(
        ACCESS,
        "cors-origin",
        "ORIGIN[,ORIGIN]",
        "",
        "Origins of other sites whose pages may read answers and open WebSockets, such as https://tools.example.com.",
    ),
    setting(
        ACCESS,
        "trusted-proxies",
        "CIDR[,CIDR]",
        "",
        "Proxies in front of this server, as 10.0.0.0/8 or 192.0.2.1: what they say of a client's address (X-Forwarded-For) is believed.",
    ),
    setting(
        ACCESS,
        "introspection",
        "on|signed-in|off",
        "signed-in",
        "Who may ask for the GraphQL schema: everybody, who is signed in, or nobody.",
    ),
    setting(
        ACCESS,
        "audit-retention",
        "TIME",
        "365d",
        "How long entries of the audit log are kept, or `off` to keep them for ever.",
    ),
    secret(
        ACCESS,
        "metrics-token",
        "TOKEN",
        "",
        "Bearer token without which /metrics answers nobody. Without it /metrics is open.",
    ),
    setting(
        ACCESS,
        "tls-cert",
        "FILE",
        "",
        "Certificate chain (PEM) for HTTP and for syslog over TLS. Read again on SIGHUP, like its key.",
    ),
    setting(ACCESS, "tls-key", "FILE", "", "Private key (PEM) of the certificate."),
    setting(
        PROCESS,
        "shutdown-timeout",
        "TIME",
        "30s",
        "How long a stop may take to store what was received. Past it the process says what is lost and exits with 1.",
    ),
    setting(
        PROCESS,
        "log-format",
        "text|json",
        "text",
        "Form of this process's own log, on stderr.",
    ),
    setting(
        PROCESS,
        "log-level",
        "LEVEL",
        "info",
        "What this process logs: error, warn, info, debug, trace, or a filter such as tailwater=debug,info. Read again on SIGHUP.",
    ),
];

const fn setting(
    section: &'static str,
    key: &'static str,
    value: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { key, value, default, section, secret: false, help }
}

const fn secret(
    section: &'static str,
    key: &'static str,
    value: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { key, value, default, section, secret: true, help }
}
