//! `histogram`: counts over time, in buckets of a width that people like to read.

use std::collections::BTreeMap;
use std::time::Duration;

use async_graphql::{Context, Enum, SimpleObject};

use super::connection::size;
use super::damage::tell;
use super::enums::spelling;
use super::errors::ApiError;
use super::filter::LogFilter;
use super::limits::{DEFAULT_BUCKETS, MAX_BUCKETS, MAX_GROUPED_COUNTS};
use super::reader::{Asked, Reader};
use super::scalars::{Count, DateTime};
use crate::log::{Severity, Timestamp, timestamp_from_micros};
use crate::store::{Answer, Bucket as StoredBucket, HistogramField as StoredField};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The widths of buckets up to a day, in microseconds. Beyond, they are 1, 2, 5, 10, 20, 50 …
/// days.
#[rustfmt::skip]
const WIDTHS: [i64; 26] = [
    1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
    SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
    MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
];
/// More days than all the years that a timestamp can name.
const MOST_DAYS: i64 = 100_000_000;

/// What `histogram` counts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "StoredField")]
pub enum HistogramField {
    Severity,
    Host,
    App,
}

/// How many records fall into a stretch of time.
#[derive(Debug, PartialEq, Eq, SimpleObject)]
pub struct Bucket {
    /// Where the stretch begins; it ends where the next one begins.
    start: DateTime,
    /// The value counted, when the histogram is grouped; null for records without one.
    key: Option<String>,
    /// The number of records.
    count: Count,
}

/// Counts records over time.
///
/// The range is the filter's; where it is open, it begins and ends with the records that match.
pub async fn histogram(
    ctx: &Context<'_>,
    reader: &Reader,
    filter: LogFilter,
    buckets: Option<i32>,
    by: Option<HistogramField>,
) -> Result<Vec<Bucket>, ApiError> {
    let most = buckets.map_or(Ok(DEFAULT_BUCKETS), |asked| size("buckets", asked, MAX_BUCKETS))?;
    if most == 0 {
        return Err(ApiError::bad_input("buckets", "`buckets` is at least 1"));
    }
    let asked = reader.read(&filter).await?;
    let Answer { value: range, mut damaged } = range(reader, &asked).await?;
    let Some((from, to)) = range else {
        tell(ctx, damaged);
        return Ok(Vec::new());
    };
    let grid = Grid::over(from, to, most);
    let counted = reader
        .histogram(&asked.tree, grid.start(), grid.width(), grid.buckets, by.map(StoredField::from))
        .await?;
    damaged.extend(counted.damaged);
    tell(ctx, damaged);
    let counted = counted.value;
    match by {
        None => Ok(grid.fill(&counted)),
        Some(_) if counted.len() > MAX_GROUPED_COUNTS => Err(ApiError::bad_input(
            "by",
            format!(
                "more than {MAX_GROUPED_COUNTS} counts; ask for fewer buckets or narrow the filter"
            ),
        )),
        Some(field) => Ok(counted.into_iter().map(|bucket| grouped(field, bucket)).collect()),
    }
}

/// The range to count over, its end excluded; `None` when it is empty.
async fn range(
    reader: &Reader,
    asked: &Asked,
) -> Result<Answer<Option<(Timestamp, Timestamp)>>, ApiError> {
    let mut damaged = Vec::new();
    let (from, to) = match (asked.range.from, asked.range.to) {
        (Some(from), Some(to)) => (from, to),
        (from, to) => {
            let bounds = reader.time_bounds(&asked.tree).await?;
            damaged = bounds.damaged;
            let Some((first, last)) = bounds.value else {
                return Ok(Answer { value: None, damaged });
            };
            let past_last = timestamp_from_micros(last.timestamp_micros().saturating_add(1));
            (from.unwrap_or(first), to.unwrap_or(past_last))
        }
    };
    Ok(Answer { value: (from < to).then_some((from, to)), damaged })
}

fn grouped(field: HistogramField, bucket: StoredBucket) -> Bucket {
    let key = match field {
        HistogramField::Severity => bucket.key.map(|key| severity_key(&key)),
        HistogramField::Host | HistogramField::App => bucket.key,
    };
    Bucket { start: DateTime(bucket.start), key, count: Count(bucket.count) }
}

/// The schema's spelling of a severity that the store names.
fn severity_key(key: &str) -> String {
    key.parse::<Severity>().map_or_else(|_| key.to_owned(), |severity| spelling(severity.name()))
}

/// Buckets of one width side by side, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grid {
    start: i64,
    width: i64,
    buckets: usize,
}

impl Grid {
    /// The finest grid over `from` to `to` (excluded) that has at most `most` buckets, its edges
    /// at multiples of its width.
    fn over(from: Timestamp, to: Timestamp, most: usize) -> Grid {
        let (from, to) = (from.timestamp_micros(), to.timestamp_micros());
        let days = (0..).map_while(|power| 10_i64.checked_pow(power));
        let days = days.flat_map(|ten| [1, 2, 5].map(|n| ten.saturating_mul(n)));
        let days = days.take_while(|days| *days <= MOST_DAYS).map(|days| days * DAY);
        WIDTHS
            .into_iter()
            .chain(days)
            .map(|width| Grid::aligned(from, to, width))
            .find(|grid| grid.buckets <= most)
            .unwrap_or_else(|| Grid::even(from, to, most))
    }

    fn aligned(from: i64, to: i64, width: i64) -> Grid {
        let first = from.div_euclid(width);
        let last = to.saturating_sub(1).div_euclid(width);
        let buckets = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
        Grid { start: first.saturating_mul(width), width, buckets }
    }

    /// Buckets that begin with the range itself: for few buckets on both sides of 1970, where
    /// every width has an edge.
    fn even(from: i64, to: i64, most: usize) -> Grid {
        let span = to.saturating_sub(from);
        let parts = i64::try_from(most).unwrap_or(i64::MAX).max(1);
        let width = (span / parts).saturating_add(1);
        let buckets = usize::try_from(span / width + i64::from(span % width != 0));
        Grid { start: from, width, buckets: buckets.unwrap_or(most) }
    }

    fn start(&self) -> Timestamp {
        timestamp_from_micros(self.start)
    }

    fn width(&self) -> Duration {
        Duration::from_micros(self.width.unsigned_abs())
    }

    /// Every bucket of the grid, those without a record too.
    fn fill(&self, counted: &[StoredBucket]) -> Vec<Bucket> {
        let counts: BTreeMap<i64, u64> =
            counted.iter().map(|bucket| (bucket.start.timestamp_micros(), bucket.count)).collect();
        let starts = (0..self.buckets as i64)
            .map(|index| self.start.saturating_add(index.saturating_mul(self.width)));
        starts
            .map(|start| Bucket {
                start: DateTime(timestamp_from_micros(start)),
                key: None,
                count: Count(counts.get(&start).copied().unwrap_or(0)),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grid(from: i64, to: i64, most: usize) -> Grid {
        Grid::over(timestamp_from_micros(from), timestamp_from_micros(to), most)
    }

    #[test]
    fn an_hour_in_sixty_buckets_is_minutes() {
        let from = 1_767_322_800 * SECOND;
        let found = grid(from, from + HOUR, 60);
        assert_eq!(found, Grid { start: from, width: MINUTE, buckets: 60 });
    }

    #[test]
    fn a_range_that_begins_between_two_edges_begins_at_the_edge_before() {
        let edge = 1_767_322_800 * SECOND;
        let found = grid(edge + 30 * SECOND, edge + HOUR + 30 * SECOND, 60);
        assert_eq!(found, Grid { start: edge, width: 2 * MINUTE, buckets: 31 });
    }

    #[test]
    fn one_instant_is_one_bucket() {
        assert_eq!(grid(1_500, 1_501, 60), Grid { start: 1_000, width: 1_000, buckets: 1 });
    }

    #[test]
    fn years_are_counted_in_days() {
        let found = grid(0, 3_650 * DAY, 100);
        assert_eq!(found, Grid { start: 0, width: 50 * DAY, buckets: 73 });
    }

    #[test]
    fn one_bucket_holds_even_a_range_on_both_sides_of_1970() {
        let found = grid(-DAY, DAY, 1);
        assert_eq!((found.start, found.buckets), (-DAY, 1));
        assert!(found.width >= 2 * DAY);
    }

    #[test]
    fn buckets_without_a_record_are_there_with_none() {
        let counted = [StoredBucket { start: timestamp_from_micros(2_000), key: None, count: 5 }];
        let counts: Vec<u64> =
            grid(0, 4_000, 4).fill(&counted).iter().map(|bucket| bucket.count.0).collect();
        assert_eq!(counts, [0, 0, 5, 0]);
    }

    #[test]
    fn severities_are_spelled_as_in_the_schema() {
        assert_eq!(severity_key("error"), "ERROR");
        assert_eq!(severity_key("4"), "WARNING");
    }

    proptest! {
        #[test]
        fn every_grid_covers_its_range_with_no_more_buckets_than_asked(
            from in -62_000_000_000_i64..253_000_000_000,
            span in 1_i64..4_000_000_000_000_000,
            most in 1_usize..1_001,
        ) {
            let from = from * SECOND;
            let to = from + span;
            let Grid { start, width, buckets } = grid(from, to, most);
            prop_assert!(buckets >= 1 && buckets <= most);
            prop_assert!(start <= from && from - start < width);
            let end = start + width * buckets as i64;
            prop_assert!(end >= to && end - to < width);
        }
    }
}
