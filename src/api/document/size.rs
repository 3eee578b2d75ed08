//! How large a document is once its fragments stand where they are spread.
//!
//! Fragments that spread others twice each double with every step: a few hundred bytes can stand
//! for billions of selections, which async-graphql would visit one by one before it looks at depth
//! or cost. Here every fragment is measured once.

use std::collections::HashMap;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};

use super::refused;
use crate::api::errors::ApiError;
use crate::api::limits::Limits;

/// How deep fields, spreads and inline fragments together may nest. What is deeper counts as
/// endless.
const DEEPEST: usize = 32;

/// The fields of the introspection that lead from a type to many others. A question that goes
/// through more than two of them, one inside another, asks for everything times everything.
const WIDE: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];
const MAX_WIDE: usize = 2;

/// The size of a document, or of a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Fields and spreads.
    pub selections: usize,
    /// Fields that are given another name.
    pub aliases: usize,
    /// Fields at the root of the largest operation.
    pub root_fields: usize,
    /// How deep fields nest, those of the introspection aside.
    pub depth: usize,
    /// Whether it asks the schema about itself.
    pub introspects: bool,
    /// How many wide fields of the introspection stand one inside another.
    pub wide: usize,
}

impl Size {
    /// Measures the operations and fragments of a document, spreads followed; how deep and wide it
    /// is its operations say. A circle of fragments counts once: validation refuses it as what it
    /// is.
    pub fn of(document: &ExecutableDocument) -> Size {
        let mut measure = Measure { document, known: HashMap::new() };
        let operations =
            document.operations.iter().map(|(_, operation)| &operation.node.selection_set);
        let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set);
        let whole = operations.fold(Size::default(), |sum, set| {
            let operation = measure.set(&set.node, 0);
            let root_fields = sum.root_fields.max(operation.root_fields);
            Size { root_fields, ..sum.beside(operation) }
        });
        fragments.fold(whole, |sum, set| {
            let fragment = measure.set(&set.node, 0);
            Size {
                selections: sum.selections.saturating_add(fragment.selections),
                aliases: sum.aliases.saturating_add(fragment.aliases),
                ..sum
            }
        })
    }

    /// Measures one operation of a document.
    pub fn of_operation(document: &ExecutableDocument, operation: &OperationDefinition) -> Size {
        Measure { document, known: HashMap::new() }.set(&operation.selection_set.node, 0)
    }

    /// Whether it may be asked.
    ///
    /// # Errors
    /// The user's: it asks for too much.
    pub fn check(&self, limits: &Limits) -> Result<(), ApiError> {
        for (size, most, what) in [
            (self.depth, limits.depth, "levels of fields"),
            (self.selections, limits.selections, "selections"),
            (self.root_fields, limits.root_fields, "fields at its root"),
            (self.aliases, limits.aliases, "aliases"),
            (self.wide, MAX_WIDE, "lists of introspection one inside another"),
        ] {
            if size > most {
                return Err(refused(format!("the document has more than {most} {what}")));
            }
        }
        Ok(())
    }

    /// What nests too deep to be followed.
    fn endless() -> Size {
        Size { depth: usize::MAX, selections: usize::MAX, ..Size::default() }
    }

    /// Both, one beside the other.
    fn beside(self, other: Size) -> Size {
        Size {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            root_fields: self.root_fields.saturating_add(other.root_fields),
            depth: self.depth.max(other.depth),
            introspects: self.introspects || other.introspects,
            wide: self.wide.max(other.wide),
        }
    }

    /// A field around this.
    fn inside(self, field: &Field) -> Size {
        let name = field.name.node.as_str();
        let introspects = matches!(name, "__schema" | "__type");
        Size {
            selections: self.selections.saturating_add(1),
            aliases: self.aliases.saturating_add(usize::from(field.alias.is_some())),
            root_fields: 1,
            depth: match introspects && self.depth <= DEEPEST {
                true => 1,
                false => self.depth.saturating_add(1),
            },
            introspects: self.introspects || introspects,
            wide: self.wide + usize::from(WIDE.contains(&name)),
        }
    }

    /// A spread of this.
    fn spread(self) -> Size {
        Size { selections: self.selections.saturating_add(1), ..self }
    }
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    known: HashMap<&'a str, Size>,
}

impl<'a> Measure<'a> {
    fn set(&mut self, set: &'a SelectionSet, nesting: usize) -> Size {
        if nesting > DEEPEST {
            return Size::endless();
        }
        set.items.iter().fold(Size::default(), |sum, item| {
            sum.beside(match &item.node {
                Selection::Field(field) => {
                    let inner = self.set(&field.node.selection_set.node, nesting + 1);
                    inner.inside(&field.node)
                }
                Selection::InlineFragment(inline) => {
                    self.set(&inline.node.selection_set.node, nesting + 1).spread()
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str(), nesting + 1).spread()
                }
            })
        })
    }

    fn fragment(&mut self, name: &'a str, nesting: usize) -> Size {
        if let Some(size) = self.known.get(name) {
            return *size;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Size::default() };
        self.known.insert(name, Size::default());
        let size = self.set(&fragment.node.selection_set.node, nesting);
        self.known.insert(name, size);
        size
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn size(document: &str) -> Size {
        Size::of(&parse_query(document).unwrap())
    }

    #[test]
    fn spreads_count_as_what_they_stand_for() {
        assert_eq!(size("{ a { b c } }").selections, 3);
        // The fragment itself counts, too.
        let spread = size("{ ...F ... { d } } fragment F on Q { x: a b { c } }");
        assert_eq!((spread.selections, spread.aliases), (4 + 3 + 3 - 1, 2));
        assert_eq!((spread.root_fields, spread.depth), (3, 2));
    }

    #[test]
    fn the_largest_operation_says_how_many_fields_are_at_the_root() {
        let two = size("query A { a b } query B { a b c { d e f g } }");
        assert_eq!((two.root_fields, two.selections), (3, 9));
    }

    #[test]
    fn doubling_fragments_and_circles_are_counted_at_once() {
        let step = |n| format!("fragment F{n} on Q {{ ...F{m} ...F{m} }} ", m = n + 1);
        let doubling: String = (0..31).map(step).collect();
        let doubling = size(&format!("{{ ...F0 }} {doubling} fragment F31 on Q {{ a: b }}"));
        assert!(doubling.selections > 1 << 31 && doubling.aliases >= 1 << 31);
        let circle = size("{ ...A } fragment A on Q { ...B ...B } fragment B on Q { ...A }");
        assert!(circle.selections < 20);
    }

    #[test]
    fn a_chain_without_end_costs_no_stack() {
        let chain: String =
            (0..20_000).map(|n| format!("fragment F{n} on Q {{ ...F{} }} ", n + 1)).collect();
        assert_eq!(size(&format!("{{ ...F0 }} {chain}")).depth, usize::MAX);
    }

    #[test]
    fn a_fragment_is_as_deep_as_where_it_stands() {
        let usual = "{ __schema { types { ...F } } } fragment F on T { fields { type { name } } }";
        assert_eq!((size(usual).depth, size(usual).wide), (1, 1));
    }

    #[test]
    fn introspection_has_a_depth_of_its_own() {
        let usual =
            size("{ __schema { types { fields { type { ofType { ofType { name } } } } } } }");
        assert_eq!((usual.depth, usual.wide, usual.introspects), (1, 1, true));
        let greedy =
            "{ __type(name: \"Q\") { fields { type { fields { type { fields { name } } } } } } }";
        assert_eq!(size(greedy).wide, 3);
        assert!(size(greedy).check(&Limits::default()).is_err());
        assert!(!size("{ __typename a { __typename } }").introspects);
    }
}
