//! What an operation costs.

use proptest::prelude::*;
use serde_json::json;

use super::{SCALARS, SDL, ask, cost, edge, values::told};
use crate::{Complaint, Edge, Limits, Priced};

#[test]
fn what_lies_in_a_page_costs_as_often_as_the_page_is_long() {
    let page = |arguments: &str| {
        format!("query($n: Int) {{ plan(year: 1) {{ plans{arguments} {{ nodes {{ id }} }} }} }} ")
    };
    for (arguments, variables, expected) in [
        ("(first: 1)", json!({ "n": 1 }), 4),
        ("(first: 50)", json!({ "n": 1 }), 53),
        ("(last: 50)", json!({ "n": 1 }), 53),
        ("", json!({ "n": 1 }), 23),
        ("(first: $n)", json!({ "n": 70 }), 73),
        ("(first: $n)", json!({ "n": null }), 23),
        ("(first: 100)", json!({ "n": 1 }), 103),
    ] {
        let query = page(arguments);
        // A variable that is not used is validation's business, not the price's.
        assert_eq!(cost(&query, variables), expected, "{arguments}");
    }
    assert_eq!(
        cost(
            "{ plan(year: 1) { plans(first: 10) { nodes { plans(first: 10) { nodes { id } } } } } }",
            json!({})
        ),
        2 + 1 + 10 * (1 + 1 + 10)
    );
    assert_eq!(
        cost(
            "{ plan(year: 1) { plans(first: 1) { totalCount } } }",
            json!({})
        ),
        12
    );
    assert_eq!(
        cost(
            "query($i: [ID!]!) { nodes(ids: $i) { id } }",
            json!({ "i": ["1", "2", "3"] })
        ),
        4
    );
}

#[test]
fn a_filter_of_filters_costs_as_often_and_so_does_each_item_of_an_act() {
    let filter =
        json!({ "search": "x", "any": [{ "search": "y" }, { "any": [{ "search": "z" }] }] });
    for (query, variables, expected) in [
        ("{ found(first: 10) { nodes { id } } }", json!({}), 12),
        (
            "{ found(first: 10, filter: null) { nodes { id } } }",
            json!({}),
            12,
        ),
        (
            "{ found(first: 10, filter: {}) { nodes { id } } }",
            json!({}),
            12,
        ),
        (
            "{ found(first: 10, filter: { any: [{ search: \"x\" }, {}] }) { nodes { id } } }",
            json!({}),
            36 + 2 * 100,
        ),
        (
            "query($f: FilterInput) { found(first: 10, filter: $f) { nodes { id } } }",
            json!({ "f": filter }),
            48 + 3 * 100,
        ),
        (
            "query($f: [FilterInput!]) { ...F } fragment F on Query { found(first: 10, filter: { any: $f }) { nodes { id } } }",
            json!({ "f": [filter, {}] }),
            72 + 5 * 100,
        ),
        (
            "query($f: FilterInput = { any: [{}, {}] }) { found(first: 10, filter: $f) { nodes { id } } }",
            json!({}),
            36 + 2 * 100,
        ),
        (
            "mutation($rows: [ActInput!]!) { save(input: { rows: $rows }) { plan { id } } }",
            json!({ "rows": vec![json!({ "name": "x" }); 100] }),
            10 * 100 + 2,
        ),
        (
            "mutation($i: SaveInput!) { ...F } fragment F on Mutation { save(input: $i) { plan { id } } }",
            json!({ "i": { "rows": [{ "name": "x", "list": ["RED", "RED", "RED"] }] } }),
            10 * 4 + 2,
        ),
        (
            "mutation { act(input: { name: \"x\", list: [] }) { id } }",
            json!({}),
            10 + 1,
        ),
    ] {
        assert_eq!(cost(query, variables), expected, "{query}");
    }
}

/// A list that an act answers with holds as much as its input; what there is one of is paid for once, and so is what lies in a page.
#[test]
fn what_an_act_answers_costs_what_it_can_hold() {
    let rows = |count: usize| json!({ "rows": vec![json!({ "name": "x" }); count] });
    let deep = "plans(first: 10) { nodes { id } }";
    for (selection, count, expected) in [
        ("plan { id }", 200, 2),
        ("rows { plan { id } }", 200, 1 + 200 * 2),
        ("...F", 200, 1 + 200 * 2),
        ("... on Saved { ...F plan { id } }", 200, 1 + 200 * 2 + 2),
        // Less than any list is taken to hold.
        ("rows { plan { id } }", 2, 1 + 8 * 2),
        // In a list, lists are as long as ever: not as the input.
        ("rows { plans { id } }", 200, 1 + 200 * (1 + 32)),
        (&format!("plan {{ {deep} }}"), 200, 1 + 12),
        (
            &format!("rows {{ plan {{ {deep} }} }}"),
            200,
            1 + 200 * (1 + 12),
        ),
        // What is known of a list goes before.
        ("long { id }", 200, 1 + 500),
        (
            "found(first: 10, filter: { any: [{}, {}] }) { nodes { id } }",
            200,
            3 * 12 + 2 * 100,
        ),
    ] {
        let query = format!(
            "mutation($rows: [ActInput!]!) {{ save(input: {{ rows: $rows }}) {{ {selection} }} }}
            fragment F on Saved {{ rows {{ plan {{ id }} }} }}"
        );
        let act = 10 * u64::try_from(count).unwrap();
        assert_eq!(cost(&query, rows(count)), act + expected, "{selection}");
    }
    // Nobody gets a big list of answers for a small price.
    let query = "mutation($rows: [ActInput!]!) { save(input: { rows: $rows }) { rows { plan { plans(first: 100) { nodes { id } } } } } }";
    assert_eq!(ask(&edge(|_| ()), query, rows(100)), Ok(()));
    let refused = ask(&edge(|_| ()), query, rows(500));
    assert!(
        matches!(refused, Err(Complaint::TooDear { .. })),
        "{refused:?}"
    );
    for (of, field) in [("Saved", "plan"), ("Saved", "none"), ("None", "long")] {
        let most = Some(9);
        let priced = Priced {
            of,
            field,
            most,
            cost: 1,
        };
        let edge = Edge::new(SDL, &SCALARS, &[priced], Limits::default(), true);
        let why = format!("there is no field {of}.{field}, or it is no list");
        assert_eq!(edge.err(), Some(why));
    }
}

#[test]
fn a_page_holds_from_none_to_a_hundred() {
    let page = |arguments: &str| {
        format!(
            "query($n: Int, $d: Int = 101) {{ plan(year: 1) {{ plans({arguments}) {{ totalCount }} }} }}"
        )
    };
    for (arguments, n, argument) in [
        ("first: 0", json!(0), None),
        ("first: 100", json!(0), None),
        ("last: 100", json!(0), None),
        ("first: $n", json!(100), None),
        ("first: $n", json!(null), None),
        ("first: null, last: 3", json!(null), None),
        ("first: 101", json!(0), Some("first")),
        ("first: 1000000", json!(0), Some("first")),
        ("first: -1", json!(0), Some("first")),
        ("last: 101", json!(0), Some("last")),
        ("first: 1, last: -1", json!(0), Some("last")),
        ("first: $n", json!(101), Some("first")),
        ("last: $n", json!(-1), Some("last")),
        ("first: $d", json!(0), Some("first")),
    ] {
        let outcome = ask(&edge(|_| ()), &page(arguments), json!({ "n": n }));
        let Some(argument) = argument else {
            assert_eq!(outcome, Ok(()), "{arguments} {n}");
            continue;
        };
        let words = [
            format!("{argument} must be from 0 to 100: a page holds at most 100 items."),
            format!("{argument} 应在 0 至 100 之间：每页最多 100 条。"),
        ];
        let complaint = outcome.unwrap_err();
        let expected = (argument.to_owned(), words);
        assert_eq!(told(&complaint), expected, "{arguments} {n}");
    }
}

proptest! {
    #[test]
    fn a_larger_page_never_costs_less(a in 0..=100u64, b in 0..=100u64) {
        let price = |n: u64| cost(&format!("{{ plan(year: 1) {{ plans(first: {n}) {{ edges {{ node {{ id }} }} }} }} }}"), json!({}));
        prop_assert!(price(a.min(b)) <= price(a.max(b)));
    }
}

/// A list that lies in a list may be the same again: whoever goes in circles pays for what there may be.
#[test]
fn lists_in_lists_are_dear() {
    for (query, expected) in [
        ("{ list { id } }", 1 + 8),
        ("{ list { many { id } } }", 1 + 8 * (1 + 32)),
        (
            "{ list { many { many { id } } } }",
            1 + 8 * (1 + 32 * (1 + 100)),
        ),
        ("{ list { few { few { id } } } }", 1 + 8 * (1 + 4 * (1 + 4))),
        (
            "{ list { few { many { id } } } }",
            1 + 8 * (1 + 4 * (1 + 32)),
        ),
        (
            "{ list { plans(first: 2) { nodes { many { id } } } } }",
            1 + 8 * (1 + 1 + 2 * (1 + 32)),
        ),
        ("{ list { dear } }", 1 + 8 * 70),
    ] {
        assert_eq!(cost(query, json!({})), expected, "{query}");
    }
}
