//! Records as they are shown: one a line, coloured by severity, harmless on a terminal.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use super::graphql::Log;
use super::time::Zone;
use super::{ClientError, numbers};

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// How records are written.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// One JSON object a line instead of text.
    pub json: bool,
    pub zone: Zone,
    pub colour: bool,
    /// Attributes follow the message.
    pub attributes: bool,
}

impl Look {
    /// Whether stdout takes colours: a terminal does, unless `NO_COLOR` and its like say no.
    pub fn stdout_takes_colour() -> bool {
        anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
    }
}

/// Writes records to an output.
#[derive(Debug)]
pub struct Printer<W> {
    output: W,
    look: Look,
    text: String,
}

impl<W: Write> Printer<W> {
    /// A printer onto an output.
    pub fn new(output: W, look: Look) -> Self {
        Printer { output, look, text: String::new() }
    }

    /// Writes the records, and hands them on at once.
    ///
    /// # Errors
    /// When the output takes no more.
    pub fn print<'a>(&mut self, logs: impl Iterator<Item = &'a Log>) -> Result<(), ClientError> {
        self.text.clear();
        for log in logs {
            if self.look.json {
                json(log, &mut self.text);
            } else {
                human(log, self.look, &mut self.text);
            }
        }
        self.output
            .write_all(self.text.as_bytes())
            .and_then(|()| self.output.flush())
            .map_err(ClientError::output)
    }
}

/// Says something between the records, on stderr, so that it is seen and does not mix with them.
pub fn notice(text: impl std::fmt::Display) {
    let dim = if io::stderr().is_terminal() { DIM } else { Style::new() };
    anstream::eprintln!("{dim}-- {text} --{dim:#}");
}

/// The notice about records that retention removed before they were read.
pub fn lost_notice(lost: u64) -> String {
    let lines = numbers::counted(lost, "line");
    format!("{lines} missing here: removed by retention before they could be read")
}

fn json(log: &Log, out: &mut String) {
    // A record read from JSON can be written as JSON.
    let text = serde_json::to_string(log).unwrap_or_default();
    escape_as_json(&text, out);
    out.push('\n');
}

/// Writes JSON so that it says the same and cannot harm a terminal.
pub fn escape_as_json(text: &str, out: &mut String) {
    for c in text.chars() {
        // These stand inside of strings only, where an escape says the same.
        if is_harmful(c) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
}

fn human(log: &Log, look: Look, out: &mut String) {
    let styled = |style: Style| if look.colour { style } else { Style::new() };
    let (dim, bold) = (styled(DIM), styled(BOLD));
    let _ = write!(out, "{dim}{}{dim:#} ", look.zone.format(log.timestamp));
    make_harmless(log.host.as_deref().unwrap_or("-"), out);
    let _ = write!(out, " {bold}");
    make_harmless(log.app.as_deref().unwrap_or("-"), out);
    let _ = write!(out, "{bold:#}");
    if let Some(id) = &log.proc_id {
        out.push('[');
        make_harmless(id, out);
        out.push(']');
    }
    let severity = log.severity.as_deref().unwrap_or("-");
    let style = styled(style_of(severity));
    let _ = write!(out, " {style}");
    make_harmless(severity, out);
    let _ = write!(out, "{style:#} ");
    let message_style = styled(if is_grave(severity) { style_of(severity) } else { Style::new() });
    let _ = write!(out, "{message_style}");
    make_harmless(&log.message, out);
    let _ = write!(out, "{message_style:#}");
    if look.attributes && log.attributes.as_object().is_some_and(|fields| !fields.is_empty()) {
        let _ = write!(out, " {dim}");
        make_harmless(&log.attributes.to_string(), out);
        let _ = write!(out, "{dim:#}");
    }
    out.push('\n');
}

fn is_grave(severity: &str) -> bool {
    matches!(severity, "EMERGENCY" | "ALERT" | "CRITICAL" | "ERROR")
}

fn style_of(severity: &str) -> Style {
    let colour = |colour: AnsiColor| colour.on_default();
    match severity {
        "EMERGENCY" | "ALERT" | "CRITICAL" => colour(AnsiColor::Red).bold(),
        "ERROR" => colour(AnsiColor::Red),
        "WARNING" => colour(AnsiColor::Yellow),
        "NOTICE" => colour(AnsiColor::Cyan),
        "INFO" => colour(AnsiColor::Green),
        _ => Style::new().dimmed(),
    }
}

/// Writes text so that it cannot move the cursor, change colours or pose as another line:
/// further lines are indented, other control characters written as escapes.
pub fn make_harmless(text: &str, out: &mut String) {
    let text = text.trim_end_matches(['\r', '\n']);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' => out.push_str("\n    "),
            '\t' => out.push('\t'),
            c if is_harmful(c) => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
}

/// Control characters, and those that turn the direction of the text or break the line.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Log {
        serde_json::from_value(serde_json::json!({
            "id": "7", "timestamp": "2026-01-02T03:04:05.123456Z",
            "receivedAt": "2026-01-02T03:04:06Z", "severity": "ERROR", "facility": "USER",
            "host": "web-1", "app": "shop", "procId": "42", "msgId": null,
            "message": "it broke", "attributes": {"user": 7}
        }))
        .unwrap()
    }

    const PLAIN: Look = Look { json: false, zone: Zone::Utc, colour: false, attributes: false };

    fn printed(log: &Log, look: Look) -> String {
        let mut printer = Printer::new(Vec::new(), look);
        printer.print(std::iter::once(log)).unwrap();
        String::from_utf8(printer.output).unwrap()
    }

    #[test]
    fn a_record_is_one_line() {
        assert_eq!(
            printed(&log(), PLAIN),
            "2026-01-02 03:04:05.123 web-1 shop[42] ERROR it broke\n"
        );
        let bare = Log { host: None, app: None, proc_id: None, severity: None, ..log() };
        assert_eq!(printed(&bare, PLAIN), "2026-01-02 03:04:05.123 - - - it broke\n");
        let with_attributes = Look { attributes: true, ..PLAIN };
        assert!(printed(&log(), with_attributes).ends_with("it broke {\"user\":7}\n"));
    }

    #[test]
    fn colours_are_added_and_nothing_else_changes() {
        let coloured = printed(&log(), Look { colour: true, ..PLAIN });
        assert!(coloured.contains("\u{1b}[31mERROR\u{1b}[0m"), "{coloured:?}");
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), printed(&log(), PLAIN));
    }

    #[test]
    fn json_is_one_object_a_line_as_the_api_gives_it() {
        let line = printed(&log(), Look { json: true, ..PLAIN });
        assert!(line.ends_with("}\n") && line.lines().count() == 1);
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["procId"], "42");
        assert_eq!(read["attributes"]["user"], 7);
        assert_eq!(read["msgId"], serde_json::Value::Null);
        assert_eq!(read["timestamp"], "2026-01-02T03:04:05.123456Z");
    }

    #[test]
    fn control_characters_from_logs_do_not_reach_the_terminal() {
        let evil = "a\u{1b}[2J\u{7}\u{9b}31m\u{202e}b\tc\r\nsecond\u{0}";
        let message = Log { message: evil.into(), host: Some("h\nx".into()), ..log() };
        for look in [PLAIN, Look { json: true, ..PLAIN }] {
            let text = printed(&message, look);
            assert!(!text.chars().any(|c| is_harmful(c) && !matches!(c, '\n' | '\t')), "{text:?}");
        }
        assert!(
            printed(&message, PLAIN)
                .ends_with("a\\u{1b}[2J\\u{7}\\u{9b}31m\\u{202e}b\tc\n    second\\u{0}\n")
        );
        let read: Log =
            serde_json::from_str(&printed(&message, Look { json: true, ..PLAIN })).unwrap();
        assert_eq!(read.message, evil);
    }

    #[test]
    fn the_loss_notice_says_how_many() {
        assert!(lost_notice(1_234).starts_with("1,234 lines missing"));
    }
}
