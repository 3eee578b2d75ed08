//! The table of settings, and what is made from it: arguments, help, example file.

use std::fmt::Write;

use clap::Arg;

/// One setting: the option `--key`, the variable `TAILWATER_KEY` and the key of the file.
#[derive(Debug)]
pub struct Setting {
    /// The name, as on the command line.
    pub key: &'static str,
    /// What the value looks like.
    pub value: &'static str,
    /// The default, as it would be written; empty for none.
    pub default: &'static str,
    /// The heading it stands under.
    pub section: &'static str,
    /// Whether the value may carry a password.
    pub secret: bool,
    /// What it does: one or a few sentences.
    pub help: &'static str,
}

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
        "TCP connections at once; more are refused and counted.",
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
        "Chunked GELF messages that may wait for their other chunks, each at most 128; more are refused and counted.",
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
    setting(WRITE, "batch-max-rows", "COUNT", "16384", "Records a transaction, at most."),
    setting(
        WRITE,
        "batch-max-delay",
        "TIME",
        "5ms",
        "How long a record waits for others to share its transaction. Under load it is four times the recent commit time, if that is longer.",
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
        "What this process logs: error, warn, info, debug, trace, or a filter such as tailwater=debug,info.",
    ),
];

impl Setting {
    /// The variable of the environment.
    pub fn variable(&self) -> String {
        format!("TAILWATER_{}", self.key.to_uppercase().replace('-', "_"))
    }

    /// The option of the command line.
    pub(super) fn argument(&self) -> Arg {
        let default = if self.default.is_empty() { "none" } else { self.default };
        Arg::new(self.key)
            .long(self.key)
            .env(self.variable())
            // All variables are named alike, which the help says once.
            .hide_env(true)
            .value_name(self.value)
            .help_heading(self.section)
            // No line break within the brackets.
            .help(format!("{} [default:\u{a0}{default}]", self.help))
    }
}

/// The known key that an unknown one was probably meant to be, as a remark.
pub(super) fn suggestion(unknown: &str) -> String {
    let wanted = unknown.replace('_', "-").to_lowercase();
    let close = SETTINGS
        .iter()
        .find(|s| s.key == wanted || s.key.starts_with(&wanted) || wanted.starts_with(s.key));
    close.map_or_else(String::new, |s| format!("; did you mean `{}`?", s.key))
}

/// `tailwater.example.toml`.
pub fn example_file() -> String {
    let mut text = String::from(
        "# Every setting of Tailwater with its default. Copy this file to tailwater.toml and\n\
         # uncomment what you change. A flag (--udp) beats a variable (TAILWATER_UDP), a variable\n\
         # beats this file. Sizes: 64KiB, 16MiB, 1GiB. Times: 5ms, 10s, 15m, 24h.\n",
    );
    let mut section = "";
    for setting in SETTINGS {
        if setting.section != section {
            section = setting.section;
            let _ = write!(text, "\n# ── {section} {}\n", "─".repeat(72 - section.len()));
        }
        text.push('\n');
        for line in wrap(setting.help, 96) {
            let _ = writeln!(text, "# {line}");
        }
        let quoted = if setting.default.parse::<u64>().is_ok() {
            setting.default.to_owned()
        } else {
            format!("{:?}", setting.default)
        };
        let _ = writeln!(text, "#{} = {quoted}", setting.key);
    }
    text
}

/// The settings as a table in Markdown, for the README.
pub fn markdown_table() -> String {
    let mut text = String::from("| option | default | what it does |\n|---|---|---|\n");
    for setting in SETTINGS {
        let default = if setting.default.is_empty() {
            String::new()
        } else {
            format!("`{}`", setting.default)
        };
        let help = setting.help.replace('|', "\\|");
        let _ = writeln!(text, "| `--{}` | {default} | {help} |", setting.key);
    }
    text
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
