//! What a process says of itself to the others.

use uuid::Uuid;

use super::Roles;
use crate::live::NodeFigures;
use crate::log;
use crate::telemetry::Figures;

/// What this process announces of itself.
pub(super) fn own_figures(
    id: Uuid,
    roles: Roles,
    figures: Figures,
) -> impl Fn() -> NodeFigures + Send + Sync + 'static {
    let name = format!("{}:{}", host_name(), std::process::id());
    let started_at = log::now();
    move || NodeFigures {
        id,
        name: name.clone(),
        roles: roles.names(),
        started_at,
        stopped: false,
        received: figures.received.total(),
        rejected: figures.rejected.read(),
        dropped: figures.dropped.read(),
        stored: figures.stored.get(),
        repeated: figures.repeated.get(),
        writer: figures.writer.get() == 1,
        head: figures.head.get(),
        connections: figures.connections.get(),
    }
}

fn host_name() -> String {
    nix::unistd::gethostname()
        .ok()
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| "localhost".to_owned())
}
