//! What a process tells the service manager that started it (systemd with `Type=notify`). Where
//! there is none, nothing is told.

use std::time::Duration;

use sd_notify::NotifyState;

/// What a stop takes beside storing what was received: HTTP clients may take their time.
const REST_OF_A_STOP: Duration = Duration::from_secs(15);

/// The sockets are there, and what is sent to them is not lost: the start has come to its end. The
/// database or NATS may be away; they are waited for, and `/readyz` knows of them.
pub fn listening() {
    tell(&[NotifyState::Ready, NotifyState::Status("listening; waiting for what it needs")]);
}

/// Every part was there.
pub fn running() {
    tell(&[NotifyState::Status("running")]);
}

/// Files are read again while `work` runs.
pub fn reloading(work: impl FnOnce()) {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "this machine does not tell how long it runs"),
    }
    work();
    tell(&[NotifyState::Ready]);
}

/// It stops, and storing what was received may take so long.
pub fn stopping(timeout: Duration) {
    let longest = u32::try_from((timeout + REST_OF_A_STOP).as_micros()).unwrap_or(u32::MAX);
    tell(&[
        NotifyState::Stopping,
        NotifyState::Status("storing what was received"),
        NotifyState::ExtendTimeoutUsec(longest),
    ]);
}

fn tell(states: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager was not told");
    }
}
