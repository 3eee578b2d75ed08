//! Open files: a process may have so many, and each connection takes one.
//!
//! The limit that may be raised without asking anybody is raised. Where that is not enough for the
//! connections that the settings allow, fewer are taken, so that the database, NATS and the log
//! keep theirs: a connection that waits or is refused is felt by one client, a database that cannot
//! open its file by all.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::Roles;
use crate::config::Config;

/// What a process opens beside connections: its sockets, its log, NATS, what the runtime needs, and
/// files that are open for a moment.
const OWN: usize = 32;
/// What each connection to a database opens, at most: SQLite the file and its journal.
const OF_A_READER: usize = 3;

/// Raises the limit on open files as far as it goes, and lowers the limits on connections to what
/// it leaves.
pub(super) fn make_room(config: &mut Config, roles: Roles) {
    let limit = match raised() {
        Ok(limit) => limit,
        Err(error) => {
            tracing::warn!(%error, "the limit on open files cannot be read");
            return;
        }
    };
    let own = OWN + OF_A_READER * (config.read_connections as usize + 1);
    let wanted = connections(config, roles);
    let room = limit.saturating_sub(own);
    if wanted <= room {
        return;
    }
    shrink(config, room, wanted);
    tracing::warn!(
        limit,
        needed = own + wanted,
        max_connections = config.max_connections,
        max_http_connections = config.max_http_connections,
        max_sockets = config.max_sockets,
        "the limit on open files (ulimit -n) is too low for the connections of the settings: fewer are taken"
    );
}

/// The limit on open files, once it is as high as may be.
fn raised() -> nix::Result<usize> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let limit = match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => hard,
        Err(error) => {
            tracing::warn!(%error, soft, hard, "the limit on open files cannot be raised");
            soft
        }
    };
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}

/// The connections that there may be, of all listeners together.
fn connections(config: &Config, roles: Roles) -> usize {
    let listeners = if roles.ingest { config.tcp.len() + config.tls.len() } else { 0 };
    let http = match config.http {
        Some(_) if roles.api => config.max_http_connections.saturating_add(config.max_sockets),
        Some(_) => config.max_http_connections,
        None => 0,
    };
    listeners.saturating_mul(config.max_connections).saturating_add(http)
}

/// Shares `room` between what wants `wanted` together, in proportion. Each keeps something.
fn shrink(config: &mut Config, room: usize, wanted: usize) {
    for limit in
        [&mut config.max_connections, &mut config.max_http_connections, &mut config.max_sockets]
    {
        *limit = (*limit as u128 * room as u128 / wanted.max(1) as u128) as usize;
        *limit = (*limit).max(1);
    }
    // A share stays a part of the whole.
    let half = |whole: usize| whole.div_ceil(2);
    let (all, http) = (half(config.max_connections), half(config.max_http_connections));
    config.max_connections_per_address = config.max_connections_per_address.min(all);
    config.max_http_connections_per_address = config.max_http_connections_per_address.min(http);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn defaults() -> Config {
        let command = clap::Command::new("serve").args(config::arguments(|_| true));
        config::load(&command.get_matches_from(["serve", "--config", "/dev/null"])).unwrap()
    }

    #[test]
    fn what_does_not_fit_is_shrunk_in_proportion_and_shares_with_it() {
        let mut config = defaults();
        let wanted = connections(&config, Roles::ALL);
        assert_eq!(wanted, 4_096 + 2_048 + 4_000);
        shrink(&mut config, wanted / 4, wanted);
        assert_eq!((config.max_connections, config.max_http_connections), (1_024, 512));
        assert_eq!(config.max_sockets, 1_000);
        assert_eq!(config.max_connections_per_address, 512);
        assert_eq!(config.max_http_connections_per_address, 256);
        assert!(connections(&config, Roles::ALL) <= wanted / 4);
        shrink(&mut config, 0, wanted);
        assert_eq!(connections(&config, Roles::ALL), 3, "each keeps something");
    }

    #[test]
    fn a_role_wants_what_it_listens_for() {
        let config = defaults();
        assert_eq!(connections(&config, Roles::INGEST), 4_096 + 2_048);
        assert_eq!(connections(&config, Roles::WORKER), 2_048);
        assert_eq!(connections(&config, Roles::API), 2_048 + 4_000);
    }

    #[test]
    fn the_limit_is_raised_to_the_highest() {
        let highest = getrlimit(Resource::RLIMIT_NOFILE).unwrap().1;
        assert_eq!(raised(), Ok(usize::try_from(highest).unwrap()));
        assert_eq!(getrlimit(Resource::RLIMIT_NOFILE), Ok((highest, highest)));
    }
}
