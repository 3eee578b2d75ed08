//! Whether an operation asks about the log and nothing else.

use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};

/// Fields of the root whose answers say what the log holds.
const ROOTS: [&str; 4] = ["logs", "log", "histogram", "top"];
/// Below them, what is said of senders: counts and rates of their own, which time moves too.
const MOVING: &str = "source";

/// Whether the answer to this operation stays the same while the log does. Fields behind a fragment
/// at the root are not looked for.
pub(super) fn is_of_the_log(document: &ExecutableDocument, asked: &OperationDefinition) -> bool {
    let is_root = |selection: &Selection| match selection {
        Selection::Field(field) => ROOTS.contains(&field.node.name.node.as_str()),
        _ => false,
    };
    let roots = &asked.selection_set.node;
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    asked.ty == OperationType::Query
        && roots.items.iter().all(|root| is_root(&root.node))
        && fragments.chain([roots]).all(stands_still)
}

fn stands_still(selections: &SelectionSet) -> bool {
    selections.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => {
            field.node.name.node != MOVING && stands_still(&field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => stands_still(&fragment.node.selection_set.node),
        // It stands in the document, and is looked at there.
        Selection::FragmentSpread(_) => true,
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::super::operation;
    use super::*;

    fn is(text: &str) -> bool {
        let document = parse_query(text).unwrap();
        is_of_the_log(&document, operation(&document, None).unwrap())
    }

    #[test]
    fn what_asks_for_records_and_counts_of_them_is_of_the_log() {
        assert!(is(
            "query($h: String) { logs(filter: { hosts: [$h] }) { edges { node { id } } } }"
        ));
        assert!(is("{ now: top(field: \"host\") { value } histogram { counts } }"));
        assert!(is("{ logs { edges { ...E } } } fragment E on LogEdge { node { message } }"));
    }

    #[test]
    fn what_asks_for_anything_else_is_not() {
        for text in [
            "{ pipeline { stored } }",
            "{ logs { edges { cursor } } sources { edges { cursor } } }",
            "{ logs { edges { node { source { rate } } } } }",
            "{ logs { edges { ... { node { s: source { rate } } } } } }",
            "{ logs { edges { ...E } } } fragment E on LogEdge { node { source { rate } } }",
            "{ ...R } fragment R on Query { logs { edges { cursor } } }",
            "{ __schema { types { name } } }",
            "subscription { logs { cursor } }",
            "mutation { logs { cursor } }",
        ] {
            assert!(!is(text), "{text}");
        }
    }
}
