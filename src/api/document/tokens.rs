//! How long a document is, before the parser looks at it. The parser recurses and keeps all it
//! reads; here one pass over the bytes counts.

use super::refused;
use crate::api::errors::ApiError;
use crate::api::limits::Limits;

/// How deep brackets of any kind may nest. The parser follows each on the stack.
const MAX_NESTING: usize = 64;

/// The size of a text as GraphQL's tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Names, values and punctuators.
    count: usize,
    /// Directives.
    directives: usize,
    /// How deep brackets nest.
    nesting: usize,
}

impl Tokens {
    /// Counts the tokens of a text, hardly more of them than `enough`.
    pub fn count(text: &str, enough: usize) -> Tokens {
        let mut tokens = Tokens::default();
        let mut open: usize = 0;
        let mut rest = text.as_bytes();
        while let [first, after @ ..] = rest
            && tokens.count <= enough
        {
            let length = match first {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | 0x80.. => {
                    rest = after;
                    continue;
                }
                b'#' => {
                    rest = skip_while(after, |byte| !matches!(byte, b'\n' | b'\r'));
                    continue;
                }
                b'"' => string(rest),
                b'.' => rest.iter().take_while(|byte| **byte == b'.').take(3).count(),
                b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' => word(rest),
                b'(' | b'[' | b'{' => {
                    open += 1;
                    tokens.nesting = tokens.nesting.max(open);
                    1
                }
                b')' | b']' | b'}' => {
                    open = open.saturating_sub(1);
                    1
                }
                b'@' => {
                    tokens.directives += 1;
                    1
                }
                _ => 1,
            };
            tokens.count += 1;
            rest = rest.get(length..).unwrap_or_default();
        }
        tokens
    }

    /// Whether the text may be read.
    ///
    /// # Errors
    /// The user's: it is too long.
    pub fn check(&self, limits: &Limits) -> Result<(), ApiError> {
        let Tokens { count, directives, nesting } = *self;
        if nesting > MAX_NESTING {
            return Err(refused(format!("the document nests more than {MAX_NESTING} brackets")));
        }
        if directives > limits.directives {
            let most = limits.directives;
            return Err(refused(format!("the document has more than {most} directives")));
        }
        if count > limits.tokens {
            let most = limits.tokens;
            return Err(refused(format!("the document has more than {most} tokens")));
        }
        Ok(())
    }
}

fn skip_while(bytes: &[u8], holds: impl Fn(u8) -> bool) -> &[u8] {
    let length = bytes.iter().take_while(|byte| holds(**byte)).count();
    bytes.get(length..).unwrap_or_default()
}

/// The length of the name or number at the start. What is both is an error of the parser's.
fn word(bytes: &[u8]) -> usize {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+');
    // A point belongs to a number when a digit follows, and else begins a spread.
    let digit_at = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut length = 1;
    while let Some(byte) = bytes.get(length)
        && (inside(*byte) || (*byte == b'.' && digit_at(length + 1)))
    {
        length += 1;
    }
    length
}

/// The length of the string at the start, its quotes included; to the end when they never close.
fn string(bytes: &[u8]) -> usize {
    let block = bytes.starts_with(br#"""""#);
    let quotes: &[u8] = if block { br#"""""# } else { br#"""# };
    let mut at = quotes.len();
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(quotes) {
            return at + quotes.len();
        }
        let escaped = if block { rest.starts_with(br#"\""""#) } else { rest[0] == b'\\' };
        at += match (escaped, block) {
            (true, true) => 4,
            (true, false) => 2,
            (false, _) => 1,
        };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> (usize, usize, usize) {
        let tokens = Tokens::count(text, 1_000);
        (tokens.count, tokens.directives, tokens.nesting)
    }

    #[test]
    fn names_values_and_punctuators_count_and_what_is_between_does_not() {
        assert_eq!(count("{ a }"), (3, 0, 1));
        assert_eq!(count("\u{feff}{a,b # c d e\n c}"), (5, 0, 1));
        assert_eq!(count("query Q($a: [Int!] = [1, -2.5e+3]) { ...F @skip(if: $a) }"), (28, 1, 2));
        assert_eq!(count(""), (0, 0, 0));
    }

    #[test]
    fn a_string_is_one_whatever_it_holds() {
        assert_eq!(count(r#"{ a(b: "x { @ \" } #") }"#), (8, 0, 2));
        assert_eq!(count(r#"{ a(b: """ "quoted" @ \""" {{{ """) }"#), (8, 0, 2));
        assert_eq!(count("\"never { closed"), (1, 0, 0));
        assert_eq!(count("\"\\"), (1, 0, 0));
    }

    #[test]
    fn counting_stops_where_it_is_enough() {
        assert_eq!(Tokens::count(&"a ".repeat(1_000_000), 10).count, 11);
    }

    #[test]
    fn what_is_too_long_is_refused_by_what_it_has_too_much_of() {
        let limits = Limits { tokens: 100, directives: 5, ..Limits::default() };
        let check = |text: &str| match Tokens::count(text, 100).check(&limits) {
            Ok(()) => String::new(),
            Err(error) => error.message,
        };
        assert_eq!(check("{ a }"), "");
        assert!(check(&"a ".repeat(101)).contains("100 tokens"));
        assert!(check(&"{".repeat(65)).contains("64 brackets"));
        assert!(check(&"[".repeat(65)).contains("64 brackets"));
        assert!(check(&"@a ".repeat(6)).contains("5 directives"));
    }
}
