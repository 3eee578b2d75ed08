//! Tests of the schema as a whole, over a real log in SQLite.

mod accounts;
mod audit;
mod authority;
mod damage;
mod hostile;
mod limits;
mod log;
mod recall;
mod scope;
mod searches;
mod sign_in;
mod tail;

use serde_json::Value;

use super::sdl;

#[test]
fn the_committed_schema_is_the_one_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == sdl(),
        "schema.graphql is not the schema of the code; `cargo run -- schema > schema.graphql` makes it so"
    );
}

/// The code of the first error of an answer.
fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}
