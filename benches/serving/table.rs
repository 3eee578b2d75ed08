//! What was measured, and the table it ends in.

use std::fmt;

/// What one run showed.
pub struct Row {
    pub name: String,
    /// Answers, or records delivered, a second.
    pub rate: f64,
    /// In milliseconds.
    pub p50: f64,
    pub p99: f64,
    /// Processors that the service kept busy.
    pub cores: f64,
    /// What of that each process took.
    pub parts: Vec<(&'static str, f64)>,
    /// The private memory of its own process at the end, in MB.
    pub memory: f64,
    /// Records that did not come, or came twice or out of order.
    pub wrong: u64,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { name, rate, p50, p99, cores, memory, wrong, .. } = self;
        write!(
            f,
            "{name}: {rate:.0}/s, p50 {p50:.2} ms, p99 {p99:.2} ms, {cores:.2} cores, \
             {memory:.0} MB, {wrong} wrong"
        )
    }
}

/// Rows by name, in the order in which the names came.
#[derive(Default)]
pub struct Table(Vec<(String, Vec<Row>)>);

impl Table {
    pub fn add(&mut self, row: Row) {
        match self.0.iter_mut().find(|(name, _)| *name == row.name) {
            Some((_, rows)) => rows.push(row),
            None => self.0.push((row.name.clone(), vec![row])),
        }
    }
}

impl fmt::Display for Table {
    /// Medians, with the least and the most of what matters, as Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| measured | a second | p50 ms | p99 ms | cores | of it | MB | wrong |")?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for (name, rows) in &self.0 {
            let parts: Vec<String> = (0..rows.first().map_or(0, |row| row.parts.len()))
                .map(|n| {
                    let part = middle(rows, |row| row.parts[n].1).0;
                    format!("{} {part:.2}", rows[0].parts[n].0)
                })
                .collect();
            let spread = |of: fn(&Row) -> f64, digits: usize| {
                let (median, least, most) = middle(rows, of);
                format!("{median:.digits$} ({least:.digits$}–{most:.digits$})")
            };
            let wrong: u64 = rows.iter().map(|row| row.wrong).sum();
            writeln!(
                f,
                "| {name} | {} | {} | {} | {} | {} | {} | {wrong} |",
                spread(|row| row.rate, 0),
                spread(|row| row.p50, 2),
                spread(|row| row.p99, 2),
                spread(|row| row.cores, 2),
                parts.join(", "),
                spread(|row| row.memory, 0),
            )?;
        }
        Ok(())
    }
}

/// The value in the middle, the least and the most.
fn middle(rows: &[Row], of: impl Fn(&Row) -> f64) -> (f64, f64, f64) {
    let mut values: Vec<f64> = rows.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[0], values[values.len() - 1])
}
