//! What a document asks for, and whether that is too much: looked at before anything of it runs.

mod size;
mod tokens;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Name, Request, ServerError, Value};

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
    request.parsed_query().map_err(unreadable)
}

/// What a request asks for.
///
/// # Errors
/// The user's: it cannot be read, it asks for too much, or it leaves a variable without the value
/// that it needs.
pub fn check(request: &mut Request, limits: &Limits) -> Result<Nature, ApiError> {
    let name = request.operation_name.clone();
    let document = read(request, limits)?;
    let size = Size::of(document);
    size.check(limits)?;
    let Some(operation) = operation(document, name.as_deref()) else {
        return Ok(Nature { kind: None, introspects: size.introspects });
    };
    let kind = operation.ty;
    if kind == OperationType::Subscription && size.root_fields > 1 {
        return Err(refused("a subscription has one field at its root".to_owned()));
    }
    let needed = needed_variables(operation);
    for name in needed {
        if matches!(request.variables.get(&name), None | Some(Value::Null)) {
            return Err(refused(format!("the variable ${name} needs a value")));
        }
    }
    Ok(Nature { kind: Some(kind), introspects: size.introspects })
}

/// The variables that cannot be null and have no default.
fn needed_variables(operation: &OperationDefinition) -> Vec<Name> {
    let needed = operation.variable_definitions.iter().map(|variable| &variable.node);
    needed
        .filter(|variable| !variable.var_type.node.nullable && variable.default_value.is_none())
        .map(|variable| variable.name.node.clone())
        .collect()
}

/// The operation of this name, or the only one there is.
pub fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => Some(only),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
        (DocumentOperations::Multiple(_), None) => None,
    };
    operation.map(|operation| &operation.node)
}

fn refused(message: String) -> ApiError {
    ApiError::new(Code::BadUserInput, message)
}

/// The parser draws a picture of where it stopped; its last line says what it expected there.
fn unreadable(error: ServerError) -> ApiError {
    let what = error.message.lines().last().unwrap_or_default();
    let what = what.trim_start_matches([' ', '=']).replace('_', " ");
    let place = error.locations.first();
    let place = place.map(|at| format!(" at line {}, column {}", at.line, at.column));
    refused(format!("the document cannot be read{}: {what}", place.unwrap_or_default()))
}
