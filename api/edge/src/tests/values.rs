//! Values of variables and of documents, and what is told of those that do not fit.

use async_graphql::Value;
use domain::Language;
use serde_json::json;

use super::{SCALARS, SDL, ask, edge};
use crate::{Complaint, Edge, Limits};

#[test]
fn values_of_variables_fit_their_types() {
    let query = "mutation($input: ActInput!) { act(input: $input) { id } }";
    for (input, fits) in [
        (json!({ "name": "x" }), true),
        (
            json!({ "name": "x", "size": 7, "list": ["RED", "GREEN"], "one": { "id": 7 } }),
            true,
        ),
        (
            json!({ "name": "x", "list": "RED", "one": { "name": "y" } }),
            true,
        ),
        (json!({ "name": "x", "size": null, "list": null }), true),
        (json!({}), false),
        (json!(null), false),
        (json!("x"), false),
        (json!({ "name": null }), false),
        (json!({ "name": 7 }), false),
        (json!({ "name": "x", "size": 2_147_483_648i64 }), false),
        (json!({ "name": "x", "size": 1.5 }), false),
        (json!({ "name": "x", "list": ["BLUE"] }), false),
        (json!({ "name": "x", "list": [null] }), false),
        (json!({ "name": "x", "colour": "RED" }), false),
        (json!({ "name": "x", "one": {} }), false),
        (
            json!({ "name": "x", "one": { "id": "1", "name": "y" } }),
            false,
        ),
        (json!({ "name": "x", "one": { "id": null } }), false),
    ] {
        let outcome = ask(&edge(|_| ()), query, json!({ "input": input }));
        assert_eq!(outcome.is_ok(), fits, "{input}: {outcome:?}");
        let told = matches!(
            outcome,
            Err(Complaint::Variable { .. } | Complaint::UnknownField { .. })
        );
        assert!(fits || told, "{outcome:?}");
    }
    for (input, path, field) in [
        (json!({ "name": "x", "nmae": 1 }), "input.nmae", "nmae"),
        (
            json!({ "name": "x", "one": { "id": "1", "x": null } }),
            "input.one.x",
            "x",
        ),
    ] {
        let outcome = ask(&edge(|_| ()), query, json!({ "input": input }));
        let found = matches!(&outcome, Err(Complaint::UnknownField { path: at, field: of, .. }) if at == path && of == field);
        assert!(found, "{outcome:?}");
    }
}

/// What an answer says: the place in the input, and the words in both languages.
pub(super) fn told(complaint: &Complaint) -> (String, [String; 2]) {
    let error = complaint.error(Language::En);
    let extensions = error.extensions.unwrap();
    assert_eq!(extensions.get("code"), Some(&"BAD_USER_INPUT".into()));
    let field = match extensions.get("field") {
        Some(Value::String(field)) => field.clone(),
        other => panic!("{other:?}"),
    };
    (
        field,
        [error.message, complaint.error(Language::ZhCn).message],
    )
}

#[test]
fn a_value_that_a_scalar_refuses_is_told_with_its_place_in_the_input() {
    let whole = "mutation($i: MeetInput) { meet(input: $i) { id } }";
    let inside = "mutation($d: [[Day]]) { ...F } fragment F on Mutation { meet(input: { on: \"0101\", rows: [{}, { days: $d }] }) { id } }";
    let no_day = |name: &str, ty: &str| {
        [
            format!("The value of ${name} is not of type {ty} (such as 0101)."),
            format!("变量 ${name} 的值不符合类型 {ty}（例如 0101）。"),
        ]
    };
    let literal = |name: &str, ty: &str| {
        [
            format!("The value of {name} is not of type {ty} (such as 0101)."),
            format!("{name} 的值不符合类型 {ty}（例如 0101）。"),
        ]
    };
    for (query, variables, place, words) in [
        (
            whole,
            json!({ "i": { "on": "1" } }),
            "input.on",
            no_day("i.on", "Day!"),
        ),
        (
            whole,
            json!({ "i": { "on": 101 } }),
            "input.on",
            no_day("i.on", "Day!"),
        ),
        (
            whole,
            json!({ "i": { "on": "0101", "rows": [{ "days": [["0101"], null, "0102", ["0103", "x"]] }] } }),
            "input.rows.0.days.3.1",
            no_day("i.rows.0.days.3.1", "Day"),
        ),
        // One value stands for a list of one.
        (
            whole,
            json!({ "i": { "on": "0101", "rows": { "days": "x" } } }),
            "input.rows.days",
            no_day("i.rows.days", "Day"),
        ),
        (
            inside,
            json!({ "d": [["x"]] }),
            "input.rows.1.days.0.0",
            no_day("d.0.0", "Day"),
        ),
        (
            "mutation($d: Day = \"x\") { meet(on: $d) { id } }",
            json!({}),
            "on",
            no_day("d", "Day"),
        ),
        // One that stands nowhere has its own name.
        (
            "mutation($d: Day) { other { id } }",
            json!({ "d": {} }),
            "d",
            no_day("d", "Day"),
        ),
        (
            "mutation { meet(on: \"x\") { id } }",
            json!({}),
            "on",
            literal("on", "Day"),
        ),
        (
            "mutation { meet(on: [\"0101\"]) { id } }",
            json!({}),
            "on",
            literal("on", "Day"),
        ),
        (
            "mutation { meet(days: \"x\") { id } }",
            json!({}),
            "days",
            literal("days", "[Day!]"),
        ),
        (
            "mutation { meet(input: { on: \"0101\", rows: [{ days: [[\"0101\", {}]] }] }) { id } }",
            json!({}),
            "input.rows.0.days.0.1",
            literal("input.rows.0.days.0.1", "Day"),
        ),
    ] {
        let complaint = ask(&edge(|_| ()), query, variables.clone()).unwrap_err();
        let expected = (place.to_owned(), words);
        assert_eq!(told(&complaint), expected, "{query} {variables}");
    }
    for (query, variables) in [
        (
            whole,
            json!({ "i": { "on": "0101", "rows": [{ "days": [["0101"], null], "any": [{}] }] } }),
        ),
        (
            "mutation($d: Day = \"0101\") { meet(on: $d) { id } }",
            json!({}),
        ),
        (
            "mutation($d: Day = \"0101\") { meet(on: $d) { id } }",
            json!({ "d": null }),
        ),
        (
            "mutation($d: Day) { meet(on: null, days: [\"0101\"], input: { on: \"0101\", rows: { any: [$d] } }) { id } }",
            json!({ "d": "0101" }),
        ),
    ] {
        let outcome = ask(&edge(|_| ()), query, variables);
        assert_eq!(outcome, Ok(()), "{query}");
    }
    let unread = Edge::new(SDL, &SCALARS[..1], &[], Limits::default(), true);
    assert_eq!(unread.unwrap_err(), "nobody reads the scalar Any");
}

#[test]
fn other_values_are_told_with_their_place_too() {
    let whole = "mutation($i: ActInput!) { act(input: $i) { id } }";
    let parts = "mutation($n: String!, $s: Int, $c: [Colour!]) { act(input: { name: $n, size: $s, list: $c }) { id } }";
    for (query, variables, place) in [
        (parts, json!({ "n": 7 }), "input.name"),
        (parts, json!({}), "input.name"),
        (parts, json!({ "n": "x", "s": 1.5 }), "input.size"),
        (
            parts,
            json!({ "n": "x", "c": ["RED", "BLUE"] }),
            "input.list.1",
        ),
        (whole, json!({ "i": {} }), "input.name"),
        (
            whole,
            json!({ "i": { "name": "x", "nmae": 1 } }),
            "input.nmae",
        ),
        (
            whole,
            json!({ "i": { "name": "x", "one": { "id": 1, "name": "y" } } }),
            "input.one",
        ),
        (
            "mutation { act(input: { name: \"x\", size: 3000000000 }) { id } }",
            json!({}),
            "input.size",
        ),
        (
            "mutation($x: Int) { act(input: { name: $x }) { id } }",
            json!({}),
            "input.name",
        ),
        (
            "query($x: Int) { nodes(ids: [\"1\", $x]) { id } }",
            json!({}),
            "ids.1",
        ),
        (
            "query($x: Int) { list { id @include(if: $x) } }",
            json!({}),
            "if",
        ),
        // A default takes the place of what is not given, and not of a null.
        (
            "query($x: Boolean = true) { list { id @include(if: $x) } }",
            json!({ "x": null }),
            "if",
        ),
    ] {
        let complaint = ask(&edge(|_| ()), query, variables).unwrap_err();
        assert_eq!(told(&complaint).0, place, "{query}: {complaint:?}");
    }
}
