//! What was measured before this store was built, with 5 million records of such templates, one
//! thread, warm, in CPU ms: blocks and Parquet files in memory, and rows in each database; and what
//! this store is to reach.

/// Figures of one line of the table.
pub struct Reference {
    pub name: &'static str,
    /// Prototypes: blocks in a format of their own, and Parquet.
    pub prototypes: &'static str,
    pub postgres_rows: &'static str,
    pub sqlite_rows: &'static str,
    pub goal: &'static str,
}

const fn line(
    name: &'static str,
    prototypes: &'static str,
    postgres_rows: &'static str,
    sqlite_rows: &'static str,
    goal: &'static str,
) -> Reference {
    Reference { name, prototypes, postgres_rows, sqlite_rows, goal }
}

pub const REFERENCES: [Reference; 13] = [
    line("write full batches, CPU s/M", "0.5–0.8 + 0.33", "6.6", "5.9", ""),
    line("bytes a record, catalogue included", "48–50", "381", "272", "≤ 55"),
    line("newest 100 of a host", "4–16", "0.3 (index)", "0.3 (index)", "≤ 10"),
    line("rare substring", "4–15 (60 Postgres)", "1540", "1000", "≤ 20 (40 Postgres)"),
    line("substring that prunes nothing", "480–650", "1540", "1000", "≤ 300 (450 Postgres)"),
    line("the messages decoded, nothing else", "550", "", "", ""),
    line("common word, newest 100", "5", "3", "1", ""),
    line("common word, count", "480–640", "1875", "1470", ""),
    line("minute × severity, 1 h", "3–4", "90", "", ""),
    line("minute × severity, all", "35–240", "1550", "2240", "≤ 100"),
    line("rare attribute", "95–156", "860", "1380", ""),
    line("regex", "500–770", "8400", "", ""),
    line("one record by id", "3", "0.2", "0.1", ""),
];
