//! Bitmaps that both databases can look into: of messages, and of source ids.
//!
//! Of messages it holds the trigrams: three bytes of UTF-8, for a text that holds another holds its
//! bytes, too. Words that are common are in every block, and so are their trigrams; whether one
//! follows the other is told by the *seams*: what joins the last three letters of a word, one byte
//! that is neither letter nor digit, and the first three letters of the next. Letters only: numbers
//! would make as many seams as there are records.
//!
//! A bitmap is a power of two of bits long, so short blocks have short ones; bit `n` is bit
//! `n % 8`, from the least, of byte `n / 8`, as `get_bit` of Postgres counts. Something is looked up
//! under its hash modulo the number of bits.

use crate::filter::fold;

/// Longest bitmap, in bytes.
pub(super) const LONGEST: usize = 8192;
/// Shortest bitmap, in bytes.
const SHORTEST: usize = 8;
/// Bytes of a seam.
const SEAM: usize = 7;
/// A bitmap is halved while no more than one bit in so many would be set: what is looked up for
/// nothing then hardly ever seems to be there.
const SPARSE: usize = 4;

/// A bitmap that is being made, at full length. Since a hash is looked up modulo the length, the
/// bitmap of half the length is both halves laid over each other.
#[derive(Debug)]
pub(super) struct Bitmap {
    words: Box<[u64; LONGEST / size_of::<u64>()]>,
}

impl Bitmap {
    pub fn new() -> Self {
        Bitmap { words: Box::new([0; LONGEST / size_of::<u64>()]) }
    }

    /// Sets the bit of a hash.
    #[inline]
    pub fn insert(&mut self, hash: u32) {
        let bit = hash as usize % (LONGEST * 8);
        self.words[bit / 64] |= 1 << (bit % 64);
    }

    /// The bitmap, as short as what is in it lets it be.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut words = self.words.to_vec();
        let set: usize = words.iter().map(|word| word.count_ones() as usize).sum();
        while words.len() * size_of::<u64>() > SHORTEST && set * SPARSE <= words.len() * 64 / 2 {
            let upper = words.split_off(words.len() / 2);
            words.iter_mut().zip(upper).for_each(|(lower, upper)| *lower |= upper);
        }
        words.into_iter().flat_map(u64::to_le_bytes).collect()
    }
}

/// A bitmap of the trigrams and seams of texts that is being made.
#[derive(Debug)]
pub(super) struct Trigrams {
    bitmap: Bitmap,
    /// The text at hand, folded, and the hashes of its trigrams.
    folded: Vec<u8>,
    hashes: Vec<u16>,
}

impl Trigrams {
    pub fn new() -> Self {
        Trigrams { bitmap: Bitmap::new(), folded: Vec::new(), hashes: Vec::new() }
    }

    /// Adds the trigrams and seams of a text, folded.
    pub fn insert(&mut self, text: &str) {
        self.folded.clear();
        if text.is_ascii() {
            self.folded.extend_from_slice(text.as_bytes());
            self.folded.make_ascii_lowercase();
        } else {
            self.folded.extend_from_slice(fold(text).as_bytes());
        }
        self.hashes.clear();
        self.hashes.extend(hashes(&self.folded));
        self.hashes.iter().for_each(|hash| self.bitmap.insert(u32::from(*hash)));
        seam_hashes(&self.folded).for_each(|hash| self.bitmap.insert(u32::from(hash)));
    }

    /// The bitmap of all of them.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bitmap.into_bytes()
    }
}

/// The hashes under which the trigrams of a folded text stand. None when it is shorter.
pub(super) fn trigrams(folded: &str) -> Vec<u32> {
    hashes(folded.as_bytes()).map(u32::from).collect()
}

/// The hashes under which the seams of a folded text stand.
pub(super) fn seams(folded: &str) -> Vec<u32> {
    seam_hashes(folded.as_bytes()).map(u32::from).collect()
}

fn seam_hashes(text: &[u8]) -> impl Iterator<Item = u16> {
    let is_seam = |seam: &&[u8; SEAM]| {
        let [before @ .., _, _, _, _] = seam;
        let [_, _, _, _, after @ ..] = seam;
        !seam[3].is_ascii_alphanumeric()
            && before.iter().chain(after).all(|byte| byte.is_ascii_lowercase())
    };
    text.array_windows::<SEAM>().filter(is_seam).map(|seam| hash_seam(*seam))
}

/// Spreads a seam over 16 bits, the highest of a product, which depend on all bits before them.
fn hash_seam([a, b, c, d, e, f, g]: [u8; SEAM]) -> u16 {
    let hash = u64::from_be_bytes([0, 0, a, b, c, d, e, f]).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let hash = (hash ^ hash >> 32).wrapping_add(u64::from(g)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (hash >> 48) as u16
}

/// The hashes of the trigrams, one after another, of which the compiler makes many at once.
fn hashes(text: &[u8]) -> impl Iterator<Item = u16> {
    text.windows(3).map(|trigram| hash(trigram[0], trigram[1], trigram[2]))
}

/// Spreads three bytes over the 16 bits that the longest bitmap tells apart, the lowest as evenly
/// as the highest. In 16 bits throughout, of which a register holds many.
#[inline]
fn hash(a: u8, b: u8, c: u8) -> u16 {
    let hash = u16::from_be_bytes([a, b]).wrapping_mul(0x9E35);
    let hash = (hash ^ hash >> 8).wrapping_add(u16::from(c)).wrapping_mul(0x6255);
    hash ^ hash >> 8
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
        let mut trigrams = Trigrams::new();
        texts.iter().for_each(|text| trigrams.insert(text));
        trigrams.into_bytes()
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
    fn words_that_never_follow_each_other_are_not_found_in_that_order() {
        let texts: Vec<String> =
            (0..2_000).map(|n| format!("request {n}: connection refused, try again")).collect();
        let bitmap = bitmap_of(&texts);
        let all = |of: fn(&str) -> Vec<u32>, phrase| of(phrase).iter().all(|h| has(&bitmap, *h));
        for (phrase, follows) in [("connection refused", true), ("refused connection", false)] {
            assert_eq!(seams(phrase).len(), 1);
            assert_eq!(all(seams, phrase), follows, "{phrase}");
        }
        assert!(all(trigrams, "refused") && all(trigrams, "connection"));
        assert!(seams("of 1 to be - or not, ab cde").is_empty());
    }

    #[test]
    fn hashes_are_spread_evenly_over_a_bitmap_of_any_length() {
        let distinct = || (b'a'..=b'z').flat_map(|a| (b'0'..=b'9').map(move |b| (a, b)));
        let hashes: Vec<u16> =
            distinct().flat_map(|(a, b)| [hash(a, b, a), hash(b, a, a), hash(a, a, b)]).collect();
        for bits in [256, 1_024, 4_096, 65_536] {
            let mut places: Vec<usize> =
                hashes.iter().map(|hash| usize::from(*hash) % bits).collect();
            places.sort_unstable();
            places.dedup();
            // What is left of so many throws of dice.
            let expected = bits as f64 * (1.0 - (-(hashes.len() as f64) / bits as f64).exp());
            let ratio = places.len() as f64 / expected;
            assert!((0.9..1.1).contains(&ratio), "{ratio} of what chance would do, {bits} bits");
        }
    }

    #[test]
    fn few_trigrams_make_a_short_bitmap_and_many_the_longest() {
        assert_eq!(bitmap_of(&[]).len(), SHORTEST);
        assert_eq!(bitmap_of(&["ab".to_owned()]), [0; SHORTEST]);
        let mut bitmap = Bitmap::new();
        (0..50_000).for_each(|n| bitmap.insert(n));
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
        fn no_seam_of_any_substring_is_missed(text in "([a-cAÄ ]{1,5}[ /-]){1,9}") {
            let bitmap = bitmap_of(std::slice::from_ref(&text));
            let folded: Vec<char> = fold(&text).chars().collect();
            for from in 0..folded.len() {
                for to in from..=folded.len() {
                    let needle: String = folded[from..to].iter().collect();
                    prop_assert!(seams(&needle).into_iter().all(|hash| has(&bitmap, hash)));
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
