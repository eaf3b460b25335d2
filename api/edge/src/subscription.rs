//! A subscription has exactly one root field (GraphQL §5.2.4.1), which the library does not ask for; and it finds that
//! field only where it stands in the operation itself, so one that comes through fragments is put there.

use std::collections::HashSet;

use async_graphql_parser::{
    Pos, Positioned,
    types::{
        Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, Selection,
        SelectionSet,
    },
};
use async_graphql_value::Name;

use crate::complaint::Complaint;

/// Looks at the root of the subscription that is meant, and puts its one field where it is found. Fields of one response
/// name have been found to be the same field before, and fragments to be without cycles.
pub(crate) fn settle(
    document: &mut ExecutableDocument,
    name: Option<&str>,
    root: &str,
) -> Result<(), Complaint> {
    let operation = crate::document::operation(document, name)?;
    let mut fields = Vec::new();
    let mut spread = Vec::new();
    let set = &operation.selection_set;
    let plain = collect(document, &set.node, root, &mut spread, &mut fields)?;
    let Some((first, at)) = fields.first() else {
        return Err(Complaint::SubscriptionRoot { at: set.pos });
    };
    let key = &first.response_key().node;
    if let Some((_, at)) = fields
        .iter()
        .find(|(field, _)| field.response_key().node != *key)
    {
        return Err(Complaint::SubscriptionRoot { at: *at });
    }
    if first.name.node.as_str().starts_with("__") {
        return Err(Complaint::SubscriptionRoot { at: *at });
    }
    if !plain
        || matches!(set.node.items.as_slice(), [one] if matches!(one.node, Selection::Field(_)))
    {
        // A fragment that cannot stand here is for validation to refuse, which must find it where it is.
        return Ok(());
    }
    let mut one = Positioned::new((*first).clone(), *at);
    let others: Vec<_> = fields
        .iter()
        .skip(1)
        .flat_map(|(field, _)| field.selection_set.node.items.iter().cloned())
        .collect();
    one.node.selection_set.node.items.extend(others);
    let before = spread_anywhere(document);
    let item = Positioned::new(Selection::Field(one), *at);
    if let Some(operation) = operation_mut(document, name) {
        operation.selection_set.node.items = vec![item];
    }
    // A fragment that is spread nowhere any more would be taken for unused. There may be others below it.
    let mut had = before;
    loop {
        let has = spread_anywhere(document);
        let gone: Vec<Name> = had.difference(&has).cloned().collect();
        if gone.is_empty() {
            return Ok(());
        }
        for name in &gone {
            document.fragments.remove(name);
        }
        had = has;
    }
}

/// Collects the root fields, fragments followed; whether every fragment may stand there.
fn collect<'d>(
    document: &'d ExecutableDocument,
    set: &'d SelectionSet,
    root: &str,
    spread: &mut Vec<&'d str>,
    fields: &mut Vec<(&'d Field, Pos)>,
) -> Result<bool, Complaint> {
    let mut plain = true;
    for selection in &set.items {
        settled(selection.node.directives(), selection.pos)?;
        match &selection.node {
            Selection::Field(field) => fields.push((&field.node, field.pos)),
            Selection::InlineFragment(fragment) => {
                plain &= fragment.node.directives.is_empty();
                if let Some(condition) = &fragment.node.type_condition {
                    plain &= condition.node.on.node.as_str() == root;
                }
                let set = &fragment.node.selection_set.node;
                plain &= collect(document, set, root, spread, fields)?;
            }
            Selection::FragmentSpread(fragment) => {
                plain &= fragment.node.directives.is_empty();
                let name = fragment.node.fragment_name.node.as_str();
                let Some(fragment) = document.fragments.get(name) else {
                    plain = false;
                    continue;
                };
                plain &= fragment.node.directives.is_empty();
                if spread.contains(&name) {
                    continue;
                }
                spread.push(name);
                plain &= fragment.node.type_condition.node.on.node.as_str() == root;
                let set = &fragment.node.selection_set.node;
                plain &= collect(document, set, root, spread, fields)?;
            }
        }
    }
    Ok(plain)
}

/// What may be left out is no root of a subscription.
fn settled(directives: &[Positioned<Directive>], at: Pos) -> Result<(), Complaint> {
    let conditional = directives
        .iter()
        .any(|directive| matches!(directive.node.name.node.as_str(), "skip" | "include"));
    if conditional {
        Err(Complaint::SubscriptionRoot { at })
    } else {
        Ok(())
    }
}

fn operation_mut<'d>(
    document: &'d mut ExecutableDocument,
    name: Option<&str>,
) -> Option<&'d mut OperationDefinition> {
    match &mut document.operations {
        DocumentOperations::Single(operation) => Some(&mut operation.node),
        DocumentOperations::Multiple(operations) => {
            let operation = match name {
                Some(name) => operations.get_mut(name),
                None => operations.values_mut().next(),
            };
            operation.map(|operation| &mut operation.node)
        }
    }
}

/// The fragments that are spread anywhere in a document.
fn spread_anywhere(document: &ExecutableDocument) -> HashSet<Name> {
    let mut names = HashSet::new();
    let mut sets: Vec<&SelectionSet> = document
        .operations
        .iter()
        .map(|(_, operation)| &operation.node.selection_set.node)
        .chain(
            document
                .fragments
                .values()
                .map(|fragment| &fragment.node.selection_set.node),
        )
        .collect();
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(fragment) => {
                    names.insert(fragment.node.fragment_name.node.clone());
                }
            }
        }
    }
    names
}
