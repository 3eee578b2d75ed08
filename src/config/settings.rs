//! What is made from the table of settings: arguments, help, example file.

use std::fmt::Write;

use clap::Arg;

use super::table::SETTINGS;

/// One setting: the option `--key`, the variable `TAILWATER_KEY` and the key of the file.
#[derive(Debug)]
pub struct Setting {
    /// The name, as on the command line.
    pub key: &'static str,
    /// What the value looks like.
    pub value: &'static str,
    /// The default, as it would be written; empty for none.
    pub default: &'static str,
    /// The heading it stands under.
    pub section: &'static str,
    /// Whether the value may carry a password.
    pub secret: bool,
    /// What it does: one or a few sentences.
    pub help: &'static str,
}

impl Setting {
    /// The variable of the environment.
    pub fn variable(&self) -> String {
        format!("TAILWATER_{}", self.key.to_uppercase().replace('-', "_"))
    }

    /// The option of the command line.
    pub(super) fn argument(&self) -> Arg {
        let default = if self.default.is_empty() { "none" } else { self.default };
        Arg::new(self.key)
            .long(self.key)
            .env(self.variable())
            // All variables are named alike, which the help says once.
            .hide_env(true)
            .value_name(self.value)
            .help_heading(self.section)
            // No line break within the brackets.
            .help(format!("{} [default:\u{a0}{default}]", self.help))
    }
}

/// The known key that an unknown one was probably meant to be, as a remark.
pub(super) fn suggestion(unknown: &str) -> String {
    let wanted = unknown.replace('_', "-").to_lowercase();
    let close = SETTINGS
        .iter()
        .find(|s| s.key == wanted || s.key.starts_with(&wanted) || wanted.starts_with(s.key));
    close.map_or_else(String::new, |s| format!("; did you mean `{}`?", s.key))
}

/// `tailwater.example.toml`.
pub fn example_file() -> String {
    let mut text = String::from(
        "# Every setting of Tailwater with its default. Copy this file to tailwater.toml and\n\
         # uncomment what you change. A flag (--udp) beats a variable (TAILWATER_UDP), a variable\n\
         # beats this file. Sizes: 64KiB, 16MiB, 1GiB. Times: 5ms, 10s, 15m, 24h.\n",
    );
    let mut section = "";
    for setting in SETTINGS {
        if setting.section != section {
            section = setting.section;
            let _ = write!(text, "\n# ── {section} {}\n", "─".repeat(72 - section.len()));
        }
        text.push('\n');
        for line in wrap(setting.help, 96) {
            let _ = writeln!(text, "# {line}");
        }
        let quoted = if setting.default.parse::<u64>().is_ok() {
            setting.default.to_owned()
        } else {
            format!("{:?}", setting.default)
        };
        let _ = writeln!(text, "#{} = {quoted}", setting.key);
    }
    text
}

/// The settings as a table in Markdown, for the README.
pub fn markdown_table() -> String {
    let mut text = String::from("| option | default | what it does |\n|---|---|---|\n");
    for setting in SETTINGS {
        let default = if setting.default.is_empty() {
            String::new()
        } else {
            format!("`{}`", setting.default)
        };
        let help = setting.help.replace('|', "\\|");
        let _ = writeln!(text, "| `--{}` | {default} | {help} |", setting.key);
    }
    text
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
