//! What a command says while it works: on stderr, beside the progress line.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::numbers::{counted, grouped};

const BETWEEN_UPDATES: Duration = Duration::from_millis(100);

/// A progress line, shown only on a terminal, and notices that do not tear it.
#[derive(Debug)]
pub struct Notices {
    bar: ProgressBar,
    started: Instant,
    updated: Instant,
}

impl Notices {
    /// Notices alone.
    pub fn without_progress() -> Self {
        let now = Instant::now();
        Notices { bar: ProgressBar::hidden(), started: now, updated: now }
    }

    /// Notices beside a progress line, if stderr is a terminal.
    pub fn with_progress() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Notices { bar, ..Self::without_progress() }
    }

    /// Says something that stays.
    pub fn say(&self, text: impl std::fmt::Display) {
        self.bar.suspend(|| anstream::eprintln!("tailwater: {text}"));
    }

    /// Shows how far it is, now and then.
    pub fn progress(&mut self, lines: u64) {
        if self.bar.is_hidden() || self.updated.elapsed() < BETWEEN_UPDATES {
            return;
        }
        self.updated = Instant::now();
        let rate = lines as f64 / self.started.elapsed().as_secs_f64();
        let (lines, rate) = (counted(lines, "line"), grouped(rate as u64));
        self.bar.set_message(format!("sent {lines}, {rate} lines/s"));
        self.bar.tick();
    }

    /// Takes the progress line away.
    pub fn end_progress(&self) {
        self.bar.finish_and_clear();
    }
}
