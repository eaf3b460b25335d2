//! For whom an operation has a password hashed: whoever it tries to sign in as, and the viewer who proves their own again; and which
//! session it goes on with. Each is counted, before anything runs.

use async_graphql_parser::{
    Positioned,
    types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection},
};
use async_graphql_value::{ConstValue, Name, Variables};

/// The root field that signs somebody in: its input says the name.
const SIGN_IN: &str = "signIn";
/// The root field that goes on with a session: its input says the refresh token.
const REFRESH: &str = "refreshSession";

/// The root fields for which the viewer proves their password, each with the word of its act in the audit log.
const PROVEN: [(&str, &str); 4] = [
    ("changePassword", "CHANGE_PASSWORD"),
    ("beginSecondFactor", "BEGIN_SECOND_FACTOR"),
    ("endSecondFactor", "END_SECOND_FACTOR"),
    ("replaceRecoveryCodes", "REPLACE_RECOVERY_CODES"),
];

/// What is counted, whatever it costs: a password is hashed for it, or a session goes on by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proving {
    /// Signing in under this name, as it was given; empty where it cannot be read.
    SignIn(String),
    /// An act of the viewer's, by its word in the audit log.
    Own(&'static str),
    /// Going on with a session by this refresh token; empty where it cannot be read.
    Refresh(String),
}

/// What is counted, once for each such root field, under whatever alias.
pub(crate) fn proving(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Vec<Proving> {
    let mut all = Vec::new();
    if operation.ty == OperationType::Mutation {
        let mut find = |field: &Field| {
            let called = field.name.node.as_str();
            if called == SIGN_IN {
                let name = text(field, "username", variables);
                all.push(Proving::SignIn(name));
            }
            if called == REFRESH {
                let token = text(field, "refreshToken", variables);
                all.push(Proving::Refresh(token));
            }
            let own = PROVEN.iter().filter(|(field, _)| *field == called);
            all.extend(own.map(|(_, act)| Proving::Own(act)));
        };
        roots(document, &operation.selection_set.node.items, &mut find);
    }
    all
}

/// Follows fragments: their cycles, and more root fields than one, have been refused before.
fn roots(
    document: &ExecutableDocument,
    items: &[Positioned<Selection>],
    find: &mut impl FnMut(&Field),
) {
    for item in items {
        match &item.node {
            Selection::Field(field) => find(&field.node),
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

/// A text of a root field's input; empty where it cannot be read.
fn text(field: &Field, key: &str, variables: &Variables) -> String {
    let value = |name: Name| Ok::<_, ()>(variables.get(&name).cloned().unwrap_or_default());
    let input = field
        .get_argument("input")
        .and_then(|input| input.node.clone().into_const_with(value).ok());
    match input {
        Some(ConstValue::Object(fields)) => match fields.get(key) {
            Some(ConstValue::String(text)) => text.clone(),
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
    fn every_way_to_have_a_password_hashed_is_found() {
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
                "mutation { ...F } fragment F on Mutation { x: changePassword(input: { username: \"a\" }) { y } }",
                json!({}),
                vec!["CHANGE_PASSWORD"],
            ),
            (
                "mutation { endSecondFactor(input: {}) { y } }",
                json!({}),
                vec!["END_SECOND_FACTOR"],
            ),
            (
                "mutation($t: String!) { x: refreshSession(input: { refreshToken: $t }) { y } }",
                json!({ "t": "a" }),
                vec!["a"],
            ),
            (
                "{ signIn(input: { username: \"a\" }) { y } }",
                json!({}),
                vec![],
            ),
        ] {
            let document = parse_query(query).unwrap();
            let operation = document::operation(&document, None).unwrap();
            let serde_json::Value::Object(given) = variables else {
                panic!("{variables}");
            };
            let variables = crate::values::of_operation(given, operation, 100).unwrap();
            let found = proving(&document, operation, &variables);
            let found: Vec<&str> = found
                .iter()
                .map(|proving| match proving {
                    Proving::SignIn(name) => name,
                    Proving::Own(act) => *act,
                    Proving::Refresh(token) => token,
                })
                .collect();
            assert_eq!(found, expected, "{query}");
        }
    }
}
