//! The paths of errors.

use axum::http::{Method, Uri};
use serde_json::json;

use super::edge;

/// As the library leaves them: ending at an index.
#[test]
fn the_path_of_an_error_below_a_list_is_whole_again() {
    use async_graphql::{PathSegment, Response, ServerError};
    let edge = edge(|_| ());
    let written = |path: &[PathSegment]| -> String {
        let words = path.iter().map(|segment| match segment {
            PathSegment::Field(name) => name.clone(),
            PathSegment::Index(index) => index.to_string(),
        });
        words.collect::<Vec<_>>().join(".")
    };
    for (query, at, cut, whole) in [
        ("{ list { id } }", (1, 10), "list.1", "list.1.id"),
        ("{ list { x: id } }", (1, 10), "list.1", "list.1.x"),
        // The item itself.
        ("{ list { id } }", (1, 3), "list.1", "list.1"),
        (
            "{ a: list { plans { totalCount } } }",
            (1, 21),
            "a.0",
            "a.0.plans.totalCount",
        ),
        // Which of them is not known.
        (
            "{ list { plans { nodes { id } } } }",
            (1, 26),
            "list.0",
            "list.0",
        ),
        (
            "{ list { plans { nodes { id } } } }",
            (1, 18),
            "list.0",
            "list.0.plans.nodes",
        ),
        (
            "{ list { plans { nodes { id } } } }",
            (1, 26),
            "list.0.plans.nodes.7",
            "list.0.plans.nodes.7.id",
        ),
        (
            "{ list { ...F } any { ...F } } fragment F on Plan { plans { totalCount } }",
            (1, 61),
            "list.3",
            "list.3.plans.totalCount",
        ),
        // In one of two ways.
        (
            "{ list { ...F } } fragment F on Plan { ...G ... on Plan { plans { ... on PlanConnection { c: totalCount } } plans: plans { ...H } } } fragment G on Plan { id } fragment H on PlanConnection { totalCount }",
            (1, 91),
            "list.0",
            "list.0.plans.c",
        ),
        ("{ list { id } }", (7, 1), "list.1", "list.1"),
        ("{ list { id } }", (1, 10), "list.1.id", "list.1.id"),
    ] {
        let body = json!({ "query": query }).to_string();
        let path = Uri::from_static("/graphql");
        let asked = edge
            .receive(&Method::POST, &path, body.as_bytes())
            .unwrap()
            .asked;
        let (line, column) = at;
        let mut error = ServerError::new("x", Some(async_graphql::Pos { line, column }));
        let segments = cut.split('.').map(|word| match word.parse() {
            Ok(index) => PathSegment::Index(index),
            Err(_) => PathSegment::Field(word.to_owned()),
        });
        error.path = segments.collect();
        let mut response = Response::from_errors(vec![error]);
        edge.whole_paths(&mut response, &asked);
        assert_eq!(written(&response.errors[0].path), whole, "{query} {at:?}");
    }
}
