//! How large a document is once its fragments stand where they are spread.
//!
//! Fragments that spread others twice each double with every step: a few hundred bytes can stand
//! for billions of selections, which async-graphql would visit one by one before it looks at depth
//! or cost. Here every fragment is counted once.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// How deep the count follows. Schemas are far less deep, and what is deeper is endless here.
const DEEPEST: usize = 64;

/// The number of selections of all operations and fragments, spreads followed. A circle of
/// fragments counts once: validation refuses it as what it is.
pub fn selections(document: &ExecutableDocument) -> usize {
    let mut count = Count { document, known: HashMap::new() };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set);
    operations
        .chain(fragments)
        .fold(0, |sum: usize, set| sum.saturating_add(count.set(&set.node, 0)))
}

struct Count<'a> {
    document: &'a ExecutableDocument,
    known: HashMap<&'a str, usize>,
}

impl<'a> Count<'a> {
    fn set(&mut self, set: &'a SelectionSet, depth: usize) -> usize {
        if depth > DEEPEST {
            return usize::MAX;
        }
        let count = |sum: usize, inner: usize| sum.saturating_add(1).saturating_add(inner);
        set.items.iter().fold(0, |sum, item| {
            let inner = match &item.node {
                Selection::Field(field) => self.set(&field.node.selection_set.node, depth + 1),
                Selection::InlineFragment(inline) => {
                    self.set(&inline.node.selection_set.node, depth + 1)
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str(), depth + 1)
                }
            };
            count(sum, inner)
        })
    }

    fn fragment(&mut self, name: &'a str, depth: usize) -> usize {
        if let Some(count) = self.known.get(name) {
            return *count;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return 0 };
        self.known.insert(name, 0);
        let count = self.set(&fragment.node.selection_set.node, depth);
        self.known.insert(name, count);
        count
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn count(document: &str) -> usize {
        selections(&parse_query(document).unwrap())
    }

    #[test]
    fn spreads_count_as_what_they_stand_for() {
        assert_eq!(count("{ a { b c } }"), 3);
        // The fragment itself counts, too.
        assert_eq!(count("{ ...F ... { d } } fragment F on Q { a b }"), 3 + 2 + 2);
    }

    #[test]
    fn doubling_fragments_and_circles_are_counted_at_once() {
        let step = |n| format!("fragment F{n} on Q {{ ...F{m} ...F{m} }} ", m = n + 1);
        let doubling: String = (0..40).map(step).collect();
        assert!(count(&format!("{{ ...F0 }} {doubling} fragment F40 on Q {{ a }}")) > 1 << 40);
        assert!(count("{ ...A } fragment A on Q { ...B ...B } fragment B on Q { ...A }") < 20);
    }

    #[test]
    fn a_chain_without_end_costs_no_stack() {
        let chain: String =
            (0..20_000).map(|n| format!("fragment F{n} on Q {{ ...F{} }} ", n + 1)).collect();
        assert_eq!(count(&format!("{{ ...F0 }} {chain}")), usize::MAX);
    }
}
