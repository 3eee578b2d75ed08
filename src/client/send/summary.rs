//! What a run of `send` did, for people and machines.

use std::time::Duration;

use serde::Serialize;

use crate::client::Outcome;
use crate::client::numbers::{counted, grouped, size};
use crate::client::transport::Account;

/// What a run of `send` did.
#[derive(Clone, Debug)]
pub struct Summary {
    pub account: Account,
    pub elapsed: Duration,
    /// The end of the source, the count or the duration was reached.
    pub complete: bool,
    /// What prevented the rest.
    pub trouble: Option<String>,
}

#[derive(Serialize)]
struct SummaryJson {
    sent: u64,
    bytes: u64,
    seconds: f64,
    rate: f64,
    reconnects: u64,
    resent: u64,
    errors: u64,
}

impl Summary {
    /// Whether every line that was wanted was sent.
    pub fn outcome(&self) -> Outcome {
        if self.complete && self.trouble.is_none() && self.account.errors() == 0 {
            Outcome::Done
        } else {
            Outcome::Incomplete
        }
    }

    /// Lines a second.
    fn rate(&self) -> f64 {
        self.account.sent as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// One JSON object, for machines.
    pub fn to_json(&self) -> String {
        let Account { sent, bytes, reconnects, resent, .. } = self.account;
        let json = SummaryJson {
            sent,
            bytes,
            seconds: (self.elapsed.as_secs_f64() * 1e6).round() / 1e6,
            rate: self.rate().round(),
            reconnects,
            resent,
            errors: self.account.errors(),
        };
        serde_json::to_string(&json).unwrap_or_default()
    }

    /// One line, for people.
    pub fn to_text(&self) -> String {
        let account = &self.account;
        let mut text = format!(
            "sent {} ({}) in {:.2} s, {} lines/s, {}",
            counted(account.sent, "line"),
            size(account.bytes),
            self.elapsed.as_secs_f64(),
            grouped(self.rate().round() as u64),
            counted(account.reconnects, "reconnect"),
        );
        let mut add = |n: u64, what: &str| {
            if n > 0 {
                text.push_str(&format!("; {} {what}", counted(n, "line")));
            }
        };
        add(account.unsent, "could not be sent or were not acknowledged");
        add(account.refused, "refused: nothing listens there");
        add(account.too_long, "too long for a datagram");
        add(account.resent, "sent again after a break, and perhaps there twice");
        if account.reconnects > 0 {
            text.push_str("; what the other side had taken but not read when it broke is lost");
        }
        text
    }
}
