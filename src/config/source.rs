//! Reading the configuration again while a process runs: from the same places, by the same
//! precedence.

use std::fmt;

use clap::ArgMatches;

use super::{Config, ConfigErrors, SETTINGS, Values, parse};

/// Settings that a running process takes over. The others hold from its next start on.
const TAKEN_OVER: [&str; 1] = ["log-level"];

/// Where the configuration of a process comes from, and what it said when the process started.
pub struct Source {
    matches: ArgMatches,
    at_start: Values,
}

/// The configuration as it is now.
#[derive(Debug)]
pub struct ReadAgain {
    pub config: Config,
    /// Settings that have changed since the start, and wait for the next one.
    pub waiting: Vec<&'static str>,
}

/// Reads the configuration of a command made with [`arguments`](super::arguments), and keeps in
/// mind where it came from.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn open(matches: &ArgMatches) -> Result<(Config, Source), ConfigErrors> {
    let values = Values::read(matches)?;
    let config = parse::config(&values)?;
    Ok((config, Source { matches: matches.clone(), at_start: values }))
}

impl Source {
    /// Reads everything again.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn read_again(&self) -> Result<ReadAgain, ConfigErrors> {
        let values = Values::read(&self.matches)?;
        let config = parse::config(&values)?;
        let waiting = SETTINGS
            .iter()
            .map(|setting| setting.key)
            .filter(|key| !TAKEN_OVER.contains(key))
            .filter(|key| values.text(key) != self.at_start.text(key))
            .collect();
        Ok(ReadAgain { config, waiting })
    }
}

/// Its values may be secret.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").finish_non_exhaustive()
    }
}
