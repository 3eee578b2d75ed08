//! How a text is tested: case-insensitive comparison and search, without allocating per text.

use std::cell::RefCell;

use memchr::memmem::Finder;
use regex::Regex;

use super::tree::{TextTest, fold_char};

/// A [`TextTest`], made ready.
#[derive(Clone, Debug)]
pub(super) enum TextMatcher {
    Equals(String),
    StartsWith(String),
    EndsWith(String),
    Contains(Box<Substring>),
    Regex(Box<Regex>),
}

impl TextMatcher {
    pub(super) fn new(test: &TextTest) -> Self {
        match test {
            TextTest::Equals(text) => Self::Equals(text.clone()),
            TextTest::StartsWith(text) => Self::StartsWith(text.clone()),
            TextTest::EndsWith(text) => Self::EndsWith(text.clone()),
            TextTest::Contains(needle) => Self::Contains(Box::new(Substring::new(needle))),
            TextTest::Regex(regex) => Self::Regex(regex.clone()),
        }
    }

    /// What every text that passes holds, folded. `None` where nothing is known of that.
    pub(super) fn needle(&self) -> Option<&str> {
        match self {
            Self::Equals(needle) | Self::StartsWith(needle) | Self::EndsWith(needle) => {
                Some(needle)
            }
            Self::Contains(needle) => std::str::from_utf8(needle.finder.needle()).ok(),
            Self::Regex(_) => None,
        }
    }

    /// Whether the text passes.
    pub(super) fn accepts(&self, text: &str) -> bool {
        let mut folded = text.chars().map(fold_char);
        match self {
            Self::Equals(wanted) => folded.eq(wanted.chars()),
            Self::StartsWith(wanted) => wanted.chars().all(|c| folded.next() == Some(c)),
            Self::EndsWith(wanted) => wanted.chars().rev().all(|c| folded.next_back() == Some(c)),
            Self::Contains(needle) => needle.is_in(text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// A folded needle that is looked for in texts of any case.
#[derive(Clone, Debug)]
pub(super) struct Substring {
    finder: Finder<'static>,
    case: Case,
}

/// What has to be done with a text before a needle can be looked for in its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// Nothing: no character folds to any other one of the needle.
    None,
    /// The needle is ASCII: to fold ASCII letters is enough, but for [`BEYOND_ASCII`].
    Ascii,
    /// The needle is not ASCII, and so no ASCII text holds it.
    Unicode,
}

/// The characters beyond ASCII that fold to ASCII letters.
pub(super) const BEYOND_ASCII: [&str; 2] = ["\u{212a}", "\u{130}"];

/// Capacity of the buffer a thread keeps; one long text must not hold its memory for ever.
pub(super) const KEPT_BUFFER: usize = 64 * 1024;

thread_local! {
    /// The text being searched, folded.
    static FOLDED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Substring {
    pub(super) fn new(needle: &str) -> Self {
        let case = if !needle.is_ascii() {
            Case::Unicode
        } else if needle.bytes().any(|c| c.is_ascii_alphabetic()) {
            Case::Ascii
        } else {
            Case::None
        };
        Substring { finder: Finder::new(needle.as_bytes()).into_owned(), case }
    }

    /// Whether every text holds it.
    pub(super) fn is_empty(&self) -> bool {
        self.finder.needle().is_empty()
    }

    /// Its bytes.
    pub(super) fn len(&self) -> usize {
        self.finder.needle().len()
    }

    /// Whether a text holds the needle.
    pub(super) fn is_in(&self, text: &str) -> bool {
        match self.case {
            Case::None => return self.finder.find(text.as_bytes()).is_some(),
            Case::Unicode if text.is_ascii() => return false,
            Case::Ascii | Case::Unicode => {}
        }
        with_scratch(|folded| {
            fold_into(folded, text);
            self.finder.find(folded).is_some()
        })
    }

    pub(super) fn finder(&self) -> &Finder<'static> {
        &self.finder
    }

    pub(super) fn case(&self) -> Case {
        self.case
    }
}

/// Shows bytes with the ASCII letters among them folded.
pub(super) fn with_ascii_folded<R>(bytes: &[u8], look: impl FnOnce(&[u8]) -> R) -> R {
    with_scratch(|folded| {
        folded.extend_from_slice(bytes);
        folded.make_ascii_lowercase();
        look(folded)
    })
}

/// Lends the buffer of this thread, empty. What is done with it must not ask for it again.
fn with_scratch<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    FOLDED.with_borrow_mut(|folded| {
        folded.clear();
        let result = work(folded);
        folded.shrink_to(KEPT_BUFFER);
        result
    })
}

fn fold_into(folded: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        folded.extend_from_slice(text.as_bytes());
        folded.make_ascii_lowercase();
    } else {
        let mut buffer = [0; 4];
        for character in text.chars().map(fold_char) {
            folded.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        }
    }
}
