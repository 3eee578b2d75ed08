//! From the text of the settings to the values, with every error said at once.

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use super::{Config, ConfigError, ConfigErrors, Origin, SETTINGS, Values};
use crate::telemetry::LogFormat;

/// Largest `max-record-bytes`: a record must fit into one message of NATS with room to spare.
const LARGEST_RECORD: usize = 512 << 10;

/// `retention-size` on SQLite where nothing is said.
const SQLITE_SIZE: u64 = 10 << 30;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Builds the configuration.
pub(super) fn config(values: &Values) -> Result<Config, ConfigErrors> {
    let mut p = Parser { values, errors: Vec::new() };
    let config = Config {
        database_url: p.text("database-url").into(),
        migrate: p.choice("migrate", &[("auto", true), ("off", false)]),
        sqlite_full_sync: p.choice("sqlite-synchronous", &[("normal", false), ("full", true)]),
        read_connections: p.count("read-connections", 1, 1_000) as u32,
        read_timeout: p.time("read-timeout", DAY),
        block_cache: p.size("block-cache", 0, usize::MAX),
        retention_age: p.retention("retention-age"),
        retention_size: p.retention_size(),
        seal_after: p.time("seal-after", DAY),
        nats_url: p.optional("nats-url").map(Into::into),
        namespace: p.namespace("namespace"),
        nats_max_bytes: p.size("nats-max-bytes", 1 << 20, usize::MAX) as u64,
        nats_replicas: p.count("nats-replicas", 1, 5),
        queue_max_bytes: p.size("queue-max-bytes", 1 << 20, usize::MAX),
        udp: p.addresses("udp"),
        tcp: p.addresses("tcp"),
        tls: p.tls_addresses(),
        http: p.addresses("http").first().copied(),
        max_record_bytes: p.size("max-record-bytes", 1 << 10, LARGEST_RECORD),
        max_connections: p.count("max-connections", 1, 1_000_000),
        max_connections_per_address: p.count("max-connections-per-address", 1, 1_000_000),
        max_unfinished_bytes: p.size("max-unfinished-bytes", 1 << 20, 1 << 40),
        idle_timeout: p.time("idle-timeout", YEAR),
        udp_receive_buffer: p.size("udp-receive-buffer", 64 << 10, 1 << 30),
        gelf_timeout: p.time("gelf-timeout", HOUR),
        gelf_max_pending: p.count("gelf-max-pending", 1, 1_000_000),
        gelf_max_pending_bytes: p.size("gelf-max-pending-bytes", 64 << 10, 1 << 30),
        timezone: p.parsed("timezone", "the name of a time zone, such as UTC or Europe/Berlin"),
        batch_max_rows: p.count("batch-max-rows", 1, 65_536),
        batch_max_delay: p.time("batch-max-delay", HOUR),
        batch_max_bytes: p.size("batch-max-bytes", 1 << 20, 1 << 30),
        max_sources: p.count("max-sources", 1, 10_000_000),
        live_memory: p.size("live-memory", 1 << 20, usize::MAX),
        max_body_bytes: p.size("max-body-bytes", 1 << 10, 1 << 30),
        max_depth: p.count("max-depth", 1, 1_000),
        max_cost: p.count("max-cost", 1, 1_000_000_000),
        max_aliases: p.count("max-aliases", 0, 1_000_000),
        max_root_fields: p.count("max-root-fields", 1, 1_000_000),
        max_directives: p.count("max-directives", 0, 1_000_000),
        max_document_tokens: p.count("max-document-tokens", 100, 1_000_000),
        operation_timeout: p.time("operation-timeout", DAY),
        max_subscriptions: p.count("max-subscriptions", 1, 1_000_000),
        max_sockets: p.count("max-sockets", 1, 1_000_000),
        max_sockets_per_user: p.count("max-sockets-per-user", 1, 1_000_000),
        max_http_connections: p.count("max-http-connections", 1, 1_000_000),
        max_http_connections_per_address: p.count("max-http-connections-per-address", 1, 1_000_000),
        header_timeout: p.time("header-timeout", HOUR),
        body_timeout: p.time("body-timeout", HOUR),
        admin_password: p.admin_password(),
        jwt_secrets: p.jwt_secrets(),
        public_url: p.public_url(),
        cors_origins: p.cors_origins(),
        trusted_proxies: p.trusted_proxies(),
        introspection: p.introspection(),
        audit_retention: p.retention("audit-retention"),
        metrics_token: p.secret("metrics-token"),
        tls_files: p.tls_files(),
        shutdown_timeout: p.time("shutdown-timeout", DAY),
        log_format: p.choice("log-format", &[("text", LogFormat::Text), ("json", LogFormat::Json)]),
        log_level: p.text("log-level"),
    };
    p.check_url("database-url", &["sqlite:", "postgres:", "postgresql:"]);
    p.check_url("nats-url", &["nats:", "tls:"]);
    if tracing_subscriber::EnvFilter::try_new(&config.log_level).is_err() {
        p.wrong("log-level", "is not a level or filter of levels");
    }
    if p.errors.is_empty() { Ok(config) } else { Err(ConfigErrors(p.errors)) }
}

pub(super) struct Parser<'a> {
    values: &'a Values,
    errors: Vec<ConfigError>,
}

impl Parser<'_> {
    pub(super) fn text(&self, key: &str) -> String {
        self.values.text(key).trim().to_owned()
    }

    /// As it was written: a blank in a password is a part of it.
    pub(super) fn raw(&self, key: &str) -> &str {
        self.values.text(key)
    }

    pub(super) fn optional(&self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    /// Notes that a value is wrong. Text that may hold a password is not repeated.
    pub(super) fn wrong(&mut self, key: &str, problem: impl std::fmt::Display) {
        let Some(setting) = SETTINGS.iter().find(|s| s.key == key) else { return };
        let origin = self.values.0.get(key).map_or(&Origin::Default, |(_, origin)| origin);
        let place = match origin {
            Origin::Variable => setting.variable(),
            Origin::File(path) => format!("{}: {key}", path.display()),
            Origin::Flag | Origin::Default => format!("--{key}"),
        };
        let value =
            if setting.secret { "the value".to_owned() } else { format!("`{}`", self.text(key)) };
        self.errors.push(ConfigError { place, problem: format!("{value} {problem}") });
    }

    fn parsed<T: FromStr + Default>(&mut self, key: &str, expected: &str) -> T {
        self.text(key).parse().unwrap_or_else(|_| {
            self.wrong(key, format!("is not {expected}"));
            T::default()
        })
    }

    pub(super) fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> T {
        let text = self.text(key);
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
            return *value;
        }
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
        self.wrong(key, format!("is not one of {}", names.join(", ")));
        choices[0].1
    }

    fn count(&mut self, key: &str, least: usize, most: usize) -> usize {
        let count = self.text(key).replace('_', "").parse().ok();
        self.in_range(key, count, "a whole number", (least, most), |n| n.to_string())
    }

    fn size(&mut self, key: &str, least: usize, most: usize) -> usize {
        let size = self.text(key).parse::<bytesize::ByteSize>().ok();
        let size = size.and_then(|size| usize::try_from(size.as_u64()).ok());
        let show = |n: usize| bytesize::ByteSize(n as u64).to_string();
        self.in_range(key, size, "a size such as 64KiB, 16MiB or 1GiB", (least, most), show)
    }

    fn in_range(
        &mut self,
        key: &str,
        value: Option<usize>,
        expected: &str,
        (least, most): (usize, usize),
        show: impl Fn(usize) -> String,
    ) -> usize {
        match value {
            None => self.wrong(key, format!("is not {expected}")),
            Some(n) if n < least => self.wrong(key, format!("is less than {}", show(least))),
            Some(n) if n > most => self.wrong(key, format!("is more than {}", show(most))),
            Some(n) => return n,
        }
        least
    }

    /// A time longer than nothing and no longer than `most`, so that it can be added to any other.
    fn time(&mut self, key: &str, most: Duration) -> Duration {
        match humantime::parse_duration(&self.text(key)) {
            Ok(time) if time.is_zero() => self.wrong(key, "must be longer than nothing"),
            Ok(time) if time > most => {
                self.wrong(key, format!("is more than {}", humantime::format_duration(most)));
            }
            Ok(time) => return time,
            Err(_) => self.wrong(key, "is not a time such as 5ms, 10s, 15m or 24h"),
        }
        Duration::from_secs(1)
    }

    pub(super) fn addresses(&mut self, key: &str) -> Vec<SocketAddr> {
        let text = self.text(key);
        if text == "off" {
            return Vec::new();
        }
        let addresses: Result<Vec<SocketAddr>, _> =
            text.split(',').map(|address| address.trim().parse()).collect();
        addresses.unwrap_or_else(|_| {
            self.wrong(
                key,
                "is not an IP address with a port, such as 127.0.0.1:5140 or [::1]:5140",
            );
            Vec::new()
        })
    }

    /// How long something is kept; none: for ever.
    fn retention(&mut self, key: &str) -> Option<Duration> {
        (self.text(key) != "off").then(|| self.time(key, 1_000 * YEAR))
    }

    /// An embedded database shares its disk with everything else, so it has a limit of its own.
    fn retention_size(&mut self) -> Option<u64> {
        const KEY: &str = "retention-size";
        match self.text(KEY).as_str() {
            "off" => None,
            "" => self.text("database-url").starts_with("sqlite:").then_some(SQLITE_SIZE),
            _ => Some(self.size(KEY, 1 << 20, usize::MAX) as u64),
        }
    }

    fn namespace(&mut self, key: &str) -> String {
        let name = self.text(key);
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(fine) {
            self.wrong(key, "is not 1 to 64 letters, digits, `-` and `_`");
        }
        name
    }

    fn check_url(&mut self, key: &str, schemes: &[&str]) {
        let text = self.text(key);
        if !text.is_empty() && !schemes.iter().any(|scheme| text.starts_with(scheme)) {
            let schemes: Vec<_> = schemes.iter().map(|scheme| format!("{scheme}//")).collect();
            self.wrong(key, format!("does not begin with {}", schemes.join(" or ")));
        }
    }
}
