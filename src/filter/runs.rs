//! Substrings, looked for in many texts as if they were one: each run of texts is folded and
//! searched as a whole, and what is found is put down to the text it lies in.

use std::ops::Range;

use arrow_buffer::BooleanBuffer;
use arrow_buffer::builder::BooleanBufferBuilder;
use memchr::memmem::Finder;

use super::columns::Texts;
use super::text::{BEYOND_ASCII, Case, KEPT_BUFFER, Substring, with_ascii_folded};

/// Where fewer than one text in so many is asked about, each is searched alone.
const SPARSE: usize = 16;

/// The texts of a column, which [are sound](Texts::are_sound).
pub(super) struct Runs<'a> {
    texts: &'a Texts<'a>,
    len: usize,
    /// Bytes of a run, at most, unless a single text is longer.
    run_bytes: usize,
}

impl<'a> Runs<'a> {
    pub(super) fn new(texts: &'a Texts<'a>, len: usize) -> Self {
        // What the buffer for folding keeps, and what stays in a fast cache.
        Runs { texts, len, run_bytes: KEPT_BUFFER }
    }

    /// Whether so few texts are asked about that each is better searched alone.
    pub(super) fn are_few(&self, asked: &BooleanBuffer) -> bool {
        asked.count_set_bits() < self.len.div_ceil(SPARSE)
    }

    /// Of these texts, which are present, those that hold the needle, which is not empty.
    pub(super) fn holding(&self, needle: &Substring, asked: &BooleanBuffer) -> BooleanBuffer {
        if self.are_few(asked) {
            return self.holding_alone(needle, asked);
        }
        let mut found = Found::none(self.len);
        // Texts whose case is not folded by folding their bytes.
        let mut odd = Found::none(self.len);
        let odd_characters = BEYOND_ASCII.map(Finder::new);
        let mut start = 0;
        while start < self.len {
            let run = start..self.end_of_run(start);
            start = run.end;
            let text = self.text_of(&run);
            match needle.case() {
                Case::None => self.search(text, &run, needle.finder(), &mut found),
                Case::Ascii => {
                    with_ascii_folded(text, |folded| {
                        self.search(folded, &run, needle.finder(), &mut found);
                    });
                    if !text.is_ascii() {
                        for character in &odd_characters {
                            self.search(text, &run, character, &mut odd);
                        }
                    }
                }
                Case::Unicode if text.is_ascii() => {}
                Case::Unicode => run.for_each(|place| odd.add(place)),
            }
        }
        let alone = self.holding_alone(needle, &odd.among(asked));
        &found.among(asked) | &alone
    }

    /// The same, each text searched alone.
    fn holding_alone(&self, needle: &Substring, asked: &BooleanBuffer) -> BooleanBuffer {
        let mut found = Found::none(self.len);
        for place in asked.set_indices() {
            if self.texts.get(place).is_some_and(|text| needle.is_in(text)) {
                found.add(place);
            }
        }
        found.among(asked)
    }

    /// Of these texts, which are present, those that hold the bytes as they are.
    pub(super) fn holding_bytes(&self, needle: &Finder, asked: &BooleanBuffer) -> BooleanBuffer {
        let mut found = Found::none(self.len);
        let all = 0..self.len;
        self.search(self.text_of(&all), &all, needle, &mut found);
        found.among(asked)
    }

    /// The bytes of the buffer before the text at a place; of them all after the last.
    fn offset(&self, place: usize) -> usize {
        self.texts.offsets.get(place).and_then(|o| usize::try_from(*o).ok()).unwrap_or_default()
    }

    fn end_of_run(&self, start: usize) -> usize {
        let end = self.offset(start) + self.run_bytes;
        let rest = self.texts.offsets.get(start + 1..).unwrap_or_default();
        let fit = rest.partition_point(|offset| usize::try_from(*offset).is_ok_and(|o| o <= end));
        start + fit.max(1)
    }

    fn text_of(&self, run: &Range<usize>) -> &'a [u8] {
        self.texts.buffer.get(self.offset(run.start)..self.offset(run.end)).unwrap_or_default()
    }

    /// Finds the texts of a run that hold the needle. `run_text` is as long as the run.
    fn search(&self, run_text: &[u8], run: &Range<usize>, needle: &Finder, found: &mut Found) {
        let base = self.offset(run.start);
        let mut place = run.start;
        let mut from = 0;
        while let Some(hit) = run_text.get(from..).and_then(|rest| needle.find(rest)) {
            let hit = from + hit;
            // The text it begins in is the first one that ends behind it.
            while place < run.end && self.offset(place + 1) <= base + hit {
                place += 1;
            }
            if place >= run.end {
                return;
            }
            let start = self.offset(place) + self.texts.gap - base;
            let end = self.offset(place + 1) - base;
            if start <= hit && hit + needle.needle().len() <= end {
                found.add(place);
                from = end;
            } else {
                // It lies partly between two texts, or in both of them, and so in neither.
                from = hit + 1;
            }
        }
    }
}

/// The places of texts that were found.
struct Found(BooleanBufferBuilder);

impl Found {
    fn none(len: usize) -> Self {
        let mut places = BooleanBufferBuilder::new(len);
        places.append_n(len, false);
        Found(places)
    }

    fn add(&mut self, place: usize) {
        self.0.set_bit(place, true);
    }

    fn among(self, asked: &BooleanBuffer) -> BooleanBuffer {
        &self.0.build() & asked
    }
}

#[cfg(test)]
mod tests {
    use arrow_buffer::NullBuffer;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::tests::random;
    use super::super::tree::fold;
    use super::*;

    proptest! {
        #[test]
        fn runs_of_any_length_find_what_each_text_holds(
            texts in vec(proptest::option::of(random::text()), 1..40),
            needle in random::text(),
            run_bytes in 1usize..40,
            between in vec(any::<u8>(), 0..5),
        ) {
            let mut buffer = Vec::new();
            let mut offsets = vec![0];
            for text in &texts {
                buffer.extend_from_slice(&between);
                buffer.extend_from_slice(text.as_deref().unwrap_or_default().as_bytes());
                offsets.push(buffer.len() as i32);
            }
            let present: NullBuffer = texts.iter().map(Option::is_some).collect();
            let column = Texts {
                buffer: &buffer,
                offsets: &offsets,
                gap: between.len(),
                present: Some(present.clone()),
            };
            let runs = Runs { texts: &column, len: texts.len(), run_bytes };
            let needle = fold(&needle.chars().take(3).collect::<String>());
            prop_assume!(!needle.is_empty());

            let found = runs.holding(&Substring::new(&needle), present.inner());
            let expected: Vec<bool> = texts
                .iter()
                .map(|text| text.as_deref().is_some_and(|text| fold(text).contains(&needle)))
                .collect();
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected);

            let found = runs.holding_bytes(&Finder::new(&needle), present.inner());
            let expected: Vec<bool> = texts
                .iter()
                .map(|text| text.as_deref().is_some_and(|text| text.contains(&needle)))
                .collect();
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected);
        }
    }
}
