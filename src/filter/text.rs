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
    /// No character folds to any other one of it, so that the text is searched as it is.
    caseless: bool,
}

/// Capacity of the buffer a thread keeps; one long text must not hold its memory for ever.
const KEPT_BUFFER: usize = 64 * 1024;

thread_local! {
    /// The text being searched, folded.
    static FOLDED: RefCell<String> = const { RefCell::new(String::new()) };
}

impl Substring {
    fn new(needle: &str) -> Self {
        let caseless = needle.chars().all(|c| c.is_ascii() && !c.is_ascii_alphabetic());
        Substring { finder: Finder::new(needle.as_bytes()).into_owned(), caseless }
    }

    fn is_in(&self, text: &str) -> bool {
        if self.caseless {
            return self.finder.find(text.as_bytes()).is_some();
        }
        FOLDED.with_borrow_mut(|folded| {
            folded.clear();
            fold_into(folded, text);
            let found = self.finder.find(folded.as_bytes()).is_some();
            folded.shrink_to(KEPT_BUFFER);
            found
        })
    }
}

fn fold_into(folded: &mut String, text: &str) {
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(text.chars().map(fold_char));
    }
}
