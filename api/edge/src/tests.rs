//! The look at a document, held against slower ways to the same answer.

use async_graphql_parser::{
    parse_query,
    types::{ExecutableDocument, Selection, SelectionSet},
};
use axum::http::{Method, Uri};
use proptest::prelude::*;
use serde_json::json;

use async_graphql::Value;
use domain::Language;

use crate::{Complaint, Edge, Limits, Priced, Scalar, complaint::Measure};

const SDL: &str = "
    type Query { found(filter: FilterInput, first: Int): PlanConnection! any: Either plan(year: Int!): Plan node(id: ID!): Plan nodes(ids: [ID!]!): [Plan]! list: [Plan!]! }
    type Plan { id: ID! dear: Int few: [Plan!]! many: [Plan!]! plans(first: Int, after: String, last: Int, before: String): PlanConnection! }
    type PlanConnection { nodes: [Plan!]! edges: [PlanEdge!]! totalCount: Int! }
    type PlanEdge { node: Plan! cursor: String! }
    union Either = Plan | PlanEdge
    type PlanOther { nodes: [Plan!]! }
    type Row { plan: Plan plans: [Plan!]! }
    type Saved { plan: Plan rows: [Row!] long: [Plan!]! found(filter: FilterInput, first: Int): PlanConnection! }
    type Mutation { save(input: SaveInput!): Saved act(input: ActInput!): Plan other: Plan meet(on: Day, days: [Day!], input: MeetInput): Plan }
    type Subscription { events(of: ID): Plan! other: Plan! }
    input FilterInput { search: String any: [FilterInput!] }
    input SaveInput { rows: [ActInput!]! }
    input ActInput { name: String! size: Int list: [Colour!] one: Lookup }
    input MeetInput { on: Day! rows: [RowInput!] }
    input RowInput { days: [[Day]] any: Any }
    scalar Any
    scalar Day
    input Lookup @oneOf { id: ID name: String }
    enum Colour { RED GREEN }
";

/// A scalar that takes four letters, and one that takes everything.
const SCALARS: [Scalar; 2] = [
    Scalar {
        name: "Day",
        takes: |value| matches!(value, Value::String(text) if text.len() == 4),
        example: "0101",
    },
    Scalar {
        name: "Any",
        takes: |_| true,
        example: "1",
    },
];

const PRICED: [Priced; 3] = [
    Priced {
        of: "Saved",
        field: "long",
        most: Some(500),
        cost: 1,
    },
    Priced {
        of: "*",
        field: "few",
        most: Some(4),
        cost: 1,
    },
    Priced {
        of: "Plan",
        field: "dear",
        most: None,
        cost: 70,
    },
];

fn edge(change: impl FnOnce(&mut Limits)) -> Edge {
    let mut limits = Limits::default();
    change(&mut limits);
    Edge::new(SDL, &SCALARS, &PRICED, limits, true).unwrap()
}

fn ask(edge: &Edge, query: &str, variables: serde_json::Value) -> Result<(), Complaint> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    edge.receive(
        &Method::POST,
        &Uri::from_static("/graphql"),
        body.as_bytes(),
    )
    .map(|_| ())
}

/// The least limit of cost under which a document passes.
fn cost(query: &str, variables: serde_json::Value) -> u64 {
    let (mut low, mut high) = (0, 10_000_000);
    while low < high {
        let middle = (low + high) / 2;
        match ask(
            &edge(|limits| limits.cost = middle),
            query,
            variables.clone(),
        ) {
            Ok(()) => high = middle,
            Err(Complaint::TooDear { .. }) => low = middle + 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    low
}

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
            36,
        ),
        (
            "query($f: FilterInput) { found(first: 10, filter: $f) { nodes { id } } }",
            json!({ "f": filter }),
            48,
        ),
        (
            "query($f: [FilterInput!]) { ...F } fragment F on Query { found(first: 10, filter: { any: $f }) { nodes { id } } }",
            json!({ "f": [filter, {}] }),
            72,
        ),
        (
            "query($f: FilterInput = { any: [{}, {}] }) { found(first: 10, filter: $f) { nodes { id } } }",
            json!({}),
            36,
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
            3 * 12,
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

/// Where the library's parser and the language differ (graphql-js agrees with the language).
#[test]
fn what_the_parser_misjudges_is_judged_before() {
    let syntax = |query: &str| match ask(&edge(|_| ()), query, json!({})) {
        Err(Complaint::Syntax { at }) => at.map(|at| (at.line, at.column)),
        other => panic!("{query}: {other:?}"),
    };
    assert_eq!(syntax("query Q() { list { id } }"), Some((1, 9)));
    assert_eq!(
        syntax("query Q(\n # none\n ) { list { id } }"),
        Some((3, 2))
    );
    assert_eq!(
        syntax("{ list { ...on } }\nfragment on on Plan { id }"),
        Some((2, 10))
    );
    for query in [
        "fragment fragment on Plan { id } { list { ...fragment } }",
        "query fragment { list { id } }",
        "query on { on: list { fragment: id on: id } }",
        "{ node(id: \"\\u{1F600}\") { id } }",
        "{ node(id: \"\\uD83D\\uDE00\") { id } }",
        "{ node(id: \"\\u{00000041}\\u{22}\\u{5c}\\\\u{\") { id } }",
        "{ node(id: \"\"\"\\u{x}\"\"\") { id } } # \"\\u{x}\"",
    ] {
        assert_eq!(ask(&edge(|_| ()), query, json!({})), Ok(()), "{query}");
    }
    for escape in [
        "\\u{D800}",
        "\\u{110000}",
        "\\u{}",
        "\\u{1F600",
        "\\uD83D",
        "\\uDE00\\uD83D",
        "\\u{g}",
    ] {
        syntax(&format!("{{ node(id: \"{escape}\") {{ id }} }}"));
    }
    // Strings are the grammar's: nothing hides behind one that does not end, or behind what is no escape in a block.
    let hidden = "[".repeat(5_000);
    for begin in ["\"\"\"x\"", "\"\"\"\\\"\"\" \"\"\""] {
        let query = format!("{{ node(id: [{begin}{hidden}");
        let refused = ask(&edge(|_| ()), &query, json!({})).unwrap_err();
        assert!(!matches!(refused, Complaint::Operation), "{refused:?}");
        let measured = crate::scan::scan(&query, &Limits::default());
        assert!(measured.is_err(), "{begin}");
    }
    for query in [
        "{ node(id: \"\"\"a\\b\"\"\") { id } }",
        "{ node(id: \"\"\"a\\\"\"\"b\"\"\") { id } }",
        "{ node(id: \"\") { id } }",
    ] {
        assert_eq!(ask(&edge(|_| ()), query, json!({})), Ok(()), "{query}");
    }
    let plain = |text: &str| crate::plain_escapes(text).into_owned();
    assert_eq!(plain("\"a\\u{1F600}b\" c"), "\"a😀b\"         c");
    assert_eq!(
        plain("\"\\u{22}\\u{a}\\\\u{a}\""),
        "\"\\u0022\\u000a\\\\u{a}\""
    );
    // What follows stays where it was.
    assert_eq!(
        syntax("{ node(id: \"\\u{1F600}\") { id } } }"),
        Some((1, 34))
    );
}

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

#[test]
fn an_operation_s_name_is_cut_for_the_log() {
    let query = format!("query {} {{ list {{ id }} }}", "N".repeat(128));
    let body = json!({ "query": query }).to_string();
    let path = Uri::from_static("/graphql");
    let accepted = edge(|_| ()).receive(&Method::POST, &path, body.as_bytes());
    assert_eq!(accepted.unwrap().operation, Some("N".repeat(100)));
}

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
fn told(complaint: &Complaint) -> (String, [String; 2]) {
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
    ] {
        let complaint = ask(&edge(|_| ()), query, variables).unwrap_err();
        assert_eq!(told(&complaint).0, place, "{query}: {complaint:?}");
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

#[test]
fn what_is_no_document_is_told_in_both_languages() {
    for (query, english, chinese) in [
        (
            "{ list {\n id }",
            "The document has a syntax error in line 2, column 6.",
            "查询文档第 2 行第 6 列有语法错误。",
        ),
        (
            "query A { list { id } } query A { list { id } }",
            "The operation A is defined twice.",
            "操作 A 定义了两次。",
        ),
        (
            "{ ...F } fragment F on Query { list { id } } fragment F on Query { list { id } }",
            "The fragment F is defined twice.",
            "片段 F 定义了两次。",
        ),
        (
            "{ list { id } } query A { list { id } }",
            "In a document of several operations, each of them has a name.",
            "文档含有多个操作时，每个操作都必须有名称。",
        ),
        (
            "fragment F on Query { list { id } }",
            "The document holds no operation.",
            "查询文档中没有操作。",
        ),
        (
            "query($x: [Nothing] = [1]) { list { id } }",
            "There is no type Nothing.",
            "没有类型 Nothing。",
        ),
        (
            "query($x: Nothing) { list { id } }",
            "There is no type Nothing.",
            "没有类型 Nothing。",
        ),
    ] {
        let complaint = ask(&edge(|_| ()), query, json!({})).unwrap_err();
        assert_eq!(complaint.error(Language::En).message, english, "{query}");
        assert_eq!(complaint.error(Language::ZhCn).message, chinese, "{query}");
        assert!(complaint.of_document());
    }
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
    fn a_larger_page_never_costs_less(a in 0..=100u64, b in 0..=100u64) {
        let price = |n: u64| cost(&format!("{{ plan(year: 1) {{ plans(first: {n}) {{ edges {{ node {{ id }} }} }} }} }}"), json!({}));
        prop_assert!(price(a.min(b)) <= price(a.max(b)));
    }

    #[test]
    fn whatever_comes_is_answered(text in "(?s).{0,200}") {
        let _ = edge(|_| ()).receive(&Method::POST, &Uri::from_static("/"), text.as_bytes());
        let _ = ask(&edge(|_| ()), &text, json!({}));
    }

    #[test]
    fn whatever_looks_like_a_document_is_answered(text in "[{}()\\[\\]:!$@.\"#,a-c0-9 \\n]{0,200}") {
        let _ = ask(&edge(|_| ()), &text, json!({ "a": 1 }));
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
                what: Measure::Fields,
                ..
            })
        ),
        "{outcome:?}"
    );
}

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
