//! A cursor over the bytes of a text, for formats with fixed shapes.

/// Reads a text from its start, a few bytes at a time. A failed read of one item moves nothing.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    pub fn new(text: &'a str) -> Self {
        Scan { text, at: 0 }
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.at
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Runs several reads that only count together.
    pub fn attempt<T>(&mut self, reads: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let start = self.at;
        let read = reads(self);
        if read.is_none() {
            self.at = start;
        }
        read
    }

    /// Reads this byte.
    pub fn eat(&mut self, byte: u8) -> Option<()> {
        self.one_of(&[byte]).map(|_| ())
    }

    /// Reads one of these bytes.
    pub fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| bytes.contains(byte))?;
        self.at += 1;
        Some(byte)
    }

    /// Reads spaces, or none.
    pub fn spaces(&mut self) {
        while self.eat(b' ').is_some() {}
    }

    /// Reads a decimal digit.
    pub fn digit(&mut self) -> Option<u32> {
        let byte = self.peek().filter(u8::is_ascii_digit)?;
        self.at += 1;
        Some(u32::from(byte - b'0'))
    }

    /// Reads a number of `least` to `most` digits (nine at most).
    pub fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        debug_assert!(most <= 9);
        self.attempt(|s| {
            let start = s.at;
            let mut number = 0;
            while s.at - start < most
                && let Some(digit) = s.digit()
            {
                number = number * 10 + digit;
            }
            (s.at - start >= least).then_some(number)
        })
    }

    /// Reads so many bytes.
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let bytes = self.text.as_bytes().get(self.at..self.at + length)?;
        self.at += length;
        Some(bytes)
    }

    /// Reads ASCII letters, at least one.
    pub fn word(&mut self) -> Option<&'a str> {
        let rest = self.text.get(self.at..)?;
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        self.at += length;
        rest.get(..length).filter(|word| !word.is_empty())
    }

    /// Whether the text ends here, or one of these bytes follows.
    pub fn ends_before(&self, bytes: &[u8]) -> bool {
        self.peek().is_none_or(|byte| bytes.contains(&byte))
    }
}
