//! What `fuzz/` looks for counterexamples of: one function a target, which panics when what it
//! says of every input does not hold. Each lies beside the part that it is about.

pub use crate::api::fuzzing::document;
pub use crate::filter::fuzzing::query;
pub use crate::ingest::fuzzing::{chunks, datagram, framing};
pub use crate::parse::fuzzing::{gelf, json, record, rfc3164, rfc5424};
pub use crate::queue::fuzzing::frame;
pub use crate::store::fuzzing::block;

/// Every input that is kept holds in every build, also without the fuzzer.
#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    type Target<'a> = &'a dyn Fn(&[u8]);

    fn text(target: fn(&str)) -> impl Fn(&[u8]) {
        move |input| {
            if let Ok(text) = std::str::from_utf8(input) {
                target(text);
            }
        }
    }

    #[test]
    fn the_corpora_hold() {
        let targets: [(&str, Target<'_>); 12] = [
            ("block", &block),
            ("chunks", &chunks),
            ("datagram", &datagram),
            ("document", &text(document)),
            ("frame", &frame),
            ("framing", &framing),
            ("gelf", &gelf),
            ("json", &json),
            ("query", &text(query)),
            ("record", &record),
            ("rfc3164", &rfc3164),
            ("rfc5424", &rfc5424),
        ];
        let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        let mut found: Vec<_> =
            fs::read_dir(&corpora).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        found.sort();
        assert_eq!(found, targets.map(|(name, _)| name), "a folder a target");
        for (name, target) in targets {
            target(b"");
            for file in fs::read_dir(corpora.join(name)).unwrap() {
                target(&fs::read(file.unwrap().path()).unwrap());
            }
        }
    }
}
