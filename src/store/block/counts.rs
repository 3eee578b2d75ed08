//! Counts as the catalogue keeps them: in order, each as the difference to the one before, as
//! variable-length integers (postcard).

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes counts by source id, which are in order.
pub(super) fn write_sources(counts: &[(i32, u32)]) -> Vec<u8> {
    let mut last = 0;
    write(counts.iter().map(|(id, count)| {
        let step = i64::from(*id) - last;
        last = i64::from(*id);
        (step, *count)
    }))
}

/// Reads counts by source id; `None` when these are none.
pub(super) fn read_sources(bytes: &[u8]) -> Option<Vec<(i32, u32)>> {
    let steps: Vec<(i64, u32)> = read(bytes)?;
    let mut last = 0_i64;
    let each = steps.into_iter().map(|(step, count)| {
        last = last.checked_add(step)?;
        Some((i32::try_from(last).ok()?, count))
    });
    each.collect()
}

/// Writes counts by minute and severity code, which are in order.
pub(super) fn write_minutes(counts: &[(i64, u8, u32)]) -> Vec<u8> {
    let mut last = 0_i64;
    write(counts.iter().map(|(minute, code, count)| {
        let step = minute.wrapping_sub(last);
        last = *minute;
        (step, *code, *count)
    }))
}

/// Reads counts by minute and severity code; `None` when these are none.
pub(super) fn read_minutes(bytes: &[u8]) -> Option<Vec<(i64, u8, u32)>> {
    let steps: Vec<(i64, u8, u32)> = read(bytes)?;
    let mut last = 0_i64;
    let each = steps.into_iter().map(|(step, code, count)| {
        last = last.wrapping_add(step);
        Some((last, code, count))
    });
    each.collect()
}

fn write<T: Serialize>(items: impl Iterator<Item = T>) -> Vec<u8> {
    // Numbers always have a form in postcard, and memory is all that it asks for.
    postcard::to_allocvec(&items.collect::<Vec<T>>()).unwrap_or_default()
}

/// Reads a list, and nothing after it.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<Vec<T>> {
    let (items, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(items)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neighbouring_counts_take_few_bytes() {
        let sources: Vec<(i32, u32)> = (1_000..2_000).map(|id| (id, 100)).collect();
        assert!(write_sources(&sources).len() < 2_100);
        let minutes: Vec<(i64, u8, u32)> =
            (0..100).map(|n| (29_455_384 + n / 8, (n % 8) as u8, 100)).collect();
        assert!(write_minutes(&minutes).len() < 310);
    }

    proptest! {
        #[test]
        fn counts_come_back_as_they_were(
            sources in prop::collection::btree_map(any::<i32>(), any::<u32>(), 0..50),
            minutes in prop::collection::btree_map((any::<i64>(), 0u8..9), any::<u32>(), 0..50),
        ) {
            let sources: Vec<_> = sources.into_iter().collect();
            prop_assert_eq!(read_sources(&write_sources(&sources)), Some(sources));
            let minutes: Vec<_> =
                minutes.into_iter().map(|((minute, code), count)| (minute, code, count)).collect();
            prop_assert_eq!(read_minutes(&write_minutes(&minutes)), Some(minutes));
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = (read_sources(&bytes), read_minutes(&bytes));
        }

        #[test]
        fn what_is_cut_short_is_refused(cut in 0usize..40) {
            let bytes = write_sources(&[(7, 1), (8, 1_000), (20_000, 5)]);
            prop_assume!(cut < bytes.len());
            prop_assert_eq!(read_sources(&bytes[..cut]), None);
        }
    }
}
