//! The look at a document: a schema to ask about, and what is asked of it.

mod limits;
mod parsing;
mod paths;
mod prices;
mod shapes;
mod values;

use axum::http::{Method, Uri};
use serde_json::json;

use async_graphql::Value;

use crate::{Complaint, Edge, Limits, Priced, Scalar};

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
