//! What was measured, beside what it is compared with.

use std::collections::BTreeMap;
use std::fmt;

use crate::reference::REFERENCES;

/// Figures by name, in the order in which the names came, and by database.
#[derive(Default)]
pub struct Table {
    lines: Vec<(String, BTreeMap<&'static str, String>)>,
}

impl Table {
    /// Adds a number.
    pub fn add(&mut self, name: &str, database: &'static str, value: f64) {
        self.put(name, database, format!("{value:.2}"));
    }

    /// Adds a time and a CPU time, both in milliseconds.
    pub fn add_time(&mut self, name: &str, database: &'static str, time: f64, cpu: f64) {
        self.put(name, database, format!("{time:.1} ({cpu:.0})"));
    }

    fn put(&mut self, name: &str, database: &'static str, figure: String) {
        println!("{database}: {name}: {figure}");
        let line = self.lines.iter().position(|(known, _)| known == name);
        let line = line.unwrap_or_else(|| {
            self.lines.push((name.to_owned(), BTreeMap::new()));
            self.lines.len() - 1
        });
        self.lines[line].1.insert(database, figure);
    }
}

impl fmt::Display for Table {
    /// As Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| ms (CPU ms), unless it says otherwise | sqlite | postgres | goal | prototypes | \
             Postgres rows | SQLite rows |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for (name, figures) in &self.lines {
            let figure = |database| figures.get(database).map_or("", String::as_str);
            write!(f, "| {name} | {} | {} |", figure("sqlite"), figure("postgres"))?;
            match REFERENCES.iter().find(|reference| reference.name == name) {
                Some(known) => writeln!(
                    f,
                    " {} | {} | {} | {} |",
                    known.goal, known.prototypes, known.postgres_rows, known.sqlite_rows
                )?,
                None => writeln!(f, " | | | |")?,
            }
        }
        Ok(())
    }
}
