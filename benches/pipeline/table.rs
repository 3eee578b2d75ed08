//! What was measured, and the table it ends in.

use std::fmt;
use std::time::Duration;

/// What one run showed.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Lines that went all the way.
    pub lines: u64,
    /// Lines that were sent and did not.
    pub lost: u64,
    pub elapsed: Duration,
    /// The CPU time of each process that worked for it.
    pub cpu: Vec<(&'static str, Duration)>,
    /// The most private memory that the processes held together, in bytes, if that was watched.
    pub peak_memory: Option<u64>,
}

impl Sample {
    fn rate(&self) -> f64 {
        self.lines as f64 / self.elapsed.as_secs_f64()
    }

    /// CPU seconds a million lines.
    fn cost(&self) -> f64 {
        self.cpu.iter().map(|(_, cpu)| self.per_million(*cpu)).sum()
    }

    fn per_million(&self, cpu: Duration) -> f64 {
        cpu.as_secs_f64() / self.lines as f64 * 1e6
    }

    fn lost_percent(&self) -> f64 {
        self.lost as f64 / (self.lines + self.lost) as f64 * 100.0
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rate, cost, lost) = (self.rate(), self.cost(), self.lost_percent());
        write!(f, "{rate:.0} lines/s, {cost:.2} CPU s/M, {lost:.2} % lost")
    }
}

/// Samples by name, in the order in which the names came.
#[derive(Default)]
pub struct Table {
    rows: Vec<(String, Vec<Sample>)>,
}

impl Table {
    pub fn add(&mut self, name: &str, sample: Sample) {
        match self.rows.iter_mut().find(|(known, _)| known == name) {
            Some((_, samples)) => samples.push(sample),
            None => self.rows.push((name.to_owned(), vec![sample])),
        }
    }
}

impl fmt::Display for Table {
    /// Medians, and the least and the most of what matters, as Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| measured | lines/s | CPU s/M lines | of it | lost | peak memory MB |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for (name, samples) in &self.rows {
            let rate = Spread::of(samples, Sample::rate);
            let cost = Spread::of(samples, Sample::cost);
            let lost = Spread::of(samples, Sample::lost_percent);
            writeln!(
                f,
                "| {name} | {rate:.0} | {cost:.2} | {} | {:.2} % | {} |",
                parts(samples),
                lost.median,
                memory(samples),
            )?;
        }
        Ok(())
    }
}

/// What each process used, where there are several.
fn parts(samples: &[Sample]) -> String {
    let names: Vec<&str> =
        samples.first().iter().flat_map(|s| &s.cpu).map(|(name, _)| *name).collect();
    if names.len() < 2 {
        return String::new();
    }
    let part = |(n, name): (usize, &&str)| {
        let spread = Spread::of(samples, |sample| sample.per_million(sample.cpu[n].1));
        format!("{name} {:.2}", spread.median)
    };
    names.iter().enumerate().map(part).collect::<Vec<_>>().join(", ")
}

fn memory(samples: &[Sample]) -> String {
    if samples.iter().any(|sample| sample.peak_memory.is_none()) {
        return String::new();
    }
    let peak = |sample: &Sample| sample.peak_memory.unwrap_or(0) as f64 / 1e6;
    format!("{:.0}", Spread::of(samples, peak).median)
}

/// The value in the middle, the least and the most.
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(samples: &[Sample], value: impl Fn(&Sample) -> f64) -> Self {
        let mut values: Vec<f64> = samples.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        Spread {
            median: values[values.len() / 2],
            least: values[0],
            most: values[values.len() - 1],
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(0);
        write!(f, "{:.digits$}", self.median)?;
        if self.least < self.most {
            write!(f, " ({:.digits$}–{:.digits$})", self.least, self.most)?;
        }
        Ok(())
    }
}
