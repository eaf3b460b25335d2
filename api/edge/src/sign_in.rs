//! Which names an operation tries to sign in under: each is counted, before anything runs.

use async_graphql_parser::{
    Positioned,
    types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection},
};
use async_graphql_value::{ConstValue, Name, Variables};

/// The root fields that sign somebody in: their input says the name.
const FIELDS: [&str; 1] = ["signIn"];

/// The names, one for each time that a root field signs in, under whatever alias. One that cannot be read is empty.
pub(crate) fn names(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Vec<String> {
    let mut names = Vec::new();
    if operation.ty == OperationType::Mutation {
        let mut find = |field: &Field| names.push(name(field, operation, variables));
        roots(document, &operation.selection_set.node.items, &mut find);
    }
    names
}

/// Follows fragments: their cycles, and more root fields than one, have been refused before.
fn roots(
    document: &ExecutableDocument,
    items: &[Positioned<Selection>],
    find: &mut impl FnMut(&Field),
) {
    for item in items {
        match &item.node {
            Selection::Field(field) if FIELDS.contains(&field.node.name.node.as_str()) => {
                find(&field.node);
            }
            Selection::Field(_) => {}
            Selection::InlineFragment(fragment) => {
                roots(document, &fragment.node.selection_set.node.items, find);
            }
            Selection::FragmentSpread(spread) => {
                let fragment = document.fragments.get(&spread.node.fragment_name.node);
                if let Some(fragment) = fragment {
                    roots(document, &fragment.node.selection_set.node.items, find);
                }
            }
        }
    }
}

fn name(field: &Field, operation: &OperationDefinition, variables: &Variables) -> String {
    let value = |name: Name| {
        let default = || {
            let mut definitions = operation.variable_definitions.iter();
            let definition = definitions.find(|definition| definition.node.name.node == name)?;
            definition.node.default_value().cloned()
        };
        Ok::<_, ()>(
            variables
                .get(&name)
                .cloned()
                .or_else(default)
                .unwrap_or_default(),
        )
    };
    let input = field
        .get_argument("input")
        .and_then(|input| input.node.clone().into_const_with(value).ok());
    match input {
        Some(ConstValue::Object(fields)) => match fields.get("username") {
            Some(ConstValue::String(name)) => name.clone(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql_parser::parse_query;
    use serde_json::json;

    use super::*;
    use crate::document;

    #[test]
    fn every_way_to_sign_in_is_found() {
        for (query, variables, expected) in [
            (
                "mutation { signIn(input: { username: \"a\", password: \"x\" }) { y } }",
                json!({}),
                vec!["a"],
            ),
            (
                "mutation($n: String!) { x: signIn(input: { username: $n }) { y } }",
                json!({ "n": "a" }),
                vec!["a"],
            ),
            (
                "mutation($n: String = \"d\") { x: signIn(input: { username: $n }) { y } }",
                json!({}),
                vec!["d"],
            ),
            (
                "mutation($i: I!) { signIn(input: $i) { y } }",
                json!({ "i": { "username": "a" } }),
                vec!["a"],
            ),
            (
                "mutation($i: I!) { ...F } fragment F on Mutation { ... on Mutation { signIn(input: $i) { y } } }",
                json!({ "i": { "username": "a" } }),
                vec!["a"],
            ),
            (
                "mutation { a: signIn(input: { username: \"a\" }) { y } b: signIn(input: { username: \"b\" }) { y } }",
                json!({}),
                vec!["a", "b"],
            ),
            ("mutation { signIn(input: 7) { y } }", json!({}), vec![""]),
            ("mutation { signOut(input: {}) { y } }", json!({}), vec![]),
            (
                "{ signIn(input: { username: \"a\" }) { y } }",
                json!({}),
                vec![],
            ),
        ] {
            let document = parse_query(query).unwrap();
            let operation = document::operation(&document, None).unwrap();
            let found = names(&document, operation, &Variables::from_json(variables));
            assert_eq!(found, expected, "{query}");
        }
    }
}
