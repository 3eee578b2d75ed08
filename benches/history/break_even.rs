//! Where a block is cheaper than rows: batches of one size, written in either form and then sealed.

use tailwater::store::{Store, StoreOptions};

use crate::Options;
use crate::place::{Database, Place};
use crate::records::Sources;
use crate::table::Table;
use crate::watch::Watch;
use crate::write::{Writing, per_million, seal_all};

const SIZES: [usize; 6] = [32, 64, 128, 256, 512, 1_024];
/// Records of each size and form.
const RECORDS: u64 = 65_536;

/// Measures every size on a database of its own.
pub async fn compare(database: Database, options: &Options, table: &mut Table) {
    for size in SIZES {
        for (form, block_rows) in [("rows", usize::MAX), ("blocks", 1)] {
            let place = Place::new(database);
            place.store().await.close().await;
            let open = StoreOptions { block_rows, ..StoreOptions::new(&place.url) };
            let store = Store::connect(&open).await.expect("the database is there");
            let claimed = store.claim_writer().await.expect("the database answers");
            let mut session = claimed.expect("nobody else writes");
            let sources = Sources::new();
            let mut writing =
                Writing { place: &place, session: &mut session, sources: &sources, options };
            let written = writing.write(0..RECORDS, size).await;
            let watch = Watch::start(&place);
            seal_all(&store).await;
            let sealed = watch.stop().cpu;
            for (what, cpu) in [("write", written), ("seal", sealed)] {
                let name = format!("batches of {size} as {form}: {what}, CPU s/M");
                table.add(&name, database.name(), per_million(cpu, RECORDS));
            }
            store.close().await;
        }
    }
}
