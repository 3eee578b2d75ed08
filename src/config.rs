//! The configuration: one table of settings, from which the command line, the environment, the
//! file, the help and the example file are all made. A flag beats a variable, a variable beats the
//! file, the file beats the default.

mod access;
mod parse;
mod settings;
mod source;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};

use crate::telemetry::LogFormat;

pub use access::Introspection;
pub use settings::{Setting, example_file, markdown_table};
pub use source::{ReadAgain, Source, open};
pub use table::{ACCESS, PROCESS, QUEUE, READ, RECEIVE, SETTINGS, STORE, WRITE};

/// Everything a process is told. Sizes are in bytes.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sqlite://…` or `postgres://…`; may carry a password.
    pub database_url: SecretString,
    /// Whether the schema is brought up to date at start.
    pub migrate: bool,
    /// Whether SQLite syncs every commit to disk.
    pub sqlite_full_sync: bool,
    pub read_connections: u32,
    pub read_timeout: Duration,
    pub block_cache: usize,
    /// None: records are kept for ever.
    pub retention_age: Option<Duration>,
    /// None: as many as there are.
    pub retention_size: Option<u64>,
    pub seal_after: Duration,
    /// None: the queue is in memory. May carry a password.
    pub nats_url: Option<SecretString>,
    pub namespace: String,
    pub nats_max_bytes: u64,
    pub nats_replicas: usize,
    pub queue_max_bytes: usize,
    pub udp: Vec<SocketAddr>,
    pub tcp: Vec<SocketAddr>,
    /// Syslog over TLS; only with `tls_files`.
    pub tls: Vec<SocketAddr>,
    pub http: Option<SocketAddr>,
    pub max_record_bytes: usize,
    pub max_connections: usize,
    pub max_connections_per_address: usize,
    pub max_unfinished_bytes: usize,
    pub idle_timeout: Duration,
    pub udp_receive_buffer: usize,
    pub gelf_timeout: Duration,
    pub gelf_max_pending: usize,
    pub gelf_max_pending_bytes: usize,
    pub timezone: chrono_tz::Tz,
    pub batch_max_rows: usize,
    pub batch_max_delay: Duration,
    pub batch_max_bytes: usize,
    pub max_sources: usize,
    pub live_memory: usize,
    pub max_body_bytes: usize,
    pub max_depth: usize,
    pub max_cost: usize,
    pub max_aliases: usize,
    pub max_root_fields: usize,
    pub max_directives: usize,
    pub max_document_tokens: usize,
    pub operation_timeout: Duration,
    pub max_subscriptions: usize,
    pub max_sockets: usize,
    pub max_sockets_per_user: usize,
    pub max_http_connections: usize,
    pub max_http_connections_per_address: usize,
    pub header_timeout: Duration,
    pub body_timeout: Duration,
    pub admin_password: Option<SecretString>,
    /// The first signs, all are good. None: a key is kept in the database.
    pub jwt_secrets: Vec<SecretString>,
    /// An origin: scheme, host and perhaps a port.
    pub public_url: Option<String>,
    pub cors_origins: Vec<String>,
    pub trusted_proxies: Vec<IpNet>,
    pub introspection: Introspection,
    /// None: entries of the audit log are kept for ever.
    pub audit_retention: Option<Duration>,
    pub metrics_token: Option<SecretString>,
    /// The certificate and its key. None: no TLS.
    pub tls_files: Option<(PathBuf, PathBuf)>,
    pub shutdown_timeout: Duration,
    pub log_format: LogFormat,
    /// A filter of the `tracing` kind: `info`, `tailwater=debug,info`.
    pub log_level: String,
}

/// Where a value came from, so that an error can say so.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    Flag,
    Variable,
    File(PathBuf),
    Default,
}

/// A value of the configuration that is not right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ConfigError {
    place: String,
    problem: String,
}

/// Everything that is not right with the configuration, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl Config {
    /// The database, for people: without what may be secret.
    pub fn database_place(&self) -> String {
        without_credentials(self.database_url.expose_secret())
    }

    /// The NATS server, for people: without what may be secret. None: the queue is in memory.
    pub fn nats_place(&self) -> Option<String> {
        self.nats_url.as_ref().map(|url| without_credentials(url.expose_secret()))
    }
}

/// A URL without user, password and parameters.
fn without_credentials(url: &str) -> String {
    let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
    // A password may hold anything, so the last @ counts; a file's name may hold one too.
    let place = match rest.rsplit_once('@') {
        Some((_, place)) if scheme != "sqlite" => place,
        _ => rest.trim_start_matches("//"),
    };
    format!("{scheme}://{}", place.split('?').next().unwrap_or_default())
}

/// The text of every setting, by key, and where it came from.
#[derive(Debug)]
struct Values(BTreeMap<&'static str, (String, Origin)>);

/// The arguments of every command that reads the configuration. All are taken by each; the help
/// shows those that `shown` picks.
pub fn arguments(shown: impl Fn(&Setting) -> bool) -> Vec<Arg> {
    let file = Arg::new("config")
        .long("config")
        .env("TAILWATER_CONFIG")
        .hide_env(true)
        .value_name("FILE")
        .help("Configuration file [default:\u{a0}tailwater.toml, if there is one]");
    let settings = SETTINGS.iter().map(|setting| setting.argument().hide(!shown(setting)));
    std::iter::once(file).chain(settings).collect()
}

/// Reads the configuration of a command made with [`arguments`].
///
/// # Errors
/// Everything that is wrong, at once.
pub fn load(matches: &ArgMatches) -> Result<Config, ConfigErrors> {
    parse::config(&Values::read(matches)?)
}

impl Values {
    /// From all places, the stronger over the weaker.
    fn read(matches: &ArgMatches) -> Result<Values, ConfigErrors> {
        let mut values = Values::defaults();
        let named = matches.get_one::<String>("config").map(PathBuf::from);
        let path = named.clone().unwrap_or_else(|| PathBuf::from("tailwater.toml"));
        if named.is_some() || path.exists() {
            values.read_file(&path)?;
        }
        for setting in SETTINGS {
            let Some(value) = matches.get_one::<String>(setting.key) else { continue };
            let origin = match matches.value_source(setting.key) {
                Some(ValueSource::EnvVariable) => Origin::Variable,
                _ => Origin::Flag,
            };
            values.0.insert(setting.key, (value.clone(), origin));
        }
        Ok(values)
    }

    /// What a setting says, as it was written.
    fn text(&self, key: &str) -> &str {
        self.0.get(key).map_or("", |(text, _)| text)
    }

    fn defaults() -> Values {
        let values = SETTINGS.iter().map(|s| (s.key, (s.default.to_owned(), Origin::Default)));
        Values(values.collect())
    }

    fn read_file(&mut self, path: &Path) -> Result<(), ConfigErrors> {
        let place = path.display().to_string();
        let error =
            |problem: String| ConfigErrors(vec![ConfigError { place: place.clone(), problem }]);
        let text = std::fs::read_to_string(path).map_err(|e| error(e.to_string()))?;
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            let line = e.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            error(format!("line {line}: {}", e.message()))
        })?;
        let mut wrong = Vec::new();
        for (key, value) in table {
            let Some(setting) = SETTINGS.iter().find(|s| s.key == key) else {
                wrong.push(ConfigError {
                    place: place.clone(),
                    problem: format!("unknown key `{key}`{}", settings::suggestion(&key)),
                });
                continue;
            };
            match scalar(value) {
                Some(text) => {
                    self.0.insert(setting.key, (text, Origin::File(path.to_owned())));
                }
                None => wrong.push(ConfigError {
                    place: format!("{place}: {key}"),
                    problem: "a string, number or boolean is expected".to_owned(),
                }),
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(ConfigErrors(wrong)) }
    }
}

/// A list is written as its elements with commas, as on the command line.
fn scalar(value: toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text),
        toml::Value::Integer(n) => Some(n.to_string()),
        toml::Value::Float(n) => Some(n.to_string()),
        toml::Value::Boolean(b) => Some(b.to_string()),
        toml::Value::Array(list) => {
            Some(list.into_iter().map(scalar).collect::<Option<Vec<_>>>()?.join(","))
        }
        toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

#[cfg(test)]
mod tests;
