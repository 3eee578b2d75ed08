//! What holds for the bytes of a block, whatever became of them. Asked by the properties beside
//! this file and by the fuzz targets.

use std::sync::{Arc, LazyLock};

use super::{Block, Decoded, Encoded, FORMAT, Row, Selector, encode};
use crate::filter::parse;
use crate::log::{Attributes, Entry, Log, Severity, SourceKey, timestamp_from_micros};
use crate::store::Damaged;
use crate::store::dictionary::Dictionary;

/// Records of the block that is damaged.
const RECORDS: i64 = 40;

/// A small block, as it was written, with the records that are in it.
struct Sample {
    logs: Vec<Log>,
    dictionary: Dictionary,
    block: Block,
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let logs: Vec<Log> = (1..=RECORDS).map(log).collect();
    let dictionary = Dictionary::default();
    dictionary.learn(logs.iter().map(|log| (log.source_id, log.source.clone())).collect());
    let row = |log| {
        let Log { source_id, source, entry, .. }: &Log = log;
        Row { source_id: *source_id, source, entry }
    };
    let rows: Vec<Row<'_>> = logs.iter().map(row).collect();
    let Encoded { parts, footer, .. } = encode(1, &rows).expect("a block");
    let parts = parts.map(|part| Some(part.into()));
    let (footer, decoded) = (footer.into(), Decoded::default());
    let block = Block { first_id: 1, last_id: RECORDS, format: FORMAT, footer, parts, decoded };
    Sample { logs, dictionary, block }
});

fn log(id: i64) -> Log {
    let source = SourceKey {
        host: Some(format!("host-{}", id % 3)),
        app: (id % 2 == 0).then(|| "app".to_owned()),
        address: [192, 0, 2, 1].into(),
    };
    let attributes = if id % 4 == 0 { format!(r#"{{"n":{id}}}"#) } else { "{}".to_owned() };
    Log {
        id,
        source_id: (id % 6) as i32,
        source: Arc::new(source),
        entry: Entry {
            timestamp: timestamp_from_micros(1_767_323_045_000_000 + id),
            received_at: timestamp_from_micros(1_767_323_046_000_000 + id),
            severity: Severity::from_code((id % 9) as u8),
            facility: None,
            proc_id: (id % 5 == 0).then(|| id.to_string()),
            msg_id: None,
            message: format!("request {id} took {} ms", id * 7),
            attributes: Attributes::from_json_text(attributes),
        },
    }
}

/// The bits of a byte that begins an edit: the piece of the block, and what is done to it.
const PIECE: u8 = 0b11;
const WORK: u8 = 0b1100;

/// Edits of a sound block, of four bytes each: the piece and what is done, the place, a byte.
/// Without an edit it gives its records; otherwise [`read`] holds.
pub fn block(mut edits: &[u8]) {
    let Sample { logs, dictionary, block } = &*SAMPLE;
    if edits.is_empty() {
        assert_eq!(read(block, dictionary).as_ref(), Ok(logs));
        return;
    }
    let bytes = block.parts.iter().flatten().chain([&block.footer]);
    let mut pieces: Vec<Vec<u8>> = bytes.map(|bytes| bytes.to_vec()).collect();
    while let [what, high, low, byte, rest @ ..] = edits {
        edits = rest;
        let piece = &mut pieces[usize::from(what & PIECE)];
        let place = usize::from(u16::from_be_bytes([*high, *low])) % (piece.len() + 1);
        match (what & WORK) >> 2 {
            0 => piece.insert(place, *byte),
            1 => piece.truncate(place),
            2 if place < piece.len() => drop(piece.remove(place)),
            _ => piece.iter_mut().skip(place).take(1).for_each(|there| *there = *byte),
        }
    }
    let footer = pieces.pop().unwrap_or_default().into();
    let mut pieces = pieces.into_iter().map(|piece| Some(piece.into()));
    let parts = [(); 3].map(|()| pieces.next().flatten());
    let _ = read(&Block { footer, parts, ..block.clone() }, dictionary);
}

/// Reads a block in every way: each gives as many records as there are, or says what is damaged.
pub(super) fn read(block: &Block, dictionary: &Dictionary) -> Result<Vec<Log>, Damaged> {
    let count = usize::try_from(block.last_id + 1 - block.first_id).unwrap_or(0);
    let places: Vec<u32> = (0..).take(count).collect();
    let reader = || block.reader(dictionary);
    if let Ok(one) = reader().and_then(|mut reader| reader.logs(&[0])) {
        assert_eq!(one.len(), 1);
    }
    let filter = parse("took OR attributes.n:*").expect("a query");
    let selected = reader().and_then(|mut reader| Selector::new(&filter).select(&mut reader));
    if let Ok(selected) = selected {
        assert!(selected.iter().all(|place| (*place as usize) < count));
    }
    let logs = reader()?.logs(&places)?;
    assert_eq!(logs.len(), count);
    Ok(logs)
}
