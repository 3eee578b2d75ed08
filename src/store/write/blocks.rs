//! Blocks on their way into the database: made of records, and inserted with their parts.

use sea_orm::sqlx::{self, PgConnection, SqliteConnection};

use super::super::StoreError;
use super::super::batch::Resolved;
use super::super::block::{self, Encoded, FORMAT, FULL_BYTES, FULL_ROWS, Row, Summary, checksum};
use super::super::upkeep::{Form, Segment};
use super::signed;
use crate::log::Timestamp;

/// Everything in one statement, and so one round trip.
const INSERT_ON_POSTGRES: &str = "
WITH catalogue AS (
    INSERT INTO block (first_id, last_id, sealed, format, raw_bytes, stored_bytes,
        from_1, to_1, from_2, to_2, from_3, to_3, from_4, to_4, received_from, received_to,
        severities, facilities, sources, source_counts, minutes, trigrams, footer, checksum)
    SELECT * FROM UNNEST($1::int8[], $2::int8[], $3::bool[], $4::int2[], $5::int8[], $6::int8[],
        $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[],
        $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[],
        $15::timestamptz[], $16::timestamptz[], $17::int4[], $18::int4[], $19::bytea[],
        $20::bytea[], $21::bytea[], $22::bytea[], $23::bytea[], $24::int8[])
)
INSERT INTO block_part (first_id, part, checksum, bytes)
SELECT * FROM UNNEST($25::int8[], $26::int2[], $27::int8[], $28::bytea[])";

const INSERT_BLOCK_ON_SQLITE: &str = "
INSERT INTO block (first_id, last_id, sealed, format, raw_bytes, stored_bytes,
    from_1, to_1, from_2, to_2, from_3, to_3, from_4, to_4, received_from, received_to,
    severities, facilities, sources, source_counts, minutes, trigrams, footer, checksum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const INSERT_PART_ON_SQLITE: &str =
    "INSERT INTO block_part (first_id, part, checksum, bytes) VALUES (?, ?, ?, ?)";

/// A block that is ready to be stored, with its columns as the databases take them.
#[derive(Debug)]
pub(in crate::store) struct NewBlock {
    pub summary: Summary,
    /// It is in its final form.
    pub sealed: bool,
    sources: Vec<u8>,
    source_counts: Vec<u8>,
    minutes: Vec<u8>,
    /// Its pieces with their checksums, in the order of the file.
    parts: Vec<(i64, Vec<u8>)>,
    footer: Vec<u8>,
}

/// Whether so much is worth a block in its final form.
pub fn is_half_full(records: u64, raw_bytes: u64) -> bool {
    records >= FULL_ROWS as u64 / 2 || raw_bytes >= FULL_BYTES as u64 / 2
}

/// Makes blocks of a whole batch; those that are at least half full are final. It takes about a
/// microsecond of processor time a record.
pub(in crate::store) fn blocks_of(
    first_id: i64,
    records: &[Resolved],
) -> Result<Vec<NewBlock>, StoreError> {
    let rows: Vec<Row> = records
        .iter()
        .map(|record| Row {
            source_id: record.source_id,
            source: &record.source,
            entry: &record.entry,
        })
        .collect();
    let mut runs: Vec<usize> = block::cut(&rows).map(<[Row]>::len).collect();
    share_the_rest(&mut runs);
    let (mut first_id, mut rest) = (first_id, rows.as_slice());
    let mut blocks = Vec::with_capacity(runs.len());
    for records in runs {
        let (run, after) = rest.split_at(records);
        blocks.push(NewBlock::new(block::encode(first_id, run)?, false));
        first_id += signed(records);
        rest = after;
    }
    Ok(blocks)
}

/// A batch is often a little more than a block. Two of half the size are better than a full one
/// and a tiny one, which would stay between full ones for ever.
fn share_the_rest(runs: &mut [usize]) {
    if let [.., full, rest] = runs
        && *rest < *full / 2
    {
        let both = *full + *rest;
        *full = both.div_ceil(2);
        *rest = both / 2;
    }
}

impl NewBlock {
    /// A block as it was encoded: final when it is said to be, or at least half full.
    pub fn new(encoded: Encoded, is_final: bool) -> Self {
        let Encoded { summary, parts, footer } = encoded;
        NewBlock {
            sealed: is_final || is_half_full(summary.records(), summary.raw_bytes),
            sources: summary.source_bitmap(),
            source_counts: summary.write_sources(),
            minutes: summary.write_minutes(),
            parts: parts.into_iter().map(|bytes| (checksum(&bytes), bytes)).collect(),
            footer,
            summary,
        }
    }

    /// What of it may still be merged: all or nothing.
    pub fn unsealed(&self) -> Option<Segment> {
        (!self.sealed).then_some(Segment {
            first_id: self.summary.first_id,
            last_id: self.summary.last_id,
            form: Form::SmallBlock,
            raw_bytes: self.summary.raw_bytes,
            received_from: self.summary.received.0,
        })
    }

    /// Bytes of its parts and of its row in the catalogue.
    pub fn stored_bytes(&self) -> u64 {
        /// Numbers and instants of a row, and what the databases add to it.
        const FIXED: usize = 200;
        let columns = [
            &self.sources,
            &self.source_counts,
            &self.minutes,
            &self.summary.trigrams,
            &self.footer,
        ];
        let columns: usize = columns.into_iter().map(Vec::len).sum();
        let parts: usize = self.parts.iter().map(|(_, bytes)| bytes.len()).sum();
        (FIXED + columns + parts) as u64
    }

    /// The bounds of its intervals, in the order of the columns.
    fn instants(&self) -> [Timestamp; 10] {
        let [a, b, c, d] = self.summary.times.0;
        let received = self.summary.received;
        [a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1, received.0, received.1]
    }
}

/// Inserts blocks in one round trip. Their partitions must be there.
pub(in crate::store) async fn insert_on_postgres(
    connection: &mut PgConnection,
    blocks: &[NewBlock],
) -> Result<(), sqlx::Error> {
    let mut query = sqlx::query(INSERT_ON_POSTGRES)
        .bind(column(blocks, |block| block.summary.first_id))
        .bind(column(blocks, |block| block.summary.last_id))
        .bind(column(blocks, |block| block.sealed))
        .bind(column(blocks, |_| FORMAT))
        .bind(column(blocks, |block| signed(block.summary.raw_bytes)))
        .bind(column(blocks, |block| signed(block.stored_bytes())));
    for place in 0..10 {
        query = query.bind(column(blocks, |block| block.instants()[place]));
    }
    let parts: Vec<_> = blocks
        .iter()
        .flat_map(|block| {
            (0i16..).zip(&block.parts).map(|(place, part)| (block.summary.first_id, place, part))
        })
        .collect();
    query
        .bind(column(blocks, |block| block.summary.severities))
        .bind(column(blocks, |block| block.summary.facilities))
        .bind(column(blocks, |block| block.sources.as_slice()))
        .bind(column(blocks, |block| block.source_counts.as_slice()))
        .bind(column(blocks, |block| block.minutes.as_slice()))
        .bind(column(blocks, |block| block.summary.trigrams.as_slice()))
        .bind(column(blocks, |block| block.footer.as_slice()))
        .bind(column(blocks, |block| checksum(&block.footer)))
        .bind(column(&parts, |(first_id, ..)| *first_id))
        .bind(column(&parts, |(_, place, _)| *place))
        .bind(column(&parts, |(.., (checksum, _))| *checksum))
        .bind(column(&parts, |(.., (_, bytes))| bytes.as_slice()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Inserts blocks.
pub(in crate::store) async fn insert_on_sqlite(
    connection: &mut SqliteConnection,
    blocks: &[NewBlock],
) -> Result<(), sqlx::Error> {
    for block in blocks {
        let summary = &block.summary;
        let mut query = sqlx::query(INSERT_BLOCK_ON_SQLITE)
            .bind(summary.first_id)
            .bind(summary.last_id)
            .bind(block.sealed)
            .bind(FORMAT)
            .bind(signed(summary.raw_bytes))
            .bind(signed(block.stored_bytes()));
        for instant in block.instants() {
            query = query.bind(instant.timestamp_micros());
        }
        query
            .bind(summary.severities)
            .bind(summary.facilities)
            .bind(block.sources.as_slice())
            .bind(block.source_counts.as_slice())
            .bind(block.minutes.as_slice())
            .bind(summary.trigrams.as_slice())
            .bind(block.footer.as_slice())
            .bind(checksum(&block.footer))
            .execute(&mut *connection)
            .await?;
        for (place, (checksum, bytes)) in (0i16..).zip(&block.parts) {
            sqlx::query(INSERT_PART_ON_SQLITE)
                .bind(summary.first_id)
                .bind(place)
                .bind(*checksum)
                .bind(bytes.as_slice())
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// One column of many rows.
fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_over_of_a_batch_shares_a_block() {
        let shared = |mut runs: Vec<usize>| {
            share_the_rest(&mut runs);
            runs
        };
        assert_eq!(shared(vec![]), [0usize; 0]);
        assert_eq!(shared(vec![5]), [5]);
        assert_eq!(shared(vec![100, 100, 1]), [100, 51, 50]);
        assert_eq!(shared(vec![100, 60]), [100, 60]);
    }
}
