//! Directives on `__typename`, which the library never looks at: checked here, applied, and taken out. A variable that
//! stands nowhere else would then be taken for unused, so its definition goes, too.

use std::collections::HashSet;

use async_graphql_parser::{
    Positioned,
    types::{Directive, ExecutableDocument, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Name, Value, Variables};

use crate::complaint::Complaint;

/// Applies the directives on `__typename` of a document.
pub(crate) fn apply(
    document: &mut ExecutableDocument,
    variables: &Variables,
) -> Result<(), Complaint> {
    let mut gone = HashSet::new();
    let mut sets: Vec<&mut SelectionSet> = Vec::new();
    let mut operations: Vec<_> = match &mut document.operations {
        async_graphql_parser::types::DocumentOperations::Single(operation) => vec![operation],
        async_graphql_parser::types::DocumentOperations::Multiple(operations) => {
            operations.values_mut().collect()
        }
    };
    for operation in &mut operations {
        sets.push(&mut operation.node.selection_set.node);
    }
    sets.extend(
        document
            .fragments
            .values_mut()
            .map(|fragment| &mut fragment.node.selection_set.node),
    );
    while let Some(set) = sets.pop() {
        let mut failed = None;
        set.items.retain_mut(|selection| match &mut selection.node {
            Selection::Field(field)
                if field.node.name.node.as_str() == "__typename"
                    && !field.node.directives.is_empty() =>
            {
                match kept(&field.node.directives, variables, &mut gone) {
                    Ok(kept) => {
                        field.node.directives.clear();
                        kept
                    }
                    Err(complaint) => {
                        failed.get_or_insert(complaint);
                        true
                    }
                }
            }
            _ => true,
        });
        if let Some(complaint) = failed {
            return Err(complaint);
        }
        for selection in &mut set.items {
            match &mut selection.node {
                Selection::Field(field) => sets.push(&mut field.node.selection_set.node),
                Selection::InlineFragment(fragment) => {
                    sets.push(&mut fragment.node.selection_set.node)
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    if !gone.is_empty() {
        let used = used(document);
        gone.retain(|name| !used.contains(name));
        let operations: Vec<_> = match &mut document.operations {
            async_graphql_parser::types::DocumentOperations::Single(operation) => vec![operation],
            async_graphql_parser::types::DocumentOperations::Multiple(operations) => {
                operations.values_mut().collect()
            }
        };
        for operation in operations {
            operation
                .node
                .variable_definitions
                .retain(|definition| !gone.contains(&definition.node.name.node));
        }
    }
    Ok(())
}

/// Whether the field stays; an error when a directive is not `@skip(if:)` or `@include(if:)`, each once.
fn kept(
    directives: &[Positioned<Directive>],
    variables: &Variables,
    gone: &mut HashSet<Name>,
) -> Result<bool, Complaint> {
    let mut kept = true;
    let mut seen = HashSet::new();
    for directive in directives {
        let bad = || Complaint::Directive { at: directive.pos };
        let name = directive.node.name.node.as_str();
        if !matches!(name, "skip" | "include") || !seen.insert(name) {
            return Err(bad());
        }
        let [(argument, value)] = directive.node.arguments.as_slice() else {
            return Err(bad());
        };
        if argument.node.as_str() != "if" {
            return Err(bad());
        }
        let condition = match &value.node {
            Value::Boolean(condition) => *condition,
            Value::Variable(variable) => {
                gone.insert(variable.clone());
                matches!(variables.get(variable), Some(ConstValue::Boolean(true)))
            }
            _ => return Err(bad()),
        };
        kept &= condition == (name == "include");
    }
    Ok(kept)
}

/// The variables that stand anywhere in a document.
fn used(document: &ExecutableDocument) -> HashSet<Name> {
    fn in_value(value: &Value, used: &mut HashSet<Name>) {
        match value {
            Value::Variable(name) => {
                used.insert(name.clone());
            }
            Value::List(items) => items.iter().for_each(|item| in_value(item, used)),
            Value::Object(fields) => fields.values().for_each(|value| in_value(value, used)),
            _ => {}
        }
    }
    fn in_directives(directives: &[Positioned<Directive>], used: &mut HashSet<Name>) {
        for (_, value) in directives
            .iter()
            .flat_map(|directive| &directive.node.arguments)
        {
            in_value(&value.node, used);
        }
    }
    let mut names = HashSet::new();
    let mut sets: Vec<&SelectionSet> = Vec::new();
    for (_, operation) in document.operations.iter() {
        in_directives(&operation.node.directives, &mut names);
        sets.push(&operation.node.selection_set.node);
    }
    for fragment in document.fragments.values() {
        in_directives(&fragment.node.directives, &mut names);
        sets.push(&fragment.node.selection_set.node);
    }
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            in_directives(selection.node.directives(), &mut names);
            match &selection.node {
                Selection::Field(field) => {
                    for (_, value) in &field.node.arguments {
                        in_value(&value.node, &mut names);
                    }
                    sets.push(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    names
}
