//! How far an export is, on a terminal.

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::State;
use crate::client::numbers::{counted, size};

/// Steps of the bar.
const STEPS: u64 = 1_000;
const BETWEEN_UPDATES: Duration = Duration::from_millis(100);

/// A bar on stderr; on none but a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    started: Instant,
    updated: Instant,
    bytes: u64,
    records: u64,
}

impl Progress {
    pub fn start() -> Progress {
        let bar = ProgressBar::new(STEPS);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} % {msg}") {
            bar.set_style(style);
        }
        let now = Instant::now();
        Progress { bar, started: now, updated: now, bytes: 0, records: 0 }
    }

    /// Whether anybody sees it.
    pub fn is_shown(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// So many bytes more came.
    pub fn received(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        if self.is_shown() && self.updated.elapsed() >= BETWEEN_UPDATES {
            self.draw();
        }
    }

    /// What the server says of it.
    pub fn show(&mut self, state: &State) {
        self.records = state.records;
        self.bar.set_position((state.progress.clamp(0.0, 1.0) * STEPS as f64) as u64);
        self.draw();
    }

    /// Takes it away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn draw(&mut self) {
        self.updated = Instant::now();
        let rate = self.bytes as f64 / self.started.elapsed().as_secs_f64().max(0.001);
        let (records, bytes) = (counted(self.records, "record"), size(self.bytes));
        self.bar.set_message(format!("{records}, {bytes}, {}/s", size(rate as u64)));
    }
}

/// Says what came of it, where that is not what is on stdout.
pub(super) fn tell(state: Option<&State>, bytes: Option<u64>, file: &Path) {
    if let Some(state) = state.filter(|state| state.skipped > 0) {
        let records = counted(state.skipped, "record");
        anstream::eprintln!("tailwater: left out {records} in damaged blocks");
    }
    let Some(bytes) = bytes.map(size) else { return };
    let file = file.display();
    match state.map(|state| counted(state.records, "record")) {
        Some(records) => anstream::eprintln!("tailwater: wrote {records} ({bytes}) to {file}"),
        None => anstream::eprintln!("tailwater: wrote {bytes} to {file}"),
    }
}
