//! Bitmaps that both databases can look into: of the trigrams of messages, and of source ids.
//!
//! A bitmap is a power of two of bits long, so short blocks have short ones; bit `n` is bit
//! `n % 8`, from the least, of byte `n / 8`, as `get_bit` of Postgres counts. Something is looked up
//! under its hash modulo the number of bits.

use std::borrow::Cow;

use crate::filter::fold;

/// Longest bitmap, in bytes.
pub(super) const LONGEST: usize = 8192;
/// Shortest bitmap, in bytes.
const SHORTEST: usize = 8;
/// A bitmap is halved while no more than one bit in so many would be set: what is looked up for
/// nothing then hardly ever seems to be there.
const SPARSE: usize = 4;

/// A bitmap that is being made, at full length. Since a hash is looked up modulo the length, the
/// bitmap of half the length is both halves laid over each other.
#[derive(Debug)]
pub(super) struct Bitmap {
    words: Vec<u64>,
}

impl Bitmap {
    pub fn new() -> Self {
        Bitmap { words: vec![0; LONGEST / size_of::<u64>()] }
    }

    /// Sets the bit of a hash.
    #[inline]
    pub fn insert(&mut self, hash: u32) {
        let bit = hash as usize % (LONGEST * 8);
        self.words[bit / 64] |= 1 << (bit % 64);
    }

    /// The bitmap, as short as what is in it lets it be.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut words = self.words;
        let set: usize = words.iter().map(|word| word.count_ones() as usize).sum();
        while words.len() * size_of::<u64>() > SHORTEST && set * SPARSE <= words.len() * 64 / 2 {
            let upper = words.split_off(words.len() / 2);
            words.iter_mut().zip(upper).for_each(|(lower, upper)| *lower |= upper);
        }
        words.into_iter().flat_map(u64::to_le_bytes).collect()
    }
}

/// The hashes under which the trigrams of a folded text stand. None when it is shorter.
///
/// A trigram is three bytes of UTF-8: a text that holds another holds its bytes, too.
pub(super) fn trigrams(folded: &str) -> Vec<u32> {
    folded.as_bytes().windows(3).map(|three| hash(trigram(three))).collect()
}

/// Adds the trigrams of a text, folded.
pub(super) fn insert_trigrams(bitmap: &mut Bitmap, text: &str) {
    let folded = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) };
    let bytes = folded.as_bytes();
    let Some((start, rest)) = bytes.split_at_checked(2) else { return };
    // For text that is folded already this changes nothing.
    let lower = |byte: &u8| u32::from(byte.to_ascii_lowercase());
    let mut last = start.iter().fold(0, |last, byte| last << 8 | lower(byte));
    for byte in rest {
        last = (last << 8 | lower(byte)) & 0xff_ffff;
        bitmap.insert(hash(last));
    }
}

fn trigram(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |trigram, byte| trigram << 8 | u32::from(*byte))
}

/// Spreads 24 bits over the 16 that the longest bitmap tells apart (multiplicative hashing by the
/// golden ratio).
#[inline]
fn hash(trigram: u32) -> u32 {
    trigram.wrapping_mul(0x9E37_79B1) >> 16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Looks a hash up as both databases do.
    fn has(bitmap: &[u8], hash: u32) -> bool {
        let bit = hash as usize & (bitmap.len() * 8 - 1);
        bitmap[bit / 8] >> (bit % 8) & 1 == 1
    }

    fn bitmap_of(texts: &[String]) -> Vec<u8> {
        let mut bitmap = Bitmap::new();
        texts.iter().for_each(|text| insert_trigrams(&mut bitmap, text));
        bitmap.into_bytes()
    }

    #[test]
    fn what_is_not_there_is_hardly_ever_found() {
        let texts: Vec<String> =
            (0..2_000).map(|n| format!("request {n} took {} ms", n * 7)).collect();
        let bitmap = bitmap_of(&texts);
        let found = |word: &str| trigrams(word).iter().all(|hash| has(&bitmap, *hash));
        assert!(found("request 1999") && found("took"));
        assert!(!found("authentication failure") && !found("refused"));
    }

    #[test]
    fn few_trigrams_make_a_short_bitmap_and_many_the_longest() {
        assert_eq!(bitmap_of(&[]).len(), SHORTEST);
        assert_eq!(bitmap_of(&["ab".to_owned()]), [0; SHORTEST]);
        let mut bitmap = Bitmap::new();
        (0..50_000).for_each(|n| bitmap.insert(hash(n)));
        assert_eq!(bitmap.into_bytes().len(), LONGEST);
    }

    proptest! {
        #[test]
        fn no_trigram_of_any_substring_is_missed(texts in prop::collection::vec(".{0,40}", 0..40)) {
            let bitmap = bitmap_of(&texts);
            prop_assert!(bitmap.len().is_power_of_two() && bitmap.len() <= LONGEST);
            for text in &texts {
                let folded: Vec<char> = fold(text).chars().collect();
                for from in 0..folded.len() {
                    let needle: String = folded[from..].iter().collect();
                    prop_assert!(trigrams(&needle).into_iter().all(|hash| has(&bitmap, hash)));
                }
            }
        }

        #[test]
        fn no_number_is_missed(numbers in prop::collection::vec(any::<u32>(), 0..300)) {
            let mut bitmap = Bitmap::new();
            numbers.iter().for_each(|number| bitmap.insert(*number));
            let bitmap = bitmap.into_bytes();
            prop_assert!(numbers.iter().all(|number| has(&bitmap, *number)));
        }
    }
}
