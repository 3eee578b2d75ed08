//! Bitmaps that both databases can look into: of the trigrams of messages, and of source ids.
//!
//! A bitmap is a power of two of bits long, so short blocks have short ones; bit `n` is bit
//! `n % 8`, from the least, of byte `n / 8`, as `get_bit` of Postgres counts. Something is looked up
//! under its hash modulo the number of bits.

/// Longest bitmap, in bytes.
pub(super) const LONGEST: usize = 8192;

/// A bitmap that is being made.
#[derive(Debug, Default)]
pub(super) struct Bitmap {}

/// The hashes under which the trigrams of a folded text stand. None when it is shorter.
pub(super) fn trigrams(_folded: &str) -> Vec<u32> {
    todo!()
}
