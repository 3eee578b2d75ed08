//! The history bench: a log of some million records on each database, what it costs to write and
//! to seal it, what it takes at rest, and how long the questions take that people ask of it.
//!
//! The records are those of `records.rs`; nothing that makes data durable is switched off. Questions
//! are asked of the store, one at a time, warm. Beside them stands what was measured before this
//! store was built (`reference.rs`) and what it is to reach. Compare CPU time before time, and only
//! within one run of the bench.

mod break_even;
#[path = "../pipeline/place.rs"]
mod place;
mod questions;
mod records;
mod reference;
#[allow(dead_code)]
#[path = "../pipeline/servers.rs"]
mod servers;
mod table;
#[allow(dead_code)]
#[path = "../pipeline/usage.rs"]
mod usage;
mod watch;
mod write;

use clap::Parser;
use tokio::runtime::Runtime;

use place::{Database, Place};
use table::Table;

/// Fills a log on each database and asks it.
#[derive(Parser)]
struct Options {
    /// Records of the log
    #[arg(long, default_value_t = 5_000_000)]
    records: u64,
    /// Records a batch
    #[arg(long, default_value_t = 16_384)]
    batch: usize,
    /// The newest records, which come in batches too small for blocks and are sealed afterwards
    #[arg(long, default_value_t = 100_000)]
    sealed: u64,
    /// How often each question is asked; the table shows medians
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// Also where blocks become cheaper than rows
    #[arg(long)]
    break_even: bool,
    /// Only the questions that have this in their name, for example `substring`
    #[arg(long, default_value = "")]
    ask: String,
    /// Only the database that has this in its name, for example `sqlite`
    #[arg(long, default_value = "")]
    only: String,
    /// What `cargo bench` passes to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    let runtime = Runtime::new().expect("a runtime");
    let mut table = Table::default();
    for database in [Database::Sqlite, Database::Postgres] {
        if !database.name().contains(&options.only) {
            continue;
        }
        let place = Place::new(database);
        runtime.block_on(async {
            let store = write::fill(database.name(), &place, &options, &mut table).await;
            questions::ask(database.name(), &store, &place, &options, &mut table).await;
            store.close().await;
            if options.break_even {
                break_even::compare(database, &options, &mut table).await;
            }
        });
    }
    questions::decode_messages(&options, &mut table);
    println!("\n{} records\n\n{table}", options.records);
}
