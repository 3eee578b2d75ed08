//! The partitions of `block_part` on Postgres: made before a block needs them, dropped when what
//! they held is gone.
//!
//! Neither may hold up a reader. A new partition is made as a table of its own and then attached,
//! which readers and writers of the parent do not notice. A drop takes the parent for a moment, so
//! it waits for that moment only briefly, and is tried again another time.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sqlx::{self, AssertSqlSafe, PgPool, Postgres, Transaction};

use crate::store::StoreError;

/// Names the right to make and drop partitions among all advisory locks of the database
/// ("tailwatp").
const PARTITIONS_LOCK: i64 = i64::from_be_bytes(*b"tailwatp");

/// How long a drop waits for the readers of the moment, and so may keep later ones waiting.
const DROP_PATIENCE: Duration = Duration::from_millis(100);

const ALL: &str = "
SELECT partition.oid::regclass::text, pg_get_expr(partition.relpartbound, partition.oid)
FROM pg_inherits JOIN pg_class AS partition ON partition.oid = inhrelid
WHERE inhparent = 'block_part'::regclass";

/// The partitions that are known to exist.
#[derive(Debug)]
pub(in crate::store) struct Partitions {
    /// Positions a new one is for.
    ids: i64,
    known: Mutex<Known>,
}

/// Every partition by its first position.
type Known = BTreeMap<i64, Partition>;

#[derive(Clone, Debug)]
struct Partition {
    /// The position after its last one.
    end: i64,
    /// As SQL names it.
    name: String,
    /// When it was first seen to lie before everything that is kept.
    over_since: Option<Instant>,
}

impl Partitions {
    /// None are known yet; new ones are for so many positions each.
    pub fn new(ids: i64) -> Self {
        Partitions { ids: ids.max(1), known: Mutex::default() }
    }

    /// Positions a new one is for.
    pub fn ids(&self) -> i64 {
        self.ids
    }

    /// Makes the partitions of these positions that are not there yet.
    pub async fn ensure(&self, pool: &PgPool, ids: RangeInclusive<i64>) -> Result<(), StoreError> {
        if gap(&self.known(), &ids).is_none() {
            return Ok(());
        }
        let mut transaction = begin(pool).await?;
        let mut there = read(&mut transaction).await?;
        while let Some(id) = gap(&there, &ids) {
            let (start, end) = bounds(&there, id, self.ids);
            let name = format!("block_part_{start}");
            // Names and numbers of our own.
            let statement = format!(
                "CREATE TABLE {name} (LIKE block_part INCLUDING STORAGE INCLUDING INDEXES);
                 ALTER TABLE block_part ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})"
            );
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
            there.insert(start, Partition { end, name, over_since: None });
        }
        transaction.commit().await?;
        self.learn(there);
        Ok(())
    }

    /// Looks which ones there are.
    pub async fn refresh(&self, pool: &PgPool) -> Result<(), StoreError> {
        let mut transaction = begin(pool).await?;
        let there = read(&mut transaction).await?;
        self.learn(there);
        Ok(())
    }

    /// Drops a partition that lies before `first_id`, and did so for `rest` already: by then no
    /// snapshot is left that still names a block of it. Whether there is another one to drop now;
    /// not while readers do not let go of this one.
    pub async fn drop_oldest(
        &self,
        pool: &PgPool,
        first_id: i64,
        rest: Duration,
    ) -> Result<bool, StoreError> {
        let mut transaction = begin(pool).await?;
        let there = read(&mut transaction).await?;
        self.learn(there);
        let Some((start, name)) = self.rested(first_id, rest) else { return Ok(false) };
        let statement =
            format!("SET LOCAL lock_timeout = {}; DROP TABLE {name}", DROP_PATIENCE.as_millis());
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *transaction).await
        {
            if !is_lock_timeout(&error) {
                return Err(error.into());
            }
            tracing::debug!(partition = name, "readers hold it: it is dropped another time");
            return Ok(false);
        }
        transaction.commit().await?;
        self.known().remove(&start);
        tracing::info!(partition = name, "dropped a partition whose blocks are all gone");
        Ok(self.rested(first_id, rest).is_some())
    }

    /// The oldest partition that lay before everything for so long, by its start and name.
    fn rested(&self, first_id: i64, rest: Duration) -> Option<(i64, String)> {
        let mut known = self.known();
        for (start, partition) in known.range_mut(..first_id) {
            if partition.end > first_id {
                break;
            }
            if partition.over_since.get_or_insert_with(Instant::now).elapsed() >= rest {
                return Some((*start, partition.name.clone()));
            }
        }
        None
    }

    /// Takes over what is there; what is known of it otherwise stays known.
    fn learn(&self, mut there: Known) {
        let mut known = self.known();
        for (start, partition) in &mut there {
            let before = known.get(start).filter(|before| before.name == partition.name);
            partition.over_since = before.and_then(|before| before.over_since);
        }
        *known = there;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins to change partitions, alone.
async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    let mut transaction = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(PARTITIONS_LOCK)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction)
}

fn is_lock_timeout(error: &sqlx::Error) -> bool {
    const LOCK_NOT_AVAILABLE: &str = "55P03";
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == LOCK_NOT_AVAILABLE)
}

async fn read(transaction: &mut Transaction<'static, Postgres>) -> Result<Known, StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as(ALL).fetch_all(&mut **transaction).await?;
    rows.into_iter()
        .map(|(name, bound)| {
            let (start, end) = parse_bound(&bound).ok_or_else(|| {
                StoreError::Internal(format!("partition {name} is for `{bound}`, not for a range"))
            })?;
            Ok((start, Partition { end, name, over_since: None }))
        })
        .collect()
}

/// Reads `FOR VALUES FROM ('1') TO ('9')`.
fn parse_bound(bound: &str) -> Option<(i64, i64)> {
    let (start, end) = bound.strip_prefix("FOR VALUES FROM (")?.split_once(") TO (")?;
    let number = |text: &str| text.trim_end_matches(')').trim_matches('\'').parse().ok();
    Some((number(start)?, number(end)?))
}

/// The first of these positions that no partition is for.
fn gap(known: &Known, ids: &RangeInclusive<i64>) -> Option<i64> {
    let mut id = *ids.start();
    while id <= *ids.end() {
        let partition = known.range(..=id).next_back().map(|(_, partition)| partition);
        match partition.filter(|partition| partition.end > id) {
            Some(partition) => id = partition.end,
            None => return Some(id),
        }
    }
    None
}

/// The bounds of a new partition for `id`: a step of so many positions, cut off where others lie.
fn bounds(known: &Known, id: i64, ids: i64) -> (i64, i64) {
    let start = id.div_euclid(ids).saturating_mul(ids);
    let end = start.saturating_add(ids);
    let before = known.range(..=id).next_back().map(|(_, partition)| partition.end);
    let after = known.range(id..).next().map(|(start, _)| *start);
    (start.max(before.unwrap_or(start)), end.min(after.unwrap_or(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(ranges: &[(i64, i64)]) -> Known {
        let partition = |end| Partition { end, name: String::new(), over_since: None };
        ranges.iter().map(|(start, end)| (*start, partition(*end))).collect()
    }

    #[test]
    fn the_bounds_of_a_partition_are_read_as_postgres_writes_them() {
        assert_eq!(parse_bound("FOR VALUES FROM ('0') TO ('8388608')"), Some((0, 8_388_608)));
        assert_eq!(parse_bound("FOR VALUES FROM ('-5') TO ('7')"), Some((-5, 7)));
        assert_eq!(parse_bound("FOR VALUES FROM (MINVALUE) TO ('7')"), None);
        assert_eq!(parse_bound("DEFAULT"), None);
    }

    #[test]
    fn a_gap_is_the_first_position_without_a_partition() {
        let known = known(&[(0, 100), (100, 200), (300, 400)]);
        assert_eq!(gap(&known, &(0..=199)), None);
        assert_eq!(gap(&known, &(150..=350)), Some(200));
        assert_eq!(gap(&known, &(399..=400)), Some(400));
        assert_eq!(gap(&known, &(-1..=5)), Some(-1));
        assert_eq!(gap(&Known::new(), &(7..=7)), Some(7));
    }

    #[test]
    fn a_new_partition_fits_between_others_whatever_their_sizes() {
        assert_eq!(bounds(&Known::new(), 1, 100), (0, 100));
        assert_eq!(bounds(&Known::new(), 250, 100), (200, 300));
        let known = known(&[(0, 130), (170, 180)]);
        assert_eq!(bounds(&known, 140, 100), (130, 170));
        assert_eq!(bounds(&known, 190, 100), (180, 200));
        assert_eq!(bounds(&known, 200, 100), (200, 300));
    }

    #[test]
    fn a_partition_is_dropped_only_after_it_has_lain_before_everything_for_a_while() {
        let partitions = Partitions::new(100);
        partitions.learn(known(&[(0, 100), (100, 200)]));
        let hour = Duration::from_secs(3_600);
        assert_eq!(partitions.rested(199, hour), None);
        assert_eq!(partitions.rested(99, Duration::ZERO), None);
        assert_eq!(partitions.rested(199, Duration::ZERO), Some((0, String::new())));
    }
}
