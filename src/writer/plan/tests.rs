use super::*;
use crate::log::timestamp_from_micros;

const FULL: i64 = FULL_BLOCK_RECORDS as i64;
const AGES: Ages =
    Ages { idle: Duration::from_secs(600), last: Some(Duration::from_secs(100_000)) };

fn at(second: i64) -> Timestamp {
    timestamp_from_micros(second * 1_000_000)
}

/// A segment of records of 100 bytes each that came in at a second.
fn segment(form: Form, range: RangeInclusive<i64>, second: i64) -> Segment {
    let (first_id, last_id) = range.into_inner();
    let raw_bytes = u64::try_from(last_id - first_id + 1).expect("a range") * 100;
    Segment { first_id, last_id, form, raw_bytes, received_from: at(second) }
}

fn rows(range: RangeInclusive<i64>) -> Segment {
    segment(Form::Rows, range, 0)
}

fn block(range: RangeInclusive<i64>) -> Segment {
    segment(Form::SmallBlock, range, 0)
}

fn plan(segments: impl IntoIterator<Item = Segment>, head: i64) -> Plan {
    let mut plan = Plan::default();
    plan.add(segments.into_iter().collect(), head);
    plan
}

fn step(range: RangeInclusive<i64>, is_final: bool) -> Option<Step> {
    Some(Step { range, is_final })
}

#[test]
fn nothing_is_sealed_before_it_fills_a_block_or_waited() {
    assert_eq!(plan([], 0).next(at(0), AGES), None);
    assert_eq!(plan([rows(1..=FULL - 1)], FULL - 1).next(at(599), AGES), None);
}

#[test]
fn rows_are_sealed_as_far_as_they_fill_a_block() {
    assert_eq!(plan([rows(1..=FULL)], FULL).next(at(0), AGES), step(1..=FULL, false));
    let long = 3 * FULL;
    assert_eq!(plan([rows(1..=long)], long).next(at(0), AGES), step(1..=FULL, false));
}

#[test]
fn long_rows_fill_a_block_sooner() {
    let mut long = rows(1..=100);
    long.raw_bytes = 10 * FULL_BLOCK_BYTES;
    assert_eq!(plan([long], 100).next(at(0), AGES), step(1..=10, false));
    let mut longer = rows(1..=2);
    longer.raw_bytes = 10 * FULL_BLOCK_BYTES;
    assert_eq!(plan([longer], 2).next(at(0), AGES), step(1..=1, false));
}

#[test]
fn rows_that_are_committed_one_after_another_are_one_segment() {
    let mut plan = Plan::default();
    for id in 1..=FULL {
        plan.add(vec![rows(id..=id)], id);
    }
    assert_eq!(plan.segments.len(), 1);
    assert_eq!(plan.debt(), FULL_BLOCK_RECORDS);
    assert_eq!(plan.next(at(0), AGES), step(1..=FULL, false));
}

#[test]
fn small_blocks_are_merged_and_never_split() {
    let blocks = (0..20).map(|n| block(n * 1_000 + 1..=(n + 1) * 1_000));
    assert_eq!(plan(blocks, 20_000).next(at(0), AGES), step(1..=16_000, false));
    let mixed = [rows(1..=10_000), block(10_001..=17_000), rows(17_001..=17_002)];
    assert_eq!(plan(mixed, 17_002).next(at(0), AGES), step(1..=10_000, false));
    let mixed = [block(1..=7_000), rows(7_001..=20_000)];
    assert_eq!(plan(mixed, 20_000).next(at(0), AGES), step(1..=FULL, false));
}

#[test]
fn what_lies_before_a_final_block_is_sealed_for_good() {
    assert_eq!(plan([rows(1..=5)], 6).next(at(0), AGES), step(1..=5, true));
    let two = [rows(1..=5), block(7..=9), rows(10..=12)];
    let mut plan = plan(two, 12);
    assert_eq!(plan.next(at(0), AGES), step(1..=5, true));
    plan.done(&(1..=5), None);
    assert_eq!(plan.next(at(0), AGES), None);
    plan.add(vec![], 13);
    assert_eq!(plan.next(at(0), AGES), step(7..=12, true));
}

#[test]
fn an_idle_log_is_sealed_and_may_be_merged_later() {
    let mut plan = plan([rows(1..=5)], 5);
    assert_eq!(plan.next(at(600), AGES), step(1..=5, false));
    plan.done(&(1..=5), Some(block(1..=5)));
    assert_eq!(plan.next(at(601), AGES), None);
    plan.add(vec![segment(Form::Rows, 6..=6, 700)], 6);
    assert_eq!(plan.next(at(1_299), AGES), None);
    assert_eq!(plan.next(at(1_300), AGES), step(1..=6, false));
}

#[test]
fn small_blocks_are_merged_when_the_log_falls_idle() {
    let two = [block(1..=5), segment(Form::SmallBlock, 6..=9, 500)];
    let plan = plan(two, 9);
    assert_eq!(plan.next(at(1_099), AGES), None);
    assert_eq!(plan.next(at(1_100), AGES), step(1..=9, false));
}

#[test]
fn an_old_block_becomes_final_however_small() {
    let old = plan([block(1..=5)], 5);
    assert_eq!(old.next(at(99_999), AGES), None);
    assert_eq!(old.next(at(100_000), AGES), step(1..=5, true));
    assert_eq!(old.next(at(1_000_000), Ages { last: None, ..AGES }), None);
}

#[test]
fn a_clock_that_is_set_back_seals_nothing_early() {
    assert_eq!(plan([rows(1..=5)], 5).next(at(-5_000), AGES), None);
}

#[test]
fn what_is_sealed_in_part_stays_in_part() {
    let mut plan = plan([rows(1..=100)], 100);
    plan.done(&(1..=40), None);
    assert_eq!((plan.debt(), plan.touches(&(1..=40)), plan.touches(&(40..=41))), (60, false, true));
    plan.done(&(51..=60), Some(block(51..=60)));
    assert_eq!((plan.debt(), plan.segments.len()), (60, 3));
    assert_eq!(plan.segments[&61], Segment { raw_bytes: 4_000, ..rows(61..=100) });
}

#[test]
fn what_retention_removed_is_forgotten() {
    let mut plan = plan([rows(1..=100), block(101..=200)], 200);
    plan.expired(150);
    assert_eq!(plan.debt(), 0);
    plan.expired(1_000);
    assert_eq!(plan.debt(), 0);
}

#[test]
fn the_database_is_believed_up_to_where_it_told() {
    let mut plan = plan([rows(1..=400), block(401..=420), rows(421..=500)], 500);
    // Sealed meanwhile: 1 to 300, and the small block. Committed after it told: from 451 on.
    plan.reload(vec![rows(301..=400), rows(421..=450)], 440);
    assert_eq!(plan.debt(), 100 + 80);
    assert_eq!((plan.touches(&(1..=300)), plan.touches(&(401..=420))), (false, false));
    // Nothing told, and nothing there.
    plan.reload(vec![], 500);
    assert_eq!((plan.debt(), plan.head), (0, 500));
}
