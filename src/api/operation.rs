//! An operation that runs more than once: each batch of a tail is an execution of its own.

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection};
use async_graphql::{Name, Request, Variables};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::asker::Asker;
use super::document;
use super::reader::Reader;
use crate::filter::Filter;

/// Arguments that say where a tail begins, and nothing of what it shows.
const START: [&str; 2] = ["after", "last"];

/// What was asked, to be asked again.
pub struct Operation {
    text: String,
    name: Option<String>,
    variables: Variables,
    document: Option<ExecutableDocument>,
    asker: Asker,
}

/// Names what shows the same to all who have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub fn of(said: &impl Serialize) -> Fingerprint {
        let said = serde_json::to_vec(said).unwrap_or_default();
        Fingerprint(Sha256::digest(said).into())
    }
}

impl Operation {
    /// The operation of a request that was looked at (see [`document::check`]).
    pub fn new(mut request: Request, asker: Asker) -> Operation {
        Operation {
            document: request.parsed_query().ok().cloned(),
            text: request.query,
            name: request.operation_name,
            variables: request.variables,
            asker,
        }
    }

    /// A request for it.
    pub fn request(&self) -> Request {
        let mut request = Request::new(self.text.clone()).variables(self.variables.clone());
        request.operation_name.clone_from(&self.name);
        if let Some(document) = &self.document {
            request.set_parsed_query(document.clone());
        }
        request.data(self.asker.clone())
    }

    /// Names what it has in common with others that show the same of the same records: what was
    /// asked, but for where it begins, what whoever asked sees, and the filter that came of both.
    /// The filter says more than the words: a saved search changes.
    pub fn fingerprint(&self, reader: &Reader, filter: &Filter) -> Fingerprint {
        let starts = self.start_variables();
        let variables: Vec<_> =
            self.variables.iter().filter(|(name, _)| !starts.contains(name)).collect();
        let said = (&self.text, &self.name, &variables);
        Fingerprint::of(&(said, reader.sight(), format!("{filter:?}")))
    }

    /// The variables that are used to say where it begins, and nowhere else.
    fn start_variables(&self) -> Vec<Name> {
        let operation = self
            .document
            .as_ref()
            .and_then(|document| document::operation(document, self.name.as_deref()));
        let fields = operation.into_iter().flat_map(root_fields);
        fields
            .flat_map(|field| &field.arguments)
            .filter(|(name, _)| START.contains(&name.node.as_str()))
            // A variable is written with its sign, a text in quotes.
            .filter_map(|(_, value)| value.node.to_string().strip_prefix('$').map(Name::new))
            // Where it is declared, and where it is used. A longer name that begins alike counts
            // too: then it stays in, and less is shared.
            .filter(|name| self.text.matches(&format!("${name}")).count() == 2)
            .collect()
    }
}

fn root_fields(operation: &OperationDefinition) -> impl Iterator<Item = &Field> {
    operation.selection_set.node.items.iter().filter_map(|item| match &item.node {
        Selection::Field(field) => Some(&field.node),
        _ => None,
    })
}
