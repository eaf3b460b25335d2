//! What is counted, held against slower ways to the same numbers.

use async_graphql_parser::{
    parse_query,
    types::{ExecutableDocument, Selection, SelectionSet},
};
use axum::http::{Method, Uri};
use proptest::prelude::*;
use serde_json::json;

use super::{ask, edge};
use crate::{Complaint, complaint::Measure};

#[test]
fn what_is_not_declared_is_let_go_and_values_are_counted_before_they_are_read() {
    let small = edge(|limits| limits.values = 50);
    let query = "query($i: [ID!]!) { nodes(ids: $i) { id } }";
    let ids = |count: usize| vec![json!("1"); count];
    let body = |variables: serde_json::Value| json!({ "query": query, "variables": variables });
    let received = |body: &str| {
        let path = Uri::from_static("/graphql");
        small.receive(&Method::POST, &path, body.as_bytes())
    };
    let accepted = received(&body(json!({ "i": ids(3), "more": ids(30) })).to_string());
    let variables = &accepted.unwrap().request.variables;
    assert_eq!(variables.len(), 1, "{variables:?}");
    let too_much = |what, most| Err(Complaint::TooMuch { what, most });
    for count in [49, 5000] {
        for variables in [
            json!({ "i": ids(count) }),
            json!({ "i": [], "x": ids(count) }),
        ] {
            let answer = received(&body(variables).to_string()).map(|_| ());
            assert_eq!(answer, too_much(Measure::Values, 50), "{count}");
        }
    }
    // What looks like values in a text is none.
    let text = "[\\\",{".repeat(200);
    let told = format!(
        "{{\"query\":{},\"variables\":{{\"i\":[\"{text}\"]}}}}",
        json!(query)
    );
    assert_eq!(received(&told).map(|_| ()), Ok(()));
    // Of a socket's message the declared ones are counted; by GET all are.
    let payload = |variables| body(variables).as_object().unwrap().clone();
    assert!(
        small
            .subscribe(payload(json!({ "i": ids(9), "x": ids(90) })))
            .is_ok()
    );
    let answer = small
        .subscribe(payload(json!({ "i": ids(50) })))
        .map(|_| ());
    assert_eq!(answer, too_much(Measure::Values, 50));
    let long = format!(
        "/graphql?query=%7B__typename%7D&variables=%7B%22x%22:%5B1{}%5D%7D",
        ",1".repeat(60)
    );
    let answer = small
        .receive(&Method::GET, &long.parse().unwrap(), b"")
        .map(|_| ());
    assert_eq!(answer, too_much(Measure::Values, 50));
}

#[test]
fn an_operation_s_name_is_cut_for_the_log() {
    let query = format!("query {} {{ list {{ id }} }}", "N".repeat(128));
    let body = json!({ "query": query }).to_string();
    let path = Uri::from_static("/graphql");
    let accepted = edge(|_| ()).receive(&Method::POST, &path, body.as_bytes());
    assert_eq!(accepted.unwrap().operation, Some("N".repeat(100)));
}

/// Fields with fragments expanded, the slow way.
fn expanded(document: &ExecutableDocument, set: &SelectionSet) -> u64 {
    set.items
        .iter()
        .map(|selection| match &selection.node {
            Selection::Field(field) => 1 + expanded(document, &field.node.selection_set.node),
            Selection::InlineFragment(fragment) => {
                expanded(document, &fragment.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => document
                .fragments
                .get(&spread.node.fragment_name.node)
                .map_or(0, |fragment| {
                    expanded(document, &fragment.node.selection_set.node)
                }),
        })
        .sum()
}

/// Fragments each of which spreads only later ones: documents without cycles.
fn document() -> impl Strategy<Value = String> {
    let body = |at: usize| {
        prop::collection::vec(
            prop_oneof![
                Just("id".to_owned()),
                Just("plans { nodes { id } }".to_owned()),
                (at + 1..6).prop_map(|next| format!("...F{next}")),
                (at + 1..6).prop_map(|next| format!("plans {{ nodes {{ ...F{next} }} }}")),
            ],
            1..4,
        )
    };
    (body(0), body(1), body(2), body(3), body(4)).prop_map(|(root, f1, f2, f3, f4)| {
        let fragments: String = [f1, f2, f3, f4]
            .iter()
            .enumerate()
            .map(|(at, body)| format!("fragment F{} on Plan {{ {} }} ", at + 1, body.join(" ")))
            .collect();
        format!(
            "{{ plan(year: 1) {{ {} }} }} {fragments} fragment F5 on Plan {{ id }}",
            root.join(" ")
        )
    })
}

#[test]
fn a_fragment_bomb_is_refused() {
    let fragments: String = (0..40)
        .map(|at| {
            format!(
                "fragment F{at} on Plan {{ {} }} ",
                format!("...F{} ", at + 1).repeat(10)
            )
        })
        .collect();
    let query =
        format!("{{ plan(year: 1) {{ ...F0 }} }} {fragments} fragment F40 on Plan {{ id }}");
    let outcome = ask(&edge(|_| ()), &query, json!({}));
    assert!(
        matches!(
            outcome,
            Err(Complaint::TooMuch {
                what: Measure::Selections,
                ..
            })
        ),
        "{outcome:?}"
    );
}

/// What is selected from many types that may be one is compared with each of them, on each level: eight types on fifteen levels
/// are 8^15 comparisons.
#[test]
fn a_bomb_of_types_is_refused() {
    fn bomb(types: &[&str], levels: usize) -> String {
        let Some(below) = levels.checked_sub(1) else {
            return "id".to_owned();
        };
        let below = bomb(types, below);
        let fields = types.iter().zip(0..).map(|(of, place)| match place {
            0 => format!("... on {of} {{ any {{ {below} }} }}"),
            _ => format!("... on {of} {{ any }}"),
        });
        fields.collect::<Vec<_>>().join(" ")
    }
    let invented = ["T0", "T1", "T2", "T3", "T4", "T5", "T6", "T7"];
    let there_are = ["Query", "Either", "Plan", "PlanEdge", "Row", "Saved"];
    for types in [&invented[..], &there_are[..]] {
        let found = ask(
            &edge(|_| ()),
            &format!("{{ {} }}", bomb(types, 15)),
            json!({}),
        );
        assert!(
            matches!(
                found,
                Err(Complaint::TooMuch {
                    what: Measure::Comparisons,
                    ..
                })
            ),
            "{found:?}"
        );
        let small = format!("{{ {} }}", bomb(types, 2));
        assert!(ask(&edge(|_| ()), &small, json!({})).is_ok(), "{small}");
    }
}

/// Nor are many leaves of many types compared with each other.
#[test]
fn a_field_of_many_types_is_refused() {
    let of = |types: usize| {
        let fields = (0..types).map(|of| format!("...on T{of}{{x}}"));
        format!("{{ any {{ {} }} }}", fields.collect::<Vec<_>>().join(" "))
    };
    assert!(ask(&edge(|_| ()), &of(100), json!({})).is_ok());
    let found = ask(&edge(|_| ()), &of(300), json!({}));
    let comparisons = Measure::Comparisons;
    assert!(
        matches!(found, Err(Complaint::TooMuch { what, .. }) if what == comparisons),
        "{found:?}"
    );
}

/// Nor the arguments of a field, wherever it meets one like it: two fields of so many arguments meet hundreds of times here.
#[test]
fn a_field_of_many_arguments_is_refused_where_it_meets_others() {
    let asked = |arguments: usize, levels: usize| {
        let given: Vec<String> = (0..arguments).map(|at| format!("a{at}: 1")).collect();
        let (given, back) = (
            given.join(" "),
            given.iter().rev().cloned().collect::<Vec<_>>(),
        );
        let below = (0..levels).fold("x { ...F } x { ...G }".repeat(8), |below, _| {
            format!("p {{ {below} }} ... on Plan {{ p }}")
        });
        format!(
            "{{ q {{ {below} }} }} fragment F on Plan {{ g({given}) }} fragment G on Plan {{ g({}) }}",
            back.join(" ")
        )
    };
    let found = ask(&edge(|_| ()), &asked(500, 6), json!({}));
    assert!(
        matches!(
            found,
            Err(Complaint::TooMuch {
                what: Measure::Comparisons,
                ..
            })
        ),
        "{found:?}"
    );
    // The order of arguments is of no matter (GraphQL §2.6).
    let few = ask(&edge(|_| ()), &asked(3, 6), json!({}));
    assert!(few.is_ok(), "{few:?}");
}

#[test]
fn root_fields_are_counted_where_fragments_are_spread() {
    let fields = "id plans { totalCount }";
    for (query, fits) in [
        (
            format!("mutation {{ ...F }} fragment F on Mutation {{ other {{ {fields} }} }}"),
            true,
        ),
        (
            format!(
                "mutation {{ ...F }} fragment F on Mutation {{ other {{ {fields} }} a: other {{ id }} }}"
            ),
            false,
        ),
        (
            format!("mutation {{ ...F ...F }} fragment F on Mutation {{ other {{ {fields} }} }}"),
            false,
        ),
    ] {
        let outcome = ask(&edge(|_| ()), &query, json!({}));
        assert_eq!(outcome.is_ok(), fits, "{query}: {outcome:?}");
    }
}

#[test]
fn a_socket_has_the_limits_of_http() {
    let edge = edge(|limits| limits.depth = 3);
    for (query, fits) in [
        ("subscription { events { plans { totalCount } } }", true),
        ("subscription { events { plans { nodes { id } } } }", false),
        ("{ list { plans { nodes { id } } } }", false),
    ] {
        let payload = json!({ "query": query });
        let outcome = edge.subscribe(payload.as_object().unwrap().clone());
        assert_eq!(outcome.is_ok(), fits, "{query}: {outcome:?}");
    }
}

proptest! {
    #[test]
    fn fragments_are_counted_where_they_are_spread(query in document()) {
        let parsed = parse_query(&query).unwrap();
        let operation = crate::document::operation(&parsed, None).unwrap();
        let fields = expanded(&parsed, &operation.selection_set.node);
        let limit = |most: u64| edge(|limits| {
            limits.fields = usize::try_from(most).unwrap();
            limits.depth = 90;
            limits.cost = u64::MAX;
        });
        prop_assert_eq!(ask(&limit(fields), &query, json!({})), Ok(()));
        let too_much = Complaint::TooMuch { what: Measure::Fields, most: fields - 1 };
        prop_assert_eq!(ask(&limit(fields - 1), &query, json!({})), Err(too_much));
    }

    #[test]
    fn the_scan_never_finds_fewer_tokens_than_names(count in 1..300usize) {
        let query = format!("{{ {} }}", "a ".repeat(count));
        let limit = |tokens: usize| ask(&edge(|limits| { limits.tokens = tokens; limits.roots = 1000; limits.cost = 0; }), &query, json!({}));
        let too_many = Complaint::TooMuch { what: Measure::Tokens, most: count as u64 + 1 };
        prop_assert_eq!(limit(count + 1), Err(too_many));
        let too_costly = Complaint::TooDear { cost: count as u64, most: 0 };
        prop_assert_eq!(limit(count + 2), Err(too_costly));
    }
}

/// The library follows the fragments of every operation, and copies variables: none of it may become large.
#[test]
fn what_a_document_becomes_is_limited_whatever_is_meant() {
    let spread = |n| {
        format!(
            "fragment F{n} on Query {{ ...F{0} ...F{0} ...F{0} }} ",
            n + 1
        )
    };
    let fragments: String = (0..27).map(spread).collect();
    let fields = |query: &str, more: serde_json::Value| {
        let mut body = json!({ "query": format!("{query} {fragments}") });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let edge = edge(|_| ());
        let uri = Uri::from_static("/graphql");
        let refused = edge.receive(&Method::POST, &uri, body.to_string().as_bytes());
        refused.map(|_| ())
    };
    let too_much = |what, most| Err(Complaint::TooMuch { what, most });
    let last = "fragment F27 on Query { __typename }";
    assert_eq!(
        fields(
            &format!("query A {{ __typename }} query B {{ ...F0 }} {last}"),
            json!({ "operationName": "A" })
        ),
        too_much(Measure::Selections, 4000)
    );
    assert_eq!(
        fields(
            "{ __typename ...F0 } fragment F27 on Query { ...Nope }",
            json!({})
        ),
        too_much(Measure::Selections, 4000)
    );
    let named = format!(
        "query($s: ID!) {{ nodes(ids: [{}]) {{ id }} }}",
        "$s ".repeat(3)
    );
    assert_eq!(
        ask(&edge(|_| ()), &named, json!({ "s": "x".repeat(1_000_000) })),
        too_much(Measure::Text, 2 * 1024 * 1024)
    );
    let long = "a".repeat(129);
    assert_eq!(
        ask(
            &edge(|_| ()),
            &format!("{{ {long}: __typename }}"),
            json!({})
        ),
        too_much(Measure::Name, 128)
    );
    let fits = "a".repeat(128);
    assert_eq!(
        ask(
            &edge(|_| ()),
            &format!("{{ {fits}: __typename }}"),
            json!({})
        ),
        Ok(())
    );
}
