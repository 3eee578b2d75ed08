//! Tokens to the tree: AND, OR, NOT and parentheses.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::lexer::{Kind, Term, Token, Value};
use super::{Problem, limits, term};
use crate::filter::tree::Filter;

/// Builds the filter; `end` is where the query ends, in bytes.
pub(super) fn parse(tokens: Vec<Token>, end: usize) -> Result<Filter, Problem> {
    if tokens.is_empty() {
        return Ok(Filter::ALL);
    }
    let mut parser = Parser { tokens: tokens.into_iter().peekable(), end, terms: 0, regexes: 0 };
    let filter = parser.any(0)?;
    match parser.tokens.next() {
        None => Ok(filter),
        Some(token) => Err(Problem::new(token.at, "this `)` closes nothing")),
    }
}

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    end: usize,
    terms: usize,
    regexes: usize,
}

impl Parser {
    fn peek(&mut self) -> Option<&Kind> {
        self.tokens.peek().map(|token| &token.kind)
    }

    /// `a OR b OR …`; `depth` counts the parentheses around it.
    fn any(&mut self, depth: usize) -> Result<Filter, Problem> {
        let mut options = vec![self.all(depth)?];
        while matches!(self.peek(), Some(Kind::Or)) {
            self.tokens.next();
            options.push(self.all(depth)?);
        }
        Ok(Filter::any(options))
    }

    /// `a AND b c …`
    fn all(&mut self, depth: usize) -> Result<Filter, Problem> {
        let mut parts = vec![self.negated(depth)?];
        loop {
            match self.peek() {
                None | Some(Kind::Or | Kind::Close) => return Ok(Filter::all(parts)),
                Some(Kind::And) => {
                    self.tokens.next();
                }
                Some(_) => {}
            }
            parts.push(self.negated(depth)?);
        }
    }

    /// `NOT NOT -a`: a loop, so that a long row of them costs no stack.
    fn negated(&mut self, depth: usize) -> Result<Filter, Problem> {
        let mut negated = false;
        while matches!(self.peek(), Some(Kind::Not)) {
            self.tokens.next();
            negated = !negated;
        }
        let filter = self.single(depth)?;
        Ok(if negated { filter.negate() } else { filter })
    }

    fn single(&mut self, depth: usize) -> Result<Filter, Problem> {
        let Some(token) = self.tokens.next() else {
            return Err(Problem::new(self.end, "the query ends where a term must follow"));
        };
        match token.kind {
            Kind::Term(term) => {
                self.count(token.at, &term)?;
                term::filter(term)
            }
            Kind::Open if depth == limits::NESTING => {
                let message = format!("parentheses nest at most {depth} deep");
                Err(Problem::new(token.at, message))
            }
            Kind::Open => {
                let filter = self.any(depth + 1)?;
                match self.tokens.next() {
                    // `any` stops only at a `)` or at the end.
                    Some(_) => Ok(filter),
                    None => Err(Problem::new(token.at, "this `(` is never closed")),
                }
            }
            Kind::Close => Err(Problem::new(token.at, "a term must stand before `)`")),
            Kind::And => Err(Problem::new(token.at, "a term must stand before `AND`")),
            Kind::Or => Err(Problem::new(token.at, "a term must stand before `OR`")),
            // `negated` has taken every one of them.
            Kind::Not => Err(Problem::new(token.at, "a term must follow `NOT`")),
        }
    }

    fn count(&mut self, at: usize, term: &Term) -> Result<(), Problem> {
        self.terms += 1;
        self.regexes += usize::from(matches!(term.value, Value::Regex(_)));
        if self.terms > limits::TERMS {
            let message = format!("a query has at most {} terms", limits::TERMS);
            return Err(Problem::new(at, message));
        }
        if self.regexes > limits::REGEXES {
            let message = format!("a query has at most {} regular expressions", limits::REGEXES);
            return Err(Problem::new(at, message));
        }
        Ok(())
    }
}
