//! The severity that a level of a logger stands for.

use crate::log::Severity;

/// A severity, and whether it says all that the level said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    pub severity: Severity,
    /// The level is just another spelling of the severity. When it says more (`trace`, `fatal`,
    /// `INFO+2`), it is worth keeping beside it.
    pub exact: bool,
}

/// Reads a level: a word in any case, or a number as text.
pub(super) fn level(text: &str) -> Option<Level> {
    let text = text.trim();
    if let Ok(number) = text.parse::<u32>() {
        return numeric(number);
    }
    if let Ok(severity) = text.parse::<Severity>() {
        let exact = !["trace", "verbose", "fatal", "panic"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word));
        return Some(Level { severity, exact });
    }
    let severity = match text.to_ascii_lowercase().as_str() {
        "dpanic" => Severity::Critical,
        "severe" => Severity::Error,
        "success" | "http" | "log" => Severity::Info,
        "silly" | "fine" | "finer" | "finest" | "config" => Severity::Debug,
        // slog prints what lies between its levels as `INFO+2`, `ERROR+4`, `DEBUG-4`.
        word => word.split_once(['+', '-'])?.0.parse().ok()?,
    };
    Some(Level { severity, exact: false })
}

/// 0 to 7 are syslog's; tens those of bunyan and pino (30 is info), hundreds those of monolog
/// (200 is info).
fn numeric(number: u32) -> Option<Level> {
    let severity = match number {
        0..=7 => Severity::from_code(u8::try_from(number).ok()?)?,
        8..=29 => Severity::Debug,
        30..=39 => Severity::Info,
        40..=49 => Severity::Warning,
        50..=59 => Severity::Error,
        60..=99 => Severity::Critical,
        100..=199 => Severity::Debug,
        200..=249 => Severity::Info,
        250..=299 => Severity::Notice,
        300..=399 => Severity::Warning,
        400..=499 => Severity::Error,
        500..=549 => Severity::Critical,
        550..=599 => Severity::Alert,
        600..=699 => Severity::Emergency,
        _ => return None,
    };
    let exact = matches!(number, 0..=7 | 20 | 30 | 40 | 50 | 100 | 200 | 250 | 300 | 400)
        || matches!(number, 500 | 550 | 600);
    Some(Level { severity, exact })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_loggers_are_severities() {
        for (text, severity, exact) in [
            ("info", Severity::Info, true),
            ("Information", Severity::Info, true),
            ("WARN", Severity::Warning, true),
            ("eror", Severity::Error, true),
            ("6", Severity::Info, true),
            ("30", Severity::Info, true),
            ("35", Severity::Info, false),
            ("60", Severity::Critical, false),
            ("250", Severity::Notice, true),
            ("Fatal", Severity::Critical, false),
            ("trace", Severity::Debug, false),
            ("INFO+2", Severity::Info, false),
            ("DEBUG-4", Severity::Debug, false),
            ("silly", Severity::Debug, false),
        ] {
            assert_eq!(level(text), Some(Level { severity, exact }), "{text}");
        }
        for text in ["", "loud", "-1", "8000", "a-b", "9999999999"] {
            assert_eq!(level(text), None, "{text}");
        }
    }
}
