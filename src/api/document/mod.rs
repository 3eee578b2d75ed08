//! What a document asks for, and whether that is too much: looked at before anything of it runs.

mod size;
mod tokens;

use async_graphql::Request;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use async_graphql::parser::{Error as ParseError, parse_query};

use super::errors::{ApiError, Code};
use super::limits::Limits;
use size::Size;
use tokens::Tokens;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nature {
    /// What the operation that is asked for is; none when the document has no such operation.
    pub kind: Option<OperationType>,
    /// Whether it asks the schema about itself.
    pub introspects: bool,
}

/// Reads the document of a request, which keeps it.
///
/// # Errors
/// The user's: it is too long to be looked at, or it cannot be read.
pub fn read<'a>(
    request: &'a mut Request,
    limits: &Limits,
) -> Result<&'a ExecutableDocument, ApiError> {
    Tokens::count(&request.query, limits.tokens).check(limits)?;
    let document = parse_query(&request.query).map_err(unreadable)?;
    request.set_parsed_query(document);
    request.parsed_query().map_err(|error| ApiError::internal(&error))
}

/// What a document asks for.
///
/// # Errors
/// The user's: it asks for too much.
pub fn check(
    document: &ExecutableDocument,
    operation: Option<&str>,
    limits: &Limits,
) -> Result<Nature, ApiError> {
    let size = Size::of(document);
    size.check(limits)?;
    let kind = kind(document, operation);
    if kind == Some(OperationType::Subscription) && size.root_fields > 1 {
        return Err(refused("a subscription has one field at its root".to_owned()));
    }
    Ok(Nature { kind, introspects: size.introspects })
}

/// What the operation of this name is, or the only one there is.
pub fn kind(document: &ExecutableDocument, operation: Option<&str>) -> Option<OperationType> {
    let operation = match (&document.operations, operation) {
        (DocumentOperations::Single(only), None) => Some(only),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
        (DocumentOperations::Multiple(_), None) => None,
    };
    operation.map(|operation| operation.node.ty)
}

fn refused(message: String) -> ApiError {
    ApiError::new(Code::BadUserInput, message)
}

/// The parser draws a picture of where it stopped; its last line says what it expected there.
fn unreadable(error: ParseError) -> ApiError {
    let at = error.positions().next();
    let what = match &error {
        ParseError::Syntax { message, .. } => {
            let expected = message.lines().last().unwrap_or_default();
            expected.trim_start_matches([' ', '=']).replace('_', " ")
        }
        other => other.to_string(),
    };
    let place = at.map(|at| format!(" at line {}, column {}", at.line, at.column));
    refused(format!("the document cannot be read{}: {what}", place.unwrap_or_default()))
}
