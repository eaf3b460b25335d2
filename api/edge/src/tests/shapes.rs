//! What stands where: response names, and the roots of subscriptions.

use async_graphql_parser::types::Selection;
use serde_json::json;

use super::{ask, edge};
use crate::Complaint;

#[test]
fn a_response_name_stands_for_one_field() {
    for (query, fits) in [
        ("{ plan(year: 1) { id } plan(year: 1) { id } }", true),
        ("{ plan(year: 1) { id } plan(year: 2) { id } }", false),
        ("{ plan(year: 1) { id } plan: node(id: 1) { id } }", false),
        (
            "{ plan(year: 1) { a: plans { totalCount } } plan(year: 1) { a: plans(first: 1) { totalCount } } }",
            false,
        ),
        (
            "{ plan(year: 1) { a: plans(first: 1) { totalCount } } plan(year: 1) { a: plans(first: 1) { totalCount } } }",
            true,
        ),
        (
            "{ plan(year: 1) { a: plans { x: totalCount } } plan(year: 1) { a: plans { x: nodes { id } } } }",
            false,
        ),
        (
            "{ ...F plan(year: 1) { a: id } } fragment F on Query { plan(year: 1) { a: plans { totalCount } } }",
            false,
        ),
        (
            "{ ...F ...F } fragment F on Query { plan(year: 1) { id } }",
            true,
        ),
        (
            "{ node(id: 1) { ... on Plan { a: id } ... on PlanEdge { a: cursor } } }",
            false,
        ),
        (
            "{ node(id: 1) { ... on PlanConnection { a: nodes { b: id } } ... on PlanOther { a: nodes { b: other } } } }",
            true,
        ),
        (
            "{ any { a: __typename ... on Plan { b: id } ... on PlanEdge { c: cursor } } }",
            true,
        ),
        (
            "{ any { ... on Plan { a: plans { totalCount } } ... on PlanEdge { a: node { id } } } }",
            true,
        ),
        ("{ any { a: __typename ... on Plan { a: id } } }", false),
    ] {
        let outcome = ask(&edge(|_| ()), query, json!({}));
        assert_eq!(outcome.is_ok(), fits, "{query}: {outcome:?}");
        assert!(
            fits || matches!(outcome, Err(Complaint::Conflict { .. })),
            "{query}: {outcome:?}"
        );
    }
}

#[test]
fn a_subscription_has_one_root_field_and_needs_a_socket() {
    let fragment = "fragment F on Subscription { events { ...G } } fragment G on Plan { id }";
    for (query, fits) in [
        ("subscription { events { id } }", true),
        ("subscription { a: events(of: 1) { id } }", true),
        (
            "subscription { events { id } events { plans { totalCount } } }",
            true,
        ),
        (&format!("subscription {{ ...F }} {fragment}"), true),
        (
            &format!("subscription {{ ...F ...F events {{ id }} }} {fragment}"),
            true,
        ),
        (
            "subscription { ... { events { id } } ... on Subscription { events { id } } }",
            true,
        ),
        (
            "subscription { events { id __typename @include(if: false) } }",
            true,
        ),
        ("subscription { events { id } other { id } }", false),
        ("subscription { a: events { id } b: events { id } }", false),
        (
            &format!("subscription {{ ...F other {{ id }} }} {fragment}"),
            false,
        ),
        (
            &format!("subscription {{ ...F a: events {{ id }} }} {fragment}"),
            false,
        ),
        (
            "subscription { ... { events { id } } ... on Subscription { other { id } } }",
            false,
        ),
        ("subscription { __typename }", false),
        ("subscription { events { id } __typename }", false),
        ("subscription { a: __typename }", false),
        ("subscription { events @include(if: true) { id } }", false),
        (
            "subscription($x: Boolean!) { ... @skip(if: $x) { events { id } } }",
            false,
        ),
    ] {
        let edge = edge(|_| ());
        let payload = json!({ "query": query, "variables": { "x": true } });
        let outcome = edge.subscribe(payload.as_object().unwrap().clone());
        assert_eq!(outcome.is_ok(), fits, "{query}: {outcome:?}");
        match outcome {
            Ok(accepted) => assert_eq!(accepted.kind, crate::Kind::Subscription),
            Err(complaint) => assert!(
                matches!(complaint, Complaint::SubscriptionRoot { .. }),
                "{query}: {complaint:?}"
            ),
        }
        let over_http = ask(&edge, query, json!({ "x": true }));
        assert_eq!(over_http, Err(Complaint::NeedsSocket), "{query}");
    }
    // What may run over HTTP may run over a socket.
    for (query, kind) in [
        ("{ list { id } }", crate::Kind::Query),
        ("mutation { other { id } }", crate::Kind::Mutation),
    ] {
        let payload = json!({ "query": query });
        let accepted = edge(|_| ()).subscribe(payload.as_object().unwrap().clone());
        assert_eq!(accepted.unwrap().kind, kind);
    }
}

#[test]
fn a_root_field_that_comes_through_fragments_is_put_where_it_is_found() {
    let query = "subscription S { ...F ... { events { b: id } } } query Q { list { ...G } } \
        fragment F on Subscription { events { ...G ...H } } fragment G on Plan { id } fragment H on Plan { id } fragment U on Plan { id }";
    let payload = json!({ "query": query, "operationName": "S" });
    let mut accepted = edge(|_| ())
        .subscribe(payload.as_object().unwrap().clone())
        .unwrap();
    let document = accepted.request.parsed_query().unwrap();
    let operation = crate::document::operation(document, Some("S")).unwrap();
    let [root] = operation.selection_set.node.items.as_slice() else {
        panic!("{:?}", operation.selection_set)
    };
    let Selection::Field(root) = &root.node else {
        panic!("{root:?}")
    };
    assert_eq!(root.node.selection_set.node.items.len(), 3);
    // What is spread elsewhere stays, and so does what never was: validation refuses it.
    let mut names: Vec<String> = document.fragments.keys().map(ToString::to_string).collect();
    names.sort();
    assert_eq!(names, ["G", "H", "U"]);
}
