//! The log of the process itself, on stderr. What it lets through can be changed while it runs.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex};

use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

use super::lock;

/// The form of the process's own log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// The process's own log. Clones are the same one.
#[derive(Clone, Debug)]
pub struct OwnLog {
    filter: reload::Handle<EnvFilter, Registry>,
    level: Arc<Mutex<String>>,
}

impl OwnLog {
    /// Starts the log, coloured only on a terminal. `level` is a filter of levels (`info`,
    /// `tailwater=debug,info`) that was checked before; a broken one means `info`.
    pub fn start(format: LogFormat, level: &str) -> OwnLog {
        let filter = filter(level).unwrap_or_else(|_| EnvFilter::new("info"));
        let (filter, handle) = reload::Layer::new(filter);
        let lines = fmt::layer().with_writer(std::io::stderr);
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let lines = match format {
            LogFormat::Text => lines.with_ansi(colour).with_target(false).boxed(),
            LogFormat::Json => lines.json().boxed(),
        };
        tracing_subscriber::registry().with(filter).with(lines).init();
        OwnLog { filter: handle, level: Arc::new(Mutex::new(level.to_owned())) }
    }

    /// Lets through from now on what `level` says. A broken one changes nothing, nor does the one
    /// that holds already. The change itself is said while `info` is let through, before or after.
    pub fn set_level(&self, level: &str) {
        let mut current = lock(&self.level);
        if *current == level {
            return;
        }
        let Ok(filter) = filter(level) else { return };
        let said_before = tracing::enabled!(tracing::Level::INFO);
        let say = || tracing::info!(from = %current, to = %level, "the log level is another now");
        if said_before {
            say();
        }
        // It fails only when the log itself is gone, and then there is nobody to tell.
        let _ = self.filter.reload(filter);
        if !said_before {
            say();
        }
        *current = level.to_owned();
    }
}

/// Libraries that tell of every event at `info` are asked to speak up only when it matters.
fn filter(level: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::try_new(format!("async_nats=warn,sqlx=warn,sea_orm_migration=warn,{level}"))
}
