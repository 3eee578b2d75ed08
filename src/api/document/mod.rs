//! What a document asks for, and whether that is too much: looked at before anything of it runs.

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod of_the_log;
mod size;
mod tokens;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Name, Request, ServerError, Value};

use super::errors::{ApiError, Code};
use super::limits::Limits;
use of_the_log::is_of_the_log;
use size::Size;
use tokens::Tokens;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nature {
    /// What the operation that is asked for is; none when the document has no such operation.
    pub kind: Option<OperationType>,
    /// Whether it asks the schema about itself.
    pub introspects: bool,
    /// Whether its answer stays the same while the log does, as far as the document tells.
    pub of_the_log: bool,
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
        return Ok(Nature { kind: None, introspects: size.introspects, of_the_log: false });
    };
    let kind = operation.ty;
    let one_by_one = kind == OperationType::Subscription;
    if one_by_one && Size::of_operation(document, operation).root_fields > 1 {
        return Err(refused("a subscription has one field at its root".to_owned()));
    }
    let of_the_log = is_of_the_log(document, operation);
    for name in needed_variables(operation) {
        if matches!(request.variables.get(&name), None | Some(Value::Null)) {
            return Err(refused(format!("the variable ${name} needs a value")));
        }
    }
    Ok(Nature { kind: Some(kind), introspects: size.introspects, of_the_log })
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

#[cfg(test)]
mod tests {
    use async_graphql::Variables;

    use super::*;

    fn kind(text: &str, name: Option<&str>) -> Option<OperationType> {
        let mut request = Request::new(text);
        let document = read(&mut request, &Limits::default()).unwrap();
        operation(document, name).map(|operation| operation.ty)
    }

    fn check_with(text: &str, variables: serde_json::Value) -> Result<Nature, ApiError> {
        let mut request = Request::new(text).variables(Variables::from_json(variables));
        check(&mut request, &Limits::default())
    }

    #[test]
    fn the_operation_that_is_asked_for_says_what_a_document_is() {
        let both = "query A { a } mutation B { b } subscription C { c }";
        assert_eq!(kind("{ a }", None), Some(OperationType::Query));
        assert_eq!(kind("mutation B { b }", None), Some(OperationType::Mutation));
        assert_eq!(kind(both, Some("B")), Some(OperationType::Mutation));
        assert_eq!(kind(both, Some("C")), Some(OperationType::Subscription));
        for name in [None, Some("D")] {
            assert_eq!(kind(both, name), None);
        }
        assert_eq!(kind("{ a }", Some("A")), None);
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        let error = read(&mut Request::new("{ a\n b( }"), &Limits::default()).unwrap_err();
        let expected = "the document cannot be read at line 2, column 5: expected name";
        assert_eq!(error.message, expected);
    }

    #[test]
    fn a_variable_that_cannot_be_null_needs_a_value() {
        let needs = "query($n: Int!, $d: Int! = 7, $o: Int) { a(n: $n, d: $d, o: $o) }";
        for variables in [serde_json::json!({}), serde_json::json!({ "n": null })] {
            let error = check_with(needs, variables).unwrap_err();
            assert_eq!(error.message, "the variable $n needs a value");
        }
        assert!(check_with(needs, serde_json::json!({ "n": 1 })).is_ok());
    }

    #[test]
    fn a_subscription_has_one_field_whatever_stands_beside_it() {
        let none = serde_json::json!({});
        assert!(check_with("subscription { a b }", none.clone()).is_err());
        assert!(check_with("subscription { ...F } fragment F on S { a b }", none.clone()).is_err());
        let mut beside = Request::new("subscription S { a } query Q { a b c }").operation_name("S");
        let nature = check(&mut beside, &Limits::default()).unwrap();
        assert_eq!(nature.kind, Some(OperationType::Subscription));
    }
}
