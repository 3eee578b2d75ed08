//! Random filters and records for property tests. Both draw from the same small alphabets, so that
//! filters really hit, and miss narrowly. The alphabets hold what goes wrong: characters whose case
//! folds in odd ways, wildcards of LIKE, and what is special in regular expressions and JSON.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;
use serde_json::{Map, Value, json};
use tailwater::filter::{
    Comparison, FacilitySet, Field, Filter, SeveritySet, Test, TextTest, TimeRange, fold,
};
use tailwater::log::{
    Attributes, Entry, Facility, Log, Record, Severity, SourceKey, Timestamp, timestamp_from_micros,
};

/// What texts are made of. Among them the Kelvin sign and `İ` (they fold to ASCII), `ſ` (which
/// does not), `ß`, both small sigmas, the ångström sign, and an `é` of one and of two characters.
const PIECES: [&str; 32] = [
    "a", "A", "b", "k", "K", "\u{212a}", "i", "I", "İ", "ı", "s", "ſ", "ß", "ẞ", "Σ", "σ", "ς",
    "\u{212b}", "å", "é", "e\u{301}", "😀", "%", "_", "\\", "*", ".", "(", "/", "\"", " ", "1",
];

/// Words long enough that a search for a part of one can skip what does not hold its trigrams.
/// Some fold to other characters than they hold, some to other lengths in bytes.
const WORDS: [&str; 8] =
    ["refused", "REFUSED", "Straße", "ΜΆΪΟΣ", "İstanbul", "\u{212a}elvin", "10.0.0.1", "a😀b"];

const PATTERNS: [&str; 12] =
    ["a", "(?i)k", "^a", "b$", r"\d", "a.b", r"\\", r"/", r"[kK]+i", "(?i)ſ", r"^\s*$", "😀|é"];

const KEYS: [&str; 4] = ["a", "b", "a.b", "x \"\\"];
/// Paths into the attributes of random records.
pub const PATHS: [&str; 6] = ["a", "b", "a.b", "a.a", "b.a.b", "x \"\\"];

/// Positions run from 1 to here.
pub const MAX_ID: i64 = 12;
/// 2026-01-02T03:04:05Z
const TIME_BASE: i64 = 1_767_323_045_000_000;
/// 0001-01-01T00:00:00Z, the moment before 1970 and that year's first, a year before the usual
/// ones, and the last microsecond of 9999.
const WILD_TIMES: [i64; 5] =
    [-62_135_596_800_000_000, -1, 0, TIME_BASE - 31_536_000_000_000, 253_402_300_799_999_999];

/// Attributes as a sender may write them, and as no writer of ours would: numbers in other forms,
/// keys and texts in escapes, a key twice, blanks.
const ODD_ATTRIBUTES: [&str; 12] = [
    r#"{"a":1e2}"#,
    r#"{"a":100}"#,
    r#"{"a":1.0,"b":1.50}"#,
    r#"{"a":-0.0,"b":-0}"#,
    r#"{"a":12345678901234567890123}"#,
    r#"{"b":1E+100}"#,
    r#"{"\u0061":"web1"}"#,
    r#"{"a":"\u0077eb1 \ud83d\ude00 \u212a"}"#,
    r#"{"a":1,"a":42}"#,
    r#"{"a.b":{"a":1},"a":{"b":{"a":2},"a":null}}"#,
    r#"{"a":"web1","A":"WEB1"}"#,
    r#"{ "a" : [ 1.5 , "k" ] }"#,
];

/// A text of a few pieces and words.
pub fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![4 => select(&PIECES[..]), 1 => select(&WORDS[..])];
    vec(part, 0..8).prop_map(|parts| parts.concat())
}

/// A short name, often the same one in another case.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => select(&["web1", "WEB1", "web2", "42", "1.5", "k", "\u{212a}"][..])
            .prop_map(str::to_owned),
        1 => vec(select(&PIECES[..]), 0..3).prop_map(|pieces| pieces.concat()),
    ]
}

fn needle() -> impl Strategy<Value = String> {
    let short = vec(select(&PIECES[..]), 0..3).prop_map(|pieces| pieces.concat());
    prop_oneof![2 => short, 4 => name(), 3 => part_of_a_word()].prop_map(|text| fold(&text))
}

fn part_of_a_word() -> impl Strategy<Value = String> {
    (select(&WORDS[..]), 0..3usize, 1..8usize)
        .prop_map(|(word, from, length)| word.chars().skip(from).take(length).collect())
}

/// Mostly moments that lie close together or are the same; now and then that of a wild clock.
fn time() -> impl Strategy<Value = Timestamp> {
    let steps = select(&[0, 1, 999_999, 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000][..]);
    let usual = steps.prop_map(|step: i64| timestamp_from_micros(TIME_BASE + step));
    let wild = select(&WILD_TIMES[..]).prop_map(timestamp_from_micros);
    prop_oneof![9 => usual, 1 => wild]
}

fn severity() -> impl Strategy<Value = Severity> {
    select(&Severity::ALL[..])
}

fn facility() -> impl Strategy<Value = Facility> {
    select(&Facility::ALL[..6])
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        (1u8..4).prop_map(|n| IpAddr::V4(Ipv4Addr::new(10, 0, 0, n))),
        Just(IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0xab))),
    ]
}

/// Who sends: few enough that records share them.
pub fn source() -> impl Strategy<Value = SourceKey> {
    (option::of(name()), option::of(name()), address()).prop_map(|(host, app, address)| SourceKey {
        host,
        app,
        address,
    })
}

fn json_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => (-2i64..50).prop_map(Value::from),
        1 => select(&[0.0, 1.5, -2.25, 1e-7, 1e100][..]).prop_map(|number: f64| json!(number)),
        4 => name().prop_map(Value::from),
        1 => text().prop_map(Value::from),
    ];
    let scalar = scalar.boxed();
    let nested = scalar.clone().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            json_map(inner).prop_map(Value::from),
        ]
    });
    prop_oneof![scalar, nested]
}

fn json_map(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    btree_map(select(&KEYS[..]).prop_map(str::to_owned), value, 0..5)
        .prop_map(|members| members.into_iter().collect())
}

/// What a record says.
pub fn entry() -> impl Strategy<Value = Entry> {
    let attributes = json_map(json_value()).prop_map(|map| Attributes::from_map(&map));
    (
        (time(), time(), option::of(severity()), option::of(facility())),
        (option::of(name()), option::of(name()), text(), attributes),
    )
        .prop_map(|((timestamp, received_at, severity, facility), texts)| {
            let (proc_id, msg_id, message, attributes) = texts;
            Entry {
                timestamp,
                received_at,
                severity,
                facility,
                proc_id,
                msg_id,
                message,
                attributes,
            }
        })
}

/// A record that is not stored yet.
pub fn record() -> impl Strategy<Value = Record> {
    (source(), entry()).prop_map(|(source, entry)| Record { source, entry })
}

/// A record that may have attributes which no writer of ours would have written so.
pub fn odd_record() -> impl Strategy<Value = Record> {
    let odd = select(&ODD_ATTRIBUTES[..]);
    (record(), option::weighted(0.3, odd)).prop_map(|(mut record, odd)| {
        if let Some(odd) = odd {
            record.entry.attributes = Attributes::from_json_text(odd.to_owned());
        }
        record
    })
}

/// A record of the log.
pub fn log() -> impl Strategy<Value = Log> {
    (1..=MAX_ID, record()).prop_map(|(id, record)| Log {
        id,
        source_id: 1,
        source: Arc::new(record.source),
        entry: record.entry,
    })
}

fn source_field() -> impl Strategy<Value = Field> {
    select(&[Field::Host, Field::App, Field::Address][..])
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        3 => Just(Field::Message),
        3 => source_field(),
        1 => select(&[Field::ProcId, Field::MsgId][..]),
        3 => select(&PATHS[..]).prop_map(|path| Field::Attribute(path.to_owned())),
    ]
}

fn text_test() -> impl Strategy<Value = TextTest> {
    let forms: [fn(String) -> TextTest; 4] =
        [TextTest::Equals, TextTest::StartsWith, TextTest::EndsWith, TextTest::Contains];
    let needle = prop_oneof![
        9 => needle(),
        1 => select(&["10.0.0.1", "10.0", "fe80::ab", "true", "1e-7"][..]).prop_map(str::to_owned),
    ];
    let pattern = select(&PATTERNS[..]).prop_map(|pattern| {
        TextTest::Regex(Box::new(Regex::new(pattern).expect("the patterns are valid")))
    });
    prop_oneof![
        4 => (select(forms.to_vec()), needle).prop_map(|(form, needle)| form(needle)),
        1 => pattern,
    ]
}

fn test_of(field: impl Strategy<Value = Field>) -> impl Strategy<Value = Test> {
    let comparison = select(
        &[
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ][..],
    );
    let number = prop_oneof![(-3i64..50).prop_map(|n| n as f64), Just(1.5), Just(1e100)];
    (field, text_test(), comparison, number, 0..8u8).prop_map(
        |(field, test, comparison, number, form)| match form {
            0 => Test::Exists(field),
            1 => Test::Number(field, comparison, number),
            _ => Test::Text(field, test),
        },
    )
}

fn time_range() -> impl Strategy<Value = TimeRange> {
    (option::of(time()), option::of(time())).prop_map(|(from, to)| TimeRange { from, to })
}

fn exact_test() -> impl Strategy<Value = Test> {
    let id = prop_oneof![
        (0..=MAX_ID + 1, 0..=MAX_ID + 1).prop_map(|(first, last)| first..=last),
        (0..=MAX_ID + 1).prop_map(|first| first..=i64::MAX),
        (0..=MAX_ID + 1).prop_map(|last| i64::MIN..=last),
    ];
    prop_oneof![
        3 => test_of(source_field()),
        1 => any::<u8>().prop_map(|bits| Test::Severity(SeveritySet(bits))),
        1 => time_range().prop_map(Test::Timestamp),
        1 => time_range().prop_map(Test::ReceivedAt),
        1 => id.prop_map(Test::Id),
    ]
}

fn any_test() -> impl Strategy<Value = Test> {
    let facilities = (0..1u32 << 7).prop_map(|bits| Test::Facility(FacilitySet(bits)));
    prop_oneof![5 => test_of(field()), 3 => exact_test(), 1 => facilities]
}

fn tree_of(test: impl Strategy<Value = Test> + 'static) -> impl Strategy<Value = Filter> {
    let test = test.prop_map(Filter::Test).boxed();
    let tree = test.clone().prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Filter::And),
            vec(inner.clone(), 0..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    });
    prop_oneof![1 => test, 2 => tree]
}

/// Any filter: every kind of test, nested, not simplified.
pub fn filter() -> impl Strategy<Value = Filter> {
    tree_of(any_test())
}

/// A filter for which [`Filter::is_exact`] holds.
pub fn exact_filter() -> impl Strategy<Value = Filter> {
    tree_of(exact_test())
}

/// A filter for which [`Filter::is_of_sources`] holds.
pub fn source_filter() -> impl Strategy<Value = Filter> {
    tree_of(test_of(source_field()))
}
