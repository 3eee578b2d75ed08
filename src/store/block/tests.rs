//! What the codec promises: a record comes out of a block as it went in, and bytes that were
//! changed never panic. (That they are noticed is what the checksums are for.)

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::RecordBatchReader;
use arrow_buffer::BooleanBuffer;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::filter::{Columns, Filter, Matcher, parse, random};
use crate::log::{Attributes, Log, Record, Severity, Timestamp, timestamp_from_micros};
use crate::store::Damaged;
use crate::store::dictionary::Dictionary;

const FIRST_ID: i64 = 41;

/// Records with their sources numbered, and a dictionary that knows them.
struct Numbered {
    logs: Vec<Log>,
    dictionary: Dictionary,
}

impl Numbered {
    fn new(records: Vec<Record>) -> Self {
        let mut ids = BTreeMap::new();
        let logs: Vec<Log> = records
            .into_iter()
            .zip(FIRST_ID..)
            .map(|(Record { source, entry }, id)| {
                let next = (7 + ids.len() as i32, Arc::new(source.clone()));
                let (source_id, source) = ids.entry(source).or_insert(next).clone();
                Log { id, source_id, source, entry }
            })
            .collect();
        let dictionary = Dictionary::default();
        dictionary.learn(ids.into_values().collect());
        Numbered { logs, dictionary }
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let rows = self.logs.iter().map(|log| Row {
            source_id: log.source_id,
            source: &log.source,
            entry: &log.entry,
        });
        rows.collect()
    }

    fn block(&self) -> Block {
        let Encoded { parts, footer, .. } = encode(FIRST_ID, &self.rows()).unwrap();
        Block {
            first_id: FIRST_ID,
            last_id: FIRST_ID + self.logs.len() as i64 - 1,
            format: FORMAT,
            footer: footer.into(),
            parts: parts.map(|part| Some(part.into())),
            decoded: Decoded::default(),
        }
    }

    fn decode(&self, block: &Block) -> Result<Vec<Log>, Damaged> {
        let places: Vec<u32> = (0..self.logs.len() as u32).collect();
        block.reader(&self.dictionary)?.logs(&places)
    }

    fn assert_round_trip(&self) {
        assert_eq!(self.decode(&self.block()).as_ref(), Ok(&self.logs));
    }
}

/// A record of nothing but a message.
fn plain(message: impl Into<String>) -> Record {
    Record {
        source: SourceKey { host: None, app: None, address: [192, 0, 2, 1].into() },
        entry: Entry {
            timestamp: Timestamp::UNIX_EPOCH,
            received_at: Timestamp::UNIX_EPOCH,
            severity: None,
            facility: None,
            proc_id: None,
            msg_id: None,
            message: message.into(),
            attributes: Attributes::EMPTY,
        },
    }
}

/// Records of a few templates, `count` of them.
fn many(count: usize) -> Vec<Record> {
    let record = |n: usize| {
        let mut record = plain(format!("request {n} to /orders/{} took {} ms", n * 7, n % 97));
        record.source.host = Some(format!("host-{}", n % 40));
        record.source.app = (!n.is_multiple_of(5)).then(|| format!("app-{}", n % 5));
        record.entry.timestamp = timestamp_from_micros(1_767_323_045_000_000 + n as i64 * 1_000);
        record.entry.severity = Severity::from_code((n % 9) as u8);
        record.entry.proc_id = (!n.is_multiple_of(4)).then(|| (n % 1_000).to_string());
        if n.is_multiple_of(3) {
            record.entry.attributes = Attributes::from_json_text(format!(r#"{{"n":{n}}}"#));
        }
        record
    };
    (0..count).map(record).collect()
}

#[test]
fn one_record_makes_a_block() {
    Numbered::new(vec![plain("")]).assert_round_trip();
}

#[test]
fn a_full_block_comes_back_as_it_was() {
    Numbered::new(many(FULL_ROWS)).assert_round_trip();
}

#[test]
fn long_messages_come_back_as_they_were() {
    let message = |n: usize| "0123456789abcdef".repeat(16 << 10) + &"é".repeat(n);
    Numbered::new((0..20).map(|n| plain(message(n))).collect()).assert_round_trip();
}

#[test]
fn more_names_than_a_dictionary_takes_come_back_as_they_were() {
    let record = |n: usize| {
        let mut record = plain("");
        record.source.host = Some(format!("{n}-{}", "x".repeat(250)));
        record.entry.proc_id = record.source.host.clone();
        record
    };
    Numbered::new((0..9_000).map(record).collect()).assert_round_trip();
}

#[test]
fn extreme_times_come_back_as_they_were() {
    let times = [Timestamp::MIN_UTC, Timestamp::UNIX_EPOCH, Timestamp::MAX_UTC, Timestamp::MIN_UTC];
    let record = |time: &Timestamp| {
        let mut record = plain("");
        record.entry.timestamp = timestamp_from_micros(time.timestamp_micros());
        record.entry.received_at = record.entry.timestamp;
        record
    };
    Numbered::new(times.iter().map(record).collect()).assert_round_trip();
}

#[test]
fn no_record_is_no_block() {
    assert!(encode(1, &[]).is_err());
}

#[test]
fn only_the_columns_asked_for_need_their_parts() {
    let numbered = Numbered::new(many(100));
    let mut block = numbered.block();
    let [_, message, attributes] = block.parts.each_mut();
    (*message, *attributes) = (None, None);
    let fields = ColumnSet::ALL.without(ColumnSet::MESSAGE.and(ColumnSet::ATTRIBUTES));
    let mut reader = block.reader(&numbered.dictionary).unwrap();
    assert_eq!((reader.columns().len, reader.columns().timestamps), (100, None));
    reader.load(fields).unwrap();
    let Columns { timestamps, messages, attributes, severities, sources, .. } = reader.columns();
    assert!(timestamps.is_some() && severities.is_some() && sources.is_some());
    assert!(messages.is_none() && attributes.is_none());
    assert!(reader.logs(&[0]).is_err());
    let damaged = reader.load(ColumnSet::MESSAGE).unwrap_err();
    assert_eq!((damaged.first_id, damaged.last_id), (block.first_id, block.last_id));
}

#[test]
fn columns_that_were_asked_for_stay() {
    let numbered = Numbered::new(many(100));
    let block = numbered.block();
    let mut reader = block.reader(&numbered.dictionary).unwrap();
    reader.load(ColumnSet::SEVERITY).unwrap();
    assert!(reader.columns().sources.is_none() && reader.source_ids().is_empty());
    reader.load(ColumnSet::SOURCE).unwrap();
    assert!(reader.columns().severities.is_some() && reader.columns().sources.is_some());
    assert!(!reader.source_ids().is_empty());
}

#[test]
fn single_records_come_without_the_others() {
    let numbered = Numbered::new(many(5_000));
    let block = numbered.block();
    let places = [0, 1, 2, 777, 2_500, 4_999];
    let expected: Vec<Log> =
        places.iter().map(|place| numbered.logs[*place as usize].clone()).collect();
    let mut reader = block.reader(&numbered.dictionary).unwrap();
    assert_eq!(reader.logs(&places).as_ref(), Ok(&expected));
    let mut in_any_order = [&places[..], &places].concat();
    in_any_order.reverse();
    assert_eq!(reader.logs(&in_any_order), Ok(expected));
    assert_eq!(reader.logs(&[]), Ok(Vec::new()));
    assert!(reader.logs(&[5_000]).is_err());
}

#[test]
fn a_block_that_is_wanted_again_answers_from_what_was_decoded() {
    let numbered = Numbered::new(many(500));
    let mut block = numbered.block();
    let places: Vec<u32> = (0..500).step_by(7).collect();
    let expected: Vec<Log> =
        places.iter().map(|place| numbered.logs[*place as usize].clone()).collect();
    let mut reader = block.reader(&numbered.dictionary).unwrap();
    reader.load(ColumnSet::HOST).unwrap();
    let decoded = reader.into_decoded();
    assert!(decoded.holds(ColumnSet::HOST) && !decoded.holds(ColumnSet::ALL));
    block.decoded = decoded;
    let mut reader = block.reader(&numbered.dictionary).unwrap();
    assert_eq!(reader.logs(&places).as_ref(), Ok(&expected));

    // Nothing of its bytes is needed any more.
    block.decoded = reader.into_decoded();
    block.footer = Default::default();
    block.parts = [None, None, None];
    let mut reader = block.reader(&numbered.dictionary).unwrap();
    assert_eq!(reader.logs(&places).as_ref(), Ok(&expected));
    assert!(reader.logs(&[500]).is_err());
    let filter = crate::filter::parse("\"request 7\"").unwrap();
    let matcher = crate::filter::Matcher::new(&filter);
    let matching = (0..).zip(&numbered.logs).filter(|(_, log)| matcher.matches(log));
    let matching: Vec<u32> = matching.map(|(place, _)| place).collect();
    assert_eq!(Selector::new(&filter).select(&mut reader), Ok(matching));
}

#[test]
fn messages_lie_in_one_buffer() {
    let numbered = Numbered::new(many(1_000));
    let mut block = numbered.block();
    block.parts[0] = None;
    let mut reader = block.reader(&numbered.dictionary).unwrap();
    reader.load(ColumnSet::MESSAGE).unwrap();
    let messages = reader.columns().messages.unwrap();
    let expected: String = numbered.logs.iter().map(|log| &*log.entry.message).collect();
    assert_eq!(messages.buffer, expected.as_bytes());
    assert_eq!((messages.offsets.len(), messages.present.is_none()), (1_001, true));
}

#[test]
fn a_block_of_another_format_or_range_is_damaged() {
    let numbered = Numbered::new(many(10));
    let block = numbered.block();
    let changed: [fn(&mut Block); 4] = [
        |block| block.format += 1,
        |block| block.last_id += 1,
        |block| block.footer = Bytes::new(),
        |block| block.parts.swap(1, 2),
    ];
    for change in changed {
        let mut block = block.clone();
        change(&mut block);
        assert!(numbered.decode(&block).is_err());
    }
    assert!(Numbered::new(many(0)).dictionary.find(&plain("").source).is_none());
    let nobody = Dictionary::default();
    assert!(block.reader(&nobody).unwrap().load(ColumnSet::SOURCE).is_err());
}

#[test]
fn parts_and_footer_are_a_file_that_any_reader_opens() {
    let numbered = Numbered::new(many(1_000));
    let file = Bytes::from(numbered.block().file().unwrap());
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let names: Vec<String> =
        reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let expected = [
        "id",
        "timestamp",
        "received_at",
        "severity",
        "facility",
        "host",
        "app",
        "address",
        "procid",
        "msgid",
        "message",
        "attributes",
    ];
    assert_eq!(names, expected);
    let rows: usize = reader.map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows, 1_000);
}

#[test]
fn records_are_cut_where_a_block_is_full() {
    let half = "x".repeat(FULL_BYTES / 2 - 100);
    let wide = "x".repeat(FULL_BYTES + 1);
    let messages = [&*half, &*half, &*half, &*wide, "a", "b"];
    let numbered = Numbered::new(messages.into_iter().map(plain).collect());
    let runs: Vec<usize> = cut(&numbered.rows()).map(<[Row<'_>]>::len).collect();
    assert_eq!(runs, [2, 1, 1, 2]);
    let numbered = Numbered::new(many(FULL_ROWS + 1));
    let runs: Vec<usize> = cut(&numbered.rows()).map(<[Row<'_>]>::len).collect();
    assert_eq!(runs, [FULL_ROWS, 1]);
    assert_eq!(cut(&[]).count(), 0);
}

#[test]
fn a_summary_counts_every_record() {
    let numbered = Numbered::new(many(1_000));
    let summary = encode(FIRST_ID, &numbered.rows()).unwrap().summary;
    assert_eq!((summary.first_id, summary.records()), (FIRST_ID, 1_000));
    assert_eq!(summary.severities, 0x1ff);
    assert_eq!(summary.facilities, 1 << 24);
    let counted = |counts: &[u32]| counts.iter().sum::<u32>();
    assert_eq!(counted(&summary.sources.iter().map(|of| of.1).collect::<Vec<_>>()), 1_000);
    assert_eq!(counted(&summary.minutes.iter().map(|of| of.2).collect::<Vec<_>>()), 1_000);
    assert!(summary.sources.is_sorted() && summary.minutes.is_sorted());
    assert_eq!(Summary::read_sources(&summary.write_sources()).unwrap(), summary.sources);
    assert_eq!(Summary::read_minutes(&summary.write_minutes()).unwrap(), summary.minutes);
    assert!(Summary::read_minutes(&[7]).is_err());
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let wild = (random::record(), ".{0,60}", any::<i32>()).prop_map(|(mut record, text, time)| {
        record.entry.message.push_str(&text.replace('\0', ""));
        record.entry.timestamp = timestamp_from_micros(i64::from(time) * 2_000_000_000);
        record
    });
    vec(prop_oneof![random::odd_record(), wild], 1..60)
}

/// The places of the records that pass, as the matcher says of each alone.
fn passing(filter: &Filter, logs: &[Log]) -> Vec<u32> {
    let matcher = Matcher::new(filter);
    (0..).zip(logs).filter(|(_, log)| matcher.matches(log)).map(|(place, _)| place).collect()
}

#[test]
fn records_are_selected_from_every_page() {
    let numbered = Numbered::new(many(FULL_ROWS));
    let block = numbered.block();
    let mut reader = block.reader(&numbered.dictionary).unwrap();
    let mut pages = 0;
    let all = BooleanBuffer::new_set(FULL_ROWS);
    reader
        .look_at_messages(&all, |places, messages| {
            pages += 1;
            let first = &numbered.logs[places.start].entry.message;
            assert_eq!(messages.get(0), Some(first.as_str()));
            Ok(())
        })
        .unwrap();
    assert!(pages > 1, "{pages} pages");
    for query in [
        "request",
        "\"request 16383\"",
        "/took (11|12) ms/",
        "host:host-7 \"7 ms\"",
        "app:nobody took",
        "REQUEST -severity:error id<20",
        "\"request 5\" OR app:app-1",
    ] {
        let filter = parse(query).unwrap();
        let selected = Selector::new(&filter).select(&mut reader).unwrap();
        assert_eq!(selected, passing(&filter, &numbered.logs), "{query}");
    }
}

#[test]
fn pages_without_a_candidate_are_not_looked_at() {
    let numbered = Numbered::new(many(FULL_ROWS));
    let mut block = numbered.block();
    // The last of them is gone: whoever reads on there finds out.
    let message = block.parts[Part::Message as usize].as_mut().unwrap();
    let mut cut = message.to_vec();
    let end = cut.len();
    cut[end * 3 / 4..].fill(0);
    *message = cut.into();
    let mut reader = block.reader(&numbered.dictionary).unwrap();
    let mut select = |query| Selector::new(&parse(query).unwrap()).select(&mut reader);
    assert!(select("took").is_err());
    assert_eq!(select("app:nobody took"), Ok(Vec::new()));
    assert_eq!(select("id<51 took"), Ok((0..10).collect()));
}

proptest! {
    #[test]
    fn a_selector_says_what_the_matcher_does(records in records(), filter in random::filter()) {
        let numbered = Numbered::new(records);
        let block = numbered.block();
        let mut reader = block.reader(&numbered.dictionary).unwrap();
        let selected = Selector::new(&filter).select(&mut reader);
        prop_assert_eq!(selected, Ok(passing(&filter, &numbered.logs)), "{}", filter);
    }

    #[test]
    fn records_come_back_as_they_were(records in records()) {
        let numbered = Numbered::new(records);
        prop_assert_eq!(numbered.decode(&numbered.block()), Ok(numbered.logs));
    }

    #[test]
    fn a_summary_holds_every_record(records in records()) {
        let numbered = Numbered::new(records);
        let summary = encode(FIRST_ID, &numbered.rows()).unwrap().summary;
        for log in &numbered.logs {
            let Entry { timestamp, received_at, severity, facility, .. } = log.entry;
            let within = |(from, to): &(Timestamp, Timestamp)| (from..=to).contains(&&timestamp);
            prop_assert!(summary.times.0.iter().any(within));
            prop_assert!(summary.received.0 <= received_at && received_at <= summary.received.1);
            prop_assert!(summary.severities >> severity.map_or(8, |s| s.code()) & 1 == 1);
            prop_assert!(summary.facilities >> facility.map_or(24, |f| f.code()) & 1 == 1);
            prop_assert!(summary.sources.iter().any(|(id, _)| *id == log.source_id));
            let minute = timestamp.timestamp().div_euclid(60);
            let code = severity.map_or(8, |severity| severity.code());
            prop_assert!(summary.minutes.iter().any(|(m, c, _)| (*m, *c) == (minute, code)));
        }
    }

    #[test]
    fn flipped_bytes_never_panic(
        records in records(),
        flips in vec((0usize..4, any::<prop::sample::Index>(), 1u8..), 1..4),
    ) {
        let numbered = Numbered::new(records);
        let mut block = numbered.block();
        for (place, index, bits) in flips {
            let bytes = if place == 3 { &mut block.footer } else { block.parts[place].as_mut().unwrap() };
            let mut changed = bytes.to_vec();
            let at = index.index(changed.len());
            changed[at] ^= bits;
            *bytes = changed.into();
        }
        let _ = fuzzing::read(&block, &numbered.dictionary);
    }
}
