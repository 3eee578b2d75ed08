//! DuckDB, in a Python of its own that `scripts/test-needs` makes: a reader of our files that
//! others wrote.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Asks, of files too: `select count(*) from '…/a.parquet'`. Every row as a list of texts.
pub fn ask(query: &str) -> Vec<Vec<String>> {
    const ASK: &str = "import duckdb, json, sys\n\
        rows = duckdb.sql(sys.argv[1]).fetchall()\n\
        print(json.dumps([[str(cell) for cell in row] for row in rows]))";
    let python = python();
    let asked = Command::new(&python).args(["-c", ASK, query]).env("TZ", "UTC").output();
    let asked = asked.unwrap_or_else(|error| {
        panic!("{}: {error}; `scripts/test-needs --tests` makes it", python.display())
    });
    let complaints = String::from_utf8_lossy(&asked.stderr);
    assert!(asked.status.success(), "{query}\n{complaints}");
    let rows: Value = serde_json::from_slice(&asked.stdout).expect("JSON");
    serde_json::from_value(rows).expect("rows of texts")
}

/// Where the script puts it: beside what is built.
fn python() -> PathBuf {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    built.join("readers/bin/python")
}
