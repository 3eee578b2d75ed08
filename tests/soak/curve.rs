//! A figure over time: drawn as a line of text, and judged.

use crate::WARM_UP;

/// What a figure may do after the warm-up.
#[derive(Clone, Copy)]
pub enum Growth {
    /// The median of the second half may be that of the first by this factor, and so much more,
    /// whichever allows more.
    AtMost { ratio: f64, more: f64 },
    /// It is shown and not judged.
    Any,
}

/// A figure, sampled evenly.
pub struct Curve {
    name: &'static str,
    unit: &'static str,
    growth: Growth,
    samples: Vec<f64>,
}

/// As wide as it is drawn, in characters.
const WIDTH: usize = 60;
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl Curve {
    pub fn new(name: &'static str, unit: &'static str, growth: Growth) -> Curve {
        Curve { name, unit, growth, samples: Vec::new() }
    }

    pub fn add(&mut self, sample: f64) {
        self.samples.push(sample);
    }

    pub fn extend(&mut self, sample: Option<f64>) {
        self.samples.extend(sample);
    }

    /// Draws it, with its first, last and largest figure, and says whether it keeps within bounds.
    pub fn show(&self) -> bool {
        let Curve { name, unit, samples, .. } = self;
        let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
            println!("{name:<11} no samples");
            return false;
        };
        let most = samples.iter().copied().fold(0.0, f64::max);
        let judged = self.judge();
        println!(
            "{name:<11} {}  first {first:.1}, last {last:.1}, max {most:.1} {unit}",
            self.draw(most)
        );
        let (before, after, flat) = judged;
        if !flat {
            println!(
                "            GROWS: {before:.1} in the first half after the warm-up, then {after:.1}"
            );
        }
        flat
    }

    /// The medians of both halves after the warm-up, and whether that is flat.
    fn judge(&self) -> (f64, f64, bool) {
        let warm = (self.samples.len() as f64 * WARM_UP) as usize;
        let rest = self.samples.get(warm..).unwrap_or_default();
        let (first, second) = rest.split_at(rest.len() / 2);
        let (before, after) = (median(first), median(second));
        let flat = match self.growth {
            Growth::AtMost { ratio, more } => after <= (before * ratio).max(before + more),
            Growth::Any => true,
        };
        (before, after, flat)
    }

    fn draw(&self, most: f64) -> String {
        let piece = self.samples.len().div_ceil(WIDTH).max(1);
        let level = |sample: f64| ((sample / most.max(f64::MIN_POSITIVE)) * 7.0).round() as usize;
        let drawn = self.samples.chunks(piece).map(|piece| LEVELS[level(median(piece)).min(7)]);
        drawn.collect()
    }
}

/// The middle one of some figures; 0 when there are none.
pub fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
