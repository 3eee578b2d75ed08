//! What holds for whatever bytes come out of a queue. Asked by the fuzz targets.

use bytes::Bytes;

use super::frame::{Draft, Frame, RawRecord};

/// A frame from the network: an error, or records that make the same frame again.
pub fn frame(input: &[u8]) {
    let Ok(frame) = Frame::decode(Bytes::copy_from_slice(input)) else { return };
    assert_eq!(frame.iter().count(), frame.records());
    let again = |frame: &Frame| {
        let mut draft = Draft::default();
        frame.iter().for_each(|record| draft.push(record));
        Frame::decode(draft.name(frame.id()).bytes().clone()).expect("it is what we write")
    };
    let read = |frame: &Frame| frame.iter().map(canonical).collect::<Vec<_>>();
    let written = again(&frame);
    assert_eq!((written.id(), read(&written)), (frame.id(), read(&frame)));
    assert_eq!(again(&written), written);
}

/// What a record says, its address as we write it.
fn canonical(record: RawRecord<'_>) -> (Vec<u8>, i64, String) {
    let RawRecord { bytes, received_at, peer, transport, cut } = record;
    let rest = format!("{} {transport:?} {cut}", peer.to_canonical());
    (bytes.to_vec(), received_at.timestamp_micros(), rest)
}
