//! What a running process takes over when it is told to read its files again (SIGHUP): the
//! certificate and the log level.

use crate::config::{ConfigErrors, Source};
use crate::telemetry::OwnLog;
use crate::tls::Tls;

/// Reads the files of a process again.
pub struct Reloader {
    pub(super) certificate: Option<Tls>,
    pub(super) source: Source,
    pub(super) log: OwnLog,
}

impl Reloader {
    /// Takes over what can be used. What cannot changes nothing. The log says what came of it.
    pub fn reload(&self) {
        self.reload_certificate();
        self.reload_settings();
        tracing::info!("the files were read again");
    }

    fn reload_certificate(&self) {
        match self.certificate.as_ref().map(Tls::reload) {
            Some(Ok(())) => tracing::info!("the certificate was read again"),
            Some(Err(error)) => tracing::error!(%error, "the old certificate stays in use"),
            None => {}
        }
    }

    fn reload_settings(&self) {
        let again = match self.source.read_again() {
            Ok(again) => again,
            Err(ConfigErrors(errors)) => {
                for error in errors {
                    tracing::error!(%error, "the old settings stay in use");
                }
                return;
            }
        };
        self.log.set_level(&again.config.log_level);
        if !again.waiting.is_empty() {
            let settings = again.waiting.join(", ");
            tracing::warn!(%settings, "changed, and hold from the next start on");
        }
    }
}
