//! A text test as a `LIKE` pattern that accepts at least what the matcher accepts.
//!
//! Both databases compare ASCII letters without case here (SQLite's `LIKE` always does, Postgres's
//! `ILIKE` under the collation "C"), and everything else as it is. The matcher folds all of
//! Unicode, character by character. So a character that another one folds to stands as the
//! wildcard `_`: every one beyond ASCII, `k` (the Kelvin sign folds to it) and `i` (`İ` does).

use crate::filter::TextTest;

/// The character that makes the next one of a pattern plain text.
pub(super) const ESCAPE: char = '\\';

/// Characters of a needle that go into a pattern, at most: SQLite limits its patterns, and what
/// is left out only makes them accept more.
const LONGEST: usize = 256;

/// The pattern of a test; `None` when it would accept everything, or the test has none.
pub(super) fn like_pattern(test: &TextTest) -> Option<String> {
    let (needle, open_start, open_end) = match test {
        TextTest::Equals(needle) => (needle, false, false),
        TextTest::StartsWith(needle) => (needle, false, true),
        TextTest::EndsWith(needle) => (needle, true, false),
        TextTest::Contains(needle) => (needle, true, true),
        TextTest::Regex(_) => return None,
    };
    let length = needle.chars().count();
    let cut = length > LONGEST;
    // What ends with a needle is searched by the needle's end.
    let keep_end = open_start && !open_end;
    let skip = if keep_end { length.saturating_sub(LONGEST) } else { 0 };
    let mut pattern = String::with_capacity(needle.len().min(LONGEST) + 2);
    if open_start {
        pattern.push('%');
    }
    let mut literals = 0;
    for c in needle.chars().skip(skip).take(LONGEST) {
        if !stands_for_itself(c) {
            pattern.push('_');
            continue;
        }
        if matches!(c, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(c);
        literals += 1;
    }
    if open_end || (cut && !keep_end) {
        pattern.push('%');
    }
    (literals > 0).then_some(pattern)
}

/// Whether this folded character is all that is folded to it, but for its ASCII upper case, which
/// the databases know. (NUL is in no text, and no pattern may hold it.)
fn stands_for_itself(c: char) -> bool {
    c.is_ascii() && !matches!(c, 'k' | 'i' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(needle: &str) -> Option<String> {
        like_pattern(&TextTest::Contains(needle.to_owned()))
    }

    #[test]
    fn wildcards_in_a_needle_are_text() {
        assert_eq!(contains(r"50%_a\b").as_deref(), Some(r"%50\%\_a\\b%"));
    }

    #[test]
    fn characters_that_others_fold_to_match_any() {
        assert_eq!(contains("kiosk é").as_deref(), Some("%__os_ _%"));
    }

    #[test]
    fn a_pattern_that_accepts_everything_is_none() {
        assert_eq!(contains("ki世界"), None);
        assert_eq!(contains(""), None);
        assert_eq!(like_pattern(&TextTest::Equals(String::new())), None);
    }

    #[test]
    fn only_the_open_ends_are_open() {
        let needle = || "ab".to_owned();
        assert_eq!(like_pattern(&TextTest::Equals(needle())).as_deref(), Some("ab"));
        assert_eq!(like_pattern(&TextTest::StartsWith(needle())).as_deref(), Some("ab%"));
        assert_eq!(like_pattern(&TextTest::EndsWith(needle())).as_deref(), Some("%ab"));
    }

    #[test]
    fn a_long_needle_is_cut_where_it_is_open() {
        let needle = || format!("{}{}", "a".repeat(LONGEST), "b".repeat(LONGEST));
        let (a, b) = ("a".repeat(LONGEST), "b".repeat(LONGEST));
        let pattern = |test| like_pattern(&test).unwrap();
        assert_eq!(pattern(TextTest::Equals(needle())), format!("{a}%"));
        assert_eq!(pattern(TextTest::StartsWith(needle())), format!("{a}%"));
        assert_eq!(pattern(TextTest::EndsWith(needle())), format!("%{b}"));
        assert_eq!(pattern(TextTest::Contains(needle())), format!("%{a}%"));
    }
}
