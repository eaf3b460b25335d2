//! Directives on `__typename`: the library applies them, but its validation passes them by. They go to a fragment around it, where
//! it does not.

use std::collections::HashSet;

use async_graphql_parser::{
    Positioned,
    types::{
        Directive, DocumentOperations, ExecutableDocument, InlineFragment, Selection, SelectionSet,
    },
};

use crate::complaint::Complaint;

/// Makes `... @skip(if: $x) { __typename }` of each `__typename @skip(if: $x)`.
///
/// # Errors
/// One of them has the same directive twice.
pub(crate) fn wrap(document: &mut ExecutableDocument) -> Result<(), Complaint> {
    let mut sets: Vec<&mut SelectionSet> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node.selection_set.node],
        DocumentOperations::Multiple(operations) => {
            let operations = operations.values_mut();
            operations
                .map(|operation| &mut operation.node.selection_set.node)
                .collect()
        }
    };
    let fragments = document.fragments.values_mut();
    sets.extend(fragments.map(|fragment| &mut fragment.node.selection_set.node));
    while let Some(set) = sets.pop() {
        for selection in &mut set.items {
            let at = selection.pos;
            if let Selection::Field(field) = &mut selection.node
                && field.node.name.node.as_str() == "__typename"
                && !field.node.directives.is_empty()
            {
                let directives = std::mem::take(&mut field.node.directives);
                each_once(&directives)?;
                let inner = SelectionSet {
                    items: vec![selection.clone()],
                };
                let fragment = InlineFragment {
                    type_condition: None,
                    directives,
                    selection_set: Positioned::new(inner, at),
                };
                selection.node = Selection::InlineFragment(Positioned::new(fragment, at));
                continue;
            }
            match &mut selection.node {
                Selection::Field(field) => sets.push(&mut field.node.selection_set.node),
                Selection::InlineFragment(fragment) => {
                    sets.push(&mut fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    Ok(())
}

fn each_once(directives: &[Positioned<Directive>]) -> Result<(), Complaint> {
    let mut seen = HashSet::new();
    let twice = directives
        .iter()
        .find(|directive| !seen.insert(&directive.node.name.node));
    match twice {
        Some(directive) => Err(Complaint::Directive { at: directive.pos }),
        None => Ok(()),
    }
}
