use proptest::prelude::*;

use super::*;
use crate::ingest::fuzzing::decode;

/// The whole records of a stream, none of which may be cut.
fn records(stream: &str) -> Vec<String> {
    let (records, skipped) = decode([stream.as_bytes()], 1_000);
    assert_eq!(skipped, 0);
    let text = |(bytes, cut): (Vec<u8>, bool)| {
        assert!(!cut);
        String::from_utf8(bytes).unwrap()
    };
    records.into_iter().map(text).collect()
}

#[test]
fn lines_end_with_lf_or_nul_and_empty_ones_make_no_record() {
    assert_eq!(records("a\nb\0\n\r\n\0c d\r\n"), ["a", "b", "c d\r"]);
}

#[test]
fn counted_frames_keep_their_line_breaks() {
    assert_eq!(records("8 <34>a\nbc9 <191>1 hi"), ["<34>a\nbc", "<191>1 hi"]);
}

#[test]
fn counted_frames_and_lines_may_alternate() {
    assert_eq!(records("6 <34>ab\n<35>c\n6 <36>de{}\0"), ["<34>ab", "<35>c", "<36>de", "{}"]);
}

#[test]
fn a_line_may_begin_with_digits() {
    let lines = [
        "200 OK",
        "200",
        "2026-01-02 03:04:05 started",
        "12 <nil>",
        "12 <192>no such priority",
        "12 <1234>four digits",
        "12 <>none",
        "3 <34>longer than three",
        "012 <34>a leading zero",
        "0 <34>zero",
        "12345678 <34>eight digits",
        "12  <34>two spaces",
        "404 {\"path\":\"/\"}",
    ];
    assert_eq!(records(&(lines.join("\n") + "\n")), lines);
}

#[test]
fn a_counted_json_object_needs_no_pri() {
    assert_eq!(records("7 {\"a\":1}9 {\"bcd\":2}"), ["{\"a\":1}", "{\"bcd\":2}"]);
    assert_eq!(records("8 {\"a\":1}\n9 {\"bcd\":2}"), ["{\"a\":1}\n", "{\"bcd\":2}"]);
}

#[test]
fn the_end_of_the_stream_ends_the_record() {
    assert_eq!(records("a\nb"), ["a", "b"]);
    assert_eq!(records("100 <34>half of it"), ["<34>half of it"]);
    assert_eq!(records("100 "), ["100 "]);
    assert_eq!(records("100 <3"), ["100 <3"]);
    assert_eq!(records("100 {\"a\":"), ["100 {\"a\":"]);
    assert_eq!(records("a\n\r"), ["a"]);
}

#[test]
fn after_a_count_that_is_too_small_the_stream_is_in_step_again() {
    // The sender counted characters, not bytes: `é` is two.
    let stream = "9 <34>caféé7 <34>abc7 <34>def".as_bytes();
    let (read, _) = decode([stream], 1_000);
    let texts: Vec<_> = read.iter().map(|(bytes, _)| String::from_utf8_lossy(bytes)).collect();
    assert_eq!(texts, ["<34>café", "é", "<34>abc", "<34>def"]);
}

#[test]
fn after_a_count_that_is_too_large_the_stream_is_in_step_again() {
    let read = records("9 <34>abc7 <34>def7 <34>ghi");
    assert_eq!(read, ["<34>abc7 ", "<34>def", "<34>ghi"]);
}

#[test]
fn an_absurd_count_makes_a_line_and_holds_nothing_up() {
    assert_eq!(records("99999999999 <34>a\n<34>b\n"), ["99999999999 <34>a", "<34>b"]);
}

#[test]
fn a_line_over_the_limit_is_cut_and_its_rest_is_no_record() {
    let (read, skipped) = decode([&b"0123456789abc\nnext\n"[..]], 10);
    assert_eq!(read, [(b"0123456789".to_vec(), true), (b"next".to_vec(), false)]);
    assert_eq!(skipped, 3);
    let (read, skipped) = decode([&b"0123456789\nnext\n"[..]], 10);
    assert_eq!(read, [(b"0123456789".to_vec(), false), (b"next".to_vec(), false)]);
    assert_eq!(skipped, 0);
}

#[test]
fn a_counted_frame_over_the_limit_is_cut_and_its_rest_is_no_record() {
    let (read, skipped) = decode([&b"15 <34>a\nb\nc\nd\ne\nf6 <34>ok"[..]], 10);
    assert_eq!(read, [(b"<34>a\nb\nc\n".to_vec(), true), (b"<34>ok".to_vec(), false)]);
    assert_eq!(skipped, 5);
}

#[test]
fn a_cut_line_after_counted_frames_ends_at_the_next_of_them() {
    let (read, skipped) = decode([&b"5 <34>ajunk without an end6 <34>ok"[..]], 10);
    let cut = (b"junk witho".to_vec(), true);
    assert_eq!(read, [(b"<34>a".to_vec(), false), cut, (b"<34>ok".to_vec(), false)]);
    assert_eq!(skipped, "ut an end".len() as u64);
}

#[test]
fn what_is_left_at_the_end_is_within_the_limit_too() {
    let (read, skipped) = decode([&b"20 {"[..]], 2);
    assert_eq!((read, skipped), (vec![(b"20".to_vec(), true)], 2));
}

/// Pieces that make streams with every kind of frame, and every kind of lie.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        Just(b"\n".to_vec()),
        Just(b"\0".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b" ".to_vec()),
        Just(b"<34>".to_vec()),
        Just(b"{\"a\":1}".to_vec()),
        (0u32..40).prop_map(|count| format!("{count} <13>").into_bytes()),
        (0u32..40).prop_map(|count| format!("{count} {{").into_bytes()),
        any::<u32>().prop_map(|count| format!("{count} <191>").into_bytes()),
        "[a-z]{0,12}".prop_map(String::into_bytes),
        "[0-9<> ]{0,8}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    proptest::collection::vec(fragment, 0..40).prop_map(|fragments| fragments.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn however_a_stream_is_split_it_gives_the_same_records(
        stream in fragments(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..20),
        limit in 1usize..60,
    ) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let whole = decode([&stream[..]], limit);
        prop_assert_eq!(&decode(cuts.windows(2).map(|w| &stream[w[0]..w[1]]), limit), &whole);
        prop_assert_eq!(&decode(stream.chunks(1), limit), &whole);
    }

    #[test]
    fn a_cut_anywhere_takes_all_there_is_and_keeps_the_limit(
        stream in fragments(), limit in 1usize..60, at in any::<prop::sample::Index>(),
    ) {
        let (first, second) = stream.split_at(at.index(stream.len() + 1));
        let mut decoder = Decoder::new(limit);
        let mut bytes = 0;
        let mut longest = 0;
        let mut count = |record: Record<'_>| {
            bytes += record.bytes.len();
            longest = longest.max(record.bytes.len());
        };
        let mut input = first;
        while let Some(record) = decoder.next(&mut input) {
            count(record);
        }
        decoder.cut(&mut input).into_iter().for_each(&mut count);
        prop_assert!(input.is_empty());
        let mut input = second;
        while let Some(record) = decoder.next(&mut input) {
            count(record);
        }
        decoder.finish(&mut input).into_iter().for_each(&mut count);
        prop_assert!(longest <= limit);
        prop_assert!(bytes + decoder.take_skipped() as usize <= stream.len());
    }

    #[test]
    fn records_are_within_the_limit_and_never_empty(stream in fragments(), limit in 1usize..60) {
        let (records, _) = decode([&stream[..]], limit);
        for (bytes, cut) in records {
            prop_assert!(!bytes.is_empty() && bytes.len() <= limit.max(1));
            prop_assert!(!cut || bytes.len() == limit);
        }
    }

    #[test]
    fn messages_come_back_as_they_were_framed(
        messages in proptest::collection::vec(("<[1-9][0-9]>[ -~]{1,30}", 0usize..4), 0..20),
    ) {
        let mut stream = Vec::new();
        for (message, framing) in &messages {
            match framing {
                0 => stream.extend(format!("{message}\n").bytes()),
                1 => stream.extend(format!("{message}\0").bytes()),
                2 => stream.extend(format!("{} {message}", message.len()).bytes()),
                _ => stream.extend(format!("{} {message}\n", message.len()).bytes()),
            }
        }
        let (read, _) = decode([&stream[..]], 1_000);
        let sent: Vec<_> = messages.iter().map(|(m, _)| (m.clone().into_bytes(), false)).collect();
        prop_assert_eq!(read, sent);
    }
}
