//! Characters to tokens: brackets, operators, and whole terms such as `host:"web 1"*`.

use super::Problem;
use crate::filter::field::{FieldName, attribute_path};
use crate::filter::tree::{Comparison, Field};

/// A token and where it begins, in bytes.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Open,
    Close,
    And,
    Or,
    /// `NOT`, or `-` before a term.
    Not,
    Term(Term),
}

/// One test as it is written.
#[derive(Debug)]
pub(super) struct Term {
    pub(super) field: Option<FieldName>,
    pub(super) operator: Operator,
    pub(super) value: Value,
    /// Where the value begins, in bytes.
    pub(super) value_at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operator {
    /// `:`, and nothing at all before a word.
    Is,
    /// `:=`
    Exactly,
    Compare(Comparison),
}

#[derive(Debug)]
pub(super) enum Value {
    /// `*`
    Anything,
    /// Text, unescaped; a `*` at a side leaves that side open.
    Text { open_start: bool, text: String, open_end: bool },
    /// A regular expression without its slashes.
    Regex(String),
}

/// Cuts a query into tokens.
pub(super) fn tokens(query: &str) -> Result<Vec<Token>, Problem> {
    let mut lexer = Lexer { query, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    query: &'a str,
    /// The place reached, in bytes, always between two characters.
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.query[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn skip(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.bump();
        }
        found
    }

    fn skip_all(&mut self, unwanted: impl Fn(char) -> bool) -> bool {
        let before = self.at;
        while self.peek().is_some_and(&unwanted) {
            self.bump();
        }
        self.at > before
    }

    /// Whether a term ends here.
    fn at_end_of_term(&self) -> bool {
        self.peek().is_none_or(|c| c.is_whitespace() || c == ')')
    }

    fn next(&mut self) -> Result<Option<Token>, Problem> {
        self.skip_all(char::is_whitespace);
        let at = self.at;
        let Some(c) = self.peek() else { return Ok(None) };
        let kind = match c {
            '(' => {
                self.bump();
                Kind::Open
            }
            ')' => {
                self.bump();
                Kind::Close
            }
            '-' if self.at_negation() => {
                self.bump();
                Kind::Not
            }
            _ => match self.keyword() {
                Some(keyword) => keyword,
                None => Kind::Term(self.term()?),
            },
        };
        Ok(Some(Token { at, kind }))
    }

    /// Whether the `-` here negates a term: one stands right behind it. `-` alone and `--flag`
    /// are text.
    fn at_negation(&self) -> bool {
        let behind = self.rest().chars().nth(1);
        behind.is_some_and(|c| !c.is_whitespace() && c != ')' && c != '-')
    }

    fn keyword(&mut self) -> Option<Kind> {
        let ends = |c: char| c.is_whitespace() || c == '(' || c == ')';
        let word = self.rest().split(ends).next()?;
        let kind = match word {
            "AND" => Kind::And,
            "OR" => Kind::Or,
            "NOT" => Kind::Not,
            _ => return None,
        };
        self.at += word.len();
        Some(kind)
    }

    fn term(&mut self) -> Result<Term, Problem> {
        let begin = self.at;
        let field = self.field()?;
        let operator = if field.is_some() { self.operator() } else { Operator::Is };
        let written = &self.query[begin..self.at];
        let value_at = self.at;
        let value = match self.peek() {
            Some('(') => {
                let hint = format!("write each value with its field: {written}a OR {written}b");
                return Err(Problem::new(value_at, hint));
            }
            Some('/') if operator == Operator::Is => Value::Regex(self.regex()?),
            Some(_) if !self.at_end_of_term() => self.text()?,
            _ => return Err(Problem::new(value_at, format!("a value must follow `{written}`"))),
        };
        Ok(Term { field, operator, value, value_at })
    }

    /// The field this term speaks of, and moves on to its operator. `None`: the term is text.
    fn field(&mut self) -> Result<Option<FieldName>, Problem> {
        let Some(length) = name_length(self.rest()) else { return Ok(None) };
        let (name, behind) = self.rest().split_at(length);
        let parsed = unescape(name).parse::<FieldName>();
        let is_text = behind.starts_with("://") || behind.starts_with("::");
        let field = match parsed {
            Err(_) if is_text => return Ok(None),
            Err(unknown) => {
                let hint = if unknown.suggestion().is_some() {
                    String::new()
                } else {
                    "; to search for the text, quote it".to_owned()
                };
                return Err(Problem::new(self.at, format!("{unknown}{hint}")));
            }
            Ok(field) => field,
        };
        if let FieldName::Text(Field::Attribute(path)) = &field {
            let limit = super::limits::ATTRIBUTE_PATH;
            if path.len() > limit {
                let message = format!("the path of an attribute has at most {limit} bytes");
                return Err(Problem::new(self.at, message));
            }
        }
        self.at += length;
        Ok(Some(field))
    }

    fn operator(&mut self) -> Operator {
        let colon = self.skip(':');
        if self.skip('<') {
            let or_equal = self.skip('=');
            Operator::Compare(if or_equal { Comparison::LessOrEqual } else { Comparison::Less })
        } else if self.skip('>') {
            let or_equal = self.skip('=');
            Operator::Compare(if or_equal {
                Comparison::GreaterOrEqual
            } else {
                Comparison::Greater
            })
        } else if colon && self.skip('=') {
            Operator::Exactly
        } else {
            Operator::Is
        }
    }

    fn text(&mut self) -> Result<Value, Problem> {
        let open_start = self.skip_all(|c| c == '*');
        if open_start && self.at_end_of_term() {
            return Ok(Value::Anything);
        }
        let text = if self.peek() == Some('"') { self.quoted()? } else { self.bare()? };
        let star = self.at;
        let open_end = self.skip_all(|c| c == '*');
        match self.peek() {
            _ if self.at_end_of_term() => Ok(Value::Text { open_start, text, open_end }),
            Some(c @ ('"' | '(')) => {
                let message = format!("put a space before `{c}`, or quote the whole text");
                Err(Problem::new(self.at, message))
            }
            _ if open_end => {
                let message = "`*` stands at the beginning or the end; as text it is `\\*`, \
                               and between two texts use /a.*b/";
                Err(Problem::new(star, message))
            }
            _ => Err(Problem::new(self.at, "a space must follow the closing quote")),
        }
    }

    fn quoted(&mut self) -> Result<String, Problem> {
        let begin = self.at;
        self.bump();
        let mut text = String::new();
        while let Some(c) = self.bump() {
            match c {
                '"' => return Ok(text),
                '\\' => self.escaped(&mut text),
                c => text.push(c),
            }
        }
        Err(Problem::new(begin, "this quote is never closed"))
    }

    fn bare(&mut self) -> Result<String, Problem> {
        let mut text = String::new();
        while let Some(c) = self.peek() {
            if self.at_end_of_term() || matches!(c, '"' | '(' | '*') {
                break;
            }
            self.bump();
            if c == '\\' {
                self.escaped(&mut text);
            } else {
                text.push(c);
            }
        }
        Ok(text)
    }

    /// Takes what stands behind a `\`.
    fn escaped(&mut self, text: &mut String) {
        match self.peek().filter(|c| !c.is_alphanumeric()) {
            Some(c) => {
                self.bump();
                text.push(c);
            }
            None => text.push('\\'),
        }
    }

    fn regex(&mut self) -> Result<String, Problem> {
        const HINT: &str = "to search for a text that begins with `/`, quote it";
        let begin = self.at;
        self.bump();
        let mut pattern = String::new();
        loop {
            match self.bump() {
                Some('\\') if self.skip('/') => pattern.push('/'),
                Some('\\') => {
                    pattern.push('\\');
                    pattern.extend(self.bump());
                }
                Some('/') => break,
                Some(c) => pattern.push(c),
                None => {
                    let message = format!("this regular expression has no closing `/`; {HINT}");
                    return Err(Problem::new(begin, message));
                }
            }
        }
        if !self.at_end_of_term() {
            let message = format!(
                "a space must follow the regular expression (a `/` inside it is `\\/`); {HINT}"
            );
            return Err(Problem::new(self.at, message));
        }
        if pattern.is_empty() {
            return Err(Problem::new(begin, format!("this regular expression is empty; {HINT}")));
        }
        Ok(pattern)
    }
}

/// The length of the field's name a term begins with: a name with `:`, `<` or `>` behind it.
fn name_length(term: &str) -> Option<usize> {
    let is_attribute = attribute_path(term).is_some();
    let mut before = None;
    let mut chars = term.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ':' | '<' | '>' => {
                let whole = is_attribute || before.is_some_and(|c| c != '-' && c != '.');
                return whole.then_some(at);
            }
            '\\' if is_attribute => {
                chars.next();
            }
            '"' | '(' | ')' => return None,
            c if is_attribute && !c.is_whitespace() => {}
            c if c.is_ascii_alphabetic() || c == '_' => {}
            c if at > 0 && (c.is_ascii_digit() || c == '-' || c == '.') => {}
            _ => return None,
        }
        before = Some(c);
    }
    None
}

fn unescape(name: &str) -> String {
    let mut lexer = Lexer { query: name, at: 0 };
    let mut text = String::new();
    while let Some(c) = lexer.bump() {
        if c == '\\' { lexer.escaped(&mut text) } else { text.push(c) }
    }
    text
}
