//! Answers of a command as a table for people.

use crate::client::make_harmless;
use crate::log::Timestamp;

/// Aligned columns under their headings. Cells hold what others wrote: nothing in them can move the
/// cursor or pose as a line.
pub fn table<const N: usize>(headings: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut lines = vec![headings.map(str::to_owned)];
    lines.extend(rows.into_iter().map(|row| row.map(|cell| harmless(&cell))));
    let widths: Vec<usize> = (0..N)
        .map(|column| lines.iter().map(|line| width(line, column)).max().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for line in &lines {
        let mut row = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            row.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

fn width<const N: usize>(line: &[String; N], column: usize) -> usize {
    line.get(column).map_or(0, |cell| cell.chars().count())
}

fn harmless(cell: &str) -> String {
    let mut text = String::new();
    make_harmless(&cell.replace(['\r', '\n', '\t'], " "), &mut text);
    text
}

/// An instant in UTC, to the second; `-` for none.
pub fn instant(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.format("%Y-%m-%d %H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_cells_cannot_pose_as_lines() {
        let rows = vec![["ada".into(), "a\nb".into()], ["brunhilde".into(), "\u{1b}[2J".into()]];
        assert_eq!(
            table(["NAME", "TEXT"], rows),
            "NAME       TEXT\nada        a b\nbrunhilde  \\u{1b}[2J\n"
        );
    }
}
